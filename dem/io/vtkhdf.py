"""The VTKHDF layout: moving PolyData blocks inside a MultiBlockDataSet, written with h5py.

ParaView (>= 5.13) and PyVista open the file as it is. Rules that cost a silent empty picture when broken: all four cell
groups present in every block, offsets present for every step, only the gzip and shuffle filters, default HDF5 library
version. See the VTKHDF specification, "Temporal PolyData" and "Assembly".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import h5py
import numpy as np

from dem.io.packing import FILTERS
from dem.io.rows import Tables

VTKHDF_VERSION = (2, 3)
CELL_GROUPS = ("Vertices", "Lines", "Polygons", "Strips")

POSITION_ACCURACY = 1e-5
"""Largest error of a stored position [m]: a tenth of a percent of the radius of a 2 cm grain, under one pixel."""

RADIUS_FRACTION = 1e-3
"""Largest error of a stored position, as a fraction of the smallest radius, where grains are finer than 2 cm."""

KEPT_BITS = 9
"""Mantissa bits kept in velocities and other measured arrays: 2**-10 = 0.1 % error, enough for colours and flow fields.
Positions and series do not go through it; exact values live in checkpoints. It halves the file."""


def position_step(smallest_radius: float) -> float:
    """Grid on which positions are stored.

    Args:
        smallest_radius: Radius of the finest particle [m].

    Returns:
        A power of two [m], so that the rounded numbers end in zero bits, which is what makes them compress.
    """
    accuracy = min(POSITION_ACCURACY, RADIUS_FRACTION * smallest_radius) if smallest_radius > 0 else POSITION_ACCURACY
    return float(2.0 ** np.floor(np.log2(2.0 * accuracy)))


def round_to_step(values: np.ndarray, step: float) -> np.ndarray:
    """Round to multiples of `step`, as 32-bit floats.

    Args:
        values: Any shape [m].
        step: A power of two [m].

    Returns:
        The rounded values [m], float32, same shape; the error is at most half a step.
    """
    return (np.rint(np.asarray(values, dtype=np.float64) / step) * step).astype(np.float32)


def round_mantissa(values: np.ndarray, kept_bits: int = KEPT_BITS) -> np.ndarray:
    """Round floats to `kept_bits` bits behind the leading one; integers pass as they are.

    Args:
        values: Any shape, any unit.
        kept_bits: Mantissa bits that stay, 1 to 23.

    Returns:
        float32 of the same shape (integers: their own type); relative error at most 2**-(kept_bits + 1).
    """
    values = np.asarray(values)
    if values.dtype.kind != "f":
        return values.astype(np.uint8) if values.dtype.kind == "b" else values
    single = values.astype(np.float32)
    bits = single.view(np.uint32)
    dropped = 23 - kept_bits
    rounded = (bits + np.uint32(1 << (dropped - 1))) & np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    return np.where(np.isfinite(single), rounded.view(np.float32), single)


def rotate(orientation: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Turn body vectors into world vectors.

    Args:
        orientation: Quaternion w x y z, (4,).
        vectors: (count, 3).

    Returns:
        (count, 3).
    """
    w, *xyz = np.asarray(orientation, dtype=np.float64)
    vectors = np.asarray(vectors, dtype=np.float64)
    twice_cross = 2.0 * np.cross(xyz, vectors)
    return vectors + w * twice_cross + np.cross(xyz, twice_cross)


@dataclass(kw_only=True)
class Block:
    """What one PolyData block holds.

    Attributes:
        name: Block name.
        point_count: Number of points, the same in every step.
        cells: Name of a cell group -> connectivity (cells, points per cell).
        static: Name -> point array that never changes, stored once.
    """

    name: str
    point_count: int
    cells: Mapping[str, np.ndarray]
    static: Mapping[str, np.ndarray] = field(default_factory=dict)


class RootWriter:
    """The `/VTKHDF` group of a multi-block file: assembly, times and the globals of every step.

    Its `NSteps` is written after those of the blocks, so that readers can go by it alone. Without a `Steps` group here
    VTK drops the globals; without creation order tracked here and in `Assembly` and `PointData` it drops the steps.
    """

    def __init__(self, file: h5py.File):
        """Create the group in an empty file."""
        self.group = file.create_group("VTKHDF", track_order=True)
        self.group.attrs["Version"] = VTKHDF_VERSION
        _set_ascii(self.group, "Type", "MultiBlockDataSet")
        self.group.create_group("Assembly", track_order=True)
        self._field_data = Tables(self.group.create_group("FieldData", track_order=True))
        self._steps = Tables(_create_steps(self.group))
        self.step_count = 0

    def append(self, time: float, field_data: Mapping[str, float]) -> None:
        """Append the time [s] and the globals of one step; the same names in every step. It counts after `commit`."""
        index = self.step_count
        self._steps["Values"].put(index, time)
        for name, value in field_data.items():
            if name not in self._field_data:
                _create_growing(self._field_data.group, name, (), np.float64, fill=np.nan)
                _create_growing(self._steps.group, f"FieldDataOffsets/{name}", (), np.int64)
                _create_growing(self._steps.group, f"FieldDataSizes/{name}", (2,), np.int64, fill=1)
            self._field_data[name].put(index, value)
            self._steps[f"FieldDataOffsets/{name}"].put(index, index)
            self._steps[f"FieldDataSizes/{name}"].grow(index + 1)
        self.step_count = index + 1

    def commit(self) -> None:
        """Count the appended steps; call it after the `commit` of every block."""
        self._steps.group.attrs.modify("NSteps", np.int64(self.step_count))


