"""The cell grid: cells at least one cutoff wide, wrapped around on every axis, one grid for each class of sizes.

On a periodic axis the wrap is the physics, and the cells divide the period exactly. On any other axis it is a hash: far
away grains may share a cell, where the distance test parts them, so an unbounded scene needs no box.

Grains are in one level if their radii are within a factor of two: a grain searches its own level and every other,
each with cells of its own size, so that small grains between large ones are not sought in the cells of the large.
"""

import math

import numpy as np

from dem.backend import integer_field, integer_vectors, position_field, position_vectors, real_field
from dem.errors import ConfigError
from dem.memory import write
from dem.model import Model
from dem.neighbors.mesh_cells import MeshCells, count_mesh_entries
from dem.neighbors.scan import Scan
from dem.worlds import Worlds, level_radii

CELLS_PER_PARTICLE = 8  # a cap: a dilute scene gets larger cells rather than an array of empty ones
CELLS_PER_REACH = 4  # along z, where cells lie one after another: short ones fit the sphere that a grain reaches
FEWEST_CELLS = 512  # so that one small scene can be loaded over another, whatever its form


class CellGrid:
    """Cells, the same for every world but each with its own contents, and scratch rows of neighbour keys.

    Attributes:
        level_count: of classes of sizes, from coarse to fine; per level `level_radius` [m], the largest, `level_reach`
            [m], that with half the skin, `cell_size` [m], `dims` and `first_cell` in a world; `cells_per_world` of all
            levels together.
        row_capacity: by id, how many keys a grain may need (N,); row_begin: by slot, where its row begins (N + 1,), so
            that rows of grains that are near each other are near in memory.
        first_partner, last_partner: slots of the first and the last grain that any of a group of rows may touch, the
            grain itself among them.
        shortage: what did not fit at the last search, see rows.py; 0 if all did.
    """

    def __init__(self, worlds: Worlds, skin: float, row_factor: float = 1.0) -> None:
        model = worlds.union
        levels = _Levels(worlds, skin)
        self.level_count, self.row_factor = levels.count, row_factor
        self.mesh_cells = MeshCells(model, _farthest(model) + skin)
        capacities = self._row_capacities(worlds, skin)
        count, cells = max(model.particle_count, 1), max(worlds.count * levels.cells, FEWEST_CELLS)
        self.skin = position_field()  # [m]
        self.cells_per_world = integer_field()
        self.level_radius, self.level_reach = real_field(levels.count), position_field(levels.count)
        self.first_cell = integer_field(levels.count)
        self.cell_size = position_vectors(levels.count)
        self.dims = integer_vectors(levels.count)
        self.lower, self.upper, self.period = (position_vectors(()) for _ in range(3))
        self.bound_lower, self.bound_upper = position_vectors(()), position_vectors(())
        self.wrap_lower, self.wrap_upper = position_vectors(()), position_vectors(())
        self.cell_start = integer_field(cells + 1)
        self.cell_cursor = integer_field(cells)
        self.cell_of = integer_field(count)
        self.order = integer_field(count)
        self.row_capacity = integer_field(count)
        self.row_begin = integer_field(count + 1)
        self.row_key = integer_field(int(capacities.sum()))
        self.row_length = integer_field(count)
        self.row_own = integer_field(count)
        self.first_partner, self.last_partner = integer_field(count), integer_field(count)
        self.shortage = integer_field()
        self.cell_scan, self.row_scan, self.list_scan = Scan(cells), Scan(count), Scan(count, columns=3)
        self._fill(model, skin, levels, capacities)

    def fill(self, worlds: Worlds, skin: float) -> bool:
        """Take the bounds and sizes of other worlds; whether the arrays are large enough for them."""
        model, capacity = worlds.union, self.cell_cursor.shape[0]
        levels, capacities = _Levels(worlds, skin), self._row_capacities(worlds, skin)
        if worlds.count * levels.cells > capacity:  # there may be room for longer cells
            levels = _Levels(worlds, skin, cells_per_reach=1)
        fits = worlds.count * levels.cells <= capacity and capacities.sum() <= self.row_key.shape[0]
        if levels.count != self.level_count or not fits:
            return False
        if not self.mesh_cells.fill(model, _farthest(model) + skin):
            return False
        self._fill(model, skin, levels, capacities)
        return True

    def _row_capacities(self, worlds: Worlds, skin: float) -> np.ndarray:
        capacities = [_row_capacities(model, skin) for model in worlds.models]
        longest = np.ceil(np.concatenate(capacities) * self.row_factor).astype(np.int64) + self.mesh_cells.longest
        if longest.sum() > np.iinfo(np.int32).max:
            raise ConfigError(
                f"the neighbours of {len(longest)} grains may need {longest.sum()} entries, must be below 2^31; "
                "use fewer grains, or sizes more alike"
            )
        return longest if len(longest) else np.ones(1, np.int64)

    def _fill(self, model: Model, skin: float, levels: "_Levels", capacities: np.ndarray) -> None:
        lower, upper, periodic = levels.lower, levels.upper, levels.periodic
        write(self.skin, skin)
        write(self.cells_per_world, levels.cells)
        write(self.level_radius, levels.radius)
        write(self.level_reach, levels.radius + 0.5 * skin)
        write(self.first_cell, levels.first_cell)
        write(self.dims, levels.dims)
        write(self.cell_size, (upper - lower) / levels.dims)
        write(self.row_capacity, capacities)
        write(self.lower, lower)
        write(self.upper, upper)
        write(self.period, np.where(periodic, upper - lower, np.inf))
        write(self.bound_lower, np.where(periodic, -np.inf, model.domain.lower))
        write(self.bound_upper, np.where(periodic, np.inf, model.domain.upper))
        write(self.wrap_lower, np.where(periodic, lower, -np.inf))
        write(self.wrap_upper, np.where(periodic, upper, np.inf))


