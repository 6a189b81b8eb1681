"""Scenes of many experiments that do not meet: spheres against a plane, pairs of spheres, each on a site of its own.

Every scene has the same number of grains and materials, the last experiment being repeated on the sites left over, so
that one compiled simulation serves all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

import dem

SITES = 64  # grains of a scene; pairs take two
MATERIALS = 16
SPACING = 12.0  # radii between sites
SLIDING = dem.ContactLaws(rolling=None)
FAR_BELOW, FAR_ABOVE = (0.0, 0.0, -1e6), (0.0, 0.0, 1e6)
UP, DOWN = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)


@dataclass(frozen=True)
class Solid:
    """A material as the sources give it: moduli [Pa], density [kg/m3], and its numbers in contact with anything.

    Attributes:
        more: further surface numbers that a law reads, by name.
    """

    young_modulus: float
    poisson_ratio: float
    density: float
    sliding_friction: float = 0.0
    restitution: float = 1.0
    rolling_friction: float = 0.0
    more: dict[str, float] = field(default_factory=dict)

    @property
    def plane_modulus(self) -> float:
        """E* against a rigid wall [Pa]."""
        return self.young_modulus / (1 - self.poisson_ratio**2)

    def mass(self, radius: float) -> float:
        """Mass of a sphere [kg]."""
        return self.density * 4 / 3 * np.pi * radius**3

    def surface(self, names: Collection[str]) -> dict[str, float]:
        """The named ones of its contact parameters."""
        given = {
            "restitution": self.restitution,
            "sliding_friction": self.sliding_friction,
            "rolling_friction": self.rolling_friction,
            **self.more,
        }
        return {name: given[name] for name in sorted(names)}

    def resting_overlap(self, radius: float, load: float) -> float:
        """Overlap with a rigid wall under `load` [N], by Hertz [m]."""
        return (0.75 * load / (self.plane_modulus * np.sqrt(radius))) ** (2 / 3)


def repeat_last(values: ArrayLike, count: int) -> np.ndarray:
    """`values` (n, ...) with the last one repeated until there are `count`."""
    values = np.asarray(values)
    assert len(values) <= count, f"{len(values)} experiments on {count} sites"
    return np.concatenate([values, np.repeat(values[-1:], count - len(values), axis=0)])


def start_scene(
    solids: Sequence[Solid], gravity: Sequence[float], laws: dem.ContactLaws
) -> tuple[dem.ModelBuilder, int]:
    """A builder with the solids as materials 0, 1, ... and a rigid wall, whose index is returned.

    A pair of solids has the numbers of the first.
    """
    builder = dem.ModelBuilder(gravity=tuple(gravity), contact=laws)
    for solid in [*solids, *[solids[-1]] * (MATERIALS - 1 - len(solids))]:
        builder.add_material(dem.Material(solid.density, solid.young_modulus, solid.poisson_ratio))
    wall = builder.add_material(dem.Material.rigid())
    for index, solid in enumerate(solids):
        for partner in [*range(index, len(solids)), wall]:
            builder.set_pair(index, partner, **solid.surface(laws.pair_numbers))
    return builder, wall


def place_sites(radius: float, count: int) -> np.ndarray:
    """Points (count, 3) [m] along y."""
    return np.arange(count)[:, None] * np.array([0.0, SPACING * radius, 0.0])


def add_by_material(
    builder: dem.ModelBuilder,
    solid_of: np.ndarray,
    position: np.ndarray,
    radius: float,
    velocity: np.ndarray,
    spin: np.ndarray,
) -> None:
    """Add grains in their order, whatever their materials (a call of `add_particles` takes one material)."""
    start = 0
    for stop in [*(np.flatnonzero(np.diff(solid_of)) + 1), len(solid_of)]:
        part = slice(start, stop)
        builder.add_particles(
            position[part], radius, int(solid_of[start]), velocity=velocity[part], angular_velocity=spin[part]
        )
        start = stop


def spheres_on_plane(
    radius: float,
    solids: Sequence[Solid],
    solid_of: Sequence[int] | np.ndarray,
    velocity: np.ndarray,
    spin: np.ndarray | None = None,
    gravity: Sequence[float] = (0.0, 0.0, 0.0),
    laws: dem.ContactLaws = SLIDING,
    height: float | np.ndarray = 0.0,
    ceiling: float = FAR_ABOVE[2],
) -> dem.Model:
    """Spheres over the rigid plane z = 0.

    Args:
        radius: [m]; solid_of: index into `solids`, (n,).
        velocity: [m/s], (n, 3); spin: [rad/s], (n, 3).
        height: gap to the plane [m], one or (n,).
        ceiling: height of a rigid plane above [m].
    """
    builder, wall = start_scene(solids, gravity, laws)
    velocity = repeat_last(velocity, SITES)
    spin = np.zeros_like(velocity) if spin is None else repeat_last(spin, SITES)
    position = place_sites(radius, SITES) + [0.0, 0.0, radius]
    position[:, 2] += repeat_last(np.broadcast_to(height, (len(solid_of),)), SITES)
    add_by_material(builder, repeat_last(solid_of, SITES), position, radius, velocity, spin)
    builder.add_plane((0.0, 0.0, 0.0), UP, wall)
    builder.add_plane((0.0, 0.0, ceiling), DOWN, wall)
    return builder.finalize()


def pairs_of_spheres(
    radius: float, solids: Sequence[Solid], solid_of: Sequence[int], speed: float, spin: np.ndarray | None = None
) -> dem.Model:
    """Pairs that meet head-on along x, each at `speed` [m/s]: grains 0 to SITES/2 - 1 come from -x, the others from +x.

    Args:
        spin: [rad/s] of the first, (n, 3); the second has its opposite.
    """
    count = SITES // 2
    builder, wall = start_scene(solids, (0.0, 0.0, 0.0), SLIDING)
    position = place_sites(radius, count)
    solids_of = repeat_last(solid_of, count)
    spin = np.zeros((count, 3)) if spin is None else repeat_last(spin, count)
    velocity = np.repeat([[speed, 0.0, 0.0]], count, axis=0)
    for side in (-1.0, 1.0):
        place = position + [side * radius, 0.0, 0.0]
        add_by_material(builder, solids_of, place, radius, -side * velocity, -side * spin)
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    return builder.finalize()
