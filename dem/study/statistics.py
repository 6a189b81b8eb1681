"""How sure a mean over seeds is, and where a curve crosses a level.

Seeds are repeats: the same test on another packing of the bed. Few repeats tell their spread badly (with two, Student's
factor is 12.7), so the spread is pooled over the points of a curve, which share a test and differ in x alone: the sum
of all squares over the sum of all degrees of freedom. A point that scatters more than that keeps its own spread. The
standard error is never less than what the blocks of the runs' own steady windows give.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom."""

NORMAL = 1.960


@dataclass(frozen=True)
class Spread:
    """Spread between the seeds of a curve: pooled deviation and its degrees of freedom; NaN and 0 without repeats."""

    deviation: float
    freedom: int


@dataclass(frozen=True)
class Uncertainty:
    """Uncertainty of a point: standard error, half width of the 95 % band, both NaN if unknown, and their basis."""

    error: float
    band: float
    basis: str


def student(freedom: int) -> float:
    """95 % two-sided quantile of Student's t; to three digits, by its expansion beyond 30 degrees of freedom."""
    return STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL + 2.37 / freedom


def pool(groups: Sequence[Sequence[float]]) -> Spread:
    """The common spread of groups of repeats."""
    freedom = sum(len(group) - 1 for group in groups if len(group) > 1)
    squares = sum(float(((np.array(group) - np.mean(group)) ** 2).sum()) for group in groups if len(group) > 1)
    return Spread(math.sqrt(squares / freedom) if freedom else math.nan, freedom)


def uncertainty(values: Sequence[float], errors: Sequence[float | None], spread: Spread) -> Uncertainty:
    """Uncertainty of the mean over seeds.

    Args:
        values: of each seed.
        errors: standard error of each seed's own blocks; None where it has none.
        spread: pooled over the curve.
    """
    known = [error for error in errors if error is not None and math.isfinite(error)]
    blocks = math.sqrt(sum(error**2 for error in known)) / len(known) if known else math.nan
    if not spread.freedom:
        basis = "the run's own blocks" if known else "unknown"
        return Uncertainty(blocks, NORMAL * blocks, basis)
    own = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    between = max(spread.deviation, own) / math.sqrt(len(values))
    basis = f"spread between seeds, {spread.freedom} d.o.f."
    if known and blocks > between:
        return Uncertainty(blocks, student(spread.freedom) * blocks, "the runs' own blocks, wider than the seeds")
    return Uncertainty(between, student(spread.freedom) * between, basis)


def combine(one: float, other: float) -> float:
    """Standard error of a difference; what is unknown adds nothing, unless both are."""
    known = [error for error in (one, other) if math.isfinite(error)]
    return math.hypot(*known) if known else math.nan


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float | None:
    """Where a curve first reaches a level from below, by straight lines; None if it does not."""
    for place in range(1, len(x)):
        low, high = y[place - 1], y[place]
        if low < level <= high:
            return x[place - 1] + (level - low) / (high - low) * (x[place] - x[place - 1])
    return None
