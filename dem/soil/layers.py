"""Layers of a bed whose grains grow with depth: d(z) = d_top + growth * z, in steps that grains do not sift through."""

import math
from dataclasses import dataclass

MOST_RATIO = 1.5  # of diameters of neighbouring layers: finer grains sift into the pores of coarser ones beyond 2


@dataclass(frozen=True)
class Layer:
    """A layer of like grains.

    Attributes:
        bottom, top: heights above the floor [m].
        diameter: of its grains [m].
    """

    bottom: float
    top: float
    diameter: float

    @property
    def thickness(self) -> float:
        """[m]."""
        return self.top - self.bottom


def layers_of(height: float, diameter: float, growth: float, fine_depth: float) -> list[Layer]:
    """Layers from the floor up, as few as there can be.

    Each has the diameter that the law gives at its top, so the bed is nowhere coarser than asked for.

    Args:
        height: of the bed [m].
        diameter: at its surface [m].
        growth: of the diameter with depth [-].
        fine_depth: down to which the diameter stays that of the surface [m].
    """
    growing = height - fine_depth
    if growth == 0.0 or growing <= 0.0:
        return [Layer(0.0, height, diameter)]
    whole = 1 + growth * growing / diameter
    count = max(math.ceil(math.log(whole) / math.log(MOST_RATIO) - 1e-9), 1)
    ratio = whole ** (1 / count)
    tops = [growing - diameter * (ratio**number - 1) / growth for number in range(count)]
    tops[0] = height
    return [
        Layer(below, top, diameter * ratio**number)
        for number, (below, top) in enumerate(zip([*tops[1:], 0.0], tops, strict=True))
    ][::-1]
