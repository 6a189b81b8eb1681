"""`drawbar info FILE`: what is in a results file, as rows and as tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dem.io.run_reader import RunReader

if TYPE_CHECKING:
    from rich.console import Console

FACTS = ("scenario", "title", "gravity_name", "gravity", "wheel_radius", "surface_height", "steady_window")
"""Attributes worth a line of their own."""


@dataclass(frozen=True)
class InfoRow:
    """One line: section, name, value as text, unit; for a series, `value` is its last and `mean` its mean."""

    section: str
    name: str
    value: str
    unit: str = ""
    mean: str = ""


def describe(path: str | Path) -> list[InfoRow]:
    """List what a results file holds.

    Args:
        path: `run.vtkhdf`, finished or not.

    Returns:
        Rows, those of a section next to each other; means are over `steady_window` where the run has one.

    Raises:
        ResultsError: The file is missing, torn or foreign.
    """
    reader = RunReader(path)
    rows = [*_run_rows(reader), *_series_rows(reader)]
    rows += _contact_rows(reader.contact)
    rows += [InfoRow("overrides", str(index), text) for index, text in enumerate(reader.overrides)]
    rows += [InfoRow("provenance", name, text) for name, text in _flatten(reader.provenance)]
    rows += [InfoRow("size", name, f"{size / 1e6:.2f}", "MB") for name, size in reader.sizes().items()]
    return rows


def print_info(path: str | Path, console: "Console | None" = None) -> None:
    """Print `describe(path)` as tables.

    Args:
        path: `run.vtkhdf`.
        console: Where to; standard output by default.
    """
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    for section, rows in groupby(describe(path), key=lambda row: row.section):
        table = Table(
            title=section, title_justify="left", title_style="bold", box=None, show_header=section == "series"
        )
        columns = {
            "name": "left",
            "last" if section == "series" else "value": "right" if section == "series" else "left",
        }
        for heading, side in {**columns, "unit": "left", "mean": "right"}.items():
            table.add_column(heading, justify=side, overflow="fold")
        for row in rows:
            table.add_row(row.name, row.value, row.unit, row.mean)
        console.print(table)


def _run_rows(reader: RunReader) -> Iterator[InfoRow]:
    times, attributes, status = reader.times, reader.attributes, reader.status
    yield InfoRow("run", "status", "running, or killed without a closing mark" if status == "running" else status)
    for name in FACTS:
        if name in attributes:
            yield InfoRow("run", name, _text(attributes[name]))
    yield InfoRow("run", "particles", str(reader.particle_count))
    yield InfoRow("run", "bodies", ", ".join(reader.body_names) or "none")
    yield InfoRow("run", "frames", str(len(times)))
    if len(times):
        yield InfoRow("run", "time span", f"{times[0]:.4g} to {times[-1]:.4g}", "s")


def _series_rows(reader: RunReader) -> Iterator[InfoRow]:
    time = reader.series("time")
    start, end = reader.attributes.get("steady_window", (-np.inf, np.inf))
    window = (time >= start) & (time <= end)
    for name in reader.series_names:
        values = reader.series(name)
        steady = values[window[: len(values)]]
        steady = steady[np.isfinite(steady)]
        last = f"{values[-1]:.5g}" if len(values) else "-"
        mean = f"{steady.mean():.5g}" if len(steady) else "-"
        yield InfoRow("series", name, last, reader.units[name], mean)


def _contact_rows(contact: Mapping[str, Any]) -> Iterator[InfoRow]:
    """The laws with their conventions, then each pair's numbers with where they come from."""
    for name, value in contact.get("laws", {}).items():
        yield InfoRow("contact laws", name, _text(value))
    for index, material in enumerate(contact.get("materials", [])):
        said = ", ".join(f"{name} {_text(value)}" for name, value in material.items())
        yield InfoRow("materials", str(index), said)
    for pair in contact.get("pairs", []):
        title = f"contact of materials {' and '.join(map(str, pair['materials']))}"
        for name in ("young_modulus_eff", "shear_modulus_eff"):
            yield InfoRow(title, name, _text(pair[name]), "Pa")
        for name, value in pair["numbers"].items():
            yield InfoRow(title, name, f"{_text(value)}, {pair['rule'][name]}")
        for name, value in pair["derived"].items():
            yield InfoRow(title, name, _text(value))


def _flatten(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield name, ", ".join(f"{key} {_text(item)}" for key, item in value.items())
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple, np.ndarray)):
        return " ".join(_text(item) for item in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
