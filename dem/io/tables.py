"""Files and growing tables, as the writer of results makes them."""

from pathlib import Path

import h5py
import numpy as np

from dem.errors import ResultsError
from dem.io.schema import EXTENSION


def create_file(path: Path) -> h5py.File:
    """Create a results file, replacing an older one."""
    if path.suffix != EXTENSION:
        raise ResultsError(f"{path}: results files end in {EXTENSION}; by any other name VTK picks another reader.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return h5py.File(path, "w", locking=False)  # unlocked: ParaView may open a run that is still going
    except OSError as error:
        raise ResultsError(f"{path}: could not create the results file ({error}); choose another folder.") from error


def create_table(group: h5py.Group, name: str, row: tuple = ()) -> h5py.Dataset:
    """Create an empty table of numbers that grows by rows."""
    return group.create_dataset(name, shape=(0, *row), maxshape=(None, *row), chunks=(1024, *row), dtype=np.float64)


def append_table(dataset: h5py.Dataset, rows: np.ndarray) -> None:
    """Add rows at its end."""
    start = len(dataset)
    dataset.resize(start + len(rows), axis=0)
    dataset[start:] = rows
