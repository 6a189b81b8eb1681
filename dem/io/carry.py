"""Carrying the first frames and samples of a results file over into a new one, where an interrupted run goes on.

A process that was killed may have left HDF5's own tables half written: reading what was committed is safe, writing on
is not. So the file is made anew, takes the committed rows from the old one, and then takes its place.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from dem.errors import ResultsError
from dem.io.attributes import read_values
from dem.io.contact_lists import CONTACTS, rows_until
from dem.io.schema import Written


def carry_rows(path: Path, new: h5py.File, written: Written) -> dict[str, Any]:
    """Copy the rows of `written` bit for bit.

    Args:
        path: Of the old file.
        new: Made for the same run, still without frames and samples.
        written: What to take; anything beyond it is left behind.

    Returns:
        The provenance of the old file.

    Raises:
        ResultsError: The old file is missing, or holds less than `written`.
    """
    try:
        with h5py.File(path, "r", locking=False) as old:
            for dataset in _growing_datasets(old):
                _carry_dataset(dataset, new, written)
            return read_values(old["provenance"])
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise ResultsError(f"{path}: does not hold what its checkpoint says ({error}); start the run over.") from error


def _growing_datasets(group: h5py.Group) -> Iterator[h5py.Dataset]:
    for name, node in group.items():
        if isinstance(group.get(name, getlink=True), h5py.SoftLink):
            continue
        if isinstance(node, h5py.Group):
            yield from _growing_datasets(node)
        elif node.shape and node.maxshape[0] is None:
            yield node


def _carry_dataset(old: h5py.Dataset, new: h5py.File, written: Written) -> None:
    is_block = old.compression is not None  # of points or contacts: chunks belong to one frame, and are never unpacked
    per_frame = old.chunks[0] if is_block else 1
    rows = written.sample_count if old.name.startswith("/timeseries/") else written.frame_count * per_frame
    if is_block and old.name.startswith(f"/{CONTACTS}/"):
        rows = rows_until(old.parent, written.frame_count)
    if rows == 0:
        return
    if len(old) < rows:
        raise ValueError(f"{old.name} has {len(old)} rows of {rows}")
    if old.name not in new:  # made with the first frame
        plan, place = old.id.get_create_plist(), new.require_group(old.parent.name)
        space = h5py.h5s.create_simple((0, *old.shape[1:]), (h5py.h5s.UNLIMITED, *old.shape[1:]))
        h5py.h5d.create(place.id, old.name.rpartition("/")[2].encode(), old.id.get_type(), space, plan)
    target = new[old.name]
    target.resize(rows, axis=0)
    if not is_block:
        target[:] = old[:rows]
        return
    for start in range(0, rows, per_frame):
        corner = (start, *[0] * (old.ndim - 1))
        mask, packed = old.id.read_direct_chunk(corner)
        target.id.write_direct_chunk(corner, packed, mask)
