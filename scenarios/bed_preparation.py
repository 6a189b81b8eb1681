"""How beds are made: filled, settled, pressed or shaken, cut to their surface, settled again under the soil's friction.

Beds that differ only in their preparation friction are made at once, as worlds of one simulation.
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import dem
from dem.measure.bed import residual_speeds
from dem.model import Motion
from dem.progress import Progress
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.packing import SPARE_LAYERS, cut_surface, fill_box
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import SolverSpec

log = logging.getLogger(__name__)

STILL = 0.02  # of sqrt(g d): the speed below which a bed counts as settled
SETTLE_TIMES = 60  # of sqrt(d / g): the longest a bed is given
LOOK_TIMES = 2  # of sqrt(d / g): between two looks at its speed
FALLING_OVERLAP = 0.3  # of the radius: soft grains that fall may overlap more than a run would bear, and forget it
PLATE = 1  # the body; 0 is the ground
PRESS_PARTS = 100  # of the time of pressing in which the load is constant
SHAKE_PARTS = 24  # of a cycle in which the box's acceleration is constant
PLATE_LAYERS = 1.0  # grain layers that weigh as much as the plate: light beside the bed, heavy beside a grain

Grains = tuple[np.ndarray, np.ndarray]


@dataclass
class SettledBed:
    """Grains at rest.

    Attributes:
        position: (n, 3) [m]; radius: (n,) [m]; velocity: (n, 3) [m/s], what is left of it.
        contact_count: of each grain (n,); first, second: of each contact (c,), as `contact_arrays` gives them.
    """

    position: np.ndarray
    radius: np.ndarray
    velocity: np.ndarray
    contact_count: np.ndarray
    first: np.ndarray
    second: np.ndarray


def box_builder(bed: BedSpec, contact: dem.ContactLaws, gravity: tuple[float, float, float]) -> dem.ModelBuilder:
    """A builder with the bed's domain: open above, walls at both ends of x, periodic or walled across y."""
    builder = dem.ModelBuilder(gravity, contact)
    height = 4 * (bed.depth + bed.length)
    margin = bed.grain_diameter  # walls push back before a grain counts as lost
    lower, upper = np.array([-margin, -margin, -margin]), np.array([bed.length + margin, bed.width + margin, height])
    if bed.periodic_y:
        lower[1], upper[1] = 0.0, bed.width
    builder.set_domain(lower, upper, periodic=(False, bed.periodic_y, False))
    return builder


def add_box(builder: dem.ModelBuilder, bed: BedSpec, material: int) -> list[int]:
    """Floor and walls of the bed; returns their shapes, floor first."""
    faces = "-z -x +x" if bed.periodic_y else "-z -x +x -y +y"
    return builder.add_box_walls((0, 0, 0), (bed.length, bed.width, 0), material, faces)


def grain_material(soil: SoilSpec, young_modulus: float) -> dem.Material:
    """The soil's grains at the stiffness of the run."""
    return dem.Material(soil.particle_density, young_modulus, soil.poisson_ratio)


