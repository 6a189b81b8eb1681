"""How a bed begins and is levelled: random grains on a loose lattice, and the cut at the surface. NumPy only."""

import math

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
    random = np.random.default_rng(bed.seed)
    spacing = LATTICE_GAP * bed.grain_diameter * (1 + bed.grain_spread)
    counts = [max(int(bed.length / spacing), 1), max(int(bed.width / spacing), 1)]
    grain_volume = math.pi / 6 * bed.grain_diameter**3 * (1 + bed.grain_spread**2)
    height = bed.depth + SPARE_LAYERS * bed.grain_diameter
    count = int(DENSE_SOLID_FRACTION * bed.length * bed.width * height / grain_volume)
    layers = -(-count // (counts[0] * counts[1]))
    cells = np.stack(np.meshgrid(*map(np.arange, (layers, *counts)), indexing="ij"), axis=-1).reshape(-1, 3)[:count]
    steps = np.array([bed.length / counts[0], bed.width / counts[1], spacing])
    position = (cells[:, [1, 2, 0]] + 0.5) * steps
    radius = bed.grain_diameter / 2 * random.uniform(1 - bed.grain_spread, 1 + bed.grain_spread, count)
    room = steps / 2 - radius[:, None]
    return position + random.uniform(-1, 1, (count, 3)) * np.maximum(room, 0), radius


def level(position: np.ndarray, radius: np.ndarray, depth: float) -> np.ndarray:
    """Which grains stay when everything that stands above `depth` [m] is taken off: mask (n,)."""
    return position[:, 2] + radius <= depth
