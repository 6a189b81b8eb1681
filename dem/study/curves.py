"""From cases to curves: means over seeds with their bands, and what had to be left out, with the reason.

A point is the mean over the seeds that are credible. If none is, it is drawn from those there are, and marked; if some
are, the others are kept beside it as `doubted`. A case without a steady window gives no point, but a line in
`Curve.gaps`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dem.measure.credibility import VERDICTS
from dem.study.cases import NOT_JUDGED, CaseRecord, Reading
from dem.study.load import SEED, Study, is_number
from dem.study.statistics import Uncertainty, pool, uncertainty

WORST_FIRST = (*reversed(VERDICTS), NOT_JUDGED)


@dataclass(frozen=True)
class Measured:
    """One case's contribution to a point: the case, its abscissa and its reading."""

    case: CaseRecord
    x: float
    reading: Reading


@dataclass
class Point:
    """A point of a curve.

    Attributes:
        x: abscissa; where it is a reading itself, its mean.
        mean: over the seeds that count.
        used: the seeds that count.
        doubted: seeds left out because they are not credible while others are.
        uncertainty: of the mean.
    """

    x: float
    mean: float
    used: list[Measured]
    doubted: list[Measured]
    uncertainty: Uncertainty

    @property
    def error(self) -> float:
        """Standard error; NaN if unknown."""
        return self.uncertainty.error

    @property
    def seeds(self) -> int:
        """Number of cases behind the mean."""
        return len(self.used)

    @property
    def verdict(self) -> str:
        """The worst of the cases behind the mean."""
        return worst(measured.case.verdict for measured in self.used)

    @property
    def is_credible(self) -> bool:
        """Whether it may be argued with."""
        return self.verdict != "not credible"


@dataclass
class Curve:
    """One line of a figure.

    Attributes:
        label: of the legend.
        key: what its cases share: arm, and swept values other than x and the seed.
        arm: of the study, or None.
        kind: prototype, scaled or offset, or None.
        reading: name.
        unit: of the reading.
        points: in the order of x.
        gaps: cases that gave no point, each with the reason.
    """

    label: str
    key: tuple[tuple[str, Any], ...]
    arm: str | None
    kind: str | None
    reading: str
    unit: str = "-"
    points: list[Point] = field(default_factory=list)
    gaps: list[tuple[CaseRecord, str]] = field(default_factory=list)

    @property
    def x(self) -> list[float]:
        """Abscissas of the points."""
        return [point.x for point in self.points]

    @property
    def y(self) -> list[float]:
        """Means of the points."""
        return [point.mean for point in self.points]

    def at(self, x: float) -> Point | None:
        """The point at an abscissa."""
        return next((point for point in self.points if math.isclose(point.x, x, rel_tol=1e-6, abs_tol=1e-9)), None)

    @property
    def seeds(self) -> str:
        """How many seeds its points have, in words."""
        counts = sorted({point.seeds for point in self.points})
        if not counts:
            return "no point"
        span = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        return f"{span} seed{'s' if counts[-1] > 1 else ''}"


def worst(verdicts: Iterable[str]) -> str:
    """The worst of some verdicts."""
    found = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in found), NOT_JUDGED)


def curves_of(study: Study, reading: str, scaled_back: bool | None = None) -> list[Curve]:
    """The curves of a reading, in the order of the cases.

    Args:
        study: read.
        reading: name of a steady reading.
        scaled_back: to the prototype; as the study says if None.
    """
    scaled_back = study.spec.scaled_back if scaled_back is None else scaled_back
    groups: dict[tuple, list[CaseRecord]] = defaultdict(list)
    for case in study.cases:
        groups[case.arm, _shared(study, case)].append(case)
    varying = _varying(list(groups))
    return [
        _curve(study, cases, reading, scaled_back, _label(study, arm, shared, varying[arm]))
        for (arm, shared), cases in groups.items()
    ]


def _along(study: Study) -> set[str]:
    """The swept keys that change along a curve: x, or whatever moves a reading that is x; and the seed."""
    keys = list(dict.fromkeys(key for case in study.cases for key in case.swept))
    if study.spec.x in keys or study.spec.x is None:
        return {SEED, study.spec.x or SEED}
    values = {key: {case.swept.get(key) for case in study.cases} - {None} for key in keys if key != SEED}
    numbers = {key: len(found) for key, found in values.items() if all(map(is_number, found))}
    most = max(numbers, key=lambda key: numbers[key]) if numbers else SEED
    return {SEED, most}


def _shared(study: Study, case: CaseRecord) -> tuple[tuple[str, Any], ...]:
    along = _along(study)
    return tuple((key, str(value)) for key, value in case.swept.items() if key not in along)


def _varying(groups: Sequence[tuple]) -> dict[str | None, set[str]]:
    """Shared keys that distinguish the curves of each arm."""
    found: dict[str | None, set[str]] = defaultdict(set)
    for arm in {arm for arm, _ in groups}:
        rows = [dict(shared) for name, shared in groups if name == arm]
        for key in {key for row in rows for key in row}:
            if len({row.get(key) for row in rows}) > 1:
                found[arm].add(key)
    return found


def _label(study: Study, arm: str | None, shared: tuple[tuple[str, Any], ...], varying: set[str]) -> str:
    words = [study.spec.labels.get(arm, arm)] if arm else []
    words += [study.label(key, value) for key, value in shared if key in varying]
    return ", ".join(words) or "all cases"


def _curve(study: Study, cases: list[CaseRecord], reading: str, scaled_back: bool, label: str) -> Curve:
    curve = Curve(label, _shared(study, cases[0]), cases[0].arm, cases[0].similitude_kind, reading)
    rows: dict[tuple, list[Measured]] = defaultdict(list)
    along = _along(study) - {SEED}
    for case in cases:
        measured, reason = _measure(study, case, reading, scaled_back)
        if measured:
            rows[tuple(case.swept.get(key) for key in along)].append(measured)
            curve.unit = measured.reading.unit
        else:
            curve.gaps.append((case, reason))
    curve.points = _points(list(rows.values()))
    return curve


def _measure(study: Study, case: CaseRecord, reading: str, scaled_back: bool) -> tuple[Measured | None, str]:
    if not case.is_done:
        return None, f"{case.status}: {case.message}" if case.message else case.status
    if reason := case.unsteady():
        return None, reason
    found = case.reading(reading, scaled_back)
    x = abscissa(study, case)
    if found is None:
        return None, f"its result has no {reading}"
    if x is None:
        return None, f"it has no {study.spec.x}"
    return Measured(case, x, found), ""


def abscissa(study: Study, case: CaseRecord) -> float | None:
    """Where a case stands on the x axis: a swept value, a reading or a number of its config; 0 without an x."""
    key = study.spec.x
    if key is None:
        return 0.0
    if is_number(case.swept.get(key)):
        return float(case.swept[key])
    if found := case.reading(key):
        return found.mean
    value: Any = case.config
    for word in key.split("."):
        value = value.get(word) if isinstance(value, dict) else None
    return float(value) if is_number(value) else None


def _points(rows: list[list[Measured]]) -> list[Point]:
    used = [[one for one in row if not one.case.is_doubted] or row for row in rows]
    spread = pool([[one.reading.mean for one in row] for row in used])
    points = []
    for row, kept in zip(rows, used, strict=True):
        values = [one.reading.mean for one in kept]
        sure = uncertainty(values, [one.reading.error for one in kept], spread)
        doubted = [one for one in row if one not in kept]
        points.append(Point(float(np.mean([one.x for one in kept])), float(np.mean(values)), kept, doubted, sure))
    return sorted(points, key=lambda point: point.x)
