"""Named values in an HDF5 group: numbers, texts and vectors as attributes, anything nested as JSON text datasets."""

import json
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np


def write_values(group: h5py.Group, values: Mapping[str, Any]) -> None:
    """Write `values` into `group`, replacing those of the same name.

    Args:
        group: Open for writing.
        values: Name -> number, text, boolean, numeric sequence (any shape), or what JSON can hold.
    """
    for name, value in values.items():
        _remove(group, name)
        if _is_plain(value):
            group.attrs[name] = value
        else:
            group.create_dataset(name, data=json.dumps(value, default=_to_builtin), dtype=h5py.string_dtype())


def read_values(group: h5py.Group) -> dict[str, Any]:
    """Read back what `write_values` wrote; numeric sequences come back as NumPy arrays."""
    values = {name: _to_python(value) for name, value in group.attrs.items()}
    values.update({name: json.loads(node.asstr()[()]) for name, node in group.items() if _is_text(node)})
    return values


def _is_plain(value: Any) -> bool:
    if isinstance(value, (bool, int, float, str, np.generic)):
        return True
    return isinstance(value, (list, tuple, np.ndarray)) and np.size(value) > 0 and _is_numeric(value)


def _is_numeric(value: Any) -> bool:
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # ragged
        return False


def _remove(group: h5py.Group, name: str) -> None:
    if name in group.attrs:
        del group.attrs[name]
    if name in group:
        del group[name]


def _is_text(node: h5py.Group | h5py.Dataset) -> bool:
    return isinstance(node, h5py.Dataset) and h5py.check_string_dtype(node.dtype) is not None and node.shape == ()


def _to_python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _to_builtin(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else str(value)
