"""Fields as the host reads and writes them.

On a CPU a field is memory of this process, so it is read and written where it lies. Every other way builds a kernel for
each field, which took most of the time that a simulation needs to start. On a GPU Taichi copies.
"""

import ctypes
from typing import Any

import numpy as np

from dem.backend import array_type, current, finish_layout, ti

NESTING = ["place", "dense", "root"]  # of a field that is an array, or one of several in an array of records


def read(field: ti.Field, rows: Any = ...) -> np.ndarray:
    """A copy of a field, (*field.shape,) or (*field.shape, components), or of some rows: a slice, or their numbers."""
    lying = _in_place(field)
    if lying is None and isinstance(rows, np.ndarray):  # gathered on the device: a batch is not copied for each world
        found = np.empty((len(rows), *([field.n] if isinstance(field, ti.MatrixField) else [])), array_type(field))
        if len(rows):
            _gather_rows(field, rows.astype(np.int32), found)
        return found
    return np.array(field.to_numpy()[rows] if lying is None else lying[rows])


def write(field: ti.Field, values: Any, rows: Any = None) -> None:
    """Put numbers into some rows of a field, or at its head if none are named; the rest keeps what it holds."""
    if rows is None:
        rows = slice(len(values)) if field.shape else ...
    lying = _in_place(field)
    whole = field.to_numpy() if lying is None else lying
    whole[rows] = values
    if lying is None:
        field.from_numpy(whole)


def fill(field: ti.Field, value: float) -> None:
    """Set every number of a field."""
    write(field, value, ...)


def is_in_place() -> bool:
    """Whether fields are memory of this process."""
    return current().device == "cpu"


def _in_place(field: ti.Field) -> np.ndarray | None:
    """The numbers of a field themselves, gone with the session; None where they are out of reach."""
    if not is_in_place():
        return None
    seen = current().seen_fields  # finding one takes five times as long as reading a number, and a step reads one
    if id(field) not in seen:
        seen[id(field)] = (field, _find_in_place(field))  # kept, so that no other takes its id
    return seen[id(field)][1]


def _find_in_place(field: ti.Field) -> np.ndarray | None:
    finish_layout()
    is_vector = isinstance(field, ti.MatrixField)
    levels = _levels(field)
    if [level.type.name for level in levels] != NESTING or (is_vector and field.m > 1):
        return None
    record, dtype = levels[1].cell_size_bytes, np.dtype(array_type(field))
    shape = [*field.shape, *([field.n] if is_vector else [])]
    strides = [record * int(np.prod(field.shape[axis + 1 :], dtype=int)) for axis in range(len(field.shape))]
    strides += [dtype.itemsize] if is_vector else []
    length = sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) + dtype.itemsize
    memory = (ctypes.c_char * length).from_address(_layout_address(field, levels) + _offset(levels))
    return np.ndarray(shape, dtype, memory, strides=strides)


def _levels(field: ti.Field) -> list[Any]:
    """Where Taichi keeps a field's first component, from the inside out."""
    place = (field.get_scalar_field(0) if isinstance(field, ti.MatrixField) else field).snode.ptr
    return [place, place.parent, place.parent.parent]


def _offset(levels: list[Any]) -> int:
    """Of a field in what it was laid out with [bytes]."""
    return sum(level.offset_bytes_in_parent_cell for level in levels)


def _layout_address(field: ti.Field, levels: list[Any]) -> int:
    """Where the fields begin that were laid out together with this one."""
    known, layout = current().layout_addresses, levels[0].get_snode_tree_id()
    if layout not in known:
        known[layout] = int(_find_address(field)) - _offset(levels)
    return known[layout]


@ti.kernel
def _gather_rows(field: ti.template(), rows: ti.types.ndarray(), found: ti.types.ndarray()):
    """Rows of a field, into (n,) or (n, components)."""
    for k in range(rows.shape[0]):
        if ti.static(len(found.shape) == 1):
            found[k] = field[rows[k]]
        else:
            for axis in ti.static(range(field.n)):
                found[k, axis] = field[rows[k]][axis]


@ti.kernel
def _find_address(field: ti.template()) -> ti.u64:
    """Where the first number of a field lies."""
    return ti.get_addr(field, ti.static([0] * len(field.shape)))
