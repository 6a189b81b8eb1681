"""A programme of stairs: what it may be told, and that a free wheel in steady motion pulls what the slope asks."""

import json
import math

import numpy as np
import pytest

from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.study.load import load_study

STAIRS = ["scenario.mode=slope", "scenario.programme.quantity=slope_deg", "scenario.programme.values=[0,6]"]
MISTAKES = {
    "scenario.programme.values=[1]": "no quantity is named; add scenario.programme.quantity",
    "scenario.programme.quantity=slip": "scenario.programme.values is empty",
    "scenario.programme.quantity=speed scenario.programme.values=[1]": "must be one of slip, pull",
    "scenario.programme.quantity=pull scenario.programme.values=[1]": "use scenario.mode=pull",
}


@pytest.mark.parametrize("overrides", MISTAKES)
def test_a_programme_that_is_none_is_rejected(overrides):
    with pytest.raises(ConfigError) as caught:
        load_config(overrides.split())
    assert MISTAKES[overrides] in str(caught.value)


def test_the_drive_lasts_as_long_as_its_stairs():
    config = load_config([*STAIRS, "scenario.programme.turns_each=0.2"])
    assert config.scenario.drive_duration == pytest.approx(2 * 0.2 * 2 * math.pi / config.wheel.angular_velocity)


def test_values_are_scaled_with_the_test():
    words = ["scenario.mode=pull", "scenario.pull=1", "scenario.programme.quantity=pull"]
    words += ["scenario.programme.values=[5,10]", "gravity=moon", "similitude=scaled"]
    config = load_config(words)
    ratio = config.similitude.ratios(1.62).force
    assert config.scenario.programme.values == pytest.approx([5 * ratio, 10 * ratio])
    assert ratio > 1


@pytest.mark.slow
def test_each_stair_is_a_point_and_pulls_what_the_slope_asks(tmp_path):
    code = main([
        "run", "wheel=mgru3", "gravity=earth", "soil=grc1", "bed=smoke", "bed.length=1.6", "device=cpu",
        "device.threads=1", *STAIRS, "scenario.programme.turns_each=0.2", "scenario.steady_fraction=0.6",
        f"hydra.run.dir={tmp_path / 'run'}",
    ])  # fmt: skip
    assert code == 0
    points = json.loads((tmp_path / "run" / "result.json").read_text())["programme"]["points"]
    assert [point["value"] for point in points] == [0, 6]
    for point in points:
        angle = math.radians(point["value"])
        assert point["steady"]["wheel_load"]["mean"] == pytest.approx(18.25 * 9.81 * math.cos(angle), rel=0.02)
        assert point["steady"]["drawbar_pull_ratio"]["mean"] == pytest.approx(math.tan(angle), abs=0.03)
    cases = load_study(tmp_path).cases
    assert [case.swept["gravity.slope_deg"] for case in cases] == [0, 6]
    assert np.diff([case.reading("slip_ratio").mean for case in cases]) > -0.02
