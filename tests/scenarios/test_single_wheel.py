"""The single-wheel test from one command to a result, on a bed far too coarse to believe but quick to make."""

import json

import numpy as np
import pytest

from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.io import RunReader
from scenarios.single_wheel.rig import place_axle

QUICK = [
    "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "device=cpu", "device.threads=1",
    "scenario.settle_duration=0.05", "scenario.lower_duration=0.2", "scenario.ramp_duration=0.1",
    "scenario.drive_duration=0.4", "solver.young_modulus=2e7", "solver.max_overlap=0.2", "output.frame_interval=0.1",
]  # fmt: skip


def run(folder, *overrides: str) -> dict:
    """Run one case through the command line; its result."""
    code = main(["run", *QUICK, *overrides, f"hydra.run.dir={folder}"])
    assert code == 0
    return json.loads((folder / "result.json").read_text())


@pytest.fixture
def result(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    more = ("output.grain_arrays=[contact_force,stress]", "output.contacts=true", "output.kept_bits.stress=12")
    return run(tmp_path / "run", "gravity=moon", "scenario.slip=0.2", *more)


def test_imposed_slip_is_what_the_wheel_does(result, tmp_path):
    steady = result["steady"]
    assert steady["slip_ratio"]["mean"] == pytest.approx(0.2, abs=1e-6)
    assert steady["velocity_x"]["mean"] == pytest.approx(0.8 * 0.25 * 0.8, rel=1e-6)
    assert steady["wheel_load"]["mean"] == pytest.approx(110 * 1.62, rel=0.5)  # a short window on boulders
    assert steady["driving_torque"]["mean"] > 0
    assert result["checks"]["grains_lost"]["passed"]
    reader = RunReader(tmp_path / "run" / "run.vtkhdf")
    assert reader.status == "complete"
    assert reader.contact == result["contact"]
    assert reader.contact["laws"]["tangential"] == "Mindlin"
    assert [pair["materials"] for pair in reader.contact["pairs"]] == [[0, 0], [0, 1]]
    assert reader.particle_count == result["bed"]["grain_count"]
    soil, contacts = reader.frame(-1).soil, reader.contacts(-1)
    touching = np.bincount(contacts["first"], minlength=reader.particle_count)
    touching += np.bincount(contacts["second"][contacts["second"] >= 0], minlength=reader.particle_count)
    np.testing.assert_array_equal(soil["contact_count"], touching)
    weight = (4 / 3 * np.pi * soil["radius"] ** 3) @ soil["stress"][:, 2]
    assert weight > 0
    assert (soil["contact_force"] > 0).sum() == (touching > 0).sum()
    x = reader.series("position_x")
    assert (np.diff(x) >= -1e-9).all()
    assert x[-1] - x[0] == pytest.approx(0.16 * (0.4 + 0.05), rel=0.02)


def test_bed_fits_the_travel_that_is_expected():
    drive = ["scenario.mode=slope", "scenario.drive_duration=6", "bed.relative_length=3.6", "bed=coarse"]
    full, slipping = (load_config([*drive, f"scenario.expected_slip={slip}"]) for slip in (0.0, 0.5))
    assert place_axle(slipping, 0.2) - place_axle(full, 0.2) == pytest.approx(0.25 * 0.2 * (6 + 0.5 * 0.08), abs=0.01)
    with pytest.raises(ConfigError, match=r"bed.length is 1.3 m, must be .* or, if it slips, scenario.expected_slip"):
        place_axle(load_config([*drive, "bed.relative_length=2.6"]), 0.2)
    with pytest.raises(ConfigError, match="but scenario.mode=slip imposes it"):
        load_config(["scenario.expected_slip=0.5"])


@pytest.mark.slow
def test_modes_slope_and_pull_leave_the_wheel_free_along_x(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    slope = run(tmp_path / "slope", "scenario.mode=slope", "gravity.slope_deg=10")
    pull = run(tmp_path / "pull", "scenario.mode=pull", "scenario.pull=20")
    for found in (slope, pull):
        assert -1 <= found["steady"]["slip_ratio"]["mean"] <= 1
        assert found["steady"]["angular_velocity"]["mean"] == pytest.approx(0.8, rel=1e-6)
    # a steady wheel pulls what holds it back, up to what speeds it up: m dv/dt over a fifth of a second
    assert pull["steady"]["drawbar_pull"]["mean"] == pytest.approx(20, abs=40)


@pytest.mark.slow
def test_a_wheel_of_triangles_carries_its_load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    form = ("wheel.form=chevron", "wheel.grouser_angle_deg=20", "wheel.crown_radius=0.5")
    assert main(["wheels", "viper", *form, "--export", "chevron.obj"]) == 0
    made = run(tmp_path / "made", "gravity=moon", *form)
    read = run(tmp_path / "read", "gravity=moon", "wheel.mesh=chevron.obj")
    for found in (made, read):
        assert all(check["passed"] for check in found["checks"].values()), found["checks"]
        assert found["steady"]["wheel_load"]["mean"] == pytest.approx(110 * 1.62, rel=0.5)
    assert read["steady"]["drawbar_pull"]["mean"] == pytest.approx(made["steady"]["drawbar_pull"]["mean"], rel=0.2)
