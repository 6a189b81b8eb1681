"""`drawbar soils`: the library at a glance, one soil with every source, and its parameter sets for other tools."""

import argparse
import csv
import io
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dem.config import list_choices, load_config
from dem.config_errors import did_you_mean
from dem.errors import ConfigError
from dem.soil.export import to_chrono, to_json, to_rows
from dem.soil.provenance import CalibratedTarget
from dem.soil.spec import SoilSpec

FORMATS = ("table", "csv", "markdown", "json", "chrono")
BULK = (  # heading, key, unit
    ("density", "bulk_density", "kg/m3"),
    ("angle", "internal_friction_angle_deg", "deg"),
    ("cohesion", "cohesion", "Pa"),
    ("repose", "angle_of_repose_deg", "deg"),
)
SHORT = {"high": "h", "medium": "m", "low": "l"}
WIDE = 200  # columns, where the output is no terminal
EPILOG = """\
examples:
  drawbar soils                                  the library
  drawbar soils grc1_1670                        one soil: numbers, sources, calibration record
  drawbar soils grc1 --export chrono             for Chrono's SCM terrain
  drawbar soils --export csv --output soils.csv  all parameter sets of all soils"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.epilog = EPILOG
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a soil; all if none is named")
    parser.add_argument("--export", choices=FORMATS, help="its pressure-sinkage, shear and strength sets")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to export to (the terminal)")


def run(options: argparse.Namespace) -> int:
    """List the soils, or show or export one."""
    known = list_choices()["soil"]
    if options.name is not None and options.name not in known:
        raise ConfigError(f"soil is {options.name!r}, not one of the library{did_you_mean(options.name, known)}")
    if options.output is not None and options.export is None:
        raise ConfigError(f"--output is {options.output}, but nothing is exported; add --export {' or '.join(FORMATS)}")
    soils = [load_soil(name) for name in ([options.name] if options.name else known)]
    if options.export is None:
        console = Console() if sys.stdout.isatty() else Console(width=WIDE)
        for table in soil_tables(soils[0]) if options.name else [library_table(soils)]:
            console.print(table)
        return 0
    text = export(soils, options.export)
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text)
    return 0


def load_soil(name: str) -> SoilSpec:
    """Return a soil of the library."""
    return load_config([f"soil={name}"]).soil


def library_table(soils: Sequence[SoilSpec]) -> Table:
    """One row a soil: what the real one is in bulk, and whether its grains are calibrated for that."""
    caption = "in brackets the confidence of the number: high, medium, low"
    table = Table(title="soils: the real soil in bulk, and whether the grains are calibrated for it", caption=caption)
    for heading in ("soil", *(f"{heading} [{unit}]".replace("[", r"\[") for heading, _, unit in BULK)):
        table.add_column(heading)
    table.add_column("parameter sets")
    table.add_column("calibrated")
    for soil in soils:
        sets = ", ".join(soil.parameter_sets) or "-"
        table.add_row(soil.name, *(_number(soil, key) for _, key, _ in BULK), sets, _calibrated(soil))
    return table


def _number(soil: SoilSpec, key: str) -> str:
    value = getattr(soil, key)
    return "-" if value is None else f"{value:g} ({SHORT[soil.sources[key].confidence]})"


def _calibrated(soil: SoilSpec) -> str:
    if soil.calibration is None:
        return "no"
    word = "yes" if soil.calibration.is_met else "not all targets"
    return f"{word}, {soil.calibration.scenario} {soil.calibration.date}"


def soil_tables(soil: SoilSpec) -> list[Any]:
    """One soil: every number with its source, the published sets, the calibration record."""
    numbers = Table(title=soil.name, title_justify="left")
    for heading in ("number", "value", "confidence", "source"):
        numbers.add_column(heading, overflow="fold")
    for key, row in soil.sources.items():
        numbers.add_row(key, f"{getattr(soil, key):g}", row.confidence, row.source)
    tables: list[Any] = [numbers]
    if soil.parameter_sets:
        sets = Table(title="published parameter sets", title_justify="left")
        for heading in ("set", "numbers", "confidence", "source", "remark"):
            sets.add_column(heading, overflow="fold")
        for name, one in soil.parameter_sets.items():
            said = ", ".join(f"{key} {value:g}" for key, value in one.numbers().items())
            sets.add_row(name, said, one.confidence, one.source, one.remark)
        tables.append(sets)
    return [*tables, *_record(soil)]


def _record(soil: SoilSpec) -> list[Any]:
    record = soil.calibration
    if record is None:
        return [f"not calibrated; drawbar calibrate soil={soil.name} finds the grains' numbers"]
    how = (
        f"{record.scenario}, grains of {1e3 * record.grain_diameter:g} mm, seeds {record.seeds}, {record.trials} trials"
    )
    table = Table(title=f"calibration: {how}, {record.date}, drawbar {record.version}", title_justify="left")
    for heading in ("target", "wanted", "measured", "miss", "tolerance", ""):
        table.add_column(heading)
    for key, target in record.targets.items():
        table.add_row(key, *_target_cells(target))
    ranges = ", ".join(f"{key} {span.low:g} to {span.high:g}" for key, span in record.spreads.items())
    return [table, f"within one sigma: {ranges}", f"commit {record.commit}; {' '.join(record.settings)}"]


def _target_cells(target: CalibratedTarget) -> list[str]:
    error = "" if target.standard_error is None else f" +- {target.standard_error:g}"
    requested, measured = f"{target.target:g} {target.unit}", f"{target.measured:g}{error}"
    return [requested, measured, f"{target.miss:+.3g}", f"{target.tolerance:g}", "met" if target.is_met else "MISSED"]


def export(soils: Sequence[SoilSpec], form: str) -> str:
    """The parameter sets of soils as text.

    Args:
        soils: one or more.
        form: one of `FORMATS`.
    """
    if form in ("json", "chrono"):
        made = [to_json(soil) if form == "json" else to_chrono(soil) for soil in soils]
        return json.dumps(made[0] if len(made) == 1 else made, indent=2) + "\n"
    rows = [row for soil in soils for row in to_rows(soil)]
    if form == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()
    return _markdown(rows) if form == "markdown" else _plain(rows)


def _cells(row: dict[str, Any]) -> list[str]:
    cells = []
    for value in row.values():
        known = not (value is None or (isinstance(value, float) and math.isnan(value)))
        cells.append((f"{value:g}" if isinstance(value, float) else str(value)) if known else "-")
    return cells


def _markdown(rows: Sequence[dict[str, Any]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *map(_cells, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _plain(rows: Sequence[dict[str, Any]]) -> str:
    lines = [list(rows[0]), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{line.rstrip()}\n" for line in padded)
