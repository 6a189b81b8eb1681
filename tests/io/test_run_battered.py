"""Runs killed at any moment, files cut or damaged anywhere: what was committed is read, or a sentence says why not."""

import multiprocessing
import os
import resource
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing, write_samples

from dem.errors import ResultsError
from dem.io import RunReader, load_checkpoint, run_reader, save_checkpoint

REST = packing(SMALL)


def write_for_ever(path: Path, begun) -> None:
    writer = open_writer(path, SMALL, REST)
    for index in range(10**6):
        begun.value = index + 1
        write_samples(writer, SMALL, float(index))
        writer.write_frame(float(index), *frame_at(SMALL, REST, index * 0.01))


def check_frames(path: Path) -> int:
    """Every committed frame is whole."""
    reader = RunReader(path)
    np.testing.assert_array_equal(reader.times, np.arange(reader.frame_count))
    for index in range(reader.frame_count):
        expected = frame_at(SMALL, REST, index * 0.01)[0]["position"]
        assert np.abs(reader.frame(index).soil["position"] - expected).max() <= 1e-5
    return reader.frame_count


@pytest.mark.parametrize("kills", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_kills_at_random_moments_lose_no_committed_frame(kills: int, tmp_path: Path) -> None:
    """Within a frame's time after a frame was begun: in the middle of writing it, or of the next."""
    fork, rng = multiprocessing.get_context("fork"), np.random.default_rng(11)
    for round_ in range(kills):
        path, begun = tmp_path / f"{round_}.vtkhdf", fork.Value("i", 0)
        process = fork.Process(target=write_for_ever, args=(path, begun), daemon=True)
        process.start()
        wanted = int(rng.integers(1, 6))
        while begun.value < wanted:
            assert process.is_alive()
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.02))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert check_frames(path) >= wanted - 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A run and a checkpoint, as bytes."""
    folder = tmp_path_factory.mktemp("whole")
    with open_writer(folder / "run.vtkhdf", SMALL, REST) as writer:
        for index in range(3):
            write_samples(writer, SMALL, float(index))
            writer.write_frame(float(index), *frame_at(SMALL, REST, float(index)))
    save_checkpoint(folder / "checkpoint.h5", {"position": np.arange(3000.0).reshape(-1, 3)}, {"step_count": 7})
    return {name: (folder / name).read_bytes() for name in ("run.vtkhdf", "checkpoint.h5")}


def cut(whole: bytes, share: float) -> bytes:
    return whole[: int(share * len(whole))]


def overwrite(whole: bytes, share: float) -> bytes:
    start = int(share * len(whole))
    return whole[:start] + b"\xff" * min(512, len(whole) - start) + whole[start + 512 :]


@pytest.mark.parametrize("damage", [cut, overwrite])
@pytest.mark.parametrize("name", ["run.vtkhdf", "checkpoint.h5"])
def test_a_damaged_file_reads_or_says_why_not(
    name: str, damage, whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_reader, "FIRST_WAIT", 0.0)
    said = 0
    for share in np.linspace(0.0, 0.999, 40):
        path = tmp_path / name
        path.write_bytes(damage(whole[name], share))
        try:
            if name == "checkpoint.h5":
                load_checkpoint(path)
            else:
                reader = RunReader(path)
                for index in range(reader.frame_count):
                    reader.frame(index)
                for series in reader.series_names:
                    reader.series(series)
        except ResultsError as error:
            said += path.name in str(error)
    assert said > 5, "damage went unnoticed"


def write_until_full(path: Path, room: int, said) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk is an error here, not the end of the process
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        with open_writer(path, SMALL, REST) as writer:
            for index in range(10**6):
                write_samples(writer, SMALL, float(index))
                writer.write_frame(float(index), *frame_at(SMALL, REST, index * 0.01))
    except ResultsError as error:
        said.put(str(error))
    os._exit(0)  # no cleaning up: what counts is what is on disk


@pytest.mark.parametrize("room", [60_000, 400_000])
def test_a_write_that_the_disk_rejects_stops_the_run_in_a_sentence(room: int, tmp_path: Path) -> None:
    fork, path = multiprocessing.get_context("fork"), tmp_path / "run.vtkhdf"
    said = fork.SimpleQueue()
    process = fork.Process(target=write_until_full, args=(path, room, said), daemon=True)
    process.start()
    process.join(30)
    assert not said.empty(), "no sentence"
    sentence = said.get()
    assert "free space" in sentence
    assert "\n" not in sentence


def test_a_full_disk_is_seen_before_a_frame_is_begun_and_keeps_all_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.vtkhdf"
    writer = open_writer(path, SMALL, REST)
    for index in range(3):
        write_samples(writer, SMALL, float(index))
        writer.write_frame(float(index), *frame_at(SMALL, REST, index * 0.01))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(1, 1, 0))
    with pytest.raises(ResultsError, match="0 MB are free") as rejected:
        writer.write_frame(3.0, *frame_at(SMALL, REST, 0.03))
    writer.close(f"failed: {rejected.value}")
    assert check_frames(path) == 3
    assert RunReader(path).status.startswith("failed")


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file in its place")
    with pytest.raises(ResultsError, match="folder"):
        open_writer(tmp_path / "folder" / "run.vtkhdf", SMALL, REST)