class BlockWriter:
    """Appends steps to one PolyData block of constant topology."""

    def __init__(self, root: RootWriter, block: Block):
        """Write all that does not change.

        Args:
            root: Of the file to write into.
            block: Points, cells and static arrays of the block.
        """
        self.group = root.group.create_group(block.name)
        self.point_count = block.point_count
        self.step_count = 0
        self.group.attrs["Version"] = VTKHDF_VERSION
        _set_ascii(self.group, "Type", "PolyData")
        root.group["Assembly"][block.name] = h5py.SoftLink(f"/VTKHDF/{block.name}")
        self._write_topology(block.cells)
        self._own = Tables(self.group)
        self._point_data = Tables(self.group.create_group("PointData", track_order=True))
        self._create_offsets()
        for name, values in block.static.items():
            self._write_static(name, values)

    def append(self, time: float, points: np.ndarray, arrays: Mapping[str, np.ndarray]) -> None:
        """Append one step; it counts only after `commit`.

        Args:
            time: Time of the step [s].
            points: Positions [m], (points, 3), float32.
            arrays: Name -> point array, (points,) or (points, k); the same names in every step.
        """
        index = self.step_count
        self._append_rows("Points", self._own, points, fill=np.nan)
        for name, values in arrays.items():
            self._append_rows(name, self._point_data, values)
            self._append_offset(f"PointDataOffsets/{name}", index * self.point_count)
        self._append_offset("PointOffsets", index * self.point_count)
        self._append_offset("Values", time)
        for name in ("PartOffsets", "CellOffsets", "ConnectivityIdOffsets", "NumberOfParts", *self._static_offsets):
            self._steps[name].grow(index + 1)
        self.step_count = index + 1

    def commit(self) -> None:
        """Count the appended steps: the in-place write of one integer that makes them visible to readers."""
        self._steps.group.attrs.modify("NSteps", np.int64(self.step_count))

    def _write_topology(self, cells: Mapping[str, np.ndarray]) -> None:
        self.group["NumberOfPoints"] = np.array([self.point_count], dtype=np.int64)
        for name in CELL_GROUPS:
            connectivity = np.asarray(cells.get(name, np.zeros((0, 1))), dtype=np.int64)
            cell_count, size = connectivity.shape
            group = self.group.create_group(name)
            group["NumberOfCells"] = np.array([cell_count], dtype=np.int64)
            group["NumberOfConnectivityIds"] = np.array([connectivity.size], dtype=np.int64)
            group["Offsets"] = np.arange(cell_count + 1, dtype=np.int64) * size
            group["Connectivity"] = connectivity.ravel()

    def _create_offsets(self) -> None:
        self._steps = Tables(_create_steps(self.group))
        self._static_offsets: list[str] = []
        for name in ("PartOffsets", "PointOffsets"):
            _create_growing(self._steps.group, name, (), np.int64)
        for name in ("CellOffsets", "ConnectivityIdOffsets"):
            _create_growing(self._steps.group, name, (len(CELL_GROUPS),), np.int64)
        _create_growing(self._steps.group, "NumberOfParts", (), np.int64, fill=1)

    def _write_static(self, name: str, values: np.ndarray) -> None:
        values = np.asarray(values)
        values = values.astype(np.float32) if values.dtype == np.float64 else values
        self._point_data.group.create_dataset(name, data=values, chunks=values.shape, compression="gzip", shuffle=True)
        _create_growing(self._steps.group, f"PointDataOffsets/{name}", (), np.int64)
        self._static_offsets.append(f"PointDataOffsets/{name}")

    def _append_rows(self, name: str, tables: Tables, values: np.ndarray, fill: float | None = None) -> None:
        """One chunk is one step of one array: no chunk of a committed step is ever touched again."""
        if name not in tables:
            shape = (self.point_count, *values.shape[1:])
            sizes = {"shape": (0, *shape[1:]), "maxshape": (None, *shape[1:]), "chunks": shape}
            tables.group.create_dataset(name, dtype=values.dtype, fillvalue=fill, **sizes, **FILTERS)
        start = self.step_count * self.point_count
        tables[name].grow(start + self.point_count)
        tables[name].put_chunk(start, values)

    def _append_offset(self, name: str, value: float) -> None:
        if name not in self._steps:
            _create_growing(self._steps.group, name, (), np.int64)
        self._steps[name].put(self.step_count, value)


def _create_steps(group: h5py.Group) -> h5py.Group:
    steps = group.create_group("Steps")
    steps.attrs["NSteps"] = np.int64(0)
    _create_growing(steps, "Values", (), np.float64)
    return steps


def _create_growing(group: h5py.Group, name: str, row: tuple, dtype: type, fill: float = 0) -> h5py.Dataset:
    """Unfiltered and in chunks of 256 rows: an append writes in place and moves nothing that is already committed."""
    return group.create_dataset(
        name, shape=(0, *row), maxshape=(None, *row), chunks=(256, *row), dtype=dtype, fillvalue=fill
    )


def _set_ascii(group: h5py.Group, name: str, text: str) -> None:
    """VTK's specification asks for fixed-length ASCII here."""
    group.attrs.create(name, text.encode("ascii"), dtype=h5py.string_dtype("ascii", len(text)))