class _Levels:
    """Classes of sizes, and the cells of each, shapes (L,) and (L, 3)."""

    def __init__(self, worlds: Worlds, skin: float, cells_per_reach: int = CELLS_PER_REACH) -> None:
        model = worlds.union
        self.radius = level_radii(model.particles["radius"])
        self.lower, self.upper, self.periodic = _bounds(model, 2 * self.radius[0] + skin)
        size = self.upper - self.lower
        dims = [_cell_counts(worlds, size, self.periodic, 2 * r + skin, cells_per_reach) for r in self.radius]
        self.dims = np.array(dims, np.int32)
        counts = self.dims.prod(axis=1)
        self.first_cell = (np.cumsum(counts) - counts).astype(np.int32)
        self.count, self.cells = len(self.radius), int(counts.sum())


def _farthest(model: Model) -> float:
    radius = model.particles["radius"]
    return float(radius.max()) if len(radius) else 1.0


def _row_capacities(model: Model, skin: float) -> np.ndarray:
    """Most neighbours each grain may have (N,), and room for a few elements."""
    radius = model.particles["radius"]
    # Spheres of the smallest size around a grain: the shell's surface over a disc's shadow, 4 (1 + R/r)^2, of which
    # random packings fill less than 0.9.
    ratio = (radius + skin) / radius.min() if len(radius) else radius
    return (4 * 0.9 * (1 + ratio) ** 2).astype(int) + 16  # and one entry that takes what does not count


def _bounds(model: Model, cutoff: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    domain, position = model.domain, model.particles["position"]
    low = position.min(axis=0) - cutoff if len(position) else np.zeros(3)
    high = position.max(axis=0) + cutoff if len(position) else np.full(3, 3 * cutoff)
    # Off the periodic axes the grains' own extent makes the smallest cells; the wrap takes those that go beyond it.
    low = np.where(domain.periodic, domain.lower, low)
    high = np.where(domain.periodic, domain.upper, high)
    return low, np.maximum(high, low + cutoff), domain.periodic


def _cell_counts(worlds: Worlds, size: np.ndarray, periodic: np.ndarray, cutoff: float, per_reach: int) -> np.ndarray:
    for axis in np.flatnonzero(periodic):
        if size[axis] < 2 * cutoff:
            raise ConfigError(
                f"domain is {size[axis]:.4g} m across on the periodic {'xyz'[axis]} axis, must be two cutoffs, "
                f"{2 * cutoff:.4g} m; widen the domain or use smaller grains"
            )
    counts = np.maximum(np.floor(size / cutoff), 1)
    cap = CELLS_PER_PARTICLE * max(8, *(model.particle_count for model in worlds.models))
    if np.prod(counts) <= cap:
        counts[2] = max(np.floor(size[2] * min(per_reach, cap // np.prod(counts)) / cutoff), 1)
    else:
        counts = np.maximum(np.floor(counts * math.cbrt(cap / np.prod(counts))), 1)
    return counts.astype(np.int32)


def measure_capacity(worlds: Worlds, skin: float) -> tuple[int, int, int, int]:
    """What the grid of these worlds has: cells, entries of rows of neighbours, and of meshes cells and triangles."""
    model, levels = worlds.union, _Levels(worlds, skin)
    mesh_cells, mesh_triangles, longest = count_mesh_entries(model, _farthest(model) + skin)
    rows = sum(int(_row_capacities(one, skin).sum()) for one in worlds.models) + model.particle_count * longest
    return max(worlds.count * levels.cells, FEWEST_CELLS), rows, mesh_cells, mesh_triangles
