"""The specimen of a plane shear test: grains between rough platens, in a split box or periodic along the shear.

The origin lies on the shear plane, in the middle of the specimen. Every end wall is a box of its own, thick enough to
stay under what the other half pushes over it.
"""

from dataclasses import dataclass

import numpy as np

import dem
from dem.model import Motion
from dem.run_config import RunConfig
from dem.soil.contacts import dry_numbers, grain_numbers
from dem.soil.packing import fill_column
from dem.soil.stiffness import grain_modulus
from scenarios.shared.soil_experiment import start_sand

FILL_FRACTION = 0.61  # a random packing between loose and dense, for which the specimen has its height
GRIP = 2.0  # sliding and rolling friction of platens: the grains on them are as good as glued
SLIT = 0.3  # of the mean diameter, between the halves of the box: no grain fits through
PLATEN_LAYERS = 2.0  # mass of the platen, in layers of solid grains: heavy beside those that carry it
TALL = 3.0  # specimen heights: room for the loose specimen
GROUND, PLATEN = 0, 1


@dataclass
class Specimen:
    """Grains of one world, and where its platen stands.

    Attributes:
        position: (n, 3) [m]; radius: (n,) [m].
        top: height of the platen above the shear plane [m].
    """

    position: np.ndarray
    radius: np.ndarray
    top: float

    @classmethod
    def read(cls, found: dict[str, np.ndarray]) -> "Specimen":
        """Read a specimen from what `Experiment.carried` gives."""
        return cls(found["position"], found["radius"], float(found["body_position"][PLATEN, 2]))


class SpecimenMaker:
    """Makes the models of a test, all of the same compatibility signature.

    Args:
        config: of the run, with a `PlaneShearSpec`.
        is_walled: with end walls, split at the shear plane; without, it is periodic along the shear.

    Attributes:
        size: of the specimen (3,) [m].
        upper, lower: bodies of the moving and of the standing half.
    """

    def __init__(self, config: RunConfig, is_walled: bool) -> None:
        spec = config.scenario
        self.config, self.spec, self.soil, self.is_walled = config, spec, config.soil, is_walled
        self.gravity = config.gravity.vector_value()
        self.diameter = spec.grain_diameter
        ratios = (spec.relative_length, spec.relative_width, spec.relative_height)
        self.size = np.array(ratios) * self.diameter
        self.displacement = spec.relative_displacement * self.diameter
        weight = FILL_FRACTION * config.soil.particle_density * config.gravity.strength() * self.size[2]
        self.young_modulus = grain_modulus(config.solver, config.soil, max(*spec.normal_stresses, float(weight)))
        self.upper, self.lower = ([PLATEN, 4, 5], [GROUND, 2, 3]) if is_walled else ([PLATEN], [GROUND])

    @property
    def area(self) -> float:
        """Area of the shear plane [m2]."""
        return float(self.size[0] * self.size[1])

    @property
    def platen_mass(self) -> float:
        """Mass of the platen [kg]."""
        return PLATEN_LAYERS * self.area * self.diameter * self.soil.particle_density

    def fill(self, seed: int) -> Specimen:
        """Loose grains under a raised platen; every seed gives as many."""
        spec = self.spec
        position, radius = fill_column(self.size, self.diameter, spec.grain_spread, seed, FILL_FRACTION)
        position -= self.size / 2
        return Specimen(position, radius, float((position[:, 2] + radius).max()))

    def build(
        self, specimen: Specimen, friction: float | None = None, random_velocities: np.ndarray | None = None
    ) -> dem.Model:
        """The model of a specimen.

        Args:
            specimen: its grains and platen.
            friction: sliding, of grain on grain while the specimen is made [-]; the soil's own if None.
            random_velocities: velocities of the grains (n, 3) [m/s]; at rest if None.
        """
        builder, sand = start_sand(self.config, self.gravity, self.young_modulus, friction), 0
        rough, smooth = builder.add_material(dem.Material.rigid()), builder.add_material(dem.Material.rigid())
        of_grains = self.soil, self.config.contact, self.diameter
        glued = grain_numbers(*of_grains, sliding_friction=GRIP, rolling_friction=GRIP)
        builder.set_pair(sand, rough, **glued)
        builder.set_pair(sand, smooth, **dry_numbers(*of_grains, sliding_friction=0.0, rolling_friction=0.0))
        self._bound(builder)
        builder.add_particles(specimen.position, specimen.radius, sand, velocity=random_velocities)
        self._add_platens(builder, rough, specimen.top)
        if self.is_walled:
            self._add_end_walls(builder, smooth)
        return builder.finalize()

    def _bound(self, builder: dem.ModelBuilder) -> None:
        margin = 2 * self.diameter + self.displacement
        half = self.size / 2
        beyond = margin if self.is_walled else 0.0
        lower = (-half[0] - beyond, -half[1], -half[2] - self.diameter)
        upper = (half[0] + beyond, half[1], TALL * self.size[2])
        builder.set_domain(lower, upper, periodic=(not self.is_walled, True, False))

    def _add_platens(self, builder: dem.ModelBuilder, rough: int, top: float) -> None:
        builder.add_plane((0, 0, -self.size[2] / 2), (0, 0, 1), rough)
        inertia = (self.platen_mass * self.area,) * 3
        platen = builder.add_body("platen", self.platen_mass, inertia, (0, 0, top), motion=Motion.fixed())
        builder.add_plane((0, 0, 0), (0, 0, -1), rough, platen)

    def _add_end_walls(self, builder: dem.ModelBuilder, smooth: int) -> None:
        thick = self.displacement + 4 * self.diameter
        slit, low = SLIT * self.diameter / 2, self.size[2]
        spans = {"lower": (-low, -slit), "upper": (slit, TALL * self.size[2])}
        for half, (bottom, top) in spans.items():
            for side, sign in (("rear", -1), ("front", 1)):
                centre = (sign * (self.size[0] + thick) / 2, 0.0, (bottom + top) / 2)
                wall = builder.add_body(f"{half}_{side}", 1.0, (1.0, 1.0, 1.0), centre, motion=Motion.fixed())
                builder.add_shape(dem.Box((thick, 2 * self.size[1], top - bottom)), smooth, wall)
