"""Rates and profiles of flows that are made up."""

import math

import numpy as np
import pytest

from dem.measure.flow import fallen_mass, mass_flow, velocity_profile


def test_grains_that_fall_through_count_each_time():
    position, image = np.zeros((4, 3)), np.zeros((4, 3), int)
    position[:, 2] = [5.0, 0.5, 9.0, 0.5]  # the level is 1, the period 10
    image[:, 2] = [0, 0, -1, -1]  # above it; below it; once through and round; and on its second way
    mass = np.array([1.0, 2.0, 4.0, 8.0])
    assert fallen_mass(position, mass, 1.0, image, 10.0) == pytest.approx(2.0 + 4.0 + 2 * 8.0)
    assert fallen_mass(position, mass, 1.0) == pytest.approx(2.0 + 8.0)


def test_steady_flow_has_its_rate_whatever_the_start():
    time = np.linspace(3.0, 11.0, 81)
    rate, error = mass_flow(time, 5.0 + 2.5 * time)
    assert rate == pytest.approx(2.5)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_error_of_a_noisy_rate_is_that_of_its_blocks():
    random = np.random.default_rng(1)
    errors, rates = [], []
    for _ in range(200):
        passed = np.concatenate([[0.0], np.cumsum(random.poisson(3.0, 800))])
        rate, error = mass_flow(np.arange(801.0), passed)
        rates.append(rate)
        errors.append(error)
    assert np.mean(rates) == pytest.approx(3.0, rel=0.01)
    assert np.mean(errors) == pytest.approx(np.std(rates), rel=0.15)
    assert math.isnan(mass_flow(np.zeros(1), np.zeros(1))[0])


def test_velocity_profile_weighs_by_mass():
    height = np.array([0.1, 0.2, 1.5])
    speed, mass = velocity_profile(
        height, np.array([1.0, 4.0, 7.0]), np.array([2.0, 1.0, 5.0]), np.array([0.0, 1.0, 2.0, 3.0])
    )
    assert speed[:2] == pytest.approx([2.0, 7.0])
    assert np.isnan(speed[2])
    assert mass == pytest.approx([3.0, 5.0, 0.0])