@dataclass(frozen=True)
class BedMaker:
    """What all beds of a batch share.

    Attributes:
        bed: its own preparation friction does not count.
        soil, solver: as in the config.
        young_modulus: of the grains [Pa].
    """

    bed: BedSpec
    soil: SoilSpec
    solver: SolverSpec
    young_modulus: float

    @property
    def fall_time(self) -> float:
        """sqrt(d / g) of the preparation [s]."""
        return math.sqrt(self.bed.grain_diameter / self.bed.preparation_gravity)

    def make(self, frictions: Sequence[float]) -> list[SettledBed]:
        """A bed for each preparation friction.

        Raises:
            StateError: a bed came out shallower than it must be.
        """
        slippery = [dry_numbers(self.soil, sliding_friction=friction) for friction in frictions]
        grains = [(settled.position, settled.radius) for settled in self._fill_and_compact(slippery)]
        cut = [self._cut(*pair) for pair in grains]
        simulation = self.build(cut, [grain_numbers(self.soil, self.bed.grain_diameter)] * len(cut))
        self._settle(simulation, "settle")
        return self._collect(simulation, cut)

    def build(self, grains: Sequence[Grains], surfaces: Sequence[dict], with_plate: bool = False) -> dem.Simulation:
        """A simulation of boxes of grains at rest under the preparation's gravity.

        Args:
            grains: position (n, 3) [m] and radius (n,) [m] of each world.
            surfaces: numbers of grain on grain in each world.
            with_plate: lay a plate on each.
        """
        bed, solver = self.bed, self.solver
        models = []
        for (position, radius), surface in zip(grains, surfaces, strict=True):
            builder = box_builder(bed, soil_laws(self.soil), (0.0, 0.0, -bed.preparation_gravity))
            sand = builder.add_material(grain_material(self.soil, self.young_modulus))
            builder.set_pair(sand, sand, **surface)
            builder.add_particles(position, radius, sand)
            add_box(builder, bed, sand)
            if with_plate:
                self._add_plate(builder, sand, float((position[:, 2] + radius).max()))
            models.append(builder.finalize())
        skin = solver.skin * bed.grain_diameter
        overlap = max(solver.max_overlap, FALLING_OVERLAP)
        return dem.Simulation(models, solver.time_step, solver.time_step_fraction, overlap, skin)

    def _fill_and_compact(self, surfaces: Sequence[dict]) -> list[SettledBed]:
        filled = fill_box(self.bed)
        log.info("settling %d grains%s", len(filled[1]), f" {len(surfaces)} times" if len(surfaces) > 1 else "")
        grains = [filled] * len(surfaces)
        simulation = self.build(grains, surfaces)
        self._settle(simulation, "settle")
        if self.bed.compaction.method == "shake":
            self._shake(simulation)
            self._settle(simulation, "settle")
        settled = self._collect(simulation, grains)
        if self.bed.compaction.method != "press":
            return settled
        grains = [self._level(entry) for entry in settled]
        simulation = self.build(grains, surfaces, with_plate=True)
        self._press(simulation)
        return self._collect(simulation, grains)

    def _shake(self, simulation: dem.Simulation) -> None:
        """In the box's frame its acceleration A w^2 cos(w t) along x is a gravity that swings."""
        how, gravity = self.bed.compaction, self.bed.preparation_gravity
        peak = how.amplitude * (2 * math.pi * how.frequency) ** 2 * gravity
        part = self.fall_time / how.frequency / SHAKE_PARTS

        def shake(duration: float) -> None:
            for place in range(round(duration / part)):
                push = peak * math.cos(2 * math.pi * (place + 0.5) / SHAKE_PARTS)
                self._set_gravity(simulation, (push, 0.0, -gravity))
                simulation.run(part)

        self._run(simulation, "shake", how.duration, shake)
        self._set_gravity(simulation, (0.0, 0.0, -gravity))

    def _press(self, simulation: dem.Simulation) -> None:
        """The load of the plates rises over half of the time: let go at once they would drop."""
        bed, parts = self.bed, PRESS_PARTS
        force = bed.compaction.pressure * bed.length * bed.width

        def press(duration: float) -> None:
            for place in range(parts):
                load = -force * min(2 * (place + 1) / parts, 1.0)
                for world in range(simulation.world_count):
                    simulation.set_motion(PLATE, _upright(load), world)
                simulation.run(duration / parts)

        self._run(simulation, "press", bed.compaction.duration, press)

    def _settle(self, simulation: dem.Simulation, name: str) -> None:
        """Let grains come to rest."""

        def wait(duration: float) -> None:
            for _ in range(SETTLE_TIMES // LOOK_TIMES):
                simulation.run(LOOK_TIMES * self.fall_time)
                speed = max(self._speeds(simulation, world)[1] for world in range(simulation.world_count))
                if speed < STILL:
                    return
            log.warning("bed still moves at %.3g sqrt(g d) after %.3g s", speed, simulation.time)

        self._run(simulation, name, SETTLE_TIMES, wait)

    def _run(self, simulation: dem.Simulation, name: str, times: float, act: Callable[[float], None]) -> None:
        duration = times * self.fall_time
        with Progress(simulation, name, duration):
            act(duration)
        for world, failure in simulation.failures.items():
            raise dem.NumericalError(
                f"bed {self.bed.name!r}, sample {world}, while it was made ({name}): {failure.reason}"
            )

    def _set_gravity(self, simulation: dem.Simulation, gravity: tuple[float, float, float]) -> None:
        for world in range(simulation.world_count):
            simulation.set_gravity(gravity, world)

    def _speeds(self, simulation: dem.Simulation, world: int) -> tuple[float, float]:
        velocity = simulation.snapshot(world, ("velocity",))["velocity"]
        return residual_speeds(velocity, self.bed.grain_diameter, self.bed.preparation_gravity)

    def _add_plate(self, builder: dem.ModelBuilder, material: int, height: float) -> None:
        bed = self.bed
        area = bed.length * bed.width
        mass = PLATE_LAYERS * self.soil.particle_density * area * bed.grain_diameter
        middle = (bed.length / 2, bed.width / 2, height)
        body = builder.add_body("plate", mass, (mass * area,) * 3, middle, motion=_upright(0.0))
        builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, -1.0), material, body)

    def _level(self, settled: SettledBed) -> Grains:
        """What lies under a plane in the spare layers: on a few grains that stand out a plate would crush them."""
        position, radius = settled.position, settled.radius
        plane = self.bed.depth + self.bed.relief_extremes()[1] + SPARE_LAYERS / 2 * self.bed.grain_diameter
        stays = position[:, 2] + radius <= plane
        return position[stays], radius[stays]

    def _cut(self, position: np.ndarray, radius: np.ndarray) -> Grains:
        bed = self.bed
        highest = bed.depth + bed.relief_extremes()[1]
        stays = cut_surface(bed, position, radius)
        if not stays.any() or position[:, 2].max() < highest - bed.grain_diameter:
            raise dem.StateError(
                f"bed {bed.name!r} settled below its depth of {highest:.4g} m; lower bed.depth or the height of "
                "bed.surface"
            )
        return position[stays], radius[stays]

    def _collect(self, simulation: dem.Simulation, grains: Sequence[Grains]) -> list[SettledBed]:
        found = []
        for world, (_, radius) in enumerate(grains):
            snapshot, contacts = simulation.snapshot(world), simulation.state.contact_arrays(world)
            found.append(
                SettledBed(
                    snapshot["position"], radius, snapshot["velocity"], snapshot["contact_count"], contacts["first"],
                    contacts["second"],
                )
            )  # fmt: skip
        return found


def _upright(load: float) -> Motion:
    """A plate that only rises and sinks, under `load` [N] along z."""
    return Motion(dict.fromkeys(("x", "y", "rx", "ry", "rz"), 0.0), {"z": load})
