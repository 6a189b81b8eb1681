"""Which preparation friction gives which density: a falling curve measured on small samples, and its inverse."""

from dataclasses import dataclass

import numpy as np

# Sliding frictions of the samples. At 0.01 grains pack as without friction, but come to rest, where frictionless ones
# still slide on after 60 sqrt(d/g); beyond 1 rolling resistance decides.
FRICTIONS = (0.01, 0.03, 0.07, 0.13, 0.22, 0.4, 0.65, 1.0)


@dataclass(frozen=True)
class DensityCurve:
    """Solid fraction against preparation friction, never rising.

    Attributes:
        friction: rising (n,) [-]; solid_fraction: falling or level (n,) [-].
    """

    friction: np.ndarray
    solid_fraction: np.ndarray

    @property
    def densest(self) -> float:
        """Solid fraction at the lowest friction [-]."""
        return float(self.solid_fraction[0])

    @property
    def loosest(self) -> float:
        """Solid fraction at the highest friction [-]."""
        return float(self.solid_fraction[-1])

    def at(self, friction: float) -> float:
        """Solid fraction at a friction [-], between the samples in a straight line."""
        return float(np.interp(friction, self.friction, self.solid_fraction))

    def friction_for(self, solid_fraction: float) -> float:
        """Friction that gives a solid fraction [-]; the nearest end where none does."""
        # where the curve is level any friction of the step will do: the tie is broken so that np.interp sees it rise
        falling = self.solid_fraction - 1e-9 * np.arange(len(self.friction))
        return float(np.interp(solid_fraction, falling[::-1], self.friction[::-1]))

    def shifted(self, by: float) -> "DensityCurve":
        """The curve of a bed that packs denser by `by` [-] than the samples."""
        return DensityCurve(self.friction, self.solid_fraction + by)


def fit_falling(friction: np.ndarray, solid_fraction: np.ndarray) -> DensityCurve:
    """The nearest curve that never rises: neighbours that rise are pooled to their mean (isotonic regression)."""
    pools: list[list[float]] = []
    for value in solid_fraction:
        pools.append([float(value)])
        while len(pools) > 1 and np.mean(pools[-2]) < np.mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    return DensityCurve(
        np.array(friction, float), np.concatenate([np.full(len(pool), np.mean(pool)) for pool in pools])
    )


def relative_density(solid_fraction: float, loosest: float, densest: float) -> float:
    """Relative density D_r = (e_max - e) / (e_max - e_min) with the void ratio e = 1 / solid fraction - 1 [-]."""
    return (1 / loosest - 1 / solid_fraction) / (1 / loosest - 1 / densest)


def fraction_at_relative_density(share: float, loosest: float, densest: float) -> float:
    """Solid fraction of a relative density, the inverse of `relative_density` [-]."""
    return 1 / (1 / loosest - share * (1 / loosest - 1 / densest))
