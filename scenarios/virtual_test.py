"""What the virtual tests of the soil lab share: grains of their own size, several fillings at once, one way to report.

A test lays `repeats` fillings, each with a seed of its own, as worlds of one simulation, and reports what an
engineer of soils would read off, with its standard error over the fillings.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dem.spec import require_positive, require_range


@dataclass
class VirtualTestSpec:
    """What every virtual test may be told; a test adds its own keys.

    Attributes:
        name: of the scenario.
        grain_diameter: mean [m]; a choice of resolution.
        grain_spread: diameters are uniform in mean (1 +- spread) [-].
        preparation_friction: sliding friction while the sample is made, low packs dense [-]; null takes the soil's.
        seed: of the first filling; the others count on.
        repeats: fillings.
    """

    name: str
    grain_diameter: float = 0.005
    grain_spread: float = 0.15
    preparation_friction: float | None = None
    seed: int = 1
    repeats: int = 3

    reads: ClassVar[tuple[str, ...]] = ("gravity", "soil", "solver", "device", "output")  # the config groups that count

    def __post_init__(self) -> None:
        require_positive("scenario.grain_diameter", self.grain_diameter, "give metres such as 0.005")
        require_range("scenario.grain_spread", self.grain_spread, 0.0, 0.5, "give a fraction such as 0.15")
        if self.preparation_friction is not None:
            remedy = "give a coefficient such as 0.05, or null for the soil's"
            require_range("scenario.preparation_friction", self.preparation_friction, 0.0, 5.0, remedy)
        require_range("scenario.seed", self.seed, 0, 2**31 - 1, "give a whole number such as 1")
        require_range("scenario.repeats", self.repeats, 1, 100, "give a count such as 3")

    def fit(self, config: Any) -> None:
        """Take from the rest of the config what was left to it.

        Args:
            config: a `RunConfig`.
        """
        if self.preparation_friction is None:
            self.preparation_friction = config.soil.preparation_friction

    @property
    def seeds(self) -> range:
        """Of the fillings."""
        return range(self.seed, self.seed + self.repeats)


def estimate(values: Sequence[float], unit: str = "-") -> dict[str, Any]:
    """A number over the fillings, as results hold it: mean, standard error (NaN of one filling), unit, the values."""
    found = np.asarray(values, float)
    error = float(found.std(ddof=1) / math.sqrt(len(found))) if len(found) > 1 else math.nan
    return {"mean": float(found.mean()), "standard_error": error, "unit": unit, "values": found.tolist()}


def jackknifed(values: Sequence[float], unit: str = "-") -> dict[str, Any]:
    """As `estimate`, of a number that does not average: `values` has it of all fillings, then of all but one, each."""
    left_out = np.asarray(values[1:], float)
    count = len(left_out)
    error = math.sqrt((count - 1) * float(left_out.var())) if count > 1 else math.nan
    return {"mean": float(values[0]), "standard_error": error, "unit": unit, "values": left_out.tolist()}


def verdict(value: float, limit: float) -> dict[str, Any]:
    """One check of a result: passed if the value keeps to its limit."""
    return {"value": value, "limit": limit, "passed": bool(value <= limit)}
