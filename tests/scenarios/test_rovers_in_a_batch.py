"""Rovers as worlds of one simulation, each with a vehicle of its own: bit for bit as alone, whatever others do."""

from types import SimpleNamespace

import numpy as np
import pytest

from dem.beds.quality import PreparedBed
from dem.config import load_config
from dem.experiment import RESULTS_FILE
from dem.io import RunReader, read_result, write_result
from dem.launch.case import run_scenario
from dem.launch.cases import Case
from dem.launch.sweep import Study, run_study
from dem.rover.vehicle import Vehicle
from dem.soil.packing import fill_box
from dem.spec import LauncherSpec
from scenarios.shared import drive as drives

TINY = [
    "scenario=rover_drive", "bed=smoke", "bed.grains_per_wheel_diameter=5", "bed.length=2.6", "bed.width=2.2",
    "device=cpu", "device.threads=1", "scenario.settle_duration=0.01", "scenario.lower_duration=0.15",
    "scenario.ramp_duration=0.02", "scenario.distance=0.02", "solver.young_modulus=2e7", "solver.max_overlap=0.5",
    "solver.time_step=4e-4", "solver.track_energy=false", "output.frame_interval=0.1",
]  # fmt: skip
CASES = {
    "straight": ["rover=viper", "gravity=moon", "scenario.coupling_interval=8e-4"],
    "arc": ["rover=viper", "gravity=mars", "scenario.command=arc", "scenario.arc_radius=3",
            "scenario.coupling_interval=1.2e-3", "scenario.distance=0.01"],
    "on a rig": ["rover=rig", "gravity=earth", "gravity.slope_deg=5", "scenario.coupling_interval=4e-4"],
    "torn": ["rover=viper", "gravity=moon", "rover.name=torn"],  # its springs give way as it comes down
}  # fmt: skip
GOOD = ("straight", "arc", "on a rig")
ALONE = ("arc", "on a rig")  # another rover, another interval


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """All cases in a batch, and some of them also by themselves."""
    folder = tmp_path_factory.mktemp("study")
    cases = [Case(name, [*TINY, *overrides], folder / name) for name, overrides in CASES.items()]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(drives, "prepare_bed", loose_bed)
        patch.setattr(Vehicle, "advance", tear(Vehicle.advance))
        outcomes = run_study(Study(folder, cases, LauncherSpec(kind="batch", jobs=8)), lambda outcome: None)
        for name in ALONE:
            alone = folder / f"{name} alone"
            alone.mkdir()
            write_result(alone, run_scenario(load_config([*TINY, *CASES[name]]), alone))
    return SimpleNamespace(folder=folder, outcomes={outcome.case.name: outcome for outcome in outcomes})


def tear(advance):
    """A step of a vehicle, after which nothing of the one that is torn is a number."""

    def advance_or_tear(vehicle: Vehicle, duration: float, wrenches: np.ndarray) -> None:
        if vehicle.rover.name == "torn" and vehicle.data.time > 0.05:
            vehicle.data.qvel[:] = np.nan
        advance(vehicle, duration, wrenches)

    return advance_or_tear


def loose_bed(bed, soil, contact, solver, young_modulus) -> PreparedBed:
    """A filling that nobody settled: made at once."""
    position, radius = fill_box(bed)
    position[:, 2] *= 0.95
    stays = position[:, 2] + radius < bed.depth
    numbers = (bed.depth, 0.0, 0.0, 0.5, 1300.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.05)
    return PreparedBed(position[stays], radius[stays], *numbers, "loose", {"height": [], "solid_fraction": []})


def test_cases_ran_as_one_batch_at_intervals_of_their_own(ran):
    for name in GOOD:
        assert ran.outcomes[name].status == "done", ran.outcomes[name].message
        assert f"worlds side by side: {len(CASES)}" in (ran.folder / name / "run.log").read_text()
    intervals = {name: read_result(ran.folder / name)["numerics"]["coupling_interval"] for name in GOOD}
    assert len(set(intervals.values())) == len(GOOD)
    assert intervals["arc"] == pytest.approx(1.2e-3)


@pytest.mark.parametrize("name", ALONE)
def test_rover_in_a_batch_is_what_it_is_alone_bit_for_bit(ran, name):
    mine, alone = ran.folder / name, ran.folder / f"{name} alone"
    one, other = read_result(mine), read_result(alone)
    for key in ("steady", "wheels", "path", "bed", "numerics"):
        assert repr(one[key]) == repr(other[key]), key  # in which nan is nan
    batched, single = RunReader(mine / RESULTS_FILE), RunReader(alone / RESULTS_FILE)
    assert batched.status == "complete"
    np.testing.assert_array_equal(batched.times, single.times)
    for series in ("time", *single.series_names):
        np.testing.assert_array_equal(batched.series(series), single.series(series))
    for index in range(single.frame_count):
        first, second = batched.frame(index), single.frame(index)
        for array, values in second.soil.items():
            np.testing.assert_array_equal(first.soil[array], values)
        for body in single.body_names:
            np.testing.assert_equal(first.poses[body], second.poses[body])


def test_vehicle_that_fails_stops_its_world_only(ran):
    outcome = ran.outcomes["torn"]
    assert outcome.status == "failed"
    assert "of rover 'torn' moves without bounds" in outcome.message
    assert outcome.message in (ran.folder / "torn" / "run.log").read_text()
    assert RunReader(ran.folder / "torn" / RESULTS_FILE).status == f"failed: {outcome.message}"
    for name in GOOD:
        assert "without bounds" not in (ran.folder / name / "run.log").read_text()
