"""Level beds that a plate or a cone is pushed into: prepared once, carried over to the run's gravity and stiffness.

A bed is prepared as softly as its own weight allows, which is fast; the test itself is as stiff as the pressure asks.
Between the two a bed is stiffened in steps, and given time at each, so that it stays as dense as it was made.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import dem
from dem.measure.packing import surface_heights
from dem.measure.sinkage import bearing_pressure, sliding_mean
from dem.soil.contacts import grain_numbers, soil_laws
from dem.soil.spec import BedSpec
from scenarios.bed_preparation import add_box, box_builder, grain_material
from scenarios.bed_quality import PreparedBed
from scenarios.prepared_bed import prepare_bed
from scenarios.probe_rig import PACKED, Probe, down, grain_modulus, own_pressure

FRICTION_ANGLE = math.radians(30.0)  # of single spheres with friction, to foresee the pressure; the fit measures it
HOVER = 0.1  # grain diameters above the highest grain at the start
SMOOTH = 1.0  # grain diameters of sinkage over which forces are averaged
RELAX_TIMES = 4.0  # sqrt(d / g) at each stiffness before anything moves
STIFFEN = 2.0  # times from one stiffness to the next: all at once, stored overlaps throw a bed up and loosen it
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


def soft_modulus(config: Any, bed: BedSpec) -> float:
    """Young's modulus of the grains [Pa] while a bed is made: as soft as its own weight allows."""
    pressure = own_pressure(config, bed.depth) * bed.preparation_gravity / down(config)
    return grain_modulus(config, pressure)


def prepare(config: Any, bed: BedSpec) -> PreparedBed:
    """Make a soft bed, or take it from the cache."""
    return prepare_bed(bed, config.soil, config.solver, soft_modulus(config, bed))


def firm_up(
    config: Any, beds: Sequence[PreparedBed], soft: float, hard: float, build: Callable[[int, float, np.ndarray], Any]
) -> Probe:
    """Bring beds under the run's gravity and, step by step, to the stiffness of the test.

    Args:
        config: a `RunConfig`.
        beds: one a world.
        soft, hard: Young's moduli [Pa] of the preparation and of the test.
        build: the model of a world with a modulus and positions (n, 3) [m] of its grains.

    Returns:
        At rest, bodies above the beds; its phases begin anew.
    """
    count = max(math.ceil(math.log(hard / soft, STIFFEN)), 1)
    moduli = [hard * (soft / hard) ** (left / count) for left in reversed(range(count))]
    probe = Probe(config, [build(world, moduli[0], bed.position) for world, bed in enumerate(beds)])
    for modulus in moduli:
        if modulus != moduli[0]:
            settled = [probe.free(world, "position") for world in range(len(beds))]
            probe.load([build(world, modulus, position) for world, position in enumerate(settled)])
        probe.phase("firm up", RELAX_TIMES * probe.fall_time, RELAX_TIMES * probe.fall_time)
    probe.phases.clear()
    return probe


def surface_of(probe: Probe, world: int, made: PreparedBed, bed: BedSpec) -> float:
    """Mean height of a world's surface now [m]."""
    size = bed.grain_diameter
    x, y = (np.arange(size, length - size / 2, size / 2) for length in (bed.length, bed.width))
    position = probe.free(world, "position")
    period = bed.width if bed.periodic_y else np.inf
    return float(np.nanmean(surface_heights(position, made.radius, x, y, period)))


def start_bed(config: Any, bed: BedSpec, radius: np.ndarray, modulus: float, position: np.ndarray) -> dem.ModelBuilder:
    """A builder with a bed's grains of the soil, material 0, in its box, under the run's gravity."""
    soil = config.soil
    builder = box_builder(bed, soil_laws(soil), (0.0, 0.0, -down(config)))
    sand = builder.add_material(grain_material(soil, modulus))
    builder.set_pair(sand, sand, **grain_numbers(soil, bed.grain_diameter))
    builder.add_particles(position, radius, sand)
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
