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


MOST_DECIMALS = 6


def number_text(value: float, decimals: int, signed: bool = False) -> str:
    """A number with a true minus; nothing that rounds to zero has a sign."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0.0:
        return text.lstrip("-")
    return text.replace("-", "−") if value < 0 else f"{'+' if signed else ''}{text}"


@dataclass(frozen=True)
class Quantity:
    """A reading as people see it: its words, the factor from SI, and the unit after it."""

    words: str
    scale: float
    unit: str

    @property
    def label(self) -> str:
        """Label of an axis or a column."""
        return f"{self.words} [{self.unit}]"

    def text(self, value: float, error: float = math.nan) -> str:
        """A number in these units, to two digits of its error or to three of its own; a dash where there is none."""
        if not math.isfinite(value):
            return "–"
        size = self.scale * (error if math.isfinite(error) and error > 0 else abs(value) / 10)
        decimals = max(0, 1 - math.floor(math.log10(size))) if size > 0 else 0
        return number_text(self.scale * value, min(decimals, MOST_DECIMALS))


def quantity(reading: str, unit: str) -> Quantity:
    """How people read a steady reading."""
    words = reading.removesuffix("_ratio") if reading == "slip_ratio" else reading
    scale, shown = (100.0, "%") if reading in PERCENT else FOR_PEOPLE.get(unit, (1.0, unit))
    return Quantity(words.replace("_", " "), scale, shown)


def axis_label(study: Study) -> str:
    """Label of the x axis."""
    key = study.spec.x or ""
    if key in AXES or not key:
        return AXES.get(key, "")
    units = {case.result["steady"][key]["unit"] for case in study.done if case.reading(key)}
    return f"{key.replace('_', ' ')} [{units.pop()}]" if units else key.replace("_", " ")


def case_words(study: Study, case: CaseRecord) -> str:
    """A case by what makes it, short enough for a table."""
    words = [study.spec.labels.get(case.arm, case.arm)] if case.arm else []
    own = {text.lstrip("+~").partition("=")[0] for text in study.spec.arms.get(case.arm or "", [])}
    words += [_swept_words(study, key, value) for key, value in case.swept.items() if key not in own]
    return ", ".join(words) or case.name


def _swept_words(study: Study, key: str, value: Any) -> str:
    if key == "gravity.slope_deg" and is_number(value):
        return f"{value:g}°"
    if not is_number(value):
        label = study.label(key, value)
        return str(value) if label == f"{key}={value}" else label
    return f"{key.split('.')[-1].replace('_', ' ')} {value:g}"
