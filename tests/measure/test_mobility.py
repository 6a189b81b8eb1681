"""Slip, ratios, rim stress and block means against cases worked by hand."""

import math

import numpy as np
import pytest

from dem.measure.mobility import RimStress, ratios, slip_ratio, speed_for_slip
from dem.measure.statistics import block_mean


@pytest.mark.parametrize("slip", [-0.8, -0.2, 0.0, 0.2, 0.5, 1.0])
def test_speed_for_slip_is_the_inverse_of_slip(slip):
    assert slip_ratio(speed_for_slip(slip, 0.8, 0.25), 0.8, 0.25) == pytest.approx(slip, abs=1e-12)


def test_slip_of_a_wheel_at_rest_is_not_a_number():
    assert math.isnan(slip_ratio(0.0, 0.0, 0.25))
    assert slip_ratio(0.1, 0.0, 0.25) == -1.0  # locked and dragged


def test_ratios_of_a_wheel_worked_by_hand():
    means = {
        "drawbar_pull": 20.0, "wheel_load": 100.0, "driving_torque": 10.0, "velocity_x": 0.15, "angular_velocity": 0.8,
    }  # fmt: skip
    found = ratios(means, 0.25)
    assert found["drawbar_pull_ratio"] == pytest.approx(0.2)
    assert found["gross_traction_ratio"] == pytest.approx(0.4)
    assert found["motion_resistance_ratio"] == pytest.approx(0.2)
    assert found["tractive_efficiency"] == pytest.approx(20 * 0.15 / 8)
    assert found["power_number"] == pytest.approx(8 / 15)
    assert found["travel_reduction"] == pytest.approx(0.25)
    assert math.isnan(ratios({**means, "drawbar_pull": -1.0}, 0.25)["tractive_efficiency"])


def test_ratios_of_a_wheel_that_carries_nothing_are_not_numbers():
    means = dict.fromkeys(("drawbar_pull", "wheel_load", "driving_torque", "velocity_x", "angular_velocity"), 0.0)
    assert all(math.isnan(value) for value in ratios(means, 0.25).values())


def test_rim_stress_recovers_force_signs_and_angles():
    rim = RimStress(radius=0.25, width=0.2)
    ahead = math.radians(31.0)
    arm = 0.25 * np.array([[math.sin(ahead), 0.0, -math.cos(ahead)], [0.0, 0.0, -1.0]])
    # on the grains: pushed outward ahead; dragged backwards (-x) below, as by a driving wheel
    force = np.array([[10 * math.sin(ahead), 0.0, -10 * math.cos(ahead)], [-4.0, 0.0, -6.0]])
    rim.add(arm, force)
    profile = rim.profile()
    assert profile["normal_stress"].sum() * rim.area == pytest.approx(16.0)
    assert profile["shear_stress"].sum() * rim.area == pytest.approx(4.0)
    entry, leaving = rim.contact_angles()
    assert math.degrees(entry) == pytest.approx(35.0)
    assert math.degrees(leaving) == pytest.approx(0.0, abs=1e-9)


def test_block_mean_sees_whole_periods_only():
    time = np.arange(0, 1.0, 0.01)
    values = 3.0 + np.sin(2 * np.pi * time / 0.25)
    mean, error = block_mean(time, values, 0.25)
    assert mean == pytest.approx(3.0, abs=1e-12)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_standard_error_of_noise_falls_with_the_number_of_blocks():
    random = np.random.default_rng(0)
    time = np.arange(4000) * 0.01
    _, error = block_mean(time, random.normal(size=4000), 0.1)
    assert error == pytest.approx(1 / math.sqrt(4000), rel=0.15)


def test_too_few_blocks_have_no_error():
    assert math.isnan(block_mean(np.array([0.0, 0.1, 0.2, 0.3]), np.ones(4), 0.2)[1])
