"""Sizes of the grains: uniform about a mean, lognormal, or by a grading curve.

Gradings are by mass, as sieves give them. A class of mass share m and diameter ratio r holds a share of the grains'
number proportional to m / r^3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.spec import require_choice, require_number, require_range

METHODS = ("uniform", "lognormal", "curve")
LOGNORMAL_REACH = 2.0  # deviations on both sides of the median that are kept: 95 % of the mass
LOGNORMAL_CLASSES = 16
LARGEST_RATIO = 10.0  # of diameters: beyond it nearly all grains, and the time step, serve the finest few per cent


@dataclass
class GradingSpec:
    """Sizes of the grains, about `bed.grain_diameter`.

    Attributes:
        method: uniform (within bed.grain_spread of the mean), lognormal, or curve.
        deviation: lognormal: standard deviation of ln(diameter), by mass; the median by mass is bed.grain_diameter [-].
        curve: curve: list of [diameter over bed.grain_diameter, share of the mass]; each class has bed.grain_spread.
    """

    method: str = "uniform"
    deviation: float = 0.25
    curve: Any = None

    def __post_init__(self) -> None:
        require_choice("bed.grading.method", self.method, METHODS, "give uniform for sizes within bed.grain_spread")
        remedy = "give a standard deviation of ln(diameter) such as 0.25"
        require_range("bed.grading.deviation", self.deviation, 0.01, 0.55, remedy)
        if (self.method == "curve") != (self.curve is not None):
            raise ConfigError(
                f"bed.grading.curve is {self.curve}, must be given with bed.grading.method=curve, and only with it; "
                "write for instance bed.grading.method=curve bed.grading.curve=[[0.7,0.3],[1.4,0.7]]"
            )
        if self.curve is not None:
            _check_curve(self.curve)

    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Diameter ratio of each class and its share of the grains' number, (k,) each."""
        ratio, mass = np.ones(1), np.ones(1)
        if self.method == "lognormal":
            step = 2 * LOGNORMAL_REACH / LOGNORMAL_CLASSES
            score = -LOGNORMAL_REACH + step * (np.arange(LOGNORMAL_CLASSES) + 0.5)
            ratio, mass = np.exp(self.deviation * score), np.exp(-(score**2) / 2)
        elif self.method == "curve":
            ratio, mass = np.array(self.curve, float).T
        number = mass / ratio**3
        return ratio, number / number.sum()

    def class_spread(self, grain_spread: float) -> float:
        """Half-width of each class over its own diameter [-]."""
        if self.method == "lognormal":
            return self.deviation * LOGNORMAL_REACH / LOGNORMAL_CLASSES
        return grain_spread

    def largest(self, grain_spread: float) -> float:
        """Largest diameter over `bed.grain_diameter` [-]."""
        return float(self.classes()[0].max()) * (1 + self.class_spread(grain_spread))

    def mean_cube(self, grain_spread: float) -> float:
        """Mean over the grains of (diameter / bed.grain_diameter)^3 [-]."""
        ratio, share = self.classes()
        # the mean of d^3 over a uniform distribution of half-width s is d^3 (1 + s^2)
        return float((share * ratio**3).sum()) * (1 + self.class_spread(grain_spread) ** 2)

    def draw(self, random: np.random.Generator, count: int, grain_spread: float) -> np.ndarray:
        """Diameters of `count` grains over `bed.grain_diameter`, (count,), in random order; shares are exact."""
        ratio, share = self.classes()
        spread = self.class_spread(grain_spread)
        drawn = random.uniform(1 - spread, 1 + spread, count)
        if len(ratio) == 1:
            return drawn * ratio[0]
        ends = np.rint(np.cumsum(share) * count).astype(int)
        return drawn * ratio[random.permutation(np.searchsorted(ends, np.arange(count), side="right"))]


def _check_curve(curve: Any) -> None:
    remedy = "give pairs such as [[0.7,0.3],[1.4,0.7]]"
    rule = "must be a list of [diameter ratio, share of the mass]"
    if not isinstance(curve, list) or not curve:
        raise ConfigError(f"bed.grading.curve is {curve!r}, {rule}; {remedy}")
    for pair in curve:
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            raise ConfigError(f"bed.grading.curve holds {pair!r}, {rule}; {remedy}")
        for value in pair:
            if require_number("bed.grading.curve", value, remedy) <= 0:
                raise ConfigError(f"bed.grading.curve holds {value}, must be greater than 0; {remedy}")
    total, ratios = sum(share for _, share in curve), [ratio for ratio, _ in curve]
    if not math.isclose(total, 1.0, abs_tol=0.01):
        raise ConfigError(f"bed.grading.curve has mass shares that add up to {total:g}, must be 1; scale them")
    if max(ratios) > LARGEST_RATIO * min(ratios):
        raise ConfigError(
            f"bed.grading.curve spans diameters 1 to {max(ratios) / min(ratios):g}, must be at most {LARGEST_RATIO:g}; "
            "leave out the finest class"
        )
