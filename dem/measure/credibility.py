"""Whether a run may be believed: its numerics and its bed against limits, and one verdict with the reasons.

Each criterion has two limits: up to the first it is good, beyond the second the run is not credible, between them a
person should look. The limits are of the field where it has some, and otherwise say where the answer began to depend on
what should not matter.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

VERDICTS = ("credible", "check", "not credible")


@dataclass(frozen=True)
class Criterion:
    """One thing that must hold.

    Attributes:
        name: of the quantity.
        value: found; None where it could not be measured, which calls for a look.
        good: limit up to which (from which, if larger is better) nothing is said.
        bad: limit beyond which the run is not credible.
        says: what the quantity is, in words.
        unit: of value and limits.
        remedy: overrides that should lift it, as given to `drawbar run`; empty if none is known.
    """

    name: str
    value: float | None
    good: float
    bad: float
    says: str
    unit: str = "-"
    remedy: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict on the criterion, one of VERDICTS."""
        if self.value is None or not math.isfinite(self.value):
            return "check"
        sign = 1.0 if self.good <= self.bad else -1.0
        if sign * self.value <= sign * self.good:
            return "credible"
        return "check" if sign * self.value <= sign * self.bad else "not credible"

    def reason(self) -> str:
        """Why this calls for a look."""
        if self.value is None or not math.isfinite(self.value):
            return f"{self.says}: not measured{self._advice()}"
        unit = "" if self.unit == "-" else f" {self.unit}"
        word = "at most" if self.good <= self.bad else "at least"
        return f"{self.says} is {self.value:.3g}{unit}, should be {word} {self.good:.3g}{unit}{self._advice()}"

    def _advice(self) -> str:
        return f"; give {' '.join(self.remedy)}" if self.remedy else ""


def judge(criteria: Iterable[Criterion]) -> dict[str, Any]:
    """The verdict, what it rests on, and the reasons for less than the best.

    Returns:
        `verdict` (the worst of all), `reasons` (worst first), `remedies` (overrides that should lift them, the first
        for each key), and `criteria`: name to value, limits, unit, verdict and remedy.
    """
    listed = sorted(criteria, key=lambda criterion: -VERDICTS.index(criterion.verdict))
    doubted = [criterion for criterion in listed if criterion.verdict != "credible"]
    remedies: dict[str, str] = {}
    for override in (override for criterion in doubted for override in criterion.remedy):
        remedies.setdefault(override.partition("=")[0], override)
    return {
        "verdict": listed[0].verdict if listed else VERDICTS[0],
        "reasons": [criterion.reason() for criterion in doubted],
        "remedies": list(remedies.values()),
        "criteria": {
            criterion.name: {
                "value": criterion.value, "good": criterion.good, "bad": criterion.bad, "unit": criterion.unit,
                "verdict": criterion.verdict, "says": criterion.says, "remedy": list(criterion.remedy),
            }
            for criterion in listed
        },
    }  # fmt: skip
