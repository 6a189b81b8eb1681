"""Whole rovers from one command to a result, on beds far too coarse to believe but quick to make."""

import shutil

import numpy as np
import pytest

from dem.beds.quality import PreparedBed
from dem.config import load_config
from dem.errors import ConfigError
from dem.experiment import CHECKPOINT_FILE, RESULTS_FILE
from dem.experiment.procedure import Procedure
from dem.io import RunReader, read_result, write_result
from dem.launch.case import run_scenario
from dem.soil.packing import fill_box
from scenarios.shared import drive as drives

QUICK = [
    "scenario=rover_drive", "gravity=moon", "bed=smoke", "bed.grains_per_wheel_diameter=6", "device=cpu",
    "device.threads=1", "scenario.settle_duration=0.02", "scenario.lower_duration=0.5", "scenario.ramp_duration=0.05",
    "scenario.distance=0.06", "solver.young_modulus=2e7", "solver.max_overlap=0.4", "output.frame_interval=0.2",
    "solver.track_energy=false",
]  # fmt: skip
OFTEN = "output.checkpoint_interval=1e-9"  # at every sample


@pytest.fixture(autouse=True)
def unsettled_beds(monkeypatch, tmp_path):
    """Beds as they are filled, a little pressed together: made at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(drives, "prepare_bed", fill_bed)


def fill_bed(bed, soil, contact, solver, young_modulus) -> PreparedBed:
    """A filling that nobody settled."""
    position, radius = fill_box(bed)
    position[:, 2] *= 0.95
    stays = position[:, 2] + radius < bed.depth
    numbers = (bed.depth, 0.0, 0.0, 0.5, 1300.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.05)
    return PreparedBed(position[stays], radius[stays], *numbers, "loose", {"height": [], "solid_fraction": []})


def drive(folder, *overrides: str) -> dict:
    """Run one case; its result as it is read back."""
    folder.mkdir(exist_ok=True)
    write_result(folder, run_scenario(load_config([*QUICK, *overrides]), folder))
    return read_result(folder)


def test_viper_carries_its_weight_and_goes_on_bit_for_bit_when_stopped(tmp_path, monkeypatch):
    """The stop is a copy of what was on disk while the run went on."""
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    stopped.mkdir()
    save, seen = Procedure.save, []

    def save_and_copy(procedure: Procedure, *packed) -> None:
        save(procedure, *packed)
        if procedure.phase_name == "drive" and not seen:
            seen.append(procedure.simulation.time)
            for name in (CHECKPOINT_FILE, RESULTS_FILE):
                shutil.copy(whole / name, stopped)

    monkeypatch.setattr(Procedure, "save", save_and_copy)
    result = drive(whole, OFTEN)
    assert_sound(result, RunReader(whole / RESULTS_FILE))
    monkeypatch.setattr(Procedure, "save", save)
    assert seen
    second = drive(stopped)
    assert second["steady"] == result["steady"]
    assert second["wheels"] == result["wheels"]
    one, other = RunReader(stopped / RESULTS_FILE), RunReader(whole / RESULTS_FILE)
    assert one.frame_count == other.frame_count
    for name in ("time", *other.series_names):
        np.testing.assert_array_equal(one.series(name), other.series(name))
    for index in range(other.frame_count):  # the soil in mid-contact, the wheels and the chassis of the vehicle
        mine, theirs = one.frame(index), other.frame(index)
        for name, values in theirs.soil.items():
            np.testing.assert_array_equal(mine.soil[name], values)
        for name in other.body_names:
            np.testing.assert_array_equal(mine.bodies[name], theirs.bodies[name])
            np.testing.assert_equal(mine.poses[name], theirs.poses[name])


def assert_sound(result: dict, reader: RunReader) -> None:
    """Loads, travel, checks and the file's bodies."""
    assert result["steady"]["total_load"]["mean"] == pytest.approx(440 * 1.62, rel=0.3)  # it bobs on boulders
    for name in ("wheel_load_error", "coupling_error", "grains_lost"):
        assert result["checks"][name]["passed"], name
    assert set(result["wheels"]) == {"front_left", "front_right", "rear_left", "rear_right"}
    assert result["wheels"]["rear_left"]["angular_velocity"]["mean"] == pytest.approx(0.8, rel=0.1)
    assert reader.status == "complete"
    assert set(reader.body_names) == {"front_left", "front_right", "rear_left", "rear_right", "chassis"}


