"""Files and growing tables, as the writer of results makes them."""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from dem.errors import ResultsError, StateError
from dem.io.rows import Tables
from dem.io.schema import EXTENSION, Series


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


class SampleTable:
    """The group `/timeseries`: a column for the time and for every series, with rows held back in memory.

    Args:
        file: To create the group in.
        series: Name -> meaning of every number of a row.
    """

    def __init__(self, file: h5py.File, series: Mapping[str, Series]) -> None:
        group, self._names = file.create_group("timeseries"), ("time", *series)
        self._rows: list[tuple[float, ...]] = []
        for name, meaning in {"time": Series("s", "time"), **series}.items():
            dataset = create_table(group, name)
            dataset.attrs["unit"] = meaning.unit
            dataset.attrs["long_name"] = meaning.long_name
        group.attrs["names"] = list(self._names)
        self._columns = Tables(group)

    def hold(self, time: float, values: Mapping[str, float]) -> int:
        """Take a row, still in memory; a series left out gets NaN.

        Returns:
            How many rows are held.

        Raises:
            StateError: A name was not declared.
        """
        unknown = sorted(set(values) - set(self._names))
        if unknown:
            raise StateError(f"series {', '.join(unknown)} not declared; declare it in RunWriter(series=...).")
        self._rows.append((time, *(float(values.get(name, np.nan)) for name in self._names[1:])))
        return len(self._rows)

    def append(self) -> None:
        """Append the rows that are held back to the file."""
        if not self._rows:
            return
        start = len(self)
        for name, column in zip(self._names, np.array(self._rows, dtype=np.float64).T, strict=True):
            self._columns[name].put(start, column)
        self._rows.clear()

    def __len__(self) -> int:
        return len(self._columns["time"])
