"""Direct shear from one command to a result, in a box far too small to believe but quick to shear."""

import json

import pytest
from small_samples import SMALL_SHEAR

from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.io import RunReader


def test_a_box_is_filled_pressed_and_sheared(tmp_path):
    assert (
        main(["run", "scenario=direct_shear", *SMALL_SHEAR, "gravity=moon", f"hydra.run.dir={tmp_path / 'run'}"]) == 0
    )
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    fit, grains = result["fit"], load_config([]).soil.particle_density
    assert 0.3 < fit["friction_angle_peak"]["mean"] < 1.2
    assert fit["friction_angle_peak"]["unit"] == "rad"
    assert 0.5 < fit["solid_fraction"]["mean"] < 0.7
    assert fit["bulk_density"]["mean"] == pytest.approx(grains * fit["solid_fraction"]["mean"])
    assert [sample["normal_stress"] for sample in result["samples"]] == [5e3, 2e4]
    assert result["checks"]["normal_stress_error"]["value"] < 0.2
    assert result["checks"]["energy_gain"]["passed"]  # though platens grip with a stiff rolling spring
    assert (tmp_path / "run" / "direct_shear.png").exists()
    reader = RunReader(tmp_path / "run" / "run.vtkhdf")
    assert reader.status == "complete"
    assert {"lower_front", "upper_rear"} <= set(reader.body_names)


WRONG = {
    "scenario.normal_stresses=[5e3]": "must hold two that differ",
    "scenario.normal_stresses=[5e3,-1]": "scenario.normal_stresses is -1.0, must be greater than 0",
    "scenario.relative_length=2": "scenario.relative_length is 2.0, must lie in",
    "scenario.relative_displacement=30": "give grain diameters such as 4, or a longer box",
    "scenario.inertial_number=1": "scenario.inertial_number is 1.0, must lie in",
    "gravity.slope_deg=5": "drop gravity.slope_deg",
    "wheel=viper": "reads no wheel",
}


@pytest.mark.parametrize("override", WRONG)
def test_a_wrong_key_is_rejected_with_a_remedy(override):
    with pytest.raises(ConfigError, match=WRONG[override].replace("[", r"\[")):
        load_config(["scenario=direct_shear", override])
