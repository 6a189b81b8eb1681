"""How beds are made: filled, settled, pressed or shaken, cut to their surface, settled again under the soil's friction.

Beds that differ only in their preparation friction are made at once, as worlds of one simulation.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.experiment import Arrays, Experiment, Phase, Stage, run_experiment
from dem.measure.bed import residual_speeds
from dem.model import Motion
from dem.soil.contact_spec import ContactSpec
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.packing import SPARE_LAYERS, cut_surface, fill_box
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import OutputSpec, SolverSpec

log = logging.getLogger(__name__)

STILL = 0.02  # of sqrt(g d): the speed below which a bed counts as settled
SETTLE_TIMES = 60  # of sqrt(d / g): the longest a bed is given
CHECK_TIMES = 2  # of sqrt(d / g): between two checks of its speed
FALLING_OVERLAP = 0.3  # of the radius: soft grains that fall may overlap more than a run would bear, and forget it
PLATE = 1  # the body; 0 is the ground
PRESS_PARTS = 100  # of the time of pressing in which the load is constant
SHAKE_PARTS = 24  # of a cycle in which the box's acceleration is constant
PLATE_LAYERS = 1.0  # grain layers that weigh as much as the plate: light beside the bed, heavy beside a grain

Grains = tuple[np.ndarray, np.ndarray]


@dataclass
class SettledBed:
    """A bed of grains at rest.

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
    """A builder with the bed's domain: open above, periodic or walled, along x and across y."""
    builder = dem.ModelBuilder(gravity, contact)
    height = 4 * (bed.depth + bed.length)
    margin = bed.grain_diameter  # walls push back before a grain counts as lost
    lower, upper = np.array([-margin, -margin, -margin]), np.array([bed.length + margin, bed.width + margin, height])
    periodic = (bed.periodic_x, bed.periodic_y, False)
    lower, upper = np.where(periodic, 0.0, lower), np.where(periodic, [bed.length, bed.width, height], upper)
    builder.set_domain(lower, upper, periodic=periodic)
    return builder


def add_box(builder: dem.ModelBuilder, bed: BedSpec, material: int) -> list[int]:
    """Floor and walls of the bed; returns their shapes, floor first."""
    faces = "-z" + ("" if bed.periodic_x else " -x +x") + ("" if bed.periodic_y else " -y +y")
    return builder.add_box_walls((0, 0, 0), (bed.length, bed.width, 0), material, faces)


def grain_material(soil: SoilSpec, young_modulus: float) -> dem.Material:
    """The soil's grains at the stiffness of the run."""
    return dem.Material(soil.particle_density, young_modulus, soil.poisson_ratio)


