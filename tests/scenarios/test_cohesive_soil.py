"""A soil's cohesion: one key, the same pull in every scenario, recovered by the shear box."""

import json
import math

import pytest
from small_samples import SMALL_SHEAR

import dem
from dem.cli import main
from dem.config import load_config
from dem.soil.contact_spec import ContactSpec
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws, tensile_strength

LAWS = ContactSpec()


def test_dry_soil_has_no_cohesion_law():
    soil = load_config([]).soil
    assert soil_laws(soil, LAWS, 0.005).cohesion is None
    assert grain_numbers(soil, LAWS, 0.005) == dry_numbers(soil, LAWS, 0.005)
    assert "pull_off_force" not in grain_numbers(soil, LAWS, 0.005)


def test_pull_grows_with_the_grains_so_that_the_bulk_cohesion_stays():
    soil = load_config(["soil.grain_cohesion=250"]).soil
    assert isinstance(soil_laws(soil, LAWS, 0.005).cohesion, dem.ConstantPullOff)
    fine, coarse = (grain_numbers(soil, LAWS, diameter)["pull_off_force"] for diameter in (0.002, 0.004))
    assert coarse == pytest.approx(4 * fine)
    assert dry_numbers(soil, LAWS, 0.005)["pull_off_force"] == 0
    assert tensile_strength(soil) == pytest.approx(250 / math.tan(math.radians(30)))


def test_cohesion_below_0_is_rejected():
    with pytest.raises(dem.ConfigError, match="soil.grain_cohesion is -1.0, must lie in"):
        load_config(["soil.grain_cohesion=-1"])


@pytest.mark.slow
def test_a_cohesive_sample_can_be_sheared(tmp_path):
    assert (
        main(
            [
                "run",
                "scenario=direct_shear",
                *SMALL_SHEAR,
                "soil.grain_cohesion=4e3",
                f"hydra.run.dir={tmp_path / 'run'}",
            ]
        )
        == 0
    )
    laws = json.loads((tmp_path / "run" / "result.json").read_text())["contact"]["laws"]
    assert laws["cohesion"] == "ConstantPullOff"
