"""Which triangles of a mesh a grain may touch: cells around each mesh, each with the triangles within reach of it.

A grain searches the one cell that its centre is in, so no triangle comes up twice. Cells are as wide as the largest
grain reaches, or wider where that would make more than MOST_CELLS along a side. They lie in the frame of the body, so
they are built once.
"""

from typing import Any

import numpy as np

from dem.backend import integer_field, integer_vectors, position_vectors, ti
from dem.memory import write
from dem.mesh_tables import MESH_KIND, has_mesh, is_mesh
from dem.model import Model

MOST_CELLS = 48  # along the longest side of a mesh: a hundred thousand cells
SOME = 4096  # triangles that are taken together: their cells must fit in memory
MARGIN = 1e-6  # of the reach: rounding must not lose a triangle


@ti.data_oriented
class MeshCells:
    """Cells of all meshes of a model.

    Per shape `first_cell`, `lower` [m], `cell_size` [m], `dims`; `start` of each cell's triangles in `triangle`.
    `longest` is the largest number of triangles in a cell.
    """

    names = ("first_cell", "lower", "cell_size", "dims", "start", "triangle")

    def __init__(self, model: Model, reach: float) -> None:
        self.present = has_mesh(model.shapes)
        arrays, self.longest = _list_cells(model, reach)
        shape_count = max(len(model.shapes), 1)
        self.first_cell = integer_field(shape_count)
        self.lower = position_vectors(shape_count)  # [m]
        self.cell_size = position_vectors(shape_count)  # [m]
        self.dims = integer_vectors(shape_count)
        self.start = integer_field(max(len(arrays["start"]), 1))
        self.triangle = integer_field(max(len(arrays["triangle"]), 1))
        self._fill(arrays)

    def fill(self, model: Model, reach: float) -> bool:
        """Take the meshes and the reach of another model; whether the arrays are large enough for it."""
        arrays, longest = _list_cells(model, reach)
        if longest > self.longest or any(len(arrays[name]) > getattr(self, name).shape[0] for name in self.names):
            return False
        self._fill(arrays)
        return True

    def _fill(self, arrays: dict[str, np.ndarray]) -> None:
        for name, values in arrays.items():
            write(getattr(self, name), values)


@ti.func
def element_range(tables: ti.template(), grid: ti.template(), shape, point):
    """Range of what to try at a shape: numbers of its elements, or entries of the mesh cell that `point` is in."""
    start, stop = 0, tables.shape_first_element[shape + 1] - tables.shape_first_element[shape]
    if ti.static(grid.mesh_cells.present):
        cells = grid.mesh_cells
        if tables.shape_kind[shape] == ti.static(MESH_KIND):
            place, dims = (point - cells.lower[shape]) / cells.cell_size[shape], cells.dims[shape]
            cell = ti.Vector([0, 0, 0])
            for axis in ti.static(range(3)):
                cell[axis] = ti.min(ti.max(ti.cast(place[axis], ti.i32), 0), dims[axis] - 1)
            number = cells.first_cell[shape] + (cell[0] * dims[1] + cell[1]) * dims[2] + cell[2]
            start, stop = cells.start[number], cells.start[number + 1]
    return start, stop


@ti.func
def element_at(tables: ti.template(), grid: ti.template(), shape, entry):
    """The element that an entry of `element_range` stands for."""
    element = entry
    if ti.static(grid.mesh_cells.present):  # noqa: SIM102  the outer one is decided when compiling
        if tables.shape_kind[shape] == ti.static(MESH_KIND):
            element = grid.mesh_cells.triangle[entry]
    return element


def count_mesh_entries(model: Model, reach: float) -> tuple[int, int, int]:
    """Cells of all meshes, triangles listed in them, and the largest number of triangles in a cell."""
    if not has_mesh(model.shapes):
        return 0, 0, 0
    arrays, longest = _list_cells(model, reach)
    return len(arrays["start"]), len(arrays["triangle"]), longest


def _list_cells(model: Model, reach: float) -> tuple[dict[str, np.ndarray], int]:
    """The arrays of `MeshCells`, and the largest number of triangles in a cell."""
    reach *= 1 + MARGIN
    shape_count, cell_count = max(len(model.shapes), 1), 0
    arrays: dict[str, Any] = {
        "first_cell": np.zeros(shape_count, np.int32),
        "lower": np.zeros((shape_count, 3)),
        "cell_size": np.ones((shape_count, 3)),
        "dims": np.ones((shape_count, 3), np.int32),
    }
    pairs = [np.zeros((0, 2), np.int64)]
    for index, entry in enumerate(model.shapes):
        if is_mesh(entry.shape):
            corners = entry.shape.points[entry.shape.triangles]
            lower, upper = corners.min(axis=(0, 1)) - reach, corners.max(axis=(0, 1)) + reach
            width = max(reach, float((upper - lower).max()) / MOST_CELLS)
            dims = np.maximum(np.floor((upper - lower) / width), 1).astype(np.int32)
            size = (upper - lower) / dims
            found = _cells_in_reach(corners - lower, entry.shape.normals, size, dims, reach)
            pairs.append(found + [cell_count, 0])
            arrays["first_cell"][index], arrays["lower"][index] = cell_count, lower
            arrays["cell_size"][index], arrays["dims"][index] = size, dims
            cell_count += int(np.prod(dims))
    cell, triangle = np.concatenate(pairs).T
    counts = np.bincount(cell, minlength=cell_count)
    arrays["start"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    arrays["triangle"] = triangle[np.lexsort((triangle, cell))].astype(np.int32)
    return arrays, int(counts.max(initial=0))


def _cells_in_reach(
    corners: np.ndarray, normals: np.ndarray, size: np.ndarray, dims: np.ndarray, reach: float
) -> np.ndarray:
    """Pairs of cell and triangle (n, 2) no farther apart than `reach` [m], and some more: by box and by plane."""
    low = np.clip(np.floor((corners.min(axis=1) - reach) / size), 0, dims - 1).astype(int)
    high = np.clip(np.floor((corners.max(axis=1) + reach) / size), 0, dims - 1).astype(int)
    far = reach + 0.5 * float(np.linalg.norm(size))
    pairs = []
    for first in range(0, len(corners), SOME):
        some = slice(first, first + SOME)
        cells, owner = _cells_between(low[some], high[some])
        owner += first
        height = (((cells + 0.5) * size - corners[owner, 0]) * normals[owner]).sum(axis=1)
        flat = (cells[:, 0] * dims[1] + cells[:, 1]) * dims[2] + cells[:, 2]
        pairs.append(np.stack([flat, owner], axis=1)[np.abs(height) <= far])
    return np.concatenate(pairs)


def _cells_between(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells (n, 3) of boxes between corners (T, 3), both included, and the number of each one's box (n,)."""
    spans = high - low + 1
    counts = spans.prod(axis=1)
    owner = np.repeat(np.arange(len(low)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    column, z = np.divmod(place, spans[owner, 2])
    x, y = np.divmod(column, spans[owner, 1])
    return low[owner] + np.stack([x, y, z], axis=1), owner