@dataclass(frozen=True)
class BedMaker:
    """What all beds of a batch share.

    Attributes:
        bed: its own preparation friction does not count.
        soil, contact, solver: as in the config.
        young_modulus: of the grains [Pa].
    """

    bed: BedSpec
    soil: SoilSpec
    contact: ContactSpec
    solver: SolverSpec
    young_modulus: float

    @property
    def fall_time(self) -> float:
        """Fall time of a grain under the preparation's gravity, sqrt(d / g) [s]."""
        return math.sqrt(self.bed.grain_diameter / self.bed.preparation_gravity)

    def make(self, frictions: Sequence[float], folder: Path | None = None, key: str = "") -> list[SettledBed]:
        """A bed for each preparation friction.

        Args:
            frictions: sliding, while the bed is made [-].
            folder: of checkpoints, from which a stopped preparation goes on; None keeps none.
            key: hash of all that determines the beds.

        Raises:
            StateError: a bed came out shallower than it must be.
        """
        return run_experiment(BedPreparation(self, frictions, key), folder)

    def models(self, grains: Sequence[Grains], surfaces: Sequence[dict], with_plate: bool = False) -> list[dem.Model]:
        """Models of boxes of grains at rest under the preparation's gravity.

        Args:
            grains: position (n, 3) [m] and radius (n,) [m] of each world.
            surfaces: contact parameters of grain on grain in each world.
            with_plate: lay a plate on each.
        """
        bed, found = self.bed, []
        laws = soil_laws(self.soil, self.contact, bed.grain_diameter)
        for (position, radius), surface in zip(grains, surfaces, strict=True):
            builder = box_builder(bed, laws, (0.0, 0.0, -bed.preparation_gravity))
            sand = builder.add_material(grain_material(self.soil, self.young_modulus))
            builder.set_pair(sand, sand, **surface)
            builder.add_particles(position, radius, sand)
            add_box(builder, bed, sand)
            if with_plate:
                self._add_plate(builder, sand, float((position[:, 2] + radius).max()))
            found.append(builder.finalize())
        return found

    def level(self, position: np.ndarray, radius: np.ndarray) -> Grains:
        """What lies under a plane in the spare layers: on a few grains that stand out a plate would crush them."""
        plane = self.bed.depth + self.bed.relief_extremes()[1] + SPARE_LAYERS / 2 * self.bed.grain_diameter
        stays = position[:, 2] + radius <= plane
        return position[stays], radius[stays]

    def cut(self, position: np.ndarray, radius: np.ndarray) -> Grains:
        """What lies under the surface of the bed.

        Raises:
            StateError: the grains settled below it.
        """
        bed = self.bed
        highest = bed.depth + bed.relief_extremes()[1]
        stays = cut_surface(bed, position, radius)
        if not stays.any() or position[:, 2].max() < highest - bed.grain_diameter:
            raise dem.StateError(
                f"bed {bed.name!r} settled below its depth of {highest:.4g} m; lower bed.depth or the height of "
                "bed.surface"
            )
        return position[stays], radius[stays]

    def _add_plate(self, builder: dem.ModelBuilder, material: int, height: float) -> None:
        bed = self.bed
        area = bed.length * bed.width
        mass = PLATE_LAYERS * self.soil.particle_density * area * bed.grain_diameter
        middle = (bed.length / 2, bed.width / 2, height)
        body = builder.add_body("plate", mass, (mass * area,) * 3, middle, motion=_upright(0.0))
        builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, -1.0), material, body)


