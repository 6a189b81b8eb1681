"""What a finding is made of, and words that several findings share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dem.study.curves import Curve, Point
from dem.study.load import Study
from dem.study.statistics import combine
from dem.study.words import number_text
from dem.viz.curves import DrawnCurve

SURE = 2.0  # standard errors from which a difference is taken for one
DAGGER = "†"
MARKED = f"{DAGGER} rests on a run that is not credible; left out of the sentences."


@dataclass
class Table:
    """Words in rows and columns; numbers come as text."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""


@dataclass
class Finding:
    """What a study found.

    Attributes:
        headline: the answer in one sentence.
        paragraphs: what it rests on.
        tables: numbers for people.
        numbers: the same for programs, SI.
        references: curves of others for the figure of a reading, by its name.
    """

    headline: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    references: dict[str, list[DrawnCurve]] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """Difference of two points: value, standard error (NaN if unknown), and whether both points are credible."""

    value: float
    error: float
    is_credible: bool

    @property
    def is_sure(self) -> bool:
        """Whether it is more than its error makes likely."""
        return math.isfinite(self.error) and abs(self.value) > SURE * self.error

    def as_numbers(self) -> dict[str, Any]:
        """The difference as finding.json holds it."""
        return {
            "value": self.value,
            "standard_error": finite(self.error),
            "is_sure": self.is_sure,
            "is_credible": self.is_credible,
        }


def difference(one: Point, other: Point) -> Difference:
    """One point minus another."""
    credible = one.is_credible and other.is_credible
    return Difference(one.mean - other.mean, combine(one.error, other.error), credible)


def relative(one: Point, base: Point) -> Difference:
    """One point's departure from a base, relative to it."""
    apart, scale = difference(one, base), abs(base.mean)
    ratio = one.mean / base.mean if base.mean else math.nan
    error = combine(one.error, ratio * base.error) / scale if scale else math.nan
    return Difference(apart.value / scale if scale else math.nan, error, apart.is_credible)


def of_kind(curves: Sequence[Curve], kind: str) -> list[Curve]:
    """The curves of one way of testing: an arm of that name, or test=KIND."""
    return [curve for curve in curves if kind in (curve.arm, curve.kind)]


def plus_minus(value: float, error: float, scale: float = 1.0, digits: int = 1) -> str:
    """A number with its standard error, both times a scale."""
    text = number_text(scale * value, digits)
    return f"{text} ± {scale * error:.{digits}f}" if math.isfinite(error) else text


def point_text(point: Point | None, scale: float = 1.0, digits: int = 1) -> str:
    """A point for a table; marked if it is not credible."""
    if point is None:
        return "–"
    return plus_minus(point.mean, point.error, scale, digits) + ("" if point.is_credible else f" {DAGGER}")


def difference_text(apart: Difference | None, scale: float = 1.0, digits: int = 1) -> str:
    """A difference for a table, with its sign; marked if it is not credible."""
    if apart is None:
        return "–"
    text = number_text(scale * apart.value, digits, signed=True)
    spread = f" ± {scale * apart.error:.{digits}f}" if math.isfinite(apart.error) else ""
    return text + spread + ("" if apart.is_credible else f" {DAGGER}")


def finite(value: float | None) -> float | None:
    """The number, or None instead of NaN, which JSON has not."""
    return value if value is not None and math.isfinite(value) else None


def progress_text(study: Study) -> str:
    """How much of the study a finding rests on; empty when all of it is there."""
    done, total = len(study.done), len(study.cases)
    return "" if done == total else f"So far {done} of {total} cases have a result."


def nothing_yet(study: Study, missing: str) -> Finding:
    """The finding of a study that cannot answer yet."""
    return Finding(f"No answer yet: {missing}.", [text for text in [progress_text(study)] if text])


def joined(words: Sequence[str]) -> str:
    """Words joined as in "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
