"""Scenes of many grains for the bulk cases: sand as soft as told in units of its weight, loose starts, rough floors.

Lengths come in grain diameters and times in sqrt(diameter / gravity), so that a scene reads like the papers it follows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import dem

LATTICE_GAP = 1.04  # of the largest grain: apart at first, with room for a little disorder
LINEAR = dem.ContactLaws(dem.LinearSpring(), dem.LinearTangential(sliding="dashpot_off"), rolling=None)
UP, RIGHT = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Sand:
    """Grains on springs, in SI; what touches them has the same numbers.

    Attributes:
        diameter: mean [m]; spread: the radii are uniform within this fraction of the mean.
        density: [kg/m3]; gravity: [m/s2].
        hardness: normal stiffness in units of weight per diameter, m g / d [-].
        friction, restitution, rolling: of grains and walls [-]; rolling is read only by laws that roll.
    """

    diameter: float = 2e-3
    spread: float = 0.1
    density: float = 2500.0
    gravity: float = 9.81
    hardness: float = 2e4
    friction: float = 0.5
    restitution: float = 0.5
    rolling: float = 0.0

    @property
    def time(self) -> float:
        """Fall time sqrt(d / g) [s]."""
        return math.sqrt(self.diameter / self.gravity)

    @property
    def speed(self) -> float:
        """Fall speed sqrt(g d) [m/s]."""
        return math.sqrt(self.gravity * self.diameter)

    @property
    def mass(self) -> float:
        """Mass of the mean grain [kg]."""
        return self.density * math.pi / 6 * self.diameter**3

    @property
    def stiffness(self) -> float:
        """Stiffness of a contact [N/m]."""
        return self.hardness * self.mass * self.gravity / self.diameter

    @property
    def surface(self) -> dict[str, float]:
        """Contact parameters of grain on grain, by name."""
        return {
            "restitution": self.restitution,
            "sliding_friction": self.friction,
            "rolling_friction": self.rolling,
            "normal_stiffness": self.stiffness,
        }

    def start(self, tilt: float = 0.0, laws: dem.ContactLaws = LINEAR, modulus: float = 1e9) -> dem.ModelBuilder:
        """A builder with the grains as material 0 and walls of the same numbers as material 1, frictionless ones as 2.

        Args:
            tilt: of gravity towards +x [rad].
            modulus: Young's [Pa], for laws that read it.
        """
        gravity = (self.gravity * math.sin(tilt), 0.0, -self.gravity * math.cos(tilt))
        builder = dem.ModelBuilder(gravity=gravity, contact=laws)
        smooth = {**self.surface, "sliding_friction": 0.0, "rolling_friction": 0.0}
        builder.add_material(dem.Material(self.density, modulus, 0.3, **self.surface))
        builder.add_material(dem.Material.rigid(**self.surface))
        builder.add_material(dem.Material.rigid(**smooth))
        return builder

    def radii(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Radii (count,) [m]."""
        return self.diameter / 2 * random.uniform(1 - self.spread, 1 + self.spread, count)

    def fill(self, size: Sequence[float] | np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """A loose, jittered lattice from z = 0 in a box with a corner at the origin.

        Args:
            size: lengths along x and y [m], and how many grains over each other on average, were they packed to 0.6.
            seed: of jitter and radii.

        Returns:
            position (n, 3) [m] and radius (n,) [m], lowest grains first.
        """
        random = np.random.default_rng(seed)
        spacing = LATTICE_GAP * self.diameter * (1 + self.spread)
        across = [max(int(length / spacing), 1) for length in size[:2]]
        count = round(0.6 * size[0] * size[1] * size[2] / (math.pi / 6 * self.diameter**2) / self.diameter)
        layers = -(-count // (across[0] * across[1]))
        cells = np.stack(np.meshgrid(*map(np.arange, (layers, *across)), indexing="ij"), axis=-1).reshape(-1, 3)[:count]
        steps = np.array([size[0] / across[0], size[1] / across[1], spacing])
        radius = self.radii(count, random)
        room = np.maximum(steps / 2 - radius[:, None], 0.0)
        return (cells[:, [1, 2, 0]] + 0.5) * steps + random.uniform(-1, 1, (count, 3)) * room, radius

    def random_velocities(self, count: int, seed: int) -> np.ndarray:
        """Velocities (count, 3) [m/s] that make a lattice forget itself while it falls."""
        return 0.5 * self.speed * np.random.default_rng(seed).normal(size=(count, 3))


def rows_of_grains(size: Sequence[float], spacing: float) -> np.ndarray:
    """Points (n, 3) [m] at z = 0 on a square lattice of about `spacing` [m] over lengths (2,) [m] from the origin."""
    counts = [max(int(length / spacing), 1) for length in size]
    x, y = ((np.arange(count) + 0.5) * length / count for count, length in zip(counts, size, strict=True))
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.column_stack([grid, np.zeros(len(grid))])


def add_gate(builder: dem.ModelBuilder, sand: Sand, x: float) -> None:
    """A smooth wall from `x` [m] on, high and wide, that clears a floor of grains whose centres lie at z = 0."""
    thick, tall = 2 * sand.diameter, 200 * sand.diameter
    centre = (x + thick / 2, 0.0, 0.55 * sand.diameter + tall / 2)
    body = builder.add_body("gate", 1.0, (1.0, 1.0, 1.0), centre, motion=dem.Motion.fixed())
    builder.add_shape(dem.Box((thick, tall, tall)), 2, body)
