"""What the shear box finds of soils whose answer is known: no intercept without cohesion, the set one with it.

Slow: minutes, in a box of 1800 grains under stresses near the cohesion.
"""

import json

import pytest

from dem.cli import main

BOX = [
    "scenario=direct_shear", "device=cpu", "scenario.repeats=2", "scenario.normal_stresses=[1e3,4e3]",
    "scenario.relative_displacement=1.2", "scenario.inertial_number=0.006",
]  # fmt: skip
COHESION = 1000.0


def shear(folder, *overrides: str) -> dict:
    """The fit of a sheared soil."""
    assert main(["run", *BOX, *overrides, f"hydra.run.dir={folder}"]) == 0
    return json.loads((folder / "result.json").read_text())["fit"]


@pytest.mark.slow
@pytest.mark.parametrize("gravity", ["earth", "moon"])
def test_dry_soil_has_a_line_of_strength_through_the_origin(tmp_path, gravity):
    fit = shear(tmp_path / "dry", f"gravity={gravity}")
    assert abs(fit["cohesion"]["mean"]) < 200  # two standard errors, of two fillings at 1 and 4 kPa
    assert fit["friction_angle_secant"]["mean"] == pytest.approx(0.783, abs=0.03)


@pytest.mark.slow
def test_the_set_cohesion_is_recovered(tmp_path):
    fit = shear(tmp_path / "cohesive", "gravity=moon", f"soil.grain_cohesion={COHESION}")
    assert fit["cohesion"]["mean"] == pytest.approx(COHESION, rel=0.2)
