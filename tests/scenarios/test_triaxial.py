"""Triaxial and annular shear from one command to a result, on samples too small to believe but quick to press."""

import json

import pytest
from small_samples import SMALL_SHEAR

from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.io import RunReader

SMALL_CUBE = [
    "device=cpu", "device.threads=1", "scenario.repeats=1", "scenario.confining_stresses=[5e3,2e4]",
    "scenario.relative_size=5", "scenario.axial_strain=0.05", "scenario.inertial_number=0.02",
    "solver.overlap_target=0.02", "solver.max_overlap=0.3",
]  # fmt: skip


def run(folder, *overrides: str) -> dict:
    """Run one test through the command line; its result."""
    assert main(["run", *overrides, f"hydra.run.dir={folder}"]) == 0
    return json.loads((folder / "result.json").read_text())


def test_a_cube_is_compressed_and_pressed(tmp_path):
    result = run(tmp_path / "run", "scenario=triaxial", *SMALL_CUBE)
    fit = result["fit"]
    assert 0.2 < fit["friction_angle_peak"]["mean"] < 1.2
    assert fit["bulk_modulus"]["mean"] > 1e5
    assert fit["young_modulus_bulk"]["mean"] > 1e5
    assert 0.5 < fit["solid_fraction"]["mean"] < 0.7
    assert result["checks"]["confining_stress_error"]["value"] < 0.3
    reader = RunReader(tmp_path / "run" / "run.vtkhdf")
    assert (reader.status, list(reader.attributes["gravity"])) == ("complete", [0, 0, 0])


@pytest.mark.slow
def test_a_straight_piece_of_a_ring_is_sheared(tmp_path):
    result = run(tmp_path / "run", "scenario=annular_shear", *SMALL_SHEAR, "scenario.relative_displacement=2")
    assert 0.2 < result["fit"]["friction_angle_steady"]["mean"] < 1.2
    assert 0.5 < result["fit"]["solid_fraction_steady"]["mean"] < 0.7
    assert result["checks"]["force_balance_error"]["value"] < 0.3


WRONG = {
    "scenario.confining_stresses=[5e3,5e3]": "must hold two that differ",
    "scenario.relative_size=2": "scenario.relative_size is 2.0, must lie in",
    "scenario.axial_strain=2": "scenario.axial_strain is 2.0, must lie in",
    "gravity=moon": "reads no gravity",
}


@pytest.mark.parametrize("override", WRONG)
def test_a_wrong_key_is_rejected_with_a_remedy(override):
    with pytest.raises(ConfigError, match=WRONG[override]):
        load_config(["scenario=triaxial", override])
