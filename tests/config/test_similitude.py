"""Ground tests: what the scaling laws and the offset do to a config, and how readings scale back."""

import math

import pytest

from dem.config import load_config
from dem.errors import ConfigError
from dem.rover.similitude import Ratios

SLOPE = ("scenario.mode=slope", "gravity=moon", "wheel.load_mass=111", "gravity.slope_deg=10")


def test_a_flight_is_left_as_it_is() -> None:
    config = load_config(SLOPE)
    assert config.wheel.load_mass == 111
    assert config.gravity.strength() == pytest.approx(1.62)
    assert config.similitude_ratios["kind"] == "prototype"


def test_full_mass_on_earth_turns_faster_and_takes_less_time() -> None:
    prototype, scaled = load_config(SLOPE), load_config((*SLOPE, "similitude=scaled"))
    q = 9.81 / 1.62
    assert scaled.gravity.strength() == pytest.approx(9.81)
    assert scaled.gravity.slope_deg == 10
    assert scaled.wheel.load_mass == 111
    assert scaled.wheel.angular_velocity == pytest.approx(0.8 * math.sqrt(q))  # 1.96 rad/s in arXiv 2405.11001
    for key in ("drive_duration", "settle_duration", "ramp_duration"):
        assert getattr(scaled.scenario, key) == pytest.approx(getattr(prototype.scenario, key) / math.sqrt(q))
    assert scaled.output.sample_interval == pytest.approx(prototype.output.sample_interval / math.sqrt(q))
    assert scaled.bed.length == prototype.bed.length


def test_the_offset_test_bears_the_flights_weight() -> None:
    config = load_config((*SLOPE, "similitude=gravity_offload"))
    assert config.wheel.load_mass * 9.81 == pytest.approx(111 * 1.62)
    assert config.wheel.angular_velocity == 0.8
    assert config.gravity.strength() == pytest.approx(9.81)


def test_a_smaller_test_wheel_keeps_its_shape_unless_the_mass_says_otherwise() -> None:
    half = load_config((*SLOPE, "similitude=scaled", "similitude.size=0.5")).wheel
    assert (half.radius, half.width, half.grouser_height) == pytest.approx((0.125, 0.1, 0.0125))
    assert half.load_mass == pytest.approx(111 / 8)
    narrow = load_config((*SLOPE, "similitude=scaled", "similitude.size=1", "similitude.mass=0.5")).wheel
    assert (narrow.radius, narrow.width, narrow.load_mass) == pytest.approx((0.25, 0.1, 55.5))


def test_the_groups_of_the_scaling_laws_agree() -> None:
    def groups(config) -> tuple[float, float, float]:
        wheel, g = config.wheel, config.gravity.strength()
        mass = wheel.load_mass / (config.soil.particle_density * wheel.width * wheel.radius**2)
        return (wheel.radius * wheel.angular_velocity**2 / g, mass, wheel.grouser_height / wheel.radius)

    prototype = load_config(SLOPE)
    for more in (
        ("similitude=scaled",),
        ("similitude=scaled", "similitude.size=0.4"),
        ("similitude=scaled", "similitude.size=0.7", "similitude.mass=0.2"),
    ):
        assert groups(load_config((*SLOPE, *more))) == pytest.approx(groups(prototype))


def test_readings_scale_as_the_science_says() -> None:
    ratios = Ratios(gravity=1.62 / 9.81)
    assert ratios.of_unit("rad/s") == pytest.approx(0.4064, abs=1e-4)
    assert ratios.of_unit("N") == pytest.approx(0.1651, abs=1e-4)
    assert ratios.of_unit("W") == pytest.approx(0.0671, abs=1e-4)
    assert ratios.of_unit("m") == 1.0
    assert Ratios(gravity=2, size=3, mass=5).of_unit("N m") == pytest.approx(30)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("similitude.gravity=9.81",), "similitude.gravity"),
        (("similitude=gravity_offload", "similitude.size=0.5"), "similitude.size"),
        (("similitude=scaled", "similitude.gravity=null"), "similitude.gravity is missing"),
        (("similitude=scaled", "similitude.size=0"), "similitude.size"),
        (("similitude=scaled", "similitude.mass=-1"), "similitude.mass"),
    ],
)
def test_a_wrong_test_is_rejected_in_a_sentence(overrides: tuple[str, ...], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_config((*SLOPE, *overrides))
