"""Level beds that a plate or a cone is pushed into: prepared once, carried over to the run's gravity and stiffness.

A bed is prepared as softly as its own weight allows, which is fast; the test itself is as stiff as the pressure asks.
Between the two a bed is stiffened in steps, and given time at each, so that it stays as dense as it was made.
"""

import math
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import dem
from dem.beds.preparation import add_box, box_builder, grain_material
from dem.beds.prepare import prepare_bed
from dem.beds.quality import PreparedBed
from dem.experiment import Arrays, Phase, Stage, verdict
from dem.io import Series
from dem.measure.packing import surface_heights
from dem.measure.sinkage import bearing_pressure, inertial_number, sliding_mean
from dem.run_config import RunConfig
from dem.soil.contacts import grain_numbers, soil_laws
from dem.soil.spec import BedSpec
from scenarios.shared.soil_experiment import PACKED, SoilExperiment, moving_down

FRICTION_ANGLE = math.radians(30.0)  # of single spheres with friction, to foresee the pressure; the fit measures it
HOVER = 0.1  # grain diameters above the highest grain at the start
SMOOTH = 1.0  # grain diameters of sinkage over which forces are averaged
RELAX_TIMES = 4.0  # sqrt(d / g) at each stiffness before anything moves
STIFFEN = 2.0  # times from one stiffness to the next: all at once, stored overlaps throw a bed up and loosen it
SAMPLES = 120  # of the force on the way down, where output.sample_interval is null
INERTIAL_LIMIT = 0.02  # where friction is up by some per cent on its quasi-static value
DYNAMIC_LIMIT = 0.05  # of the mean pressure, for what the soil's inertia adds
NO_WHEEL: dict[str, Any] = {  # that would size the bed
    "grains_per_wheel_diameter": 27,
    "relative_length": 1.0,
    "relative_width": 1.0,
    "relative_depth": 1.0,
}


