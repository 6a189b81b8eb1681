"""Named arrays, bit for bit, in a file that knows whether it is whole: restarts and cached beds."""

import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dem.errors import ResultsError
from dem.io.files import DAMAGE, replace_whole
from dem.renamed import current_array

SCHEMA = "drawbar checkpoint"
SCHEMA_VERSION = 2  # since 2 the metadata are bytes: a damaged length of a string asks for gigabytes


def save_checkpoint(path: str | Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    """Write the file whole or not at all.

    Args:
        path: Any name; `.h5` by custom.
        arrays: Name -> array of any shape and numeric type, stored exactly.
        meta: What JSON can hold.

    Raises:
        ResultsError: The file cannot be written.
    """
    path = Path(path)
    try:
        with replace_whole(path) as temporary, h5py.File(temporary, "w", locking=False) as file:
            _write(file, arrays, meta)
    except (OSError, RuntimeError) as error:
        raise ResultsError(
            f"{path}: could not be written ({str(error).splitlines()[0]}); check free space and permissions."
        ) from error


def load_checkpoint(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read and check the whole file.

    Returns:
        `arrays` and `meta` as they were given to `save_checkpoint`; arrays of an older version by present names.

    Raises:
        ResultsError: It is missing, foreign or torn.
    """
    path = Path(path)
    if not path.is_file():
        raise ResultsError(f"{path}: no such checkpoint; start the run from its beginning.")
    if not h5py.is_hdf5(path):
        raise ResultsError(f"{path}: not a checkpoint of drawbar (not HDF5 at all); delete it or give another.")
    try:
        with h5py.File(path, "r", locking=False) as file:
            return _read(file)
    except ResultsError:
        raise
    except DAMAGE as error:
        raise ResultsError(f"{path}: torn ({error}); delete it and it will be made again.") from error


def _write(file: h5py.File, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    file.attrs["schema"] = SCHEMA
    file.attrs["schema_version"] = SCHEMA_VERSION
    file.create_dataset("meta", data=np.frombuffer(json.dumps(meta).encode(), np.uint8))
    group = file.create_group("arrays")
    for name, values in arrays.items():
        dataset = group.create_dataset(name, data=np.asarray(values))
        dataset.attrs["crc32"] = _checksum(values)
    group.attrs["names"] = json.dumps(list(arrays))


def _read(file: h5py.File) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    if file.attrs.get("schema") != SCHEMA:
        raise ResultsError(f"{file.filename}: an HDF5 file, but not a checkpoint of drawbar; give another.")
    version = int(file.attrs["schema_version"])
    if version > SCHEMA_VERSION:
        raise ResultsError(f"{file.filename}: schema {version}, this drawbar reads up to {SCHEMA_VERSION}; update it.")
    if version < SCHEMA_VERSION:
        raise ResultsError(
            f"{file.filename}: schema {version}, older than {SCHEMA_VERSION}; delete it, it is made again."
        )
    group = file["arrays"]
    arrays = {name: _read_whole(group[name]) for name in json.loads(group.attrs["names"])}
    for name, values in arrays.items():
        if _checksum(values) != int(group[name].attrs["crc32"]):
            raise ValueError(f"checksum of '{name}' differs")
    return {current_array(name): np.asarray(values) for name, values in arrays.items()}, json.loads(
        _read_whole(file["meta"]).tobytes()
    )


def _read_whole(dataset: h5py.Dataset) -> np.ndarray:
    """An array that is on disk: a damaged shape must not make gigabytes of nothing."""
    if dataset.nbytes > os.path.getsize(dataset.file.filename):
        raise ValueError(f"'{dataset.name}' claims {dataset.nbytes} bytes, more than the file has")
    return dataset[()]


def _checksum(values: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(values).tobytes())
