"""Numbers that a run would not act on, or that are in another unit, are told before anything runs."""

import pytest

from dem.config import load_config
from dem.errors import ConfigError
from dem.launch.given import require_acting, tell_doubts

UNITS = {
    "wheel.radius=150": "if it is in millimetres, give wheel.radius=0.15",
    "wheel.width=20": "if it is in millimetres, give wheel.width=0.02",
    "bed.grain_diameter=5": "if it is in millimetres, give bed.grain_diameter=0.005",
    "bed.length=1300": "if it is in millimetres, give bed.length=1.3",
    "bed.grain_diameter=0.0003": "if it is the sand's own d50, leave it out",
    "soil.particle_density=2.65": "if it is in g/cm3, give soil.particle_density=2650",
    "soil.internal_friction_angle_deg=0.64": "if it is in radians, give soil.internal_friction_angle_deg=36.6693",
    "scenario=direct_shear scenario.normal_stresses=[5,10,20]": "if it is in kilopascals, give [5000,10000,20000]",
    "scenario=triaxial scenario.confining_stresses=[5,10]": "if it is in pascals, add scenario.trust_units=true",
    "slip=0.3": "slip is not a config group but a key of one; write scenario.slip=0.3",
    "gravity=1.62": "write gravity=custom gravity.vector=[0,0,-1.62]",
    "scenario.dead_wheels=[]": "add scenario=rover_drive",
}
UNUSED = {
    "soil.bulk_density=1650": "bed.target_density for a bed of that density, or make grains of it with drawbar",
    "soil.cohesion=300": "soil.grain_cohesion for grains that cling",
    "soil.internal_friction_angle_deg=37": "drawbar calibrate soil=grc1 soil.internal_friction_angle_deg=37",
    "scenario=rover_drive wheel.load_mass=20": "give rover.mass",
}


@pytest.mark.parametrize("overrides", UNITS)
def test_another_unit_is_told_with_what_is_meant(overrides):
    with pytest.raises(ConfigError) as caught:
        load_config(overrides.split())
    assert UNITS[overrides] in str(caught.value)


@pytest.mark.parametrize("overrides", UNUSED)
def test_a_number_that_would_do_nothing_is_rejected(overrides):
    words = overrides.split()
    with pytest.raises(ConfigError) as caught:
        require_acting(words, load_config(words))
    assert UNUSED[overrides] in str(caught.value)


def test_small_stresses_run_on_asking():
    words = ["scenario=direct_shear", "scenario.normal_stresses=[5,10,20]", "scenario.trust_units=true"]
    require_acting(words, load_config(words))


def test_a_slope_in_radians_is_doubted(capsys):
    words = ["scenario.mode=slope", "gravity.slope_deg=0.17"]
    tell_doubts(words, load_config(words))
    assert "if it is in radians, give gravity.slope_deg=9.74" in capsys.readouterr().err
