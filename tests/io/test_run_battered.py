"""Runs killed at any moment, files cut or damaged anywhere: what was committed is read, or a sentence says why not."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing, write_samples

from dem.errors import ResultsError
from dem.io import RunReader, load_checkpoint, run_reader, save_checkpoint

KILLS = 50
REST = packing(SMALL)


def write_for_ever(path: Path, started) -> None:
    writer = open_writer(path, SMALL, REST)
    started.set()
    for index in range(10**6):
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


def test_fifty_kills_at_random_moments_lose_no_committed_frame(tmp_path: Path) -> None:
    fork, rng, counts = multiprocessing.get_context("fork"), np.random.default_rng(11), []
    for round_ in range(KILLS):
        path, started = tmp_path / f"{round_}.vtkhdf", fork.Event()
        process = fork.Process(target=write_for_ever, args=(path, started), daemon=True)
        process.start()
        assert started.wait(20)
        time.sleep(rng.uniform(0.0, 0.12))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        counts.append(check_frames(path))
    assert max(counts) > 3, "the kills all came before anything was written"


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
