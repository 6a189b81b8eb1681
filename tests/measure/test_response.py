"""Response surfaces find the parameters behind noisy measurements, and say when they are not unique."""

import numpy as np
import pytest

from dem.measure.response import ResponseSurface, find_posterior


def sample(count, width, seed=1):
    """Even points in [-1, 1]."""
    return np.random.default_rng(seed).uniform(-1, 1, (count, width))


def test_surface_follows_a_quadratic():
    points = sample(30, 2)
    values = 5.0 + 2.0 * points[:, 0] - points[:, 1] + 0.5 * points[:, 0] ** 2
    surface = ResponseSurface(points, values)
    probe = sample(50, 2, seed=2)
    wanted = 5.0 + 2.0 * probe[:, 0] - probe[:, 1] + 0.5 * probe[:, 0] ** 2
    assert np.abs(surface.predict(probe) - wanted).max() < 0.25
    assert surface.residual < 0.2


def test_noise_is_found_as_residual():
    points = sample(40, 1)
    noise = np.random.default_rng(3).normal(0.0, 0.3, 40)
    assert ResponseSurface(points, 2.0 * points[:, 0] + noise).residual == pytest.approx(0.3, rel=0.3)


def test_two_measurements_pin_two_parameters():
    points = sample(20, 2)
    surfaces = [ResponseSurface(points, 10.0 * points[:, 0]), ResponseSurface(points, 10.0 * points[:, 1])]
    posterior = find_posterior(surfaces, [5.0, -5.0], [0.5, 0.5], seed=1)
    assert posterior.best == pytest.approx([0.5, -0.5], abs=0.1)
    (low, high), _ = posterior.ranges()
    assert low < 0.5 < high
    assert high - low < 0.4
    assert abs(posterior.correlation()[0, 1]) < 0.3


def test_a_valley_is_seen():
    points = sample(20, 2)
    posterior = find_posterior([ResponseSurface(points, points.sum(axis=1))], [0.0], [0.05], seed=1)
    assert posterior.correlation()[0, 1] < -0.9
    low, high = posterior.ranges()[0]
    assert high - low > 1.5
    drawn = posterior.draw(seed=4)
    assert abs(drawn.sum()) < 0.4


def test_constant_measurement_is_no_error():
    surface = ResponseSurface(sample(6, 3), np.full(6, 7.0))
    assert surface.predict(np.zeros((1, 3))) == pytest.approx([7.0])
