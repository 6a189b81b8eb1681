"""What cohesion does to a drive and to its scaled tests: less, the larger the stresses g L it stands against.

Scaled back to the prototype, all tests of one drive read the same without cohesion; so the change that cohesion brings
to each can be compared, and must fall with the cohesion number c / (rho g L), since c is not scaled along.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dem.study.curves import Curve, Point, curves_of
from dem.study.findings.finding import DAGGER, MARKED, SURE, Difference, Table, difference, difference_text, joined
from dem.study.load import Study
from dem.study.statistics import combine
from dem.study.words import number_text, quantity

COHESION = "soil.grain_cohesion"


@dataclass(frozen=True)
class Change:
    """Change of a reading of a test from no cohesion, or the least there is, to another, scaled back to the prototype.

    Attributes:
        test: its label.
        stress: g L of the test over the prototype's [-].
        cohesion: at the contacts of grains [Pa].
        reading: name.
        unit: of the reading.
        change: of it.
    """

    test: str
    stress: float
    cohesion: float
    reading: str
    unit: str
    change: Difference

    def as_numbers(self) -> dict[str, Any]:
        """The change as finding.json holds it."""
        own = {"test": self.test, "stress_ratio": self.stress, COHESION: self.cohesion, "reading": self.reading}
        return own | self.change.as_numbers() | {"unit": self.unit}


def changes_of(study: Study, readings: Mapping[str, str]) -> list[Change]:
    """All changes, tests under the least stress first; none unless cohesion is what the study varies."""
    if study.spec.x != COHESION:
        return []
    found = []
    for name in readings:
        for curve in curves_of(study, name, scaled_back=True):
            if len(curve.points) > 1 and curve.kind in ("prototype", "scaled"):
                found += _changes_along(curve)
    return sorted(found, key=lambda one: (one.cohesion, one.stress))


def _changes_along(curve: Curve) -> list[Change]:
    base, *others = sorted(curve.points, key=lambda point: point.x)
    return [
        Change(curve.label, _stress_of(point), point.x, curve.reading, curve.unit, difference(point, base))
        for point in others
    ]


def _stress_of(point: Point) -> float:
    test = point.used[0].case.result["similitude"]
    return float(test.get("gravity_ratio", 1.0) * test.get("size_ratio", 1.0))


def change_words(changes: list[Change], readings: Mapping[str, str]) -> str:
    """Whether the most cohesion there is changes readings more where stresses are least than where they are most."""
    most = max(one.cohesion for one in changes)
    said: dict[str, list[str]] = {"more": [], "less": [], "not clearly more": []}
    for name, word in readings.items():
        ends = _ends([one for one in changes if one.reading == name and one.cohesion == most])
        if ends:
            low, high = ends
            scale, unit = _shown(low.reading, low.unit)
            values = (number_text(scale * one.change.value, 1, signed=True) for one in ends)
            said[_compare(low, high)].append(f"{word} ({' against '.join(values)} {unit})")
    told = "; ".join(f"{verdict} in {joined(words)}" for verdict, words in said.items() if words)
    lead = f"{most:g} Pa of cohesion change the test under the least stress g L, beside that under the most"
    return f"{lead}: {told}." if told else ""


def _shown(reading: str, unit: str) -> tuple[float, str]:
    """Factor from SI, and the unit in which people read a change: that of a percentage is in points."""
    shown = quantity(reading, unit)
    return shown.scale, "points" if shown.unit == "%" else shown.unit


def _ends(changes: list[Change]) -> tuple[Change, Change] | None:
    sound = sorted((one for one in changes if one.change.is_credible), key=lambda one: one.stress)
    return (sound[0], sound[-1]) if sound and sound[-1].stress > sound[0].stress else None


def _compare(low: Change, high: Change) -> str:
    more = abs(low.change.value) - abs(high.change.value)
    doubt = SURE * combine(low.change.error, high.change.error)
    return "more" if more > doubt else "less" if more < -doubt else "not clearly more"


def change_table(changes: list[Change], readings: Mapping[str, str]) -> Table:
    """Table of all changes, a test a row."""
    units = {one.reading: one.unit for one in changes}
    names = [name for name in readings if name in units]
    factors, shown = zip(*(_shown(name, units[name]) for name in names), strict=True)
    heads = [f"{readings[name]} [{unit}]" for name, unit in zip(names, shown, strict=True)]
    table = Table(
        "What cohesion changes, scaled back to the prototype, ± one standard error",
        ["cohesion [Pa]", "test", "g L over the prototype's", *heads],
        note="Without cohesion all rows read alike; a cohesion that is not scaled along must change those below less.",
    )
    for cohesion, stress, test in dict.fromkeys((one.cohesion, one.stress, one.test) for one in changes):
        here = {one.reading: one.change for one in changes if (one.cohesion, one.test) == (cohesion, test)}
        cells = [difference_text(here.get(name), factor) for name, factor in zip(names, factors, strict=True)]
        table.rows.append([f"{cohesion:g}", test, f"{stress:.2f}", *cells])
    if any(DAGGER in cell for row in table.rows for cell in row):
        table.note += f" {MARKED}"
    return table
