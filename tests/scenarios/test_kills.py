"""A wheel run that is killed at random moments and started again, again and again, ends as if nobody had touched it.

What is killed is a process with a copy of kernels that were compiled once: it starts in a tenth of a second rather than
in tens. `python tests/scenarios/test_kills.py FOLDER` does it where it can be looked at, and prints the tally.
"""

import json
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dem
from dem.config import load_config
from dem.errors import ResultsError
from dem.io import RunReader, load_checkpoint, read_result, write_result
from scenarios.procedure import CHECKPOINT_FILE, RESULTS_FILE
from scenarios.schedule import run_test
from scenarios.single_wheel import SingleWheel
from scenarios.wheel_recorder import ENERGIES

KILLS = 50
WHEEL = [
    "gravity=earth", "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "device=cpu",
    "device.threads=1", "solver.young_modulus=5e7", "solver.max_overlap=0.3", "scenario.settle_duration=0.02",
    "scenario.lower_duration=0.3", "scenario.ramp_duration=0.05", "scenario.drive_duration=0.4",
    "output.frame_interval=0.02", "output.checkpoint_interval=1e-9",
]  # fmt: skip
SHARE = 1.5  # of the whole run's length over the number of kills: the longest from when a kill may come to when it does
AT_ANY_MOMENT = 0.3  # of the kills may come from the start on; the others once the process has saved something


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


class Compiled:
    """Stands in for `dem.Simulation`: the first is built, all others are that one, loaded anew."""

    def __init__(self) -> None:
        self.build, self.simulation, self.ready = dem.Simulation, None, 0.0

    def __call__(self, models: Any, *numbers: Any) -> dem.Simulation:
        """As a schedule asks for one."""
        if self.simulation is None:
            self.simulation = self.build(models, *numbers)
            self.ready = time.monotonic()
        else:
            *numbers, _, gain = numbers  # whether books are kept is built in
            self.simulation.load(models, *numbers, gain)
        return self.simulation


def run_to_the_end(folder: Path, config: Any) -> None:
    """Begin, or go on from what lies in the folder."""
    write_result(folder, run_test(SingleWheel(config), folder))
    (folder / CHECKPOINT_FILE).unlink()


def kill_once(folder: Path, config: Any, rng: np.random.Generator, longest: float) -> bool:
    """Start, or go on, and kill; whether it was still alive."""
    saved = age(folder / CHECKPOINT_FILE)
    process = multiprocessing.get_context("fork").Process(target=run_to_the_end, args=(folder, config))
    process.start()
    if rng.uniform() > AT_ANY_MOMENT:
        while age(folder / CHECKPOINT_FILE) == saved and process.is_alive():
            time.sleep(0.002)
    process.join(rng.uniform(0.0, longest))
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


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
    """Result, frames and series: only the sums of energies may differ in their last digits."""
    mine, whole = RunReader(folder / "killed" / RESULTS_FILE), RunReader(folder / "whole" / RESULTS_FILE)
    assert mine.status == whole.status == "complete"
    assert mine.frame_count == whole.frame_count
    assert_frames(mine, whole, whole.frame_count)
    for name in ("time", *whole.series_names):
        slack = 1e-12 * abs(whole.series("gravitational")).max() if name in ENERGIES else 0.0
        np.testing.assert_allclose(mine.series(name), whole.series(name), rtol=0, atol=slack)
    assert read_result(folder / "killed")["steady"] == read_result(folder / "whole")["steady"]


def survive(folder: Path, kills: int = KILLS) -> Tally:
    """Do it all, in `folder`; the bed is made beside."""
    rng, tally, compiled = np.random.default_rng(2026), Tally(), Compiled()
    config = load_config(WHEEL)
    for name in ("whole", "killed"):
        (folder / name).mkdir()
    with dem.start("cpu", "mixed", 1), pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("scenarios.schedule.dem.Simulation", compiled)
        run_to_the_end(folder / "whole", config)
        tally.seconds = time.monotonic() - compiled.ready
        longest = SHARE * tally.seconds / kills
        while tally.kills < kills and kill_once(folder / "killed", config, rng, longest):
            tally.kills += 1
            check_files(folder, tally)
        if not (folder / "killed" / "result.json").exists():
            run_to_the_end(folder / "killed", config)
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
