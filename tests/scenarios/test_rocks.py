"""Rocks in a rover's bed: grains that hold, in place of sand; and what is no rock is said."""

import numpy as np
import pytest
from test_rover_drive import fill_bed

from dem.config import load_config
from dem.errors import ConfigError
from scenarios.rover_drive.rig import start_place
from scenarios.shared.rocks import lay_rocks

ROCK = "scenario.rocks=[{x: 1.2, y: 0.6, height: 0.1, width: 0.3}]"
FINE = ["scenario=rover_drive", "bed.grains_per_wheel_diameter=12", "scenario.distance=0.5"]


def lay(*overrides: str):
    """A bed as it is filled, its rocks in it, which grains are fixed, and the config."""
    config = load_config([*FINE, *overrides])
    sand = fill_bed(config.bed, config.soil, config.contact, config.solver, 1e7)
    return sand, *lay_rocks(config, sand, start_place(config), config.rover.hubs), config


def test_a_rock_stands_as_high_as_it_says_and_no_sand_is_in_it():
    sand, bed, fixed, config = lay(ROCK)
    middle, size = np.array([*(start_place(config) + [1.2, 0.6]), config.bed.depth]), config.bed.grain_diameter
    rock, around = bed.position[fixed], bed.position[~fixed]
    assert rock[:, 2].max() + size / 2 == pytest.approx(config.bed.depth + 0.1)
    assert np.linalg.norm((rock - middle)[:, :2], axis=1).max() <= 0.15
    apart = np.linalg.norm(rock[:, None] - rock[None], axis=2) + 10 * np.eye(len(rock))
    assert apart.min() == pytest.approx(size)
    assert len(sand.radius) - len(around) > 0.3 * fixed.sum()
    gap = np.linalg.norm(rock[:, None] - around[None], axis=2) - size / 2 - bed.radius[~fixed]
    assert gap.min() > -0.3 * size
    sand, again, none, _ = lay()
    assert not none.any()
    np.testing.assert_array_equal(again.position, sand.position)


@pytest.mark.parametrize(
    ("rock", "expected"),
    [
        ("{x: 1, y: 0, height: 0.1}", r"scenario\.rocks\[0\] is"),
        ("{x: 1, y: 0, height: 0.1, width: -1}", r"scenario\.rocks\[0\]\.width is -1"),
        ("{x: 1, y: 0, height: 0.01, width: 0.3}", "two grain diameters"),
        ("{x: 0.6, y: 0.6, height: 0.1, width: 0.3}", "where wheel 'front_left' starts"),
        ("{x: 9, y: 0, height: 0.1, width: 0.3}", "must lie in the bed"),
    ],
)
def test_what_is_no_rock_is_said(rock, expected):
    with pytest.raises(ConfigError, match=expected):
        lay(f"scenario.rocks=[{rock}]")
