"""A wheel run that is killed at random moments and started again, again and again, ends as if nobody had touched it.

`python tests/scenarios/test_kills.py FOLDER` does it where it can be looked at, and keeps a tally there. An undisturbed
run that lies in FOLDER/whole already is not done again.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pytest

from dem.errors import ResultsError
from dem.experiment import CHECKPOINT_FILE, RESULTS_FILE
from dem.io import RunReader, load_checkpoint, read_result

ROOT = Path(__file__).resolve().parents[2]
KILLS = 50
WHEEL = [
    "gravity=earth", "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "device=cpu",
    "device.threads=1", "solver.young_modulus=5e7", "solver.max_overlap=0.3", "scenario.settle_duration=0.02",
    "scenario.lower_duration=0.3", "scenario.ramp_duration=0.05", "scenario.drive_duration=0.4",
    "output.frame_interval=0.02", "output.checkpoint_interval=1e-9",
]  # fmt: skip
IN_STARTING = 0.6  # of the kills come while the process starts, the others once it has saved something
STARTING = 8.0  # [s] of starting, which reads the config, the checkpoint and the kernels, and opens the results file
SHARE = 1.5  # of the run's length over the number of late kills: the longest that one of them lets steps go on


@dataclass
class Tally:
    """What was seen.

    Attributes:
        kills: processes killed; before_saving: of them before they had saved anything.
        frames: committed frames found whole after each kill; checkpoints: simulated time [s] that had been saved then.
        seconds: that the undisturbed run took.
    """

    kills: int = 0
    before_saving: int = 0
    frames: list[int] = field(default_factory=list)
    checkpoints: list[float] = field(default_factory=list)
    seconds: float = 0.0


def drawbar(folder: Path, *arguments: str) -> subprocess.Popen:
    """Start the command beside what it writes, with a store of compiled kernels for all that are started."""
    environment = {"TI_OFFLINE_CACHE_FILE_PATH": str(folder / "kernels"), **os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dem.cli", "run", *arguments]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)


def finish(process: subprocess.Popen) -> None:
    """Let it come to its end."""
    said = process.communicate()[1]
    assert process.returncode == 0, said


def kill_once(folder: Path, rng: np.random.Generator, longest: float) -> bool:
    """Start, or go on, and kill; whether there was something to kill."""
    checkpoint = folder / "killed" / CHECKPOINT_FILE
    saved, is_late = age(checkpoint), rng.uniform() >= IN_STARTING
    begun = (folder / "killed" / ".hydra" / "overrides.yaml").exists()
    process = drawbar(folder, *(["--resume", "killed"] if begun else [*WHEEL, "hydra.run.dir=killed"]))
    while is_late and age(checkpoint) == saved and process.poll() is None:
        time.sleep(0.002)
    time.sleep(rng.uniform(0.0, longest if is_late else STARTING))
    was_alive = process.poll() is None
    process.kill()
    said = process.communicate()[1].decode()
    assert was_alive or process.returncode == 0, said
    return was_alive


def age(path: Path) -> int:
    """When a file was last replaced [ns]; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def check_files(folder: Path, tally: Tally) -> None:
    """All frames that were committed are there, as the undisturbed run has them; the checkpoint is whole."""
    run, committed, reached = folder / "killed", 0, 0.0
    if (run / CHECKPOINT_FILE).exists():
        meta = load_checkpoint(run / CHECKPOINT_FILE)[1]
        committed, reached = meta["run"]["written"]["frame_count"], meta["step_count"] * meta["time_step"]
    found = 0
    try:
        mine = RunReader(run / RESULTS_FILE)
    except ResultsError:
        assert not (run / CHECKPOINT_FILE).exists()  # killed before anything was committed
    else:
        found = mine.frame_count
        assert_frames(mine, RunReader(folder / "whole" / RESULTS_FILE), found)
    assert found >= committed
    tally.before_saving += bool(tally.checkpoints) and reached == tally.checkpoints[-1]
    tally.frames.append(found)
    tally.checkpoints.append(reached)


def assert_frames(mine: RunReader, whole: RunReader, count: int) -> None:
    """The first frames are the same, to the last bit."""
    np.testing.assert_array_equal(mine.times[:count], whole.times[:count])
    for index in range(count):
        one, other = mine.frame(index), whole.frame(index)
        for name, values in other.soil.items():
            np.testing.assert_array_equal(one.soil[name], values)
        np.testing.assert_array_equal(one.bodies["wheel"], other.bodies["wheel"])


def assert_same_end(folder: Path) -> None:
    """Result, frames and series, energies among them, to the last bit."""
    mine, whole = RunReader(folder / "killed" / RESULTS_FILE), RunReader(folder / "whole" / RESULTS_FILE)
    assert mine.status == whole.status == "complete"
    assert mine.frame_count == whole.frame_count
    assert_frames(mine, whole, whole.frame_count)
    for name in ("time", *whole.series_names):
        np.testing.assert_array_equal(mine.series(name), whole.series(name))
    assert read_result(folder / "killed")["steady"] == read_result(folder / "whole")["steady"]


def survive(folder: Path, kills: int = KILLS) -> Tally:
    """Do it all, in `folder`, where the bed is made too."""
    rng, tally = np.random.default_rng(2026), Tally()
    if not (folder / "whole" / "result.json").exists():
        finish(drawbar(folder, *WHEEL, "hydra.run.dir=whole"))
    tally.seconds = RunReader(folder / "whole" / RESULTS_FILE).provenance["wall_time"]
    longest = SHARE * tally.seconds / kills / (1 - IN_STARTING)
    while tally.kills < kills and kill_once(folder, rng, longest):
        tally.kills += 1
        check_files(folder, tally)
        (folder / "tally.json").write_text(json.dumps(asdict(tally)))
    if not (folder / "killed" / "result.json").exists():
        finish(drawbar(folder, "--resume", "killed"))
    assert_same_end(folder)
    return tally


@pytest.mark.slow
def test_fifty_kills_change_nothing(tmp_path):
    tally = survive(tmp_path)
    assert tally.kills == KILLS
    assert tally.checkpoints == sorted(tally.checkpoints)  # it only ever goes on
    assert tally.frames[-1] > 5


if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve()
    place.mkdir(parents=True, exist_ok=True)
    print(json.dumps(asdict(survive(place))))
