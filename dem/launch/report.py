"""What a person reads when a run or a study ends: a table and the files."""

import importlib
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from dem.errors import DemError

if TYPE_CHECKING:
    from dem.launch.sweep import Outcome
    from dem.study.cases import CaseRecord

HEADLINE = (  # of a drive, in the order in which a person asks for them
    "slip_ratio", "command_slip", "drawbar_pull", "total_pull", "drawbar_pull_ratio", "gross_traction_ratio", "sinkage",
    "static_sinkage", "rut_depth", "driving_torque", "drive_power", "total_power", "wheel_load", "speed",
    "energy_per_metre",
)  # fmt: skip
PARTS = ("steady", "fit", "path")  # of a result, that hold readings
MOST_READINGS = 4  # columns of a study's table
MOST_REMEDIES = 3
NOT_STEADY = ("drift", "turned")  # criteria of a case without a steady window, as in dem.study.cases
PER_CENT = ("slip_ratio", "command_slip")
SCALES = {"m": (1e3, "mm"), "rad": (180 / math.pi, "deg"), "Pa": (1e-3, "kPa"), "-": (1.0, "")}  # for people
LARGE = 1.0  # [m] from which metres stay metres
MARKS = {True: "ok", False: "FAILED", None: "not measured"}
VERDICT_COLORS = {"credible": "green", "check": "yellow", "not credible": "red"}
COLORS = {"done": "green", "skipped": "cyan", "failed": "red", "timeout": "red"}
ON_GROUSERS = "below 0: the rim is above the surface, the wheel stands on its grousers"


def print_result(result: Mapping[str, Any] | None, folder: Path) -> None:
    """Print the readings a person wants, what failed, the verdict with its remedies, and where the rest is."""
    console = Console(soft_wrap=True)
    if result:
        console.print(f"\n{result.get('title', folder.name)}", markup=False, highlight=False, style="bold")
        table = Table(box=None, show_header=False)
        for row in headline_rows(result):
            table.add_row(*row)
        console.print(table)
        for name, check in result.get("checks", {}).items():
            if not check["passed"]:
                console.print(f"  {check_text(name, check)}", markup=False, highlight=False)
    if result and "credibility" in result:
        _print_credibility(console, result["credibility"])
    for path in sorted(entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")):
        said = ", with all numbers and their conventions" if path.name == "result.json" else ""
        console.print(f"  {path}  ({path.stat().st_size / 1e6:.2f} MB{said})", highlight=False, markup=False)


def headline_rows(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value with its error in units people read, and a remark, of a result's main readings."""
    readings = {
        name: entry for part in (result, *(result.get(name, {}) for name in PARTS)) for name, entry in part.items()
        if isinstance(entry, Mapping) and "mean" in entry
    }  # fmt: skip
    chosen = [name for name in HEADLINE if name in readings] or list(readings)
    return [(name.replace("_", " "), reading_text(name, readings[name]), _remark(name, readings)) for name in chosen]


def reading_text(name: str, entry: Mapping[str, Any]) -> str:
    """Mean +- standard error of a reading, in mm, deg, kPa or per cent."""
    mean, error, unit = entry["mean"], entry.get("standard_error"), entry.get("unit", "-")
    if mean is None or not math.isfinite(mean):
        return "not measured"
    scale, shown = SCALES.get(unit, (1.0, unit))
    if name in PER_CENT:
        scale, shown = 100.0, "%"
    elif unit == "m" and abs(mean) >= LARGE:
        scale, shown = 1.0, "m"
    spread = f" +- {scale * error:.2g}" if error is not None and math.isfinite(error) else ""
    return f"{scale * mean:.4g}{spread} {shown}".rstrip()


def check_text(name: str, check: Mapping[str, Any]) -> str:
    """A check that did not pass, in words."""
    limit = f", limit {_text(check['limit'])}" if "limit" in check else ""
    return f"{name.replace('_', ' ')}: {MARKS[check['passed']]} ({_text(check.get('value'))}{limit})"


def _remark(name: str, readings: Mapping[str, Any]) -> str:
    mean = readings[name]["mean"]
    return ON_GROUSERS if name in ("sinkage", "static_sinkage") and mean is not None and mean < 0 else ""


def _print_credibility(console: Console, credibility: Mapping[str, Any]) -> None:
    verdict = credibility["verdict"]
    console.print(f"\n[{VERDICT_COLORS[verdict]}]{verdict}[/]{':' if credibility['reasons'] else ''}")
    for reason in credibility["reasons"]:
        console.print(f"  - {reason}", highlight=False, markup=False)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else "n/a"
    return str(value)


def print_study(outcomes: Sequence["Outcome"], folder: Path) -> None:
    """Print how each case of a study ended, by what varies between them, with its main readings."""
    table = Table(title=f"{folder}", title_justify="left")
    records, readings = _read_study(folder)
    for column in ("case", "status", "seconds", *(name.replace("_", " ") for name in readings), "message"):
        table.add_column(column, overflow="fold")
    for outcome in outcomes:
        color = COLORS.get(outcome.status, "red")
        record = records.get(outcome.case.name)
        values = [_reading_of(record, name) for name in readings]
        row = [outcome.case.name, f"[{color}]{outcome.status}[/]", f"{outcome.seconds:.0f}", *values, outcome.message]
        table.add_row(*(text if place == 1 else text.replace("[", r"\[") for place, text in enumerate(row)))
    Console().print(table)


def tell_gaps(folder: Path) -> bool:
    """Say on stderr which cases of a study give no reading, and what mends it; whether any of those that ended does."""
    records, _ = _read_study(folder)
    done = [case for case in records.values() if case.is_done]
    gaps = [(case, reason) for case in done if (reason := case.unsteady())]
    if not gaps:
        return True
    remedies = {
        text for case, _ in gaps for name in NOT_STEADY for text in case.criteria.get(name, {}).get("remedy", [])
    }
    advice = f"; give {' '.join(sorted(remedies))}" if len(remedies) <= MOST_REMEDIES and remedies else ""
    advice = advice or "; give a longer drive, scenario.drive_turns"
    said = f"{len(gaps)} of {len(done)} cases give no reading: {gaps[0][1]}{advice}"
    sys.stderr.write(f"drawbar: {said}\n")
    return len(gaps) < len(done)


def _read_study(folder: Path) -> tuple[dict[str, "CaseRecord"], list[str]]:
    """Cases of a study by name, and the readings that its report shows."""
    try:
        study = importlib.import_module("dem.study.load").load_study(folder)
    except DemError:
        return {}, []
    return {case.name: case for case in study.cases}, list(study.spec.readings)[:MOST_READINGS]


def _reading_of(record: "CaseRecord | None", name: str) -> str:
    found = record.reading(name) if record else None
    if found is None:
        return ""
    return reading_text(name, {"mean": found.mean, "standard_error": found.error, "unit": found.unit})
