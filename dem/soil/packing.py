"""How a bed begins and is levelled: random grains on a loose lattice, and the cut at the surface. NumPy only."""

import math
from collections.abc import Sequence

import numpy as np

from dem.soil.spec import BedSpec

SPARE_LAYERS = 1.5  # grain diameters filled above the wanted depth, to be cut off
DENSE_SOLID_FRACTION = 0.63  # the densest a bed settles to: fill for it, so that it is never too shallow
LATTICE_GAP = 1.02  # of the largest grain: apart at first, with room for a little disorder


def fill_box(bed: BedSpec) -> tuple[np.ndarray, np.ndarray]:
    """Grains apart from each other in a column over the bed's floor.

    Returns:
        position (n, 3) [m] and radius (n,) [m]; the same for the same seed.
    """
    height = bed.depth + SPARE_LAYERS * bed.grain_diameter
    size = (bed.length, bed.width, height)
    return fill_column(size, bed.grain_diameter, bed.grain_spread, bed.seed, DENSE_SOLID_FRACTION)


def fill_column(
    size: Sequence[float], diameter: float, spread: float, seed: int, solid_fraction: float
) -> tuple[np.ndarray, np.ndarray]:
    """Grains apart from each other, on a jittered lattice with a corner at the origin, lowest first.

    Args:
        size: of the box that they will fill once packed [m], shape (3,); loose they stand higher.
        diameter: mean [m]; spread: diameters are uniform in mean (1 +- spread) [-].
        seed: of jitter and radii.
        solid_fraction: at which they will fill it [-].

    Returns:
        position (n, 3) [m] and radius (n,) [m].
    """
    random = np.random.default_rng(seed)
    spacing = LATTICE_GAP * diameter * (1 + spread)
    counts = [max(int(length / spacing), 1) for length in size[:2]]
    grain_volume = math.pi / 6 * diameter**3 * (1 + spread**2)
    count = int(solid_fraction * size[0] * size[1] * size[2] / grain_volume)
    layers = -(-count // (counts[0] * counts[1]))
    cells = np.stack(np.meshgrid(*map(np.arange, (layers, *counts)), indexing="ij"), axis=-1).reshape(-1, 3)[:count]
    steps = np.array([size[0] / counts[0], size[1] / counts[1], spacing])
    position = (cells[:, [1, 2, 0]] + 0.5) * steps
    radius = diameter / 2 * random.uniform(1 - spread, 1 + spread, count)
    room = steps / 2 - radius[:, None]
    return position + random.uniform(-1, 1, (count, 3)) * np.maximum(room, 0), radius


def level(position: np.ndarray, radius: np.ndarray, depth: float) -> np.ndarray:
    """Which grains stay when everything that stands above `depth` [m] is taken off: mask (n,)."""
    return position[:, 2] + radius <= depth
