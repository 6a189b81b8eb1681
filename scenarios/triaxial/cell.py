"""The cell of a triaxial test: grains in the corner of three smooth walls that stand, under three that move.

Smooth rigid walls carry no shear, so it makes no difference that of each pair only one wall moves.
"""

from dataclasses import dataclass

import numpy as np

import dem
from dem.model import Motion
from dem.run_config import RunConfig
from dem.soil.contacts import dry_numbers
from dem.soil.packing import fill_column
from dem.soil.stiffness import grain_modulus
from scenarios.shared.soil_experiment import start_sand

DENSE_FRACTION = 0.61  # of a random packing, for which the specimen has its size
LOOSE_FRACTION = 0.3  # of the jittered lattice that fills a specimen
WALL_LAYERS = 2.0  # mass of a wall, in layers of solid grains
WALLS = {"x": 1, "y": 2, "z": 3}  # bodies that move
WEIGHTLESS = (0.0, 0.0, 0.0)
UNLOADING_RATIO = 0.9  # of the confining stress, from which it rises to tell the bulk modulus


@dataclass
class Specimen:
    """Grains of one world, and how far the moving walls stand from the corner.

    Attributes:
        position: (n, 3) [m]; radius: (n,) [m]; size: (3,) [m].
    """

    position: np.ndarray
    radius: np.ndarray
    size: np.ndarray

    @classmethod
    def read(cls, found: dict[str, np.ndarray]) -> "Specimen":
        """Read a specimen from what `Experiment.carried` gives."""
        return cls(found["position"], found["radius"], wall_places(found))


def wall_places(found: dict[str, np.ndarray]) -> np.ndarray:
    """How far the moving walls of a snapshot stand from the corner (3,) [m]."""
    return np.array([found["body_position"][wall, axis] for axis, wall in enumerate(WALLS.values())])


class CellMaker:
    """Makes the models of a test, all of the same compatibility signature.

    Args:
        config: of the run, with a `TriaxialSpec`.

    Attributes:
        edge: of the dense specimen, about [m].
    """

    def __init__(self, config: RunConfig) -> None:
        self.config = config
        self.spec, self.soil, self.diameter = config.scenario, config.soil, config.scenario.grain_diameter
        self.edge = self.spec.relative_size * self.diameter
        largest = 2 * max(self.spec.confining_stresses)  # the axial stress is larger
        self.young_modulus = grain_modulus(config.solver, self.soil, largest)

    @property
    def wall_mass(self) -> float:
        """Mass of a wall [kg]."""
        return WALL_LAYERS * self.edge**2 * self.diameter * self.soil.particle_density

    def fill(self, seed: int) -> Specimen:
        """A loose specimen; every seed gives as many grains."""
        side = self.edge * (DENSE_FRACTION / LOOSE_FRACTION) ** (1 / 3)
        position, radius = fill_column((side,) * 3, self.diameter, self.spec.grain_spread, seed, LOOSE_FRACTION)
        return Specimen(position, radius, (position + radius[:, None]).max(axis=0))

    def build(
        self, specimen: Specimen, friction: float | None = None, random_velocities: np.ndarray | None = None
    ) -> dem.Model:
        """The model of a specimen.

        Args:
            specimen: its grains and walls.
            friction: sliding, of grain on grain while the specimen is made [-]; the soil's own if None.
            random_velocities: velocities of the grains (n, 3) [m/s]; at rest if None.
        """
        builder, sand = start_sand(self.config, WEIGHTLESS, self.young_modulus, friction), 0
        smooth = builder.add_material(dem.Material.rigid())
        of_grains = self.soil, self.config.contact, self.diameter
        builder.set_pair(sand, smooth, **dry_numbers(*of_grains, sliding_friction=0.0, rolling_friction=0.0))
        builder.set_domain((-self.diameter,) * 3, (3 * self.edge,) * 3)
        builder.add_particles(specimen.position, specimen.radius, sand, velocity=random_velocities)
        for axis, direction in enumerate(np.eye(3)):
            builder.add_plane((0, 0, 0), tuple(direction), smooth)
            name, place = f"wall_{'xyz'[axis]}", direction * specimen.size[axis]
            inertia = (self.wall_mass * self.edge**2,) * 3
            wall = builder.add_body(name, self.wall_mass, inertia, tuple(place), motion=Motion.fixed())
            builder.add_plane((0, 0, 0), tuple(-direction), smooth, wall)
        return builder.finalize()
