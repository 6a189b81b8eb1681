"""What people call readings, swept keys and cases, and the units they read them in."""

import math
from dataclasses import dataclass
from typing import Any

from dem.study.cases import CaseRecord
from dem.study.load import SEED, Study, is_number

PERCENT = ("slip_ratio", "tractive_efficiency", "travel_reduction")
FOR_PEOPLE = {"m": (1000.0, "mm"), "rad": (180.0 / math.pi, "°"), "Pa": (1e-3, "kPa")}
AXES = {
    "gravity.slope_deg": "slope [°]",
    "scenario.slip": "imposed slip [-]",
    "scenario.pull": "imposed pull [N]",
    "soil.grain_cohesion": "cohesion between grains [Pa]",
    SEED: "seed [-]",
}


@dataclass(frozen=True)
class Quantity:
    """A reading as people see it: its words, the factor from SI, and the unit after it."""

    words: str
    scale: float
    unit: str

    @property
    def label(self) -> str:
        """Of an axis or a column."""
        return f"{self.words} [{self.unit}]"

    def text(self, value: float, digits: int = 3) -> str:
        """A number in these units; a dash where there is none."""
        return f"{self.scale * value:.{digits}g}" if math.isfinite(value) else "–"


def quantity(reading: str, unit: str) -> Quantity:
    """How people read a steady reading."""
    words = reading.removesuffix("_ratio") if reading == "slip_ratio" else reading
    scale, shown = (100.0, "%") if reading in PERCENT else FOR_PEOPLE.get(unit, (1.0, unit))
    return Quantity(words.replace("_", " "), scale, shown)


def axis_label(study: Study) -> str:
    """Of the x axis."""
    key = study.spec.x or ""
    if key in AXES or not key:
        return AXES.get(key, "")
    units = {case.result["steady"][key]["unit"] for case in study.done if case.reading(key)}
    return f"{key.replace('_', ' ')} [{units.pop()}]" if units else key.replace("_", " ")


def case_words(study: Study, case: CaseRecord) -> str:
    """A case by what makes it, short enough for a table."""
    words = [study.spec.labels.get(case.arm, case.arm)] if case.arm else []
    words += [_swept_words(study, key, value) for key, value in case.swept.items() if not (case.arm and key == "test")]
    return ", ".join(words) or case.name


def _swept_words(study: Study, key: str, value: Any) -> str:
    if key == "gravity.slope_deg" and is_number(value):
        return f"{value:g}°"
    if not is_number(value):
        return study.spec.labels.get(str(value), str(value))
    return f"{key.split('.')[-1].replace('_', ' ')} {value:g}"