class BedPreparation(Experiment):
    """Beds that are filled, settled, compacted and cut, one a preparation friction; its result are `SettledBed`s.

    Args:
        maker: of the beds.
        frictions: sliding, while each is made [-].
        key: hash of all that determines them.
    """

    tracks_energy = False

    def __init__(self, maker: BedMaker, frictions: Sequence[float], key: str) -> None:
        self.maker, self.bed, self.key = maker, maker.bed, key
        of_grains = maker.soil, maker.contact, maker.bed.grain_diameter
        self.slippery = [dry_numbers(*of_grains, sliding_friction=friction) for friction in frictions]
        self.final = [grain_numbers(*of_grains)] * len(frictions)
        self.solver_spec = maker.solver
        self.begin_empty()

    solver = property(lambda self: self.solver_spec)
    output = property(lambda self: OutputSpec())
    grain_diameter = property(lambda self: self.bed.grain_diameter)

    @property
    def world_names(self) -> list[str]:
        """Names of the worlds, one for each friction."""
        return [f"bed {self.bed.name!r}, sample {number}" for number in range(len(self.slippery))]

    def identity(self) -> dict[str, str]:
        """The key, which the checkpoint must have."""
        return {"bed": self.key}

    def stages(self) -> list[Stage]:
        """Settle and shake, press, and settle what was cut out under the soil's friction."""
        overlap = self.settling_overlap
        stages = [Stage(self._fill, self._settling, overlap)]
        if self.bed.compaction.method == "press":
            stages.append(Stage(self._lay_plates, lambda: [self._pressing()], overlap))
        return [*stages, Stage(self._cut, lambda: [self.settling_phase("settle")], overlap)]

    @property
    def settling_overlap(self) -> float:
        """Beyond which settling grains stop the preparation, over the radius [-]."""
        return max(self.solver.max_overlap, FALLING_OVERLAP)

    def finish(self) -> Any:
        """The beds that were made, one a world."""
        found = []
        for world in self.worlds:
            snapshot, contacts = self.simulation.snapshot(world), self.simulation.state.contact_arrays(world)
            radius = self.simulation.worlds.models[world].particles["radius"]
            found.append(
                SettledBed(
                    snapshot["position"],
                    radius,
                    snapshot["velocity"],
                    snapshot["contact_count"],
                    contacts["first"],
                    contacts["second"],
                )
            )
        return found

    def _fill(self, before: list[Arrays]) -> list[dem.Model]:
        filled, count = fill_box(self.bed), len(self.slippery)
        log.info("settling %d grains%s", len(filled[1]), f" {count} times" if count > 1 else "")
        return self.maker.models([filled] * count, self.slippery)

    def _lay_plates(self, before: list[Arrays]) -> list[dem.Model]:
        levelled = [self.maker.level(own["position"], own["radius"]) for own in before]
        return self.maker.models(levelled, self.slippery, with_plate=True)

    def _cut(self, before: list[Arrays]) -> list[dem.Model]:
        return self.maker.models([self.maker.cut(own["position"], own["radius"]) for own in before], self.final)

    def _settling(self) -> list[Phase]:
        if self.bed.compaction.method != "shake":
            return [self.settling_phase("settle")]
        return [self.settling_phase("settle"), self._shaking(), self.settling_phase("settle again")]

    def settling_phase(self, name: str, look_times: float = CHECK_TIMES) -> Phase:
        """Let grains come to rest, under gravity as it is while the bed is made.

        Args:
            name: of the phase.
            look_times: sqrt(d / g) between two looks at their speeds.
        """
        interval = self.whole(look_times * self.maker.fall_time)
        longest = SETTLE_TIMES // look_times * interval

        def begin(start: float) -> None:
            self._pull_down(0.0)

        def is_still() -> bool:
            speed = max(self._speed(number) for number in range(self.world_count))
            if speed >= STILL and self.simulation.time - self.phase_start > longest - interval / 2:
                log.warning("bed still moves at %.3g sqrt(g d) after %.3g s", speed, self.simulation.time)
            return speed < STILL

        return Phase(name, longest, begin, until=is_still, interval=interval)

    def _shaking(self) -> Phase:
        """In the box's frame its acceleration A w^2 cos(w t) along x is a gravity that swings."""
        how, gravity = self.bed.compaction, self.bed.preparation_gravity
        peak = how.amplitude * (2 * math.pi * how.frequency) ** 2 * gravity
        part = self.maker.fall_time / how.frequency / SHAKE_PARTS

        def swing(place: int) -> None:
            self._pull_down(peak * math.cos(2 * math.pi * (place + 0.5) / SHAKE_PARTS))

        return self.in_parts("shake", round(how.duration * self.maker.fall_time / part), part, swing)

    def _pressing(self) -> Phase:
        """The load of the plates rises over half of the time: let go at once they would drop."""
        bed = self.bed
        force = bed.compaction.pressure * bed.length * bed.width
        part = bed.compaction.duration * self.maker.fall_time / PRESS_PARTS

        def load(place: int) -> None:
            for number in range(self.world_count):
                self.set_motion(number, PLATE, _upright(-force * min(2 * (place + 1) / PRESS_PARTS, 1.0)))

        return self.in_parts("press", PRESS_PARTS, part, load)

    def _pull_down(self, aside: float) -> None:
        for number in range(self.world_count):
            self.set_gravity(number, (aside, 0.0, -self.bed.preparation_gravity))

    def _speed(self, number: int) -> float:
        velocity = self.snapshot(number, "velocity")["velocity"]
        return residual_speeds(velocity, self.bed.grain_diameter, self.bed.preparation_gravity)[1]


def _upright(load: float) -> Motion:
    """A plate that only rises and sinks, under `load` [N] along z."""
    return Motion(dict.fromkeys(("x", "y", "rx", "ry", "rz"), 0.0), {"z": load})
