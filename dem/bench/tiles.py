"""Settled tiles: a small periodic bed, settled once, kept in a file, and laid side by side to a bed of any size.

A tile is a column of the whole depth with periodic sides, so tiles fit each other without a seam.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dem import backend
from dem.errors import StateError
from dem.model import Model
from dem.simulation import Simulation

log = logging.getLogger(__name__)

CACHE = Path("outputs") / "cache" / "benchmarks"
LOOSENESS = 1.05  # lattice spacing over the largest grain at the start: apart, with room for a little disorder
SETTLE_FRACTION = 0.45  # of the time scale: settling need not be as exact as a run


@dataclass(frozen=True)
class Tile:
    """A settled periodic column.

    Attributes:
        position: [m], shape (n, 3); radius: [m], shape (n,).
        size: of the periodic sides x and y [m], shape (2,).
    """

    position: np.ndarray
    radius: np.ndarray
    size: np.ndarray

    @property
    def count(self) -> int:
        """Number of grains."""
        return len(self.radius)

    def lay(self, grains: int) -> "Tile":
        """As many copies beside each other as come nearest to `grains`, in rows and columns as equal as can be."""
        copies = max(round(grains / self.count), 1)
        rows = next(number for number in range(math.isqrt(copies), 0, -1) if copies % number == 0)
        return self.repeat(copies // rows, rows)

    def repeat(self, along: int, across: int) -> "Tile":
        """Copies along x and across y."""
        shifts = [np.array([i, j, 0]) * [*self.size, 0] for i in range(along) for j in range(across)]
        position = np.concatenate([self.position + shift for shift in shifts])
        return Tile(position, np.tile(self.radius, len(shifts)), self.size * [along, across])


def settled_tile(
    name: str, start: Callable[[], Tile], build: Callable[[Tile], Model], duration: float, folder: Path = CACHE
) -> Tile:
    """The tile of that name from the folder, or settled there now from its start; backend: any that runs, or the CPU's.

    Args:
        name: of the file; whatever changes the tile must be part of it.
        start: gives grains that do not touch.
        build: makes a model of them.
        duration: how long they settle [s].
        folder: of cached tiles.
    """
    path = Path(folder) / f"{name}.npz"
    if path.exists():
        with np.load(path) as kept:
            return Tile(kept["position"], kept["radius"], kept["size"])
    begin = start()
    log.info("settling %d grains once, for %s", begin.count, path)
    end = _settle(begin, build, duration)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")  # two at once must not read half a file
    np.savez(part, position=end.position, radius=end.radius, size=end.size)
    part.replace(path)
    return end


def _settle(begin: Tile, build: Callable[[Tile], Model], duration: float) -> Tile:
    try:
        backend.current()
    except StateError:
        with backend.start("cpu"):
            return _fall(begin, build(begin), duration)
    return _fall(begin, build(begin), duration)


def _fall(begin: Tile, model: Model, duration: float) -> Tile:
    simulation = Simulation(model, time_step_fraction=SETTLE_FRACTION, max_overlap=0.5)
    simulation.run(duration)
    return Tile(simulation.snapshot()["position"], begin.radius, begin.size)


def loose_lattice(count: int, side: float, radius: np.ndarray, seed: int = 1) -> Tile:
    """`count` grains of the radii (count,) [m], apart, on a square of `side` [m], as deep as it takes."""
    random = np.random.default_rng(seed)
    across = int(side / (LOOSENESS * 2 * radius.max()))
    spacing = side / across
    index = np.arange(count)
    grid = np.stack([index % across, index // across % across, index // across**2], axis=1)
    room = spacing / 2 - radius[:, None]
    position = (grid + 0.5) * spacing + 0.8 * room * random.uniform(-1, 1, (count, 3))
    return Tile(position, radius, np.array([side, side]))


def mixed_lattice(large_count: int, small_count: int, radii: tuple[float, float], side: float, seed: int = 1) -> Tile:
    """Large grains spread evenly over a square of `side` [m], small ones on a lattice between them; none touch."""
    random = np.random.default_rng(seed)
    large, small = radii
    across = int(side / (LOOSENESS * 2 * large))
    layers = -(-large_count // across**2)
    spacing = LOOSENESS * 2 * small
    volume = large_count * (2 * large) ** 3 + small_count * spacing**3  # what lattices need of either
    pitch = max(volume / side**2 / layers, LOOSENESS * 2 * large)
    slots = random.permutation(across**2 * layers)[:large_count]
    coarse = np.stack([slots % across, slots // across % across, slots // across**2], axis=1) + 0.5
    coarse = coarse * [side / across, side / across, pitch]
    fine = _gaps(coarse, large + 1.02 * small, side, spacing, small_count)
    position = np.concatenate([coarse, fine + 0.02 * small * random.uniform(-1, 1, fine.shape)])
    return Tile(position, np.repeat([large, small], [large_count, small_count]), np.array([side, side]))


def _gaps(centres: np.ndarray, reach: float, side: float, spacing: float, count: int) -> np.ndarray:
    """The lowest `count` nodes of a lattice that are farther than `reach` from every centre, (count, 3) [m]."""
    across = int(side / spacing)
    step = side / across
    plane = np.stack(np.meshgrid(np.arange(across), np.arange(across), indexing="ij"), -1).reshape(-1, 2) + 0.5
    found: list[np.ndarray] = []
    layer = 0
    while sum(map(len, found)) < count:
        nodes = np.column_stack([plane * step, np.full(len(plane), (layer + 0.5) * spacing)])
        near = centres[np.abs(centres[:, 2] - nodes[0, 2]) < reach]
        apart = np.abs(nodes[:, None] - near[None])
        apart[..., :2] = np.minimum(apart[..., :2], side - apart[..., :2])
        found.append(nodes[(np.linalg.norm(apart, axis=2) > reach).all(axis=1)])
        layer += 1
    return np.concatenate(found)[:count]
