"""Fits of strength against series made from known numbers."""

import math

import numpy as np
import pytest

from dem.errors import StateError
from dem.measure.strength import (
    dilation_angle,
    fit_janosi,
    fit_mohr_coulomb,
    fit_principal_stresses,
    running_mean,
    secant_modulus,
    triaxial_dilation_angle,
)

STRESS = np.array([5e3, 1e4, 2e4])


@pytest.mark.parametrize("cohesion", [0.0, 250.0, 4000.0])
def test_line_of_strength_is_found(cohesion):
    line = fit_mohr_coulomb(STRESS, cohesion + STRESS * math.tan(math.radians(33.4)))
    assert line.friction_angle == pytest.approx(math.radians(33.4), rel=1e-9)
    assert line.cohesion == pytest.approx(cohesion, abs=1e-6)
    assert line.residual < 1e-9
    assert line.strength(np.array([0.0]))[0] == pytest.approx(cohesion, abs=1e-6)


def test_scatter_that_grows_with_stress_leaves_the_line_unbiased():
    random = np.random.default_rng(3)
    tau = (300 + 0.7 * STRESS) * (1 + 0.02 * random.normal(size=(400, 3)))
    lines = [fit_mohr_coulomb(STRESS, row) for row in tau]
    assert np.mean([line.cohesion for line in lines]) == pytest.approx(300, abs=30)
    assert np.mean([line.friction_angle for line in lines]) == pytest.approx(math.atan(0.7), abs=0.003)
    assert max(line.residual for line in lines) > 0.01


def test_one_stress_makes_no_line():
    with pytest.raises(StateError, match="two normal stresses"):
        fit_mohr_coulomb(np.array([5e3, 5e3]), np.array([3e3, 3e3]))


@pytest.mark.parametrize("modulus", [5e-4, 2e-3, 8e-3])
def test_janosi_finds_strength_and_modulus(modulus):
    displacement = np.linspace(0, 0.02, 150)
    found = fit_janosi(displacement, 7e3 * (1 - np.exp(-displacement / modulus)))
    assert found == pytest.approx((7e3, modulus), rel=0.02)


def test_dilation_is_the_steepest_rise():
    displacement = np.linspace(0, 0.02, 201)
    height = 0.05 - 1e-4 * np.exp(-displacement / 1e-3) + np.tan(0.2) * np.clip(displacement - 0.004, 0, 0.006)
    assert dilation_angle(displacement, height, 0.002) == pytest.approx(0.2, abs=0.01)


def test_running_mean_keeps_straight_lines_and_ends():
    displacement = np.linspace(0, 1, 51)
    assert running_mean(displacement, 3 * displacement + 1, 0.3) == pytest.approx(3 * displacement + 1)


def test_principal_stresses_give_the_same_law():
    least, angle = STRESS, math.radians(33.4)
    ratio = (1 + math.sin(angle)) / (1 - math.sin(angle))
    line = fit_principal_stresses(least, ratio * least + 2 * 400 * math.sqrt(ratio))
    assert (line.friction_angle, line.cohesion) == pytest.approx((angle, 400))


def test_triaxial_dilation_and_secant_modulus():
    strain = np.linspace(0, 0.1, 201)
    rate = 2 * math.sin(0.2) / (1 - math.sin(0.2))
    assert triaxial_dilation_angle(strain, rate * np.maximum(strain - 0.02, 0), 0.01) == pytest.approx(0.2)
    assert secant_modulus(strain, 1e4 * np.minimum(strain / 0.04, 1)) == pytest.approx(2.5e5)
