"""Scenes of many experiments that do not meet: spheres against a plane, pairs of spheres, each on a site of its own.

Every scene has the same number of grains and materials, the last experiment being repeated on the sites left over, so that
one compiled simulation serves all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import dem

SITES = 64  # grains of a scene; pairs take two
MATERIALS = 8
SPACING = 12.0  # radii between sites
SLIDING = dem.ContactLaws(rolling=None)
FAR_BELOW = (0.0, 0.0, -1e6)


@dataclass(frozen=True)
class Solid:
    """A material as the sources give it: moduli [Pa], density [kg/m3], its numbers in contact with anything."""

    young_modulus: float
    poisson_ratio: float
    density: float
    sliding_friction: float = 0.0
    restitution: float = 1.0
    rolling_friction: float = 0.0

    @property
    def plane_modulus(self) -> float:
        """E* against a rigid wall [Pa]."""
        return self.young_modulus / (1 - self.poisson_ratio**2)

    def mass(self, radius: float) -> float:
        """Of a sphere [kg]."""
        return self.density * 4 / 3 * np.pi * radius**3

    def surface(self) -> dict[str, float]:
        """Numbers in contact."""
        return {name: getattr(self, name) for name in ("restitution", "sliding_friction", "rolling_friction")}


def repeat_last(values: np.ndarray, count: int) -> np.ndarray:
    """`values` (n, ...) with the last one repeated until there are `count`."""
    values = np.asarray(values)
    assert len(values) <= count, f"{len(values)} experiments on {count} sites"
    return np.concatenate([values, np.repeat(values[-1:], count - len(values), axis=0)])


def start_scene(
    solids: Sequence[Solid], gravity: Sequence[float], laws: dem.ContactLaws
) -> tuple[dem.ModelBuilder, int]:
    """A builder with the solids as materials 0, 1, ... and a rigid wall, whose index is returned."""
    builder = dem.ModelBuilder(gravity=tuple(gravity), contact=laws)
    for solid in [*solids, *[solids[-1]] * (MATERIALS - 1 - len(solids))]:
        builder.add_material(dem.Material(solid.density, solid.young_modulus, solid.poisson_ratio, **solid.surface()))
    wall = builder.add_material(dem.Material.rigid())
    for index, solid in enumerate(solids):
        builder.set_pair(
            index, wall, **{name: value for name, value in solid.surface().items() if name in laws.pair_numbers}
        )
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
    solid_of: Sequence[int],
    velocity: np.ndarray,
    spin: np.ndarray | None = None,
    gravity: Sequence[float] = (0.0, 0.0, 0.0),
    laws: dem.ContactLaws = SLIDING,
    height: float = 0.0,
    normal: Sequence[float] = (0.0, 0.0, 1.0),
) -> dem.Model:
    """Spheres over one rigid plane through the origin.

    Args:
        radius: [m]; solid_of: index into `solids`, (n,).
        velocity: [m/s], (n, 3); spin: [rad/s], (n, 3).
        height: gap to the plane [m].
    """
    builder, wall = start_scene(solids, gravity, laws)
    velocity = repeat_last(velocity, SITES)
    spin = np.zeros_like(velocity) if spin is None else repeat_last(spin, SITES)
    position = place_sites(radius, SITES) + [0.0, 0.0, radius + height]
    add_by_material(builder, repeat_last(solid_of, SITES), position, radius, velocity, spin)
    builder.add_plane((0.0, 0.0, 0.0), normal, wall)
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
    solid_of = repeat_last(solid_of, count)
    spin = np.zeros((count, 3)) if spin is None else repeat_last(spin, count)
    velocity = np.repeat([[speed, 0.0, 0.0]], count, axis=0)
    for side in (-1.0, 1.0):
        add_by_material(builder, solid_of, position + [side * radius, 0.0, 0.0], radius, -side * velocity, -side * spin)
    builder.add_plane(FAR_BELOW, (0.0, 0.0, 1.0), wall)
    return builder.finalize()
