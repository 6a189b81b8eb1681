"""Fields as the host reads and writes them.

On a CPU a field is memory of this process, so it is read and written where it lies; on CUDA the driver copies the bytes
from and to where it lies. Every other way builds a kernel for each field, which took most of the time that a simulation
needs to start, and makes the host wait four times for a number. On other GPUs Taichi copies.
"""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem import cuda_memory
from dem.backend import array_type, current, ti
from dem.taichi_internals import FieldLayout, finish_layout, layout_of


def read(field: ti.Field, rows: Any = ...) -> np.ndarray:
    """A copy of a field, (*field.shape,) or (*field.shape, components), or of some rows: a slice, or their numbers."""
    place = _place_of(field)
    if place is None:
        return _read_by_kernels(field, rows)
    if isinstance(place, np.ndarray):
        return np.array(place[rows])
    first, stop = _span(rows, place.shape)
    return np.array(place.fetch(first, stop)[_counted_from(first, rows)])


def write(field: ti.Field, values: Any, rows: Any = None) -> None:
    """Put numbers into some rows of a field, or at its head if none are named; the rest keeps what it holds."""
    if rows is None:
        rows = slice(len(values)) if field.shape else ...
    place = _place_of(field)
    if place is None:
        _write_by_kernels(field, values, rows)
    elif isinstance(place, np.ndarray):
        place[rows] = values
    else:
        first, stop = _span(rows, place.shape)
        if stop > first:
            place.change(first, stop, _counted_from(first, rows), values)


def fill(field: ti.Field, value: float) -> None:
    """Set every number of a field."""
    write(field, value, ...)


def is_in_place() -> bool:
    """Whether fields are memory of this process."""
    return current().on_cpu


def has_addresses() -> bool:
    """Whether fields are memory of a device that the host can name by address."""
    return current().device == "cuda"


@dataclass(frozen=True)
class _OnDevice:
    """Where a field's numbers lie on a device.

    Attributes:
        address: of the first [bytes]; shape, strides [bytes], dtype: as NumPy has them, components last.
    """

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype

    def fetch(self, first: int, stop: int) -> np.ndarray:
        """Rows from `first` to before `stop`, copied from the device."""
        return self._laid_out(self._copy(first, stop), first, stop)

    def change(self, first: int, stop: int, rows: Any, values: Any) -> None:
        """Put numbers into `rows` of those from `first` to before `stop`; what else lies there is put back."""
        shape = self._shape(first, stop)
        is_packed = self.strides == np.empty(shape, self.dtype).strides
        is_whole = is_packed and (rows is Ellipsis or (isinstance(rows, slice) and rows.step in (None, 1)))
        packed = np.empty(self._length(shape), np.uint8) if is_whole else self._copy(first, stop)
        self._laid_out(packed, first, stop)[rows] = values
        cuda_memory.copy_to_device(self._row_address(first), packed)

    def _copy(self, first: int, stop: int) -> np.ndarray:
        packed = np.empty(self._length(self._shape(first, stop)), np.uint8)
        cuda_memory.copy_from_device(packed, self._row_address(first))
        return packed

    def _laid_out(self, packed: np.ndarray, first: int, stop: int) -> np.ndarray:
        return np.ndarray(self._shape(first, stop), self.dtype, packed, strides=self.strides)

    def _shape(self, first: int, stop: int) -> tuple[int, ...]:
        return (stop - first, *self.shape[1:]) if self.shape else ()

    def _row_address(self, row: int) -> int:
        return self.address + (row * self.strides[0] if row else 0)

    @property
    def length(self) -> int:
        """Length from the first number to the end of the last [bytes]."""
        return self._length(self.shape)

    def _length(self, shape: tuple[int, ...]) -> int:
        """Bytes from the first number of an array of this layout to the end of its last."""
        if 0 in shape:
            return 0
        return sum((size - 1) * stride for size, stride in zip(shape, self.strides, strict=True)) + self.dtype.itemsize


def _span(rows: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    """The first row that is meant, and the one after the last."""
    if rows is Ellipsis:
        return 0, shape[0] if shape else 1
    if isinstance(rows, slice):
        first, stop, _ = rows.indices(shape[0])
        return first, max(stop, first)
    numbers = np.atleast_1d(rows)
    return (int(numbers.min()), int(numbers.max()) + 1) if numbers.size else (0, 0)


def _counted_from(first: int, rows: Any) -> Any:
    """The same rows, where `first` is the first there is."""
    if rows is Ellipsis:
        return rows
    if isinstance(rows, slice):
        return slice(None, None, rows.step)
    return np.asarray(rows) - first


def _place_of(field: ti.Field) -> np.ndarray | _OnDevice | None:
    """The numbers of a field themselves, gone with the session, or where they lie; None where they are out of reach."""
    if not (is_in_place() or has_addresses()):
        return None
    seen = current().seen_fields  # finding one takes five times as long as reading a number, and a step reads one
    if id(field) not in seen:
        seen[id(field)] = (field, _find_place(field))  # kept, so that no other takes its id
    return seen[id(field)][1]


def _find_place(field: ti.Field) -> np.ndarray | _OnDevice | None:
    finish_layout()
    is_vector, layout = isinstance(field, ti.MatrixField), layout_of(field)
    if layout is None or (is_vector and field.m > 1):
        return None
    dtype = np.dtype(array_type(field))
    shape = (*field.shape, *([field.n] if is_vector else []))
    strides = [layout.record * int(np.prod(field.shape[axis + 1 :], dtype=int)) for axis in range(len(field.shape))]
    strides += [dtype.itemsize] if is_vector else []
    place = _OnDevice(_layout_address(field, layout) + layout.offset, shape, tuple(strides), dtype)
    if has_addresses():
        return place if cuda_memory.is_on_device(place.address) else None
    memory = (ctypes.c_char * place.length).from_address(place.address)
    return np.ndarray(shape, dtype, memoryview(memory), strides=strides)


def _layout_address(field: ti.Field, layout: FieldLayout) -> int:
    """Where the fields begin that were laid out together with this one."""
    known = current().layout_addresses
    if layout.tree not in known:
        known[layout.tree] = int(_find_address(field)) - layout.offset
    return known[layout.tree]


def _read_by_kernels(field: ti.Field, rows: Any) -> np.ndarray:
    if not isinstance(rows, np.ndarray):
        return np.array(field.to_numpy()[rows])
    found = np.empty((len(rows), *([field.n] if isinstance(field, ti.MatrixField) else [])), array_type(field))
    if len(rows):  # gathered on the device: a batch is not copied for each world
        _gather_rows(field, rows.astype(np.int32), found)
    return found


def _write_by_kernels(field: ti.Field, values: Any, rows: Any) -> None:
    whole = field.to_numpy()
    whole[rows] = values
    field.from_numpy(whole)


@ti.kernel
def _gather_rows(field: ti.template(), rows: ti.types.ndarray(), found: ti.types.ndarray()):
    """Rows of a field, into (n,) or (n, components).

    Reads: field, rows.
    Writes: found.
    """
    for k in range(rows.shape[0]):
        if ti.static(len(found.shape) == 1):
            found[k] = field[rows[k]]
        else:
            for axis in ti.static(range(field.n)):
                found[k, axis] = field[rows[k]][axis]


@ti.kernel
def _find_address(field: ti.template()) -> ti.u64:
    """Where the first number of a field lies.

    Reads: no number, only the field's place.
    Writes: nothing.
    """
    return ti.get_addr(field, ti.static([0] * len(field.shape)))
