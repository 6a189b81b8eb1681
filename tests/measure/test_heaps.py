"""Angle, front and run-out of heaps whose shape is known."""

import math

import numpy as np
import pytest

from dem.measure.heaps import (
    angle_of_repose,
    cone_flank,
    deposit_front,
    run_out,
    spread_front,
    surface_profile,
    surface_slope,
)


def wedge(slope: float, diameter: float = 0.01) -> tuple[np.ndarray, np.ndarray]:
    """Grains on a fine grid below z = 1 - slope x, whose surface their tops make: position (n, 3), radius (n,)."""
    x, y = (np.arange(0.0, length, diameter / 2) for length in (1.0, 0.1))
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.column_stack([grid, 1.0 - slope * grid[:, 0] - diameter / 2]), np.full(len(grid), diameter / 2)


@pytest.mark.parametrize("degrees", [5.0, 25.0, 40.0])
def test_flank_of_a_wedge_has_its_angle(degrees):
    slope = math.tan(math.radians(degrees))
    x = np.linspace(0.1, 0.9, 60)
    height = surface_profile(*wedge(slope), x, 0.1)
    assert math.degrees(angle_of_repose(x, height)) == pytest.approx(degrees, abs=0.3)


def test_only_the_flank_counts_and_either_side_is_positive():
    x = np.linspace(-2.0, 2.0, 401)
    roof = np.maximum(1.0 - 0.5 * np.abs(x), 0.2)
    assert angle_of_repose(x, roof, 0.1, 1.5) == pytest.approx(math.atan(0.5), abs=1e-3)
    assert angle_of_repose(x, roof, -1.5, -0.1) == pytest.approx(math.atan(0.5), abs=1e-3)
    roof[200:250] = np.nan
    assert angle_of_repose(x, roof, 0.1, 1.5) == pytest.approx(math.atan(0.5), abs=1e-3)
    assert math.isnan(angle_of_repose(x, roof, 5.0, 6.0))


def test_front_is_where_the_deposit_thins_and_strays_do_not_count():
    x = np.linspace(0.0, 4.0, 81)
    height = np.maximum(1.0 - 0.5 * x, 0.0)
    height[70] = 0.3  # a grain on its own
    assert deposit_front(x, height, 0.1) == pytest.approx(1.8, abs=1e-9)
    assert deposit_front(x, np.ones(81), 0.1) == 4.0
    assert deposit_front(x, np.zeros(81), 0.1) == 0.0
    assert run_out(1.8, 0.6) == pytest.approx(2.0)


def test_bare_ground_is_at_zero():
    height = surface_profile(np.array([[0.5, 0.05, 0.1]]), np.array([0.1]), np.array([0.5, 3.0]), 0.1)
    assert height[0] == pytest.approx(0.2, abs=0.01)
    assert height[1] == 0.0
    assert surface_profile(np.zeros((0, 3)), np.zeros(0), np.array([0.5]), 0.1).tolist() == [0.0]


def test_all_but_a_share_of_the_mass_lies_behind_the_front():
    x = np.random.default_rng(3).permutation(np.arange(1.0, 101.0))
    assert spread_front(x, np.ones(100)) == pytest.approx(99.0)
    assert spread_front(x, np.ones(100), share=0.2) == pytest.approx(80.0)
    assert spread_front(np.array([0.0, 1.0]), np.array([3.0, 1.0]), share=0.25) == pytest.approx(0.0)


def test_slope_has_the_sign_of_its_rise():
    x = np.linspace(0.0, 1.0, 20)
    assert surface_slope(x, 0.3 * x) == pytest.approx(math.atan(0.3))
    assert surface_slope(x, -0.3 * x) == pytest.approx(-math.atan(0.3))


@pytest.mark.parametrize("degrees", [15.0, 25.0, 40.0])
def test_flank_of_a_round_heap_has_its_angle_on_all_sides(degrees):
    slope, size = math.tan(math.radians(degrees)), 0.01
    grid = np.arange(-0.5, 0.5, size / 2)
    x, y = (axis.ravel() for axis in np.meshgrid(grid, grid))
    height = 0.4 * slope - slope * np.hypot(x, y)
    kept = height > size
    position = np.column_stack([x, y, height - size / 2])[kept]
    flank = cone_flank(position, np.full(kept.sum(), size / 2), 8)
    assert np.degrees(flank.angles) == pytest.approx(np.full(8, degrees), abs=0.5)
    assert flank.foot == pytest.approx(0.4 - size / slope, abs=size)
    assert flank.height[0] == pytest.approx(0.4 * slope, abs=size)
