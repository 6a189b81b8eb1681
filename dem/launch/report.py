"""What a person reads when a run or a study ends: a table and the files."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from dem.launch.sweep import Outcome

NOT_PRINTED = (
    "conventions",
    "contact",
    "figure",
    "credibility",
)  # they stay in result.json, beside the numbers they explain
VERDICT_COLORS = {"credible": "green", "check": "yellow", "not credible": "red"}
COLORS = {"done": "green", "skipped": "cyan", "failed": "red", "timeout": "red"}


def print_result(result: Mapping[str, Any] | None, folder: Path) -> None:
    """Print a run's results and where its files are."""
    console = Console(soft_wrap=True)
    table = Table(box=None, show_header=False)
    shown = {name: value for name, value in (result or {}).items() if name not in NOT_PRINTED}
    if shown.get("similitude", {}).get("kind") == "prototype":
        del shown["predicted"]  # the steady readings again
    for name, value in _rows(shown):
        table.add_row(name, value)
    console.print(table)
    if result and "credibility" in result:
        _print_credibility(console, result["credibility"])
    for path in sorted(entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")):
        console.print(f"  {path}  ({path.stat().st_size / 1e6:.2f} MB)", highlight=False, markup=False)


def _print_credibility(console: Console, credibility: Mapping[str, Any]) -> None:
    verdict = credibility["verdict"]
    console.print(f"\n[{VERDICT_COLORS[verdict]}]{verdict}[/]{': ' if credibility['reasons'] else ''}", end="")
    console.print("; ".join(credibility["reasons"]), highlight=False, markup=False)


def _rows(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows = []
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and "mean" in value:
            rows.append((name, _mean_text(value)))
        elif isinstance(value, Mapping) and "passed" in value:
            limit = f", limit {_text(value['limit'])}" if "limit" in value else ""
            rows.append((name, f"{'ok' if value['passed'] else 'FAILED'} ({_text(value.get('value'))}{limit})"))
        elif isinstance(value, Mapping):
            rows += _rows(value, f"{name}.")
        elif not isinstance(value, list | tuple):
            rows.append((name, _text(value)))
    return rows


def _mean_text(value: Mapping[str, Any]) -> str:
    """Mean, standard error where there is one, and unit."""
    error, unit = value.get("standard_error"), value.get("unit", "-")
    spread = f" +- {_text(error)}" if error is not None and math.isfinite(error) else ""
    return f"{_text(value['mean'])}{spread}{'' if unit == '-' else f' {unit}'}"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else "n/a"
    return str(value)


def print_study(outcomes: Sequence["Outcome"], folder: Path) -> None:
    """Print how each case of a study ended."""
    table = Table(title=f"{folder}", title_justify="left")
    for column in ("case", "status", "seconds", "message"):
        table.add_column(column, overflow="fold")
    for outcome in outcomes:
        color = COLORS.get(outcome.status, "red")
        row = (outcome.case.name, f"[{color}]{outcome.status}[/]", f"{outcome.seconds:.0f}", outcome.message)
        table.add_row(*(text if place == 1 else text.replace("[", r"\[") for place, text in enumerate(row)))
    Console().print(table)
