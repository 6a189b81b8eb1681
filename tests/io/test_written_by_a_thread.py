"""A file written by a thread is the file written at once, only later; errors and kills find it whole."""

import signal
from threading import Event

import h5py
import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing, write_samples
from test_run_goes_on import go_on, same, write
from test_run_survives import WRITER, start_writer

from dem.errors import ResultsError, StateError
from dem.io import RunReader, ThreadedWriter

REST = packing(SMALL)
THREADED = WRITER.replace("= open_writer(Path", "= ThreadedWriter(open_writer(Path").replace(
    "SMALL, rest)\n", "SMALL, rest))\n", 1
)
THREADED = "from dem.io import ThreadedWriter\n" + THREADED


class SlowDisk:
    """Stands in for a `RunWriter`: writes once it is let, fails at the frames named."""

    path = "run.vtkhdf"

    def __init__(self, failing=()):
        self.let, self.written, self.failing = Event(), [], failing

    def write_frame(self, time, soil, bodies, field_data, contacts):
        assert self.let.wait(10)
        if time in self.failing:
            raise ResultsError("disk full")
        self.written.append(time)

    def sync(self):
        self.written.append("synced")

    def close(self, status):
        self.written.append(status)


def test_file_is_the_same(tmp_path):
    path, reference = tmp_path / "run.vtkhdf", tmp_path / "reference.vtkhdf"
    with open_writer(reference, SMALL, REST) as writer:
        write(writer, range(5))
        writer.annotate(steady_window=(1.0, 2.0))
    with ThreadedWriter(open_writer(path, SMALL, REST)) as writer:
        write(writer, range(2))
        written = writer.sync()
        assert (written.frame_count, written.sample_count) == (2, 40)
        assert RunReader(path).frame_count == 2
        write(writer, range(7, 9))
        assert writer.frame_count == 4
    with ThreadedWriter(go_on(path, written)) as writer:
        write(writer, range(2, 5))
        writer.annotate(steady_window=(1.0, 2.0))
    same(path, reference)
    np.testing.assert_array_equal(RunReader(path).attributes["steady_window"], [1.0, 2.0])
    assert RunReader(path).status == "complete"


def test_steps_go_on_until_two_frames_wait():
    disk = SlowDisk()
    writer = ThreadedWriter(disk)
    writer.write_frame(0.0, {})
    writer.write_frame(1.0, {})
    assert disk.written == []
    disk.let.set()
    writer.write_frame(2.0, {})  # would wait for ever if nothing were written
    writer.close()
    writer.close()
    assert disk.written == [0.0, 1.0, 2.0, "complete"]
    with pytest.raises(StateError, match="is closed"):
        writer.write_frame(3.0, {})


def test_error_comes_with_the_next_call_and_nothing_is_written_behind_it():
    disk = SlowDisk(failing=[1.0])
    writer = ThreadedWriter(disk)
    disk.let.set()
    for time in (0.0, 1.0):
        writer.write_frame(time, {})
    for call in (writer.sync, writer.sync, lambda: writer.write_frame(2.0, {}), writer.close):
        with pytest.raises(ResultsError, match="disk full"):
            call()
    assert disk.written == [0.0, "failed: disk full"]


def test_error_of_the_run_is_the_one_reported():
    disk = SlowDisk(failing=[0.0])
    disk.let.set()

    def run():
        with ThreadedWriter(disk) as writer:
            writer.write_frame(0.0, {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert disk.written == ["failed: disk full"]


def test_wrong_names_are_told(tmp_path):
    path = tmp_path / "run.vtkhdf"
    writer = ThreadedWriter(open_writer(path, SMALL, REST))
    writer.write_frame(0.0, *frame_at(SMALL, REST, 0.0))
    writer.write_sample(0.0, {"nonsense": 1.0})
    with pytest.raises(StateError, match="nonsense not declared"):
        writer.close()
    assert RunReader(path).frame_count == 1
    assert RunReader(path).status.startswith("failed: series nonsense")


def test_kill_leaves_the_committed_frames(tmp_path):
    path = tmp_path / "run.vtkhdf"
    process = start_writer(path, THREADED)
    for _ in range(6):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    last = max([last, *map(int, process.stdout.read().split())])
    process.wait()
    reader = RunReader(path)
    assert reader.status == "running"
    assert last - 2 <= reader.frame_count <= last + 2
    for index in range(reader.frame_count):
        position = reader.frame(index).soil["position"]
        assert np.abs(position - frame_at(SMALL, REST, index * 0.01)[0]["position"]).max() <= 1e-5
    with h5py.File(path, "r", locking=False) as file:
        assert file["VTKHDF/soil/Steps"].attrs["NSteps"] in (reader.frame_count, reader.frame_count + 1)


def test_samples_are_in_order(tmp_path):
    path = tmp_path / "run.vtkhdf"
    with ThreadedWriter(open_writer(path, SMALL, REST)) as writer:
        for index in range(40):
            write_samples(writer, SMALL, float(index))
    assert (np.diff(RunReader(path).series("time")) > 0).all()
