"""Kills, Ctrl-C, errors, readers at the wrong moment, files that are not ours."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing, write_samples

from dem.errors import ResultsError
from dem.io import RunReader

REST = packing(SMALL)

WRITER = """
import sys, time
from pathlib import Path
from synthetic import SMALL, frame_at, open_writer, packing, write_samples
rest = packing(SMALL)
writer = open_writer(Path(sys.argv[1]), SMALL, rest)
for index in range(10000):
    write_samples(writer, SMALL, float(index))
    writer.write_frame(float(index), *frame_at(SMALL, rest, index * 0.01))
    print(index, flush=True)
    time.sleep(0.01)
"""


def start_writer(path: Path, script: str = WRITER) -> subprocess.Popen:
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])])}
    command = [sys.executable, "-c", script, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_kill_leaves_the_committed_frames(tmp_path):
    path = tmp_path / "run.vtkhdf"
    process = start_writer(path)
    for _ in range(6):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    last = max([last, *map(int, process.stdout.read().split())])
    process.wait()
    reader = RunReader(path)
    assert reader.status == "running"
    assert last + 1 <= reader.frame_count <= last + 2
    for index in range(reader.frame_count):
        frame = reader.frame(index)
        assert frame.time == index
        assert np.abs(frame.soil["position"] - frame_at(SMALL, REST, index * 0.01)[0]["position"]).max() <= 1e-5
    assert len(reader.series("sinkage")) >= 20 * reader.frame_count
    pyvista = pytest.importorskip("pyvista")
    assert pyvista.read(path)["soil"].n_points == len(REST)


def test_reading_while_it_grows(tmp_path):
    path = tmp_path / "run.vtkhdf"
    with open_writer(path, SMALL, REST) as writer:
        reader = RunReader(path)
        for index in range(3):
            write_samples(writer, SMALL, float(index))
            writer.write_frame(float(index), *frame_at(SMALL, REST, float(index)))
            assert reader.frame_count == index + 1
            assert len(reader.series("time")) == 20 * (index + 1)
            np.testing.assert_array_equal(reader.times, np.arange(index + 1.0))
            assert reader.frame(-1).time == index
        assert reader.status == "running"
        writer.annotate(steady_window=(1.0, 2.0))
    assert reader.status == "complete"
    np.testing.assert_array_equal(reader.attributes["steady_window"], [1.0, 2.0])


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), "interrupted"), (ValueError("a grain was lost"), "failed: a grain was lost")],
)
def test_status_says_how_it_ended(tmp_path, error, status):
    path = tmp_path / "run.vtkhdf"

    def run():
        with open_writer(path, SMALL, REST) as writer:
            writer.write_frame(0.0, *frame_at(SMALL, REST, 0.0))
            writer.write_sample(0.0, {"sinkage": 0.1})
            raise error

    with pytest.raises(type(error)):
        run()
    reader = RunReader(path)
    assert reader.status == status
    assert reader.frame_count == 1
    assert reader.series("sinkage")[0] == 0.1
    assert np.isnan(reader.series("wheel_load")[0])


def make_text(path: Path) -> None:
    path.write_text("not a results file")


def make_foreign(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = 1


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def make_newer(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = "drawbar run"
        file.attrs["schema_version"] = 99


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (make_text, "not a results file of drawbar"),
        (make_empty, "not a results file of drawbar"),
        (make_foreign, "not a run of drawbar"),
        (make_newer, "update drawbar"),
        (lambda path: None, "no such file"),
    ],
)
def test_files_that_are_not_ours(tmp_path, make, sentence):
    path = tmp_path / "run.vtkhdf"
    make(path)
    with pytest.raises(ResultsError, match=sentence) as caught:
        RunReader(path)
    assert "\n" not in str(caught.value)


def test_torn_file_is_called_torn(tmp_path, small_run):
    path = tmp_path / "run.vtkhdf"
    whole = small_run.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(ResultsError, match="torn") as caught:
        RunReader(path).frame(-1)
    assert "\n" not in str(caught.value)


def test_frame_that_never_reached_the_disk_is_not_zeros(tmp_path, small_run):
    path = tmp_path / "run.vtkhdf"
    path.write_bytes(small_run.read_bytes())
    with h5py.File(path, "a") as file:
        block = file["VTKHDF/soil"]
        points = block["Points"]
        points.resize(len(points) + len(REST), axis=0)
        for steps in (block["Steps"], file["VTKHDF/Steps"]):
            steps.attrs["NSteps"] = SMALL.frame_count + 1
        times = file["VTKHDF/Steps/Values"]
        times.resize(len(times) + 1, axis=0)
    with pytest.raises(ResultsError, match="torn"):
        RunReader(path).frame(-1)
    assert RunReader(path).frame(0).time == 0.0


def test_asking_for_what_is_not_there(small_run):
    reader = RunReader(small_run)
    with pytest.raises(ResultsError, match="no series 'nonsense'; it has drawbar_pull"):
        reader.series("nonsense")
    with pytest.raises(ResultsError, match="no body 'cone'; it has wheel"):
        reader.body_mesh("cone")
    with pytest.raises(ResultsError, match="no frame 99; it has 4, so 0 to 3"):
        reader.frame(99)
