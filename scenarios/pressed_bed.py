"""Level beds that a plate or a cone is pushed into: prepared once, carried over to the run's gravity and stiffness.

A bed is prepared as softly as its own weight allows, which is fast; the test itself is as stiff as the pressure asks,
and gives the bed time to take that up before anything touches it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import dem
from dem.measure.sinkage import bearing_pressure, sliding_mean
from dem.soil.spec import BedSpec
from scenarios.bed_preparation import add_box, box_builder, grain_material
from scenarios.bed_quality import PreparedBed
from scenarios.prepared_bed import prepare_bed
from scenarios.probe_rig import GRAIN_NUMBERS, PACKED, Probe, down, grain_modulus, own_pressure

FRICTION_ANGLE = math.radians(30.0)  # of single spheres with friction, to foresee the pressure; the fit measures it
HOVER = 0.1  # grain diameters above the highest grain at the start
SMOOTH = 1.0  # grain diameters of sinkage over which forces are averaged
RELAX_TIMES = 4.0  # sqrt(d / g) under the run's gravity and stiffness before anything moves
UNUSED: dict[str, Any] = {
    "grains_per_wheel_diameter": 27,
    "relative_length": 1.0,
    "relative_width": 1.0,
    "relative_depth": 1.0,
}


def bed_spec(config: Any, seed: int, size: Sequence[float], periodic: bool) -> BedSpec:
    """The bed of one filling.

    Args:
        config: a `RunConfig`.
        seed: of the filling.
        size: length, width and depth [m].
        periodic: across y.
    """
    spec = config.scenario
    length, width, depth = size
    return BedSpec(
        name=spec.name, **UNUSED, grain_diameter=spec.grain_diameter, length=length, width=width, depth=depth,
        grain_spread=spec.grain_spread, preparation_friction=spec.preparation_friction,
        preparation_gravity=spec.preparation_gravity or down(config), seed=seed, periodic_y=periodic,
    )  # fmt: skip


def foreseen_modulus(config: Any, width: float, depth: float) -> float:
    """Young's modulus of the grains [Pa] for what a strip of some width [m] bears at a depth [m]."""
    weight = PACKED * config.soil.particle_density * down(config)
    return grain_modulus(config, bearing_pressure(weight, width, depth, FRICTION_ANGLE))


def prepare(config: Any, bed: BedSpec) -> PreparedBed:
    """Make a bed, or take it from the cache, as soft as its own weight allows."""
    pressure = own_pressure(config, bed.depth) * bed.preparation_gravity / down(config)
    return prepare_bed(bed, config.soil, config.solver, grain_modulus(config, pressure))


def start_bed(config: Any, bed: BedSpec, made: PreparedBed, modulus: float) -> dem.ModelBuilder:
    """A builder with a prepared bed of the soil, material 0, in its box, under the run's gravity."""
    soil = config.soil
    builder = box_builder(bed, dem.ContactLaws(), (0.0, 0.0, -down(config)))
    sand = builder.add_material(grain_material(soil, modulus))
    builder.set_pair(sand, sand, **{name: getattr(soil, name) for name in GRAIN_NUMBERS})
    builder.add_particles(made.position, made.radius, sand)
    add_box(builder, bed, sand)
    return builder


def highest(made: PreparedBed) -> float:
    """Top of the highest grain of a bed [m]."""
    return float((made.position[:, 2] + made.radius).max())


def bed_report(beds: Sequence[PreparedBed], specs: Sequence[BedSpec]) -> dict[str, Any]:
    """Packing over the fillings, and the box."""
    means = ("solid_fraction", "bulk_density", "coordination_number", "surface_height", "surface_roughness")
    found: dict[str, Any] = {name: float(np.mean([getattr(bed, name) for bed in beds])) for name in means}
    found |= {name: getattr(specs[0], name) for name in ("length", "width", "depth", "preparation_gravity")}
    return found | {"preparation_friction": specs[0].preparation_friction, "grains_per_bed": len(beds[0].radius)}


class Push:
    """Bodies pushed down at a constant speed, one in each world, and the soil's force on them.

    Args:
        probe: simulation of all worlds.
        bodies: numbers of the bodies that move, in each world; the first is the one that is measured.
        speed: [m/s].
        starts: height of the measured body's lowest face at the start, by world [m].
        surfaces: height of the original surface, by world [m].

    Attributes:
        sinkage: [m] and force: upwards [N], lists by world, means over the interval before each look.
    """

    def __init__(
        self, probe: Probe, bodies: Sequence[int], speed: float, starts: Sequence[float], surfaces: Sequence[float]
    ) -> None:
        self.probe, self.bodies, self.speed = probe, bodies, speed
        self.starts, self.surfaces = starts, surfaces
        self.count = probe.simulation.world_count
        self.sinkage: list[list[float]] = [[] for _ in range(self.count)]
        self.force: list[list[float]] = [[] for _ in range(self.count)]

    def go(self, depth: float, looks: int) -> None:
        """Push until the shallowest has sunk by `depth` [m], with so many looks at the force."""
        travel = depth + max(start - surface for start, surface in zip(self.starts, self.surfaces, strict=True))
        self.begin = self.last = self.probe.simulation.time
        for world in range(self.count):
            self.probe.simulation.take_impulses(world)
        self.probe.phase("push", travel / self.speed, travel / self.speed / looks, self._look)

    def curve(self, world: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """Sinkage [m] and force [N] of a world, means over a grain diameter of sinkage, between two sinkages."""
        sinkage, force = sliding_mean(
            np.array(self.sinkage[world]), np.array(self.force[world]), SMOOTH * self.probe.diameter
        )
        chosen = (sinkage > low) & (sinkage <= high)
        return sinkage[chosen], force[chosen]

    def fluctuation(self, low: float) -> float:
        """What single grains add and take [-]: rms departure from the means over mean, beyond a sinkage [m]."""
        found = []
        for world in range(self.count):
            sinkage, smooth = self.curve(world, low, np.inf)
            left = np.interp(sinkage, self.sinkage[world], self.force[world]) - smooth
            found.append(float(np.sqrt((left**2).mean()) / smooth.mean()))
        return float(np.mean(found))

    def _look(self) -> bool:
        now = self.probe.simulation.time
        moved = self.speed * ((now + self.last) / 2 - self.begin)
        for world in range(self.count):
            impulse = self.probe.simulation.take_impulses(world)[self.bodies[0]]
            self.sinkage[world].append(self.surfaces[world] - self.starts[world] + moved)
            self.force[world].append(float(impulse[2]) / (now - self.last))
        self.last = now
        return False
