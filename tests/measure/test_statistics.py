"""Exponents of data whose law is known."""

import math

import numpy as np
import pytest

from dem.measure.statistics import power_law


def test_exact_power_is_found_without_error():
    x = np.array([0.5, 1.0, 4.0, 9.0])
    exponent, error, factor = power_law(x, 1.9 * x ** (2 / 3))
    assert exponent == pytest.approx(2 / 3)
    assert factor == pytest.approx(1.9)
    assert error == pytest.approx(0.0, abs=1e-12)
    assert math.isnan(power_law(x[:2], x[:2])[1])


def test_error_is_the_scatter_of_the_exponent():
    random = np.random.default_rng(2)
    x = np.geomspace(1.0, 20.0, 6)
    fits = np.array([power_law(x, x**0.5 * np.exp(0.1 * random.normal(size=6)))[:2] for _ in range(2000)])
    assert fits[:, 0].mean() == pytest.approx(0.5, abs=0.01)
    assert np.sqrt((fits[:, 1] ** 2).mean()) == pytest.approx(fits[:, 0].std(), rel=0.05)
