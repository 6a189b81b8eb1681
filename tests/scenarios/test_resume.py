"""A single-wheel run that was stopped ends as if it never had been: the same numbers, bit for bit, in one file."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dem.beds.quality import PreparedBed
from dem.config import load_config
from dem.experiment import CHECKPOINT_FILE, RESULTS_FILE
from dem.experiment.procedure import Procedure
from dem.io import RunReader, read_result, write_result
from dem.launch.case import run_scenario
from dem.soil.packing import fill_box
from scenarios.shared import drive as drives

TINY = [
    "gravity=earth", "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "device=cpu",
    "device.threads=1", "solver.young_modulus=5e7", "solver.max_overlap=0.3", "scenario.settle_duration=0.02",
    "scenario.lower_clearance=0", "scenario.lower_duration=0.3", "scenario.ramp_duration=0.02",
    "scenario.drive_duration=0.05", "output.frame_interval=0.02",
]  # fmt: skip
OFTEN = "output.checkpoint_interval=1e-9"  # at every sample


def assert_same(folder: Path, reference: Path) -> None:
    """Results and every array of the file, to the last bit."""
    assert read_result(folder) == read_result(reference)
    one, other = RunReader(folder / RESULTS_FILE), RunReader(reference / RESULTS_FILE)
    assert one.status == other.status == "complete"
    np.testing.assert_array_equal(one.times, other.times)
    for name in ("time", *other.series_names):
        np.testing.assert_array_equal(one.series(name), other.series(name))
    for index in range(other.frame_count):
        mine, theirs = one.frame(index), other.frame(index)
        np.testing.assert_equal(mine.field_data, theirs.field_data)  # NaN is NaN
        assert mine.soil.keys() == theirs.soil.keys()
        for name, values in theirs.soil.items():
            np.testing.assert_array_equal(mine.soil[name], values)
        np.testing.assert_array_equal(mine.bodies["wheel"], theirs.bodies["wheel"])
    assert one.attributes.keys() == other.attributes.keys()
    assert one.attributes["phases"] == other.attributes["phases"]


def loose_bed(bed, soil, contact, solver, young_modulus) -> PreparedBed:
    """A filling that nobody settled: made at once."""
    position, radius = fill_box(bed)
    position[:, 2] *= 0.95
    numbers = (bed.depth, 0.0, 0.0, 0.5, 1300.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.05)
    return PreparedBed(position, radius, *numbers, "loose", {"height": [], "solid_fraction": []})


def test_killed_run_goes_on_bit_for_bit(tmp_path, monkeypatch):
    """The kill is a copy of what was on disk while the run went on."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    killed.mkdir()
    save, copied = Procedure.save, []

    def save_and_copy(procedure: Procedure, *packed) -> None:
        save(procedure, *packed)
        if procedure.phase_name == "measure" and len(copied) < 4:
            copied.append(procedure.simulation.time)
            if len(copied) == 2:
                shutil.copy(whole / CHECKPOINT_FILE, killed)
            shutil.copy(whole / RESULTS_FILE, killed)  # which goes on for two samples more

    monkeypatch.setattr(drives, "prepare_bed", loose_bed)
    monkeypatch.setattr(Procedure, "save", save_and_copy)
    write_result(whole, run_scenario(load_config([*TINY, OFTEN]), whole))
    assert len(copied) == 4
    monkeypatch.setattr(Procedure, "save", save)
    write_result(killed, run_scenario(load_config(TINY), killed))
    assert_same(killed, whole)
    assert len(RunReader(killed / RESULTS_FILE).provenance["resumed_utc"]) == 1


def drawbar(verb: str, *arguments: str, cwd: Path) -> subprocess.Popen:
    """Start the command."""
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    command = [sys.executable, "-m", "dem.cli", verb, *TINY, *arguments]
    return subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE, text=True, env=environment)


def stop_in(phase: str, with_signal: int, cwd: Path) -> str:
    """Start a run, stop it in a phase once it has a checkpoint of it; what it said."""
    process = drawbar("run", OFTEN, "hydra.run.dir=stopped", cwd=cwd)
    log, checkpoint = cwd / "stopped" / "run.log", cwd / "stopped" / CHECKPOINT_FILE
    seen, deadline = log.read_text().count(f"{phase}: ") if log.exists() else 0, time.monotonic() + 300
    while not (log.exists() and log.read_text().count(f"{phase}: ") > seen and checkpoint.exists()):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(with_signal)
    return process.communicate(timeout=60)[1]


@pytest.mark.slow
def test_command_given_again_goes_on_after_ctrl_c_and_after_a_kill(tmp_path):
    assert drawbar("run", "hydra.run.dir=whole", cwd=tmp_path).wait(600) == 0
    said = stop_in("lower", signal.SIGINT, tmp_path)
    assert "interrupted" in said
    assert "drawbar run --resume" in said
    stop_in("drive", signal.SIGKILL, tmp_path)
    assert RunReader(tmp_path / "stopped" / RESULTS_FILE).status == "running"
    assert drawbar("run", "hydra.run.dir=stopped", cwd=tmp_path).wait(600) == 0
    assert (tmp_path / "stopped" / "run.log").read_text().count("resuming at t = ") == 2
    assert not (tmp_path / "stopped" / CHECKPOINT_FILE).exists()
    assert_same(tmp_path / "stopped", tmp_path / "whole")
    assert drawbar("run", "hydra.run.dir=stopped", cwd=tmp_path).wait(600) == 0  # complete: starts over
    assert (tmp_path / "stopped" / "run.log").read_text().count("resuming at t = ") == 2


@pytest.mark.slow
def test_sweep_given_again_resumes_its_case(tmp_path):
    lists = ("scenario.slip=0.2,0.3", OFTEN)
    process = drawbar("sweep", *lists, "--study", "study", cwd=tmp_path)
    checkpoint = tmp_path / "study"
    while not list(checkpoint.glob(f"*/{CHECKPOINT_FILE}")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert list(checkpoint.glob(f"*/{CHECKPOINT_FILE}"))
    assert drawbar("sweep", *lists, "--study", "study", cwd=tmp_path).wait(600) == 0
    logs = [path.read_text() for path in sorted(checkpoint.glob("*/run.log"))]
    assert [text.count("resuming at t = ") for text in logs] == [1, 0]
    assert all(json.loads(path.read_text()) for path in checkpoint.glob("*/result.json"))
    assert not list(checkpoint.glob(f"*/{CHECKPOINT_FILE}"))
