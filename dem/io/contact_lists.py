"""The contacts of every frame, a list of varying length, in a group of their own: VTKHDF knows no pairs of points.

`/contact_lists` holds `first`, `second` (ids of grains, -1 for a shape) and `normal_force` [N], (contacts,) each,
frame after frame, and `start` and `count`, one row a frame. Each frame begins a chunk of its own, so that no chunk of
a committed frame is ever touched again; what fills its last chunk up packs to nothing.
"""

from collections.abc import Mapping

import h5py
import numpy as np

from dem.errors import ResultsError
from dem.io.packing import FILTERS
from dem.io.rows import Rows
from dem.io.vtkhdf import round_mantissa

CONTACTS = "contact_lists"
COLUMNS = {"first": np.int32, "second": np.int32, "normal_force": np.float32}
CHUNK = 65536  # rows


def append_contacts(file: h5py.File, frame: int, contacts: Mapping[str, np.ndarray], kept_bits: int) -> None:
    """Append the contacts of a frame.

    Args:
        file: Of a run.
        frame: Its number.
        contacts: `first`, `second` and `normal_force` [N], (contacts,) each.
        kept_bits: Mantissa bits that stay of the force.
    """
    group = file.require_group(CONTACTS)
    for name in ("start", "count"):
        if name not in group:
            group.create_dataset(name, shape=(0,), maxshape=(None,), chunks=(256,), dtype=np.int64)
        group[name].resize(frame + 1, axis=0)
    start, count = rows_until(group, frame), len(contacts["first"])
    for name, dtype in COLUMNS.items():
        if name not in group:
            group.create_dataset(
                name, shape=(0,), maxshape=(None,), chunks=(CHUNK,), dtype=dtype, fillvalue=-1, **FILTERS
            )
        rows = np.full(_fill_up(count), -1, dtype)
        rows[:count] = round_mantissa(np.asarray(contacts[name], dtype), kept_bits)
        column = Rows(group[name])
        column.grow(start + len(rows))
        for row in range(0, len(rows), CHUNK):
            column.put_chunk(start + row, rows[row : row + CHUNK])
    group["start"][frame], group["count"][frame] = start, count


def read_contacts(file: h5py.File, frame: int) -> dict[str, np.ndarray]:
    """The contacts of a committed frame, as `append_contacts` got them.

    Raises:
        ResultsError: None were recorded.
    """
    if CONTACTS not in file or frame >= len(file[CONTACTS]["count"]):
        raise ResultsError(f"{file.filename}: has no contacts; record them with output.contacts=true.")
    group = file[CONTACTS]
    start, count = int(group["start"][frame]), int(group["count"][frame])
    return {name: group[name][start : start + count] for name in COLUMNS}


def rows_until(group: h5py.Group, frame: int) -> int:
    """Rows that the frames before `frame` take."""
    return int(group["start"][frame - 1]) + _fill_up(int(group["count"][frame - 1])) if frame else 0


def _fill_up(count: int) -> int:
    return -(-count // CHUNK) * CHUNK
