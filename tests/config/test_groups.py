"""Every file under conf/ composes, every number has a source, and the specs mean what they say."""

import math

import pytest
import yaml

from dem.config import config_folder, default_choices, list_choices, load_config
from dem.gravity import GravitySpec
from dem.spec import CONFIDENCES
from scenarios import scenario_spec

NEEDS = {"custom": ["gravity.vector=[0,0,-3.0]"]}
PLACES = ("hubs", "mass_center", "body_size", "rocker_pivot", "bogie_pivot")  # of rovers: several numbers each
SOURCED = [(group, choice) for group in ("gravity", "soil", "wheel", "rover") for choice in list_choices()[group]]


@pytest.mark.parametrize("turn", range(max(map(len, list_choices().values()))))
def test_choices_compose(turn):
    chosen = {group: choices[turn % len(choices)] for group, choices in list_choices().items()}
    reads = getattr(scenario_spec(chosen["scenario"]), "reads", chosen.keys() - {"rover"})
    chosen = {group: choice for group, choice in chosen.items() if group in ("scenario", *reads)}
    needs = [text for choice in chosen.values() for text in NEEDS.get(choice, [])]
    config = load_config([f"{group}={choice}" for group, choice in chosen.items()] + needs)
    for group, choice in chosen.items():
        assert group in ("experiment", "similitude", "solver", "output", "launcher") or getattr(
            config, group
        ).name.endswith(choice)


@pytest.mark.parametrize(("group", "choice"), SOURCED)
def test_every_number_has_a_source(group, choice):
    values = yaml.safe_load((config_folder() / group / f"{choice}.yaml").read_text())
    sources = values.get("sources", {})
    numbers = {key for key, value in values.items() if isinstance(value, int | float) or key in PLACES}
    assert numbers == set(sources)
    for row in sources.values():
        assert row["source"]
        assert row["confidence"] in CONFIDENCES


def test_defaults_are_choices():
    choices = list_choices()
    assert all(choice is None or choice in choices[group] for group, choice in default_choices().items())


def test_a_number_given_by_the_user_loses_its_source():
    config = load_config(["soil.rolling_friction=0.3"])
    assert config.soil.sources["rolling_friction"].source.startswith("given by the user")
    assert "calibrated" in config.soil.sources["sliding_friction"].source


def test_demo_bed_is_large_enough():
    coarse, fine, smoke = (load_config([f"bed={name}"]).bed.expected_count() for name in ("coarse", "fine", "smoke"))
    assert coarse >= 15_000
    assert fine > 3 * coarse
    assert 1000 < smoke < 2000


def test_slope_tilts_gravity_against_the_drive():
    gravity = GravitySpec(name="moon", magnitude=1.62, slope_deg=10.0).vector_value()
    angle = math.radians(10.0)
    assert gravity == pytest.approx((-1.62 * math.sin(angle), 0.0, -1.62 * math.cos(angle)))


def test_level_gravity_is_exact():
    assert GravitySpec(name="moon", magnitude=1.62).vector_value() == (0.0, 0.0, -1.62)
    assert GravitySpec(name="custom", vector=[0.1, 0.2, -3.0]).vector_value() == (0.1, 0.2, -3.0)


def test_wheel_geometry():
    viper = load_config([]).wheel
    assert viper.rim_radius == pytest.approx(0.225)
    assert viper.grouser_pitch == pytest.approx(2.0 * math.pi * 0.225 / 24)
    smooth = load_config(["wheel.grouser_count=0"]).wheel
    assert smooth.rim_radius == 0.25


def test_config_keeps_its_text_and_overrides():
    config = load_config(["gravity=mars", "scenario.mode=slope"])
    assert config.overrides == ["gravity=mars", "scenario.mode=slope"]
    recorded = yaml.safe_load(config.text)
    assert recorded["gravity"]["magnitude"] == 3.71
    assert recorded["scenario"]["slip"] is None
    assert "text" not in recorded


def test_free_modes_measure_slip():
    config = load_config(["scenario.mode=slope", "gravity.slope_deg=10"])
    assert config.scenario.slip is None
    assert load_config(["scenario.mode=pull", "scenario.pull=20"]).scenario.pull == 20.0