@pytest.mark.slow
def test_arcs_turn_the_way_they_are_told_and_dead_wheels_give_nothing(tmp_path):
    # Less than a few grains of the way, and the boulders that it comes down on decide where it turns.
    keys = ("scenario.command=turn", "scenario.distance=0.4", "solver.max_overlap=0.5")
    left = drive(tmp_path / "left", *keys)
    right = drive(tmp_path / "right", *keys, "scenario.turn_rate=-0.2")
    assert left["path"]["heading_change"]["mean"] > 0.1
    assert right["path"]["heading_change"]["mean"] < -0.1
    failed = ("scenario.dead_wheels=[front_left]", "scenario.dead_mode=free", "scenario.distance=0.3")
    dead = drive(tmp_path / "dead", *failed)
    assert dead["wheels"]["front_left"]["drive_power"]["mean"] == 0.0
    assert dead["steady"]["total_power"]["mean"] > 0.0  # of the others, of which one or another may roll off a boulder


@pytest.mark.slow
def test_rows_and_torques_are_what_the_rover_is_told(tmp_path):
    rows = "scenario.commands=[{time: 0, speed: 0.2, torque: 2}, {time: 0.3, speed: 0.2, torque: 6}]"
    listed = drive(
        tmp_path / "listed", "scenario.command=list", rows.replace(", torque: 2", "").replace(", torque: 6", "")
    )
    assert listed["wheels"]["front_left"]["angular_velocity"]["mean"] == pytest.approx(0.8, rel=0.1)
    pushed = drive(tmp_path / "pushed", "scenario.command=list", rows, "rover.motor_control=torque")
    for wheel in pushed["wheels"].values():  # over the last half they rise from 4 to 6 N m
        assert wheel["driving_torque"]["mean"] == pytest.approx(5.0, rel=0.05)


@pytest.mark.slow
def test_a_wheel_climbs_the_rock_in_its_way(tmp_path):
    rock = "scenario.rocks=[{x: 1.08, y: 0.6, height: 0.17, width: 0.3}]"
    result = drive(tmp_path / "rock", rock, "scenario.distance=0.5", "solver.max_overlap=0.5")
    reader = RunReader(tmp_path / "rock" / RESULTS_FILE)
    lifted = {name: -reader.series(f"{name}_sinkage").min() for name in result["wheels"]}
    assert lifted["front_left"] > 0.05 + max(lifted[name] for name in lifted if name != "front_left")
    assert reader.series("roll").max() > 0.03
    assert all(check["passed"] for check in result["checks"].values()), result["checks"]


def test_what_cannot_be_driven_is_said_before_anything_runs():
    for overrides, expected in (
        (["bed.length=1"], r"bed\.length is 1.*must be at least"),
        (["scenario.dead_wheels=[left]"], r"scenario\.dead_wheels names 'left'"),
        (["scenario.command=arc"], r"scenario\.arc_radius is missing"),
        (["scenario.turn_rate=1"], r"scenario\.turn_rate is 1"),
        (["rover.hubs.front_left=[1]"], r"rover\.hubs\.front_left"),
    ):
        with pytest.raises(ConfigError, match=expected):
            load_config([*QUICK, *overrides])


def test_an_experiment_of_rovers_knows_their_keys():
    config = load_config(["experiment=spirit_stuck", "scenario.dead_wheels=[front_right]"])
    assert (config.rover.name, config.wheel.name, config.scenario.dead_wheels) == ("spirit", "spirit", ["front_right"])


def test_beds_hold_the_path():
    ahead = load_config(["scenario=rover_drive", "rover=viper"])
    assert ahead.bed.length == pytest.approx(2.0 + 2 * 0.6418 + 2 * 1.75 * 0.25, abs=0.1)
    assert ahead.bed.width == pytest.approx(2 * 0.6098 + 0.2 + 2 * 0.75 * 0.2, abs=0.02)
    spot = load_config(["scenario=rover_drive", "rover=viper", "scenario.command=turn", "scenario.distance=6"])
    assert spot.bed.width == pytest.approx(spot.bed.length, abs=0.1)
    assert load_config(["scenario=rover_drive", "rover=spirit"]).wheel.name == "spirit"
