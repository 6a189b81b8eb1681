"""A results file goes on where a checkpoint left it, whatever was written after."""

import h5py
import numpy as np
import pytest
from synthetic import SERIES as MEANINGS
from synthetic import SMALL, frame_at, grouser_wheel, open_writer, packing, write_samples

from dem.errors import ResultsError
from dem.io import RunDescription, RunReader, RunWriter, Written

REST = packing(SMALL)
GLOBALS = {"drawbar_pull": 18.0}


def write(writer, indices):
    for index in indices:
        write_samples(writer, SMALL, float(index))
        writer.write_frame(float(index), *frame_at(SMALL, REST, float(index)), GLOBALS)


def go_on(path, written):
    soil = {"radius": np.full(len(REST), 0.02), "material": np.zeros(len(REST), np.int32)}
    about = RunDescription(provenance={"start_utc": "2026-01-02T00:00:00+00:00"})
    return RunWriter(path, soil=soil, bodies=[grouser_wheel(SMALL)], series=MEANINGS, about=about, written=written)


def same(path, reference):
    one, other = RunReader(path), RunReader(reference)
    np.testing.assert_array_equal(one.times, other.times)
    for name in ("time", *one.series_names):
        np.testing.assert_array_equal(one.series(name), other.series(name))
    for index in range(other.frame_count):
        mine, theirs = one.frame(index), other.frame(index)
        np.testing.assert_array_equal(mine.bodies["wheel"], theirs.bodies["wheel"])
        np.testing.assert_array_equal(mine.poses["wheel"][1], theirs.poses["wheel"][1])
        assert mine.field_data == theirs.field_data
        for name in set(mine.soil) - {"radius"}:
            np.testing.assert_array_equal(mine.soil[name], theirs.soil[name])


@pytest.mark.parametrize("kept", [0, 2])
def test_file_is_one_and_continuous(tmp_path, kept):
    path, reference = tmp_path / "run.vtkhdf", tmp_path / "reference.vtkhdf"
    with open_writer(reference, SMALL, REST) as writer:
        write(writer, range(5))
    with open_writer(path, SMALL, REST) as writer:
        write(writer, range(kept))
        written = writer.sync()
        write(writer, range(7, 9))  # after the checkpoint
    with h5py.File(path, "a") as file:  # a torn tail: one series longer than the others
        file["timeseries/sinkage"].resize(len(file["timeseries/sinkage"]) + 3, axis=0)
    assert (written.frame_count, written.sample_count) == (kept, 20 * kept)
    with go_on(path, written) as writer:
        assert RunReader(path).status == "running"
        assert RunReader(path).frame_count == kept
        write(writer, range(kept, 5))
    same(path, reference)
    assert RunReader(path).status == "complete"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []
    pyvista = pytest.importorskip("pyvista")
    assert pyvista.read(path)["soil"].n_points == len(REST)


def test_provenance_tells_the_sittings(tmp_path):
    path = tmp_path / "run.vtkhdf"
    with open_writer(path, SMALL, REST) as writer:
        write(writer, range(1))
        written = writer.sync()
    for _ in range(2):
        with go_on(path, written):
            pass
    provenance = RunReader(path).provenance
    assert provenance["start_utc"] == "2026-01-01T00:00:00+00:00"
    assert provenance["resumed_utc"] == ["2026-01-02T00:00:00+00:00"] * 2


@pytest.mark.parametrize("damage", ["missing", "shorter", "torn"])
def test_file_that_lacks_what_was_written_is_rejected_and_left_alone(tmp_path, small_run, damage):
    path = tmp_path / "run.vtkhdf"
    whole = small_run.read_bytes()
    if damage != "missing":
        path.write_bytes(whole if damage == "shorter" else whole[: len(whole) // 3])
    before = sorted((entry.name, entry.stat().st_size) for entry in tmp_path.iterdir())
    with pytest.raises(ResultsError, match="does not hold what its checkpoint says") as caught:
        go_on(path, Written(frame_count=5, sample_count=80, wall_time=1.0))
    assert "\n" not in str(caught.value)
    assert sorted((entry.name, entry.stat().st_size) for entry in tmp_path.iterdir()) == before
