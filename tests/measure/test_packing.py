"""Packing and surface against bodies whose volume and height are known."""

import numpy as np
import pytest

from dem.measure.packing import (
    backbone_coordination,
    bearing_grains,
    box_solid_fraction,
    coordination_number,
    count_contacts,
    slab_solid_fraction,
    surface_heights,
)


def test_cubic_lattice_fills_pi_over_six_of_any_whole_slab():
    grid = np.stack(np.meshgrid(*[np.arange(5) + 0.5] * 3), axis=-1).reshape(-1, 3)
    radius = np.full(len(grid), 0.5)
    assert slab_solid_fraction(grid, radius, 25.0, 1.0, 4.0) == pytest.approx(np.pi / 6, rel=1e-12)
    # a slab from centre to centre cuts spheres in half, and still holds one layer a unit
    assert slab_solid_fraction(grid, radius, 25.0, 1.5, 3.5) == pytest.approx(np.pi / 6, rel=1e-12)


def test_cap_of_one_sphere_is_cut_exactly():
    height, radius = 0.3, 1.0  # of the cap
    expected = np.pi * height**2 * (3 * radius - height) / 3
    got = (
        slab_solid_fraction(np.zeros((1, 3)), np.array([radius]), 4.0, radius - height, radius + 1) * 4.0 * (height + 1)
    )
    assert got == pytest.approx(expected, rel=1e-12)


def test_surface_follows_the_topmost_sphere_and_wraps_across():
    position, radius = np.array([[0.0, 0.05, 1.0], [0.0, 0.05, 0.2]]), np.array([0.1, 0.1])
    heights = surface_heights(position, radius, np.array([0.0, 0.5]), np.array([0.05, 0.95]), period_y=1.0)
    assert heights[0, 0] == pytest.approx(1.1)
    assert np.isnan(heights[1, 0])
    assert np.isnan(heights[0, 1])  # just out of reach: 0.1 away, over the periodic face
    wrapped = surface_heights(position, radius, np.array([0.0]), np.array([0.99]), period_y=1.0)
    assert wrapped[0, 0] == pytest.approx(1.0 + np.sqrt(0.1**2 - 0.06**2))


def test_rattlers_do_not_count_in_the_coordination_number():
    assert coordination_number(np.array([0, 1, 4, 6])) == 5.0
    assert coordination_number(np.array([0, 1])) == 0.0


# A tetrahedron 0-3 in which every grain holds three others, a chain 3-4-5 hung on it, a grain 6 on a wall, and 7 alone.
FIRST = np.array([0, 0, 0, 1, 1, 2, 3, 4, 6])
SECOND = np.array([1, 2, 3, 2, 3, 3, 4, 5, -1])


def test_contacts_count_for_both_grains_and_once_at_a_wall():
    assert count_contacts(FIRST, SECOND, 8).tolist() == [3, 3, 3, 4, 2, 1, 1, 0]


def test_rattlers_go_with_what_they_leave_loose():
    assert bearing_grains(FIRST, SECOND, 8, 2).tolist() == [True] * 4 + [False] * 4
    assert bearing_grains(FIRST, SECOND, 8, 3).tolist() == [True] * 4 + [False] * 4
    assert not bearing_grains(FIRST, SECOND, 8, 4).any()


def test_backbone_counts_only_what_bears():
    everywhere = np.ones(8, bool)
    assert backbone_coordination(FIRST, SECOND, everywhere, 3) == (3.0, 0.5)
    inner = np.arange(8) < 4
    assert backbone_coordination(FIRST, SECOND, inner, 3) == (3.0, 0.0)
    assert backbone_coordination(FIRST, SECOND, everywhere, 4) == (0.0, 1.0)


def test_points_in_a_box_tell_the_volume_of_cut_spheres():
    position, radius = np.array([[0.0, 0.0, 0.0], [1.0, 0.5, 0.5]]), np.array([0.4, 0.3])
    found = box_solid_fraction(position, radius, np.zeros(3), np.ones(3), 0.02)
    expected = (0.4**3 / 8 + 0.3**3 / 2) * 4 / 3 * np.pi  # an eighth of one, half of the other
    assert found == pytest.approx(expected, rel=0.01)