class PressedBed(SoilExperiment):
    """Beds that bodies are pushed into at a constant speed; each is measured by a number of worlds.

    Attributes:
        bodies: numbers of those that move; the first is the one that is measured.
        smooth: sinkage over which forces are averaged [grain diameters].
        bed_specs, beds: of each specimen.
    """

    smooth = SMOOTH  # grain diameters
    bodies: list[int]
    is_periodic: bool
    world_series = {"sinkage": Series("m", "sinkage"), "force": Series("N", "upward force of the soil")}

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.young_modulus = self.modulus_under(
            bearing_pressure(PACKED * self.soil.particle_density * self.strength, *self.pressed, FRICTION_ANGLE)
        )
        self.bed_specs = [self._bed_spec(seed) for seed in self.spec.seeds]
        self.soft = self.modulus_under(
            self.own_pressure(self.bed_specs[0].depth) * self.bed_specs[0].preparation_gravity / self.strength
        )
        self.beds = [prepare_bed(bed, self.soil, self.config.contact, self.solver, self.soft) for bed in self.bed_specs]

    @property
    @abstractmethod
    def pressed(self) -> tuple[float, float]:
        """Width and depth [m] of what is pushed in, to foresee the pressure."""

    @property
    @abstractmethod
    def size(self) -> tuple[float, float, float]:
        """Length, width and depth of the beds [m]."""

    @property
    @abstractmethod
    def tip(self) -> float:
        """Height from the lowest point of the measured body up to where its sinkage counts [m]."""

    @abstractmethod
    def add_bodies(self, builder: dem.ModelBuilder, world: int) -> None:
        """Put what is pushed above a bed."""

    @property
    def worlds_per_bed(self) -> int:
        """Number of worlds that each bed is in."""
        return 1

    def attributes(self) -> dict[str, Any]:
        """Attributes of the results file."""
        return {"domain_lower": (0.0, 0.0, 0.0), "domain_upper": self.size}

    def bed_of(self, world: int) -> PreparedBed:
        """The bed in a world."""
        return self.beds[world // self.worlds_per_bed]

    def start(self, world: int) -> float:
        """Height of the lowest point of what is pushed before it moves [m]."""
        made = self.bed_of(world)
        return float((made.position[:, 2] + made.radius).max()) + HOVER * self.spec.grain_diameter

    def stages(self) -> list[Stage]:
        """Ramp the stiffness to that of the test under the run's gravity, then push."""
        count = max(math.ceil(math.log(self.young_modulus / self.soft, STIFFEN)), 1)
        moduli = [
            self.young_modulus * (self.soft / self.young_modulus) ** (left / count) for left in range(count)[::-1]
        ]
        stages = [Stage(partial(self._build, modulus), self._ramp_stiffness) for modulus in moduli[:-1]]
        return [*stages, Stage(partial(self._build, moduli[-1]), self._test, is_recorded=True)]

    def _build(self, modulus: float, before: list[Arrays]) -> list[dem.Model]:
        return [
            self.build(world, modulus, before[world]["position"] if before else self.bed_of(world).position)
            for world in range(self.spec.repeats * self.worlds_per_bed)
        ]

    def build(self, world: int, modulus: float, position: np.ndarray) -> dem.Model:
        """A bed under the run's gravity, with bodies above it."""
        bed, soil = self.bed_specs[world // self.worlds_per_bed], self.soil
        of_grains = soil, self.config.contact, bed.grain_diameter
        builder = box_builder(bed, soil_laws(*of_grains), (0.0, 0.0, -self.strength))
        sand = builder.add_material(grain_material(soil, modulus))
        builder.set_pair(sand, sand, **grain_numbers(*of_grains))
        builder.add_particles(position, self.bed_of(world).radius, sand)
        add_box(builder, bed, sand)
        self.add_bodies(builder, world)
        return builder.finalize()

    def _ramp_stiffness(self) -> list[Phase]:
        return [Phase("stiffness ramp", RELAX_TIMES * self.fall_time)]

    def _test(self) -> list[Phase]:
        return [
            *self._ramp_stiffness(),
            Phase("push", self.push_duration, self.begin_push, None, self.sample, self._interval),
        ]

    def push_duration(self) -> float:
        """Duration of the push until the shallowest has sunk by the depth [s]."""
        return (self.spec.depth + float((self.kept["start"] - self.kept["surface"]).max())) / self.spec.push_speed

    def _interval(self) -> float:
        return self.output.sample_interval or self.push_duration() / SAMPLES

    def begin_push(self, start: float) -> None:
        """Begin to push the bodies down at a constant speed."""
        worlds = range(self.world_count)
        self.kept["surface"] = np.array([self._surface(world) for world in worlds])
        self.kept["start"] = np.array([self.start(world) + self.tip for world in worlds])
        self.move_all(self.bodies, moving_down(self.spec.push_speed))

    def sample(self) -> None:
        """Add a row of sinkage and force to the series."""
        impulses, elapsed = self.take_impulses()
        moved = self.spec.push_speed * ((self.sampled_at + self.sampled_from) / 2 - self.phase_start)
        sinkage = self.kept["surface"] - self.kept["start"] + moved
        self.recorder.add({"sinkage": sinkage, "force": impulses[:, self.bodies[0], 2] / elapsed})

    def _surface(self, world: int) -> float:
        """Mean height of a world's surface now [m]."""
        bed, made = self.bed_specs[world // self.worlds_per_bed], self.bed_of(world)
        size = bed.grain_diameter
        x, y = (np.arange(size, length - size / 2, size / 2) for length in (bed.length, bed.width))
        period = bed.width if bed.periodic_y else np.inf
        return float(np.nanmean(surface_heights(self.free(world, "position"), made.radius, x, y, period)))

    def _bed_spec(self, seed: int) -> BedSpec:
        """The bed of one specimen."""
        spec, (length, width, depth) = self.spec, self.size
        return BedSpec(
            name=spec.name, **NO_WHEEL, grain_diameter=spec.grain_diameter, length=length, width=width, depth=depth,
            grain_spread=spec.grain_spread, preparation_friction=spec.preparation_friction,
            preparation_gravity=spec.preparation_gravity or self.strength, seed=seed, periodic_y=self.is_periodic,
        )  # fmt: skip

    # What is measured.

    def curve(self, world: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        """Sinkage [m] and force [N] of a world, means over `smooth` of sinkage, between two sinkages [m]."""
        sinkage, force = sliding_mean(*self._raw(world), self.smooth * self.spec.grain_diameter)
        chosen = (sinkage > low) & (sinkage <= high)
        return sinkage[chosen], force[chosen]

    def _raw(self, world: int) -> tuple[np.ndarray, np.ndarray]:
        """Sinkage or lift [m] and force [N] of a world, as sampled."""
        moved, force = (self.recorder.array(name)[:, world] for name in list(self.world_series)[:2])
        return moved, force

    def fluctuation(self, low: float) -> float:
        """What single grains add and take [-]: rms departure from the means over mean, beyond a sinkage [m]."""
        found = []
        for world in range(self.world_count):
            sinkage, smooth = self.curve(world, low, np.inf)
            left = np.interp(sinkage, *self._raw(world)) - smooth
            found.append(float(np.sqrt((left**2).mean()) / smooth.mean()))
        return float(np.mean(found))

    def bed_report(self) -> dict[str, Any]:
        """Packing over the specimens, and the box."""
        means = ("solid_fraction", "bulk_density", "coordination_number", "surface_height", "surface_roughness")
        found: dict[str, Any] = {name: float(np.mean([getattr(bed, name) for bed in self.beds])) for name in means}
        names = ("length", "width", "depth", "preparation_gravity", "preparation_friction")
        found |= {name: getattr(self.bed_specs[0], name) for name in names}
        return found | {"grains_per_bed": len(self.beds[0].radius)}

    def speed_checks(self, what: str, widths: Sequence[float], means: Sequence[float]) -> dict[str, Any]:
        """Whether the push was slow, for bodies of some widths [m] under mean pressures [Pa]."""
        spec, density = self.spec, self.soil.particle_density
        numbers = [
            inertial_number(spec.push_speed / width, spec.grain_diameter, density, pressure)
            for width, pressure in zip(widths, means, strict=True)
        ]
        return {
            "inertial_number": verdict(max(numbers), INERTIAL_LIMIT),
            f"dynamic_over_mean_{what}": verdict(density * spec.push_speed**2 / min(means), DYNAMIC_LIMIT),
        }
