"""Measures of a bed on packings and surfaces that are known exactly, and the density curve's inverse."""

import numpy as np
import pytest

from dem.measure.bed import (
    block_solid_fraction,
    density_profile,
    footprint_height,
    residual_speeds,
    share_between,
    surface_error,
)
from dem.measure.packing import slab_solid_fraction
from dem.soil.density import fit_falling, fraction_at_relative_density, relative_density


def lattice() -> tuple[np.ndarray, np.ndarray]:
    """A cubic lattice of touching spheres of diameter 1 in a box of 6 a side."""
    grid = np.stack(np.meshgrid(*[np.arange(6) + 0.5] * 3), axis=-1).reshape(-1, 3)
    return grid, np.full(len(grid), 0.5)


def test_block_of_a_lattice_fills_pi_over_six_wherever_its_faces_cut():
    position, radius = lattice()
    for low in (1.0, 1.5):  # between the spheres, and through their middles
        got = block_solid_fraction(position, radius, np.full(3, low), np.full(3, low + 3))
        assert got == pytest.approx(np.pi / 6, rel=1e-12)


def test_block_across_a_whole_period_is_the_slab():
    random = np.random.default_rng(1)
    position, radius = random.uniform(0, 6, (300, 3)), random.uniform(0.1, 0.4, 300)
    wide = block_solid_fraction(position, radius, np.array([-9, 0.0, 1.0]), np.array([15, 6.0, 4.0]), 6.0)
    assert wide * 24 * 6 == pytest.approx(slab_solid_fraction(position, radius, 1.0, 1.0, 4.0), rel=1e-12)


def test_shares_between_planes_add_up_to_one():
    center, radius = np.array([0.3, -0.2]), np.array([0.5, 1.0])
    parts = [share_between(center, radius, low, low + 0.4) for low in np.arange(-2, 2, 0.4)]
    assert sum(parts) == pytest.approx(np.ones(2), rel=1e-12)


def test_profile_sees_a_layer_that_is_taken_out():
    position, radius = lattice()
    stays = np.floor(position[:, 2]) != 3
    profile = density_profile(position[stays], radius[stays], np.zeros(3), np.full(3, 6.0), 6)
    assert profile["height"] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    assert profile["solid_fraction"] == pytest.approx([np.pi / 6] * 3 + [0.0] + [np.pi / 6] * 2, abs=1e-12)


def test_roughness_is_about_the_surface_wanted():
    wanted = np.linspace(0, 1, 50)[:, None] * np.ones((1, 4))
    bumps = np.where(np.arange(50) % 2, 0.01, -0.01)[:, None]
    offset, roughness = surface_error(wanted - 0.1 + bumps, wanted)
    assert offset == pytest.approx(-0.1)
    assert roughness == pytest.approx(0.01)


def test_footprint_height_is_that_of_the_grains_beneath():
    position, radius = lattice()
    tall = np.where((position[:, 0] > 3)[:, None], position + [0, 0, 2.0], position)
    step = 1.0  # over the middles of the spheres
    assert footprint_height(tall, radius, (0.5, 2.5), (0.5, 5.5), step) == pytest.approx(6.0)
    assert footprint_height(tall, radius, (3.5, 5.5), (0.5, 5.5), step) == pytest.approx(8.0)


def test_residual_speeds_are_in_units_of_the_fall_over_a_grain():
    velocity = np.zeros((1000, 3))
    velocity[0, 2] = 0.3
    assert residual_speeds(velocity, 0.01, 9.0) == pytest.approx((1.0, 0.0))


def test_density_curve_never_rises_and_is_inverted():
    curve = fit_falling(np.array([0.0, 0.1, 0.2, 0.4]), np.array([0.64, 0.60, 0.62, 0.58]))
    assert curve.solid_fraction.tolist() == pytest.approx([0.64, 0.61, 0.61, 0.58])
    for wanted in (0.63, 0.595):
        assert curve.at(curve.friction_for(wanted)) == pytest.approx(wanted, abs=1e-6)
    assert curve.friction_for(0.7) == 0.0
    assert curve.friction_for(0.5) == 0.4
    assert curve.shifted(0.01).densest == pytest.approx(0.65)


def test_relative_density_is_by_void_ratio():
    assert relative_density(0.64, 0.56, 0.64) == pytest.approx(1.0)
    assert relative_density(0.56, 0.56, 0.64) == pytest.approx(0.0)
    void = (0.5 * (1 / 0.56 - 1) + 0.5 * (1 / 0.64 - 1), fraction_at_relative_density(0.5, 0.56, 0.64))
    assert 1 / void[1] - 1 == pytest.approx(void[0])
