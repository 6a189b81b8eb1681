"""A soil's YAML file, written as a person would: numbers, sets, calibration, and a source for every number."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import yaml

from dem.config import GIVEN
from dem.soil.provenance import Calibration
from dem.soil.spec import SoilSpec
from dem.spec import Source


class _Dumper(yaml.SafeDumper):
    """Keeps shared lists as copies: a soil file has no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write no YAML aliases."""
        return True


def write_soil(path: Path, soil: SoilSpec, record: Calibration, found: list[str]) -> Path:
    """Write a complete soil file.

    Args:
        path: of the file.
        soil: with the calibrated numbers.
        record: of the calibration.
        found: keys that the calibration found.

    Returns:
        The file.
    """
    word = "met" if record.is_met else "NOT all met"
    head = (
        f"# {soil.name}: calibrated by scenario={record.scenario}, {record.date}, targets {word}. See `calibration`.\n"
    )
    sources = dict(soil.sources)
    for key in found:
        said = f"calibrated by scenario={record.scenario} with grains of {1e3 * record.grain_diameter:g} mm"
        sources[key] = Source(source=said, confidence="medium" if record.is_met else "low")
    numbers = _numbers(soil, sources)
    numbers["parameter_sets"] = {name: _given(one) for name, one in soil.parameter_sets.items()}
    numbers["calibration"] = asdict(record)
    numbers["sources"] = {key: asdict(source) for key, source in sources.items() if key in numbers}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + yaml.dump(numbers, Dumper=_Dumper, sort_keys=False, width=120, default_flow_style=None))
    return path


def _numbers(soil: SoilSpec, sources: dict[str, Source]) -> dict[str, Any]:
    """Name and numbers of a soil, less those left at the spec's default; what the user gave gets its source."""
    numbers = {}
    for entry in fields(soil):
        value = getattr(soil, entry.name)
        if isinstance(value, int | float) and entry.name not in sources:
            if value == entry.default:
                continue
            sources[entry.name] = GIVEN
        if isinstance(value, str | int | float):
            numbers[entry.name] = value
    return numbers


def _given(one: Any) -> dict[str, Any]:
    return {key: value for key, value in asdict(one).items() if value not in (None, "")}
