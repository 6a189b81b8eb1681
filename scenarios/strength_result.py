"""What results of strength tests share: numbers a world into numbers a filling, and what the test is called."""

import math
from typing import Any

import numpy as np


class StrengthResult:
    """Worlds are filling by filling, stress by stress.

    Args:
        test: finished; has `spec` and `title`.
        session: it ran in.
    """

    def __init__(self, test: Any, session: Any) -> None:
        self.test, self.spec, self.session = test, test.spec, session

    def per_seed(self, values: Any) -> list[float]:
        """Means over the stresses of each filling, from a number a world."""
        return np.reshape(values, (self.spec.repeats, -1)).mean(axis=1).tolist()

    def over_seeds(self, series: np.ndarray) -> np.ndarray:
        """Mean over the fillings, (S, stresses), of series (S, W)."""
        return series.reshape(len(series), self.spec.repeats, -1).mean(axis=1)

    def title(self, fit: dict[str, Any]) -> str:
        """Of figures: the test, density and both angles."""
        peak, steady = (math.degrees(fit[f"friction_angle_{name}"]["mean"]) for name in ("peak", "steady"))
        density = fit["bulk_density"]["mean"]
        return f"{self.test.title}, {density:.0f} kg/m3: peak {peak:.1f} deg, steady {steady:.1f} deg"
