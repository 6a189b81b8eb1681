"""Coarse-grained fields keep what they are made of, and stresses their invariants."""

import numpy as np
import pytest

from dem.measure.coarse import coarse_grain_section, largest_shear, lucy, pressure


def test_lucys_function_integrates_to_one():
    distance = np.linspace(0, 0.3, 20001)
    shells = 4 * np.pi * distance**2 * lucy(distance, 0.3)
    assert np.trapezoid(shells, distance) == pytest.approx(1.0, rel=1e-6)
    assert lucy(np.array([0.3, 0.4]), 0.3).tolist() == [0.0, 0.0]


def test_a_uniform_lattice_has_its_density_everywhere_also_over_periodic_faces():
    grid = np.stack(np.meshgrid(*[np.arange(10) + 0.5] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    numbers = np.column_stack([np.full(len(grid), np.pi / 6), np.full(len(grid), 40.0)])
    axes = np.arange(0.0, 10.0, 0.5), np.arange(3.0, 7.0, 0.5)
    found = coarse_grain_section(grid, numbers, axes, 0.2, 2.5, period=(10.0, 10.0))
    np.testing.assert_allclose(found[..., 0], np.pi / 6, rtol=0.02)
    np.testing.assert_allclose(found[..., 1], 40.0, rtol=0.02)


def test_the_sum_over_parallel_planes_is_the_sum_over_the_grains():
    rng = np.random.default_rng(4)
    place, numbers = rng.uniform(1, 2, (50, 3)), rng.normal(size=(50, 6))
    axis, step = np.arange(0.0, 3.0, 0.08), 0.08
    total = sum(coarse_grain_section(place, numbers, (axis, axis), y, 0.5).sum(axis=(0, 1)) for y in axis) * step**3
    np.testing.assert_allclose(total, numbers.sum(axis=0), rtol=1e-3, atol=1e-3)


def test_invariants():
    assert pressure(np.array([1.0, 2, 6, 5, 5, 5])) == 3.0
    shear_in_xz = np.array([2.0, 2, 2, 0, 0, 1.5])
    assert largest_shear(shear_in_xz) == pytest.approx(1.5)
    assert largest_shear(np.array([[1.0, 2, 7, 0, 0, 0]]))[0] == pytest.approx(3.0)
