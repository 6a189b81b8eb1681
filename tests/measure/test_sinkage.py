"""Fits of plates and cones, on curves whose parameters are known, clean and with noise."""

import math

import numpy as np
import pytest

from dem.measure.sinkage import bearing_pressure, fit_bekker, fit_gradient, fit_plate, inertial_number, sliding_mean

SINKAGE = np.linspace(0.003, 0.03, 60)
WIDTHS = (0.03, 0.06, 0.12)


def pressure(width: float, exponent=0.9, cohesive=2e3, frictional=8e5) -> np.ndarray:
    """Bekker's, for a plate."""
    return (cohesive / width + frictional) * SINKAGE**exponent


def test_one_plate_gives_back_its_power():
    fit = fit_plate(SINKAGE, 5e5 * SINKAGE**1.2)
    assert fit.exponent == pytest.approx(1.2, abs=1e-12)
    assert fit.modulus == pytest.approx(5e5, rel=1e-10)
    assert fit.goodness == pytest.approx(1.0)
    given = fit_plate(SINKAGE, 5e5 * SINKAGE**1.2, exponent=1.0)
    assert given.exponent == 1.0
    assert given.goodness < 0.99


@pytest.mark.parametrize("widths", [WIDTHS[:2], WIDTHS])
@pytest.mark.parametrize("cohesive", [2e3, 0.0, -5e3])
def test_plates_give_back_bekkers_parameters(widths, cohesive):
    fit = fit_bekker(widths, [SINKAGE] * len(widths), [pressure(width, cohesive=cohesive) for width in widths])
    assert fit.exponent == pytest.approx(0.9, abs=1e-10)
    assert fit.cohesive_modulus == pytest.approx(cohesive, abs=1e-3)
    assert fit.frictional_modulus == pytest.approx(8e5, rel=1e-8)
    assert fit.goodness == pytest.approx(1.0)


def test_noise_scatters_the_fit_about_the_truth():
    random = np.random.default_rng(1)
    fits = [
        fit_bekker(WIDTHS, [SINKAGE] * 3, [pressure(width) * (1 + 0.1 * random.normal(size=60)) for width in WIDTHS])
        for _ in range(200)
    ]
    for name, truth in (("exponent", 0.9), ("cohesive_modulus", 2e3), ("frictional_modulus", 8e5)):
        values = np.array([getattr(fit, name) for fit in fits])
        # weights p^2 of noisy pressures favour those that are too high: 10 % of noise costs about 1.5 % of level
        assert values.mean() == pytest.approx(truth, abs=3 * values.std() / math.sqrt(200) + 0.05 * truth), name
    assert 0.85 < np.mean([fit.goodness for fit in fits]) < 0.95


def test_a_pressure_that_is_none_has_no_weight():
    clean, torn = pressure(0.06), pressure(0.06)
    torn[10], torn[20] = 0.0, -50.0
    assert fit_plate(SINKAGE, torn).exponent == pytest.approx(fit_plate(SINKAGE, clean).exponent, abs=1e-9)


def test_cone_gives_back_its_gradient():
    random = np.random.default_rng(2)
    depth = np.linspace(0.0, 0.05, 80)
    clean = fit_gradient(depth, 300.0 + 1e6 * depth)
    assert clean.gradient == pytest.approx(1e6)
    assert clean.intercept == pytest.approx(300.0)
    noisy = fit_gradient(depth, 300.0 + 1e6 * depth + random.normal(0, 2e3, 80))
    assert noisy.gradient == pytest.approx(1e6, rel=0.1)
    assert noisy.goodness == pytest.approx(1 - 2e3 / 25.3e3, abs=0.02)


def test_bearing_factors_are_vesics():
    angle = math.radians(30.0)
    assert bearing_pressure(1.0, 0.0, 1.0, angle) == pytest.approx(18.40, abs=0.01)  # N_q
    assert 2 * bearing_pressure(1.0, 1.0, 0.0, angle) == pytest.approx(22.40, abs=0.01)  # N_gamma


def test_inertial_number_is_that_of_gdr_midi():
    assert inertial_number(10.0, 1e-3, 2500.0, 2500.0) == pytest.approx(0.01)


def test_sliding_mean_keeps_a_line_and_takes_out_a_wave():
    x = np.linspace(0.0, 1.0, 101)
    where, values = sliding_mean(x, 3 * x + np.sin(2 * np.pi * x / 0.1), 0.1)
    assert values == pytest.approx(3 * where, abs=1e-9)
    assert len(where) == 92
    assert sliding_mean(x[:3], x[:3], 9.0)[0] == pytest.approx([x[1]])
