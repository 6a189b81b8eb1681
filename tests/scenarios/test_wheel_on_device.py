"""A wheel run from one command, on the device that DEM_DEVICE names and on the CPU."""

import json

import pytest

from dem.cli import main

SHORT = [
    "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "gravity=moon", "scenario.slip=0.2",
    "scenario.settle_duration=0.05", "scenario.lower_duration=0.1", "scenario.ramp_duration=0.05",
    "scenario.drive_duration=0.15", "solver.young_modulus=2e7", "solver.max_overlap=0.2", "output.frame_interval=0.1",
]  # fmt: skip


def run(name: str, folder) -> dict:
    """Result of the run on a device."""
    assert main(["run", *SHORT, f"device={name}", f"hydra.run.dir={folder}"]) == 0
    return json.loads((folder / "result.json").read_text())


def test_a_wheel_run_ends_as_on_the_cpu(device, tmp_path, monkeypatch):
    if device == "cpu":
        pytest.skip("compares DEM_DEVICE with the CPU; set DEM_DEVICE=vulkan, for one")
    monkeypatch.chdir(tmp_path)
    found, expected = run(device, tmp_path / "device"), run("cpu", tmp_path / "cpu")
    assert f"device {device}" in (tmp_path / "device" / "run.log").read_text()
    assert found["checks"]["grains_lost"]["passed"]
    assert found["bed"]["grain_count"] == expected["bed"]["grain_count"]
    got, want = found["steady"], expected["steady"]
    assert got["slip_ratio"]["mean"] == pytest.approx(want["slip_ratio"]["mean"], abs=1e-6)
    # Another rounding of a sum moves single grains before long: a tenth of the load on a bed of a few hundred.
    load = want["wheel_load"]["mean"]
    for name in ("wheel_load", "drawbar_pull"):
        assert got[name]["mean"] == pytest.approx(want[name]["mean"], abs=0.1 * load)
    assert got["sinkage"]["mean"] == pytest.approx(want["sinkage"]["mean"], abs=5e-3)
