"""How a bed begins and is cut: random grains on a loose lattice, and the surface they are taken off to. NumPy only."""

import math
from collections.abc import Sequence

import numpy as np

from dem.soil.spec import BedSpec

SPARE_LAYERS = 1.5  # grain diameters filled above the wanted surface, to be cut off
DENSE_SOLID_FRACTION = 0.63  # the densest a bed settles to: fill for it, so that it is never too shallow
PACKED_SOLID_FRACTION = 0.67  # likewise of one that is compacted, or may be settled nearly without friction
LATTICE_GAP = 1.02  # of the largest grain: apart at first, with room for a little disorder


def fill_box(bed: BedSpec) -> tuple[np.ndarray, np.ndarray]:
    """Grains apart from each other in a column over the bed's floor, layer upon layer.

    Returns:
        position (n, 3) [m] and radius (n,) [m]; the same for the same seed.
    """
    random = np.random.default_rng(bed.seed)
    positions, radii, foot = [], [], 0.0
    layers = bed.layers()
    for layer in layers:
        spare = SPARE_LAYERS * layer.diameter if layer is layers[-1] else 0.0
        position, radius = _fill_bed(bed, random, layer.diameter, layer.thickness + spare)
        position[:, 2] += foot
        positions.append(position)
        radii.append(radius)
        foot = float((position[:, 2] + radius).max())
    return np.concatenate(positions), np.concatenate(radii)


def cut_surface(bed: BedSpec, position: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Which grains stay when everything that stands above the wanted surface is taken off: mask (n,)."""
    return position[:, 2] + radius <= bed.surface_at(position[:, 0], position[:, 1])


def _fill_bed(
    bed: BedSpec, random: np.random.Generator, diameter: float, height: float
) -> tuple[np.ndarray, np.ndarray]:
    """Grains on a lattice from the floor up, enough to settle to `height` [m].

    A cell holds one of the largest grains, or 8 of half their size, or 64 of a quarter: a wide grading stays mixed,
    and does not fall from far.
    """
    ratio = bed.grading.largest(bed.grain_spread)
    largest, spacing = diameter * ratio, LATTICE_GAP * diameter * ratio
    counts = [max(int(bed.length / spacing), 1), max(int(bed.width / spacing), 1)]
    grain_volume = math.pi / 6 * diameter**3 * bed.grading.mean_cube(bed.grain_spread)
    count = int(_fill_fraction(bed) * bed.length * bed.width * height / grain_volume)
    radius = diameter / 2 * bed.grading.draw(random, count, bed.grain_spread)
    cell, place, parts = _deal_cells(random, np.log2(np.maximum(largest / (2 * radius), 1.0)).astype(int))
    layer, inside = np.divmod(cell, counts[0] * counts[1])
    corner = np.stack([*np.divmod(inside, counts[1]), layer], axis=1)
    steps = np.array([bed.length / counts[0], bed.width / counts[1], spacing])
    position = (corner + (place + 0.5) / parts[:, None]) * steps
    room = steps / (2 * parts[:, None]) - radius[:, None]
    return position + random.uniform(-1, 1, (count, 3)) * np.maximum(room, 0), radius


def _fill_fraction(bed: BedSpec) -> float:
    slippery = bed.preparation_friction is None or bed.preparation_friction < 0.05
    return PACKED_SOLID_FRACTION if slippery or bed.compaction.method != "none" else DENSE_SOLID_FRACTION


def _deal_cells(random: np.random.Generator, level: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cell of each grain (n,), its place in the cell (n, 3), and parts a side of that cell (n,): 2^level."""
    parts = 2**level
    cell, place = np.zeros(len(level), int), np.zeros((len(level), 3), int)
    blocks = 0
    for side in np.unique(parts):
        chosen = np.flatnonzero(parts == side)
        block, part = np.divmod(np.arange(len(chosen)), side**3)
        cell[chosen] = blocks + block
        place[chosen] = np.stack([part % side, part // side % side, part // side**2], axis=1)
        blocks += int(block[-1]) + 1
    if len(np.unique(parts)) > 1:
        cell = random.permutation(blocks)[cell]
    return cell, place, parts


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
