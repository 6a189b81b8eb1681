"""The cell grid: cells at least one cutoff wide, wrapped around on every axis.

On a periodic axis the wrap is the physics, and the cells divide the period exactly. On any other axis it is a hash: far
away grains may share a cell, where the distance test parts them, so an unbounded scene needs no box.
"""

import math

import numpy as np

from dem.backend import integer_field, position_field, position_vectors, ti
from dem.errors import ConfigError
from dem.model import Model
from dem.neighbors.mesh_cells import MeshCells
from dem.neighbors.scan import BLOCK
from dem.worlds import Worlds

CELLS_PER_PARTICLE = 8  # a cap: a dilute scene gets larger cells rather than an array of empty ones
FEWEST_CELLS = 512  # so that one small scene can be loaded over another, whatever its form


class CellGrid:
    """Cells, the same for every world but each with its own contents, and scratch rows of neighbour keys.

    Attributes:
        cutoff: largest centre distance of two grains that the list holds [m].
        row_capacity: most neighbours a grain may have.
    """

    def __init__(self, worlds: Worlds, skin: float) -> None:
        model = worlds.union
        self.cutoff = _cutoff(model, skin)
        self.mesh_cells = MeshCells(model, (self.cutoff + skin) / 2)
        self.row_capacity = max(_row_capacity(own, skin) for own in worlds.models) + self.mesh_cells.longest
        self.skin = position_field()  # [m]
        lower, upper, periodic = _bounds(model, self.cutoff)
        self.shape = _cell_counts(worlds, upper - lower, periodic, self.cutoff)
        count, cells = max(model.particle_count, 1), max(worlds.count * int(np.prod(self.shape)), FEWEST_CELLS)
        self.lower, self.upper, self.period = (position_vectors(()) for _ in range(3))
        self.cell_size, self.bound_lower, self.bound_upper = (position_vectors(()) for _ in range(3))
        self.wrap_lower, self.wrap_upper = position_vectors(()), position_vectors(())
        self.dims = ti.Vector.field(3, ti.i32, ())
        self._fill(model, skin, lower, upper, periodic)
        self.cell_start = integer_field(cells + 1)
        self.cell_cursor = integer_field(cells)
        self.cell_of = integer_field(count)
        self.order = integer_field(count)
        self.row_key = integer_field((count, self.row_capacity))
        self.row_length = integer_field(count)
        self.row_own = integer_field(count)
        self.totals = integer_field(max(count, cells) // BLOCK + 2)

    def fill(self, worlds: Worlds, skin: float) -> bool:
        """Take the bounds and sizes of other worlds; whether the arrays are large enough for them."""
        model = worlds.union
        cutoff = _cutoff(model, skin)
        lower, upper, periodic = _bounds(model, cutoff)
        shape = _cell_counts(worlds, upper - lower, periodic, cutoff)
        capacity = max(_row_capacity(own, skin) for own in worlds.models) + self.mesh_cells.longest
        if worlds.count * np.prod(shape) > self.cell_cursor.shape[0] or capacity > self.row_capacity:
            return False
        if not self.mesh_cells.fill(model, (cutoff + skin) / 2):
            return False
        self.cutoff, self.shape = cutoff, shape
        self._fill(model, skin, lower, upper, periodic)
        return True

    def _fill(self, model: Model, skin: float, lower: np.ndarray, upper: np.ndarray, periodic: np.ndarray) -> None:
        self.skin[None] = skin
        self.lower[None], self.upper[None] = lower.tolist(), upper.tolist()
        self.period[None] = np.where(periodic, upper - lower, np.inf).tolist()
        self.cell_size[None] = ((upper - lower) / self.shape).tolist()
        self.bound_lower[None] = np.where(periodic, -np.inf, model.domain.lower).tolist()
        self.bound_upper[None] = np.where(periodic, np.inf, model.domain.upper).tolist()
        self.wrap_lower[None] = np.where(periodic, lower, -np.inf).tolist()
        self.wrap_upper[None] = np.where(periodic, upper, np.inf).tolist()
        self.dims[None] = self.shape.tolist()


def _cutoff(model: Model, skin: float) -> float:
    radius = model.particles["radius"]
    return float(2 * radius.max() + skin) if len(radius) else 2.0 + skin


def _row_capacity(model: Model, skin: float) -> int:
    radius = model.particles["radius"]
    if not len(radius):
        return 1
    # Spheres of the smallest size around the largest: the shell's surface over a disc's shadow, 4 (1 + R/r)^2, of which
    # random packings fill less than 0.9; and room for a few features.
    ratio = (float(radius.max()) + skin) / float(radius.min())
    return min(int(4 * 0.9 * (1 + ratio) ** 2) + 16, 2048)


def _bounds(model: Model, cutoff: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    domain, position = model.domain, model.particles["position"]
    low = position.min(axis=0) - cutoff if len(position) else np.zeros(3)
    high = position.max(axis=0) + cutoff if len(position) else np.full(3, 3 * cutoff)
    # Off the periodic axes the grains' own extent makes the smallest cells; the wrap takes those that go beyond it.
    low = np.where(domain.periodic, domain.lower, low)
    high = np.where(domain.periodic, domain.upper, high)
    return low, np.maximum(high, low + cutoff), domain.periodic


def _cell_counts(worlds: Worlds, size: np.ndarray, periodic: np.ndarray, cutoff: float) -> np.ndarray:
    for axis in np.flatnonzero(periodic):
        if size[axis] < 2 * cutoff:
            raise ConfigError(
                f"domain is {size[axis]:.4g} m across on the periodic {'xyz'[axis]} axis, must be two cutoffs, "
                f"{2 * cutoff:.4g} m; widen the domain or use smaller grains"
            )
    counts = np.maximum(np.floor(size / cutoff), 1)
    cap = CELLS_PER_PARTICLE * max(8, *(model.particle_count for model in worlds.models))
    if np.prod(counts) > cap:
        counts = np.maximum(np.floor(counts * math.cbrt(cap / np.prod(counts))), 1)
    return counts.astype(np.int32)
