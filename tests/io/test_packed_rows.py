"""Chunks packed by drawbar are what HDF5's own filters would have written, and rows what h5py would have."""

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest

from dem.io import packing
from dem.io.rows import Rows, Tables

ARRAYS = {
    "positions": np.random.default_rng(1).random((500, 3)).astype(np.float32),
    "counts": np.arange(700, dtype=np.int32) % 12,
    "times": np.linspace(0.0, 1.0, 300),
    "turned": np.asfortranarray(np.random.default_rng(2).random((90, 3)).astype(np.float32)),
    "noughts": np.zeros((64, 4), np.float32),
    "one": np.array([3], np.uint8),
}


@pytest.fixture(params=["as installed", "zlib"])
def packer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "zlib":
        monkeypatch.setattr(packing, "compress", zlib.compress)
        monkeypatch.setattr(packing, "LEVELS", (1,))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.usefixtures("packer")
def test_hdf5_reads_back_every_chunk(name: str, tmp_path: Path) -> None:
    values = ARRAYS[name]
    with h5py.File(tmp_path / "packed.h5", "w") as file:
        shape = (2 * len(values), *values.shape[1:])
        dataset = file.create_dataset(name, shape=shape, chunks=values.shape, dtype=values.dtype, **packing.FILTERS)
        Rows(dataset).put_chunk(0, values)
        Rows(dataset).put_chunk(len(values), values[::-1])
    with h5py.File(tmp_path / "packed.h5") as file:
        np.testing.assert_array_equal(file[name][:], np.concatenate([values, values[::-1]]))


def test_a_chunk_is_of_its_datasets_type(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "packed.h5", "w") as file:
        dataset = file.create_dataset("x", shape=(4,), chunks=(4,), dtype=np.float32, **packing.FILTERS)
        Rows(dataset).put_chunk(0, np.array([1.0, 2.0, 3.0, 4.0]))
        np.testing.assert_array_equal(dataset[:], [1.0, 2.0, 3.0, 4.0])


def test_rows_grow_and_are_put_where_they_belong(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        group = file.create_group("tables")
        for name, row in (("number", ()), ("pose", (4,))):
            group.create_dataset(name, (0, *row), maxshape=(None, *row), chunks=(8, *row), dtype=float, fillvalue=7.0)
        tables = Tables(group)
        assert "number" in tables
        assert "other" not in tables
        tables["number"].put(0, 1)
        tables["number"].put(1, [2.0, 3.0])
        tables["pose"].put(0, np.arange(4))
        tables["pose"].grow(2)
        assert len(tables["number"]) == 3
        np.testing.assert_array_equal(group["number"][:], [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(group["pose"][:], [[0, 1, 2, 3], [7, 7, 7, 7]])


@pytest.mark.usefixtures("packer")
def test_what_repeats_takes_little_room() -> None:
    assert len(packing.pack(ARRAYS["counts"])) < ARRAYS["counts"].nbytes / 8
    assert len(packing.pack(ARRAYS["noughts"])) < 100
