"""Repose, plates and cones: what they reject, that they run from one command, and the trends that sand must show."""

import json
import math

import numpy as np
import pytest

from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.io import RunReader

CPU = ["device=cpu", "device.threads=1", "solver.time_step_fraction=0.4", "output.frame_interval=0.2"]
QUICK = {
    "repose_cylinder": ["scenario.cylinder_radius=0.015", "scenario.fill_height=0.02", "scenario.lift_speed=0.2"],
    "repose_tilting_box": [
        "scenario.box_length=0.06", "scenario.box_width=0.02", "scenario.fill_depth=0.015", "soil.rolling_friction=0",
        "soil.sliding_friction=0.2", "scenario.tilt_rate_deg=30",
    ],
    "plate_sinkage": [
        "scenario.plate_widths=[0.015,0.02]", "scenario.bed_length=0.08", "scenario.bed_depth=0.02",
        "scenario.depth=0.004", "solver.young_modulus=3e7", "solver.max_overlap=0.4",
    ],
    "cone_penetrometer": [
        "scenario.cone_diameter=0.015", "scenario.tip_angle_deg=90", "scenario.bed_side=0.04",
        "scenario.bed_depth=0.035", "scenario.depth=0.004", "solver.young_modulus=3e7", "solver.max_overlap=0.4",
    ],
}  # fmt: skip
MEASURED = {
    "repose_cylinder": "angle_of_repose",
    "repose_tilting_box": "angle_of_first_avalanche",
    "plate_sinkage": "frictional_modulus",
    "cone_penetrometer": "cone_index_gradient",
}
QUICKEST, *SLOWER = MEASURED
HEAP = ["scenario.repeats=2"]  # smaller ones differ by degrees from filling to filling


def run(folder, scenario: str, *overrides: str) -> dict:
    """Run one test through the command line; its result."""
    assert main(["run", f"scenario={scenario}", *CPU, *overrides, f"hydra.run.dir={folder}"]) == 0
    return json.loads((folder / "result.json").read_text())


@pytest.mark.parametrize("scenario", MEASURED)
def test_defaults_follow_grain_and_gravity(scenario):
    earth, moon = (load_config([f"scenario={scenario}", f"gravity={name}"]).scenario for name in ("earth", "moon"))
    coarse = load_config([f"scenario={scenario}", "scenario.grain_diameter=0.01", "gravity=earth"]).scenario
    for name, value in vars(earth).items():
        if name.endswith("_speed") and name != "flow_speed":
            assert getattr(moon, name) == pytest.approx(value * math.sqrt(1.62 / 9.81))
        elif isinstance(value, float) and name.split("_")[-1] in ("diameter", "radius", "length", "depth", "side"):
            assert getattr(coarse, name) == pytest.approx(2 * value)
            assert getattr(moon, name) == value


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["scenario=repose_cylinder", "scenario.cylinder_radius=0.01"], "scenario.cylinder_radius is 0.01 m, must be"),
        (["scenario=repose_cylinder", "scenario.flank_low=0.8"], "scenario.flank_low is 0.8, must be below"),
        (["scenario=repose_cylinder", "bed=coarse"], "reads no bed"),
        (
            ["scenario=repose_tilting_box", "scenario.box_length=0.02"],
            "scenario.box_length is 0.02 m, must be at least",
        ),
        (["scenario=repose_tilting_box", "scenario.tilt_rate_deg=-1"], "scenario.tilt_rate_deg is -1"),
        (["scenario=plate_sinkage", "scenario.plate_widths=[0.03]"], "must hold two different widths or more"),
        (["scenario=plate_sinkage", "scenario.bed_length=0.1"], "scenario.bed_length is 0.1 m, must be at least"),
        (["scenario=cone_penetrometer", "scenario.bed_depth=0.05"], "scenario.bed_depth is 0.05 m, must be at least"),
        (["scenario=cone_penetrometer", "scenario.tip_angle_deg=5"], "scenario.tip_angle_deg is 5"),
        (["scenario=cone_penetrometer", "gravity.slope_deg=5"], "needs it straight down"),
    ],
)
def test_what_cannot_be_measured_is_rejected_in_one_sentence(overrides, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load_config(overrides)


@pytest.mark.parametrize("scenario", [QUICKEST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOWER)])
def test_one_command_gives_a_result_a_figure_and_frames(scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(tmp_path / "run", scenario, "gravity=earth", "scenario.repeats=1", *QUICK[scenario])
    measured = result["fit"][MEASURED[scenario]]
    assert np.isfinite(measured["mean"])
    assert measured["standard_error"] is None  # of one filling
    assert {"numerics", "conventions", "contact", "checks"} <= set(result)
    assert result["checks"]["energy_gain"]["passed"]
    assert (tmp_path / "run" / f"{result['figure']['name']}.png").exists()
    reader = RunReader(tmp_path / "run" / "run.vtkhdf")
    assert reader.status == "complete"
    assert reader.frame_count >= 2


def angles(folder, **cases: list[str]) -> dict[str, np.ndarray]:
    """Angles of repose [deg], by filling."""
    found = {name: run(folder / name, "repose_cylinder", *HEAP, *said) for name, said in cases.items()}
    return {name: np.degrees(result["fit"]["angle_of_repose"]["values"]) for name, result in found.items()}


@pytest.mark.slow
def test_angle_of_repose_rises_with_friction_and_with_nothing_else(tmp_path):
    angle = angles(
        tmp_path, usual=["gravity=earth"], moon=["gravity=moon"],
        dense=["gravity=earth", "soil.particle_density=5200"], stiff=["gravity=earth", "solver.young_modulus=8e7"],
        slippery=["gravity=earth", "soil.sliding_friction=0.2"],
        rolling=["gravity=earth", "soil.rolling_friction=0.02"],
    )  # fmt: skip
    mean = {name: values.mean() for name, values in angle.items()}
    for name in ("moon", "dense", "stiff"):
        assert mean[name] == pytest.approx(mean["usual"], abs=2.0), name
    assert mean["usual"] - mean["slippery"] > 2
    assert mean["usual"] - mean["rolling"] > 2


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["plate_sinkage", "cone_penetrometer"])
def test_resistance_goes_with_gravity(scenario, tmp_path, monkeypatch):
    """Beds made on Earth bear on the Moon in proportion to their weight, as sand without cohesion does."""
    monkeypatch.chdir(tmp_path)
    key = {"plate_sinkage": "p_over_gamma_z", "cone_penetrometer": "mean_resistance_over_unit_weight"}[scenario]
    found = []
    for gravity in ("earth", "moon"):
        result = run(tmp_path / gravity, scenario, f"gravity={gravity}", "scenario.preparation_gravity=9.81")
        found.append(scaled_resistance(result, key))
    assert found[1] == pytest.approx(found[0], rel=0.25)


def scaled_resistance(result: dict, key: str) -> float:
    """Resistance over the soil's own weight [-, m]."""
    if key in result["fit"]:
        return result["fit"][key]["mean"]
    return float(np.mean([entry["mean"] for entry in result["fit"]["reece"].values()]))
