"""Growing tables, written by HDF5's plain calls.

A frame adds a row to a hundred small tables. h5py takes a tenth of a millisecond to find a table and another to make
out what is to be written where, and all the while holds Python's lock, which the run needs to go on.
"""

import h5py
import numpy as np

from dem.io.packing import pack


class Rows:
    """A dataset that grows by rows."""

    def __init__(self, dataset: h5py.Dataset) -> None:
        self._id, self._row, self._type = dataset.id, dataset.shape[1:], dataset.dtype

    def __len__(self) -> int:
        return int(self._id.shape[0])

    def grow(self, rows: int) -> None:
        """Have as many rows, the new ones of the fill value."""
        self._id.set_extent((rows, *self._row))

    def put(self, start: int, values: object) -> None:
        """Write rows from `start` on, the table ending after them."""
        rows = np.ascontiguousarray(values, self._type).reshape(-1, *self._row)
        self.grow(start + len(rows))
        place = self._id.get_space()
        place.select_hyperslab((start, *[0] * len(self._row)), rows.shape)
        self._id.write(h5py.h5s.create_simple(rows.shape), place, rows)

    def put_chunk(self, start: int, values: np.ndarray) -> None:
        """Write a whole chunk, packed here, from the row `start` on, which must be there; see `packing.FILTERS`."""
        self._id.write_direct_chunk((start, *[0] * len(self._row)), pack(np.asarray(values, self._type)))


class Tables:
    """The growing datasets of a group by name, each looked up once."""

    def __init__(self, group: h5py.Group) -> None:
        self.group = group
        self._known: dict[str, Rows] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known or name in self.group

    def __getitem__(self, name: str) -> Rows:
        if name not in self._known:
            self._known[name] = Rows(self.group[name])
        return self._known[name]
