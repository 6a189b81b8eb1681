"""What a wheel on its rig and a rover share: bed, phases, drift, load, and the criteria of a credible drive."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

import dem
from dem.beds.preparation import add_box, box_builder, grain_material
from dem.beds.prepare import prepare_bed
from dem.beds.quality import PreparedBed
from dem.experiment import Experiment, Phase, verdict
from dem.measure.statistics import block_mean
from dem.rover.spec import WheelSpec
from dem.run_config import RunConfig
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.stiffness import blade_pressure, grain_modulus, wheel_pressure
from scenarios.shared.lowering import Lowering

GRAVITY_STEPS = 50  # of a ramp: each change enters the energy balance as work, which takes longer than a step
SMOOTH_BLOCKS = 10  # blocks of the steady window of a wheel without grousers
BLADE_OVERLAP = 2.0  # times the overlap aimed at, that the few grains under the blades may have
REST_TIMES = 2.0  # of sqrt(r / g): the longest that a laid bed is given to come to rest
STILL = 0.01  # of sqrt(g d): rms speed of a bed at rest, half of what the verdict bears
LOAD_TOLERANCE = 0.01  # of the weight
ENERGY_TOLERANCE = 0.01  # of the work the wheels do on the soil in the steady window


class Drive(Experiment):
    """A wheel or a rover on a prepared bed: settle, lower, ramp, drive and measure.

    Attributes:
        wheel: of the config; slip_radius: radius in the slip ratio [m].
        bed: as it was prepared; weight: of a wheel's load, normal to the bed [N].
        steady_start: of the window over which means are taken [s], once it began.
    """

    wheel: WheelSpec
    slip_radius: float
    surface_height: float
    drive_duration: float
    wheel_speed: float  # angular, of the fastest wheel [rad/s]
    weight: float
    steady_start = 0.0

    @property
    def grain_diameter(self) -> float:
        """Mean grain diameter of the bed [m]."""
        return float(self.config.bed.grain_diameter)

    @property
    def seed(self) -> int:
        """Seed of the bed."""
        return int(self.config.bed.seed)

    def mark(self) -> None:
        """Rows are means since the last row, across phases."""

    def prepare(self, level_weight: float) -> None:
        """Make the bed for wheels of a weight [N] on level ground, so that all slopes share it."""
        config = self.config
        self.young_modulus = drive_modulus(config, level_weight)
        self.bed = prepare_bed(config.bed, config.soil, config.contact, config.solver, self.young_modulus)

    def phases(self) -> list[Phase]:
        """Settle, lower, ramp, drive and measure, which is the last part of the drive; those that last at all."""
        spec, steady = self.spec, self.spec.steady_fraction * self.drive_duration
        longest = max(spec.lower_duration, 1e-9)
        lower = Phase("lower", longest, self.lower, self.rests, self.sample_lowering, self.lowering_interval)
        phases = [
            Phase("settle", spec.settle_duration, self._settle, sample=self.sample),
            Phase("rest", self.rest_duration, until=self.bed_rests, sample=self.sample),
            lower,
            Phase("ramp", spec.ramp_duration, self.ramp, sample=self.sample),
            Phase("drive", self.drive_duration - steady, self.hold, sample=self.sample),
            # The last row would be a mean over less than an interval.
            Phase("measure", steady, self._measure, sample=self.sample, samples_at_end=False),
        ]
        return [phase for phase in phases if phase.longest or phase.name == "drive"]

    @property
    def rest_duration(self) -> float:
        """The longest that a bed laid from tiles is given to come to rest at its walls [s]; 0 of any other."""
        return REST_TIMES * self.lowering.fall_time if self.bed.tile and self.spec.settle_duration else 0.0

    def bed_rests(self) -> bool:
        """Whether the grains are as still as the verdict asks."""
        return self.bed_speed() <= STILL

    def bed_speed(self) -> float:
        """Root mean square of the grains' speeds over sqrt(g d) [-]."""
        velocity = self.snapshot(0, "velocity")["velocity"]
        mean = float(np.sqrt((velocity.astype(float) ** 2).sum(axis=1).mean()))
        return mean / math.sqrt(float(np.linalg.norm(self.gravity)) * self.grain_diameter)

    def sample(self) -> None:
        """Add a row to the series."""
        self.recorder.sample()

    @property
    def lowering(self) -> Lowering:
        """The pace at which the wheels come down."""
        return Lowering(self.wheel.radius, -float(self.gravity[2]))

    @property
    @abstractmethod
    def carried_load(self) -> tuple[str, float]:
        """Name of the series of the load that the sand takes over, and what it must come to [N]."""

    @abstractmethod
    def lower(self, start: float) -> None:
        """Lower the wheels onto the bed."""

    def sample_lowering(self) -> None:
        """Add a row while the wheels come down."""
        self.recorder.sample()

    @property
    def lowering_interval(self) -> float | None:
        """Between rows while the wheels come down [s]; None takes that of the drive."""
        return None

    def rests(self) -> bool:
        """Whether the wheels stand at rest on the sand, which carries them."""
        return self.lowering.rests(self.lowering_rows(), *self.carried_load)

    def lowering_rows(self) -> dict[str, np.ndarray]:
        """Rows while the wheels came down."""
        return self.recorder.window(*self.phase_times("lower"))

    def phase_times(self, name: str) -> tuple[float, float]:
        """Start and end of a phase [s]; of the one under way, until now."""
        done = {phase["name"]: (phase["start"], phase["end"]) for phase in self.phases_done}
        return done.get(name, (self.phase_start, self.simulation.time))

    @abstractmethod
    def ramp(self, start: float) -> None:
        """Let speeds rise to their commands."""

    @abstractmethod
    def hold(self, start: float) -> None:
        """Drive as commanded."""

    def _settle(self, start: float) -> None:
        """Bring the bed under the run's gravity, gently, while wheels hover."""
        prepared = np.array([0.0, 0.0, -self.config.bed.preparation_gravity])
        self.set_gravity(0, gravity_ramp(prepared, self.gravity, start, 0.5 * self.spec.settle_duration))

    def _measure(self, start: float) -> None:
        self.hold(start)
        self.steady_start = start
        self.begin_steady()

    def begin_steady(self) -> None:
        """Measure what only counts while steady; a drive may have nothing of the kind."""

    def attributes(self) -> dict[str, Any]:
        """Attributes of the results file."""
        bed = self.config.bed
        return {
            "surface_height": self.surface_height, "wheel_radius": self.wheel.radius,
            "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [bed.length, bed.width, bed.depth],
            "domain_periodic": [bed.periodic_x, bed.periodic_y, False],
        }  # fmt: skip

    def finish(self) -> Any:
        """The result; the results file says where the steady window lies."""
        result = super().finish()
        self.recorder.writer.annotate(steady_window=[self.steady_start, self.simulation.time])
        return result

    # What is measured.

    @property
    def grouser_period(self) -> float:
        """Time from one grouser to the next of the fastest wheel [s], or a tenth of the window for smooth wheels."""
        count, window = self.wheel.grouser_count, self.simulation.time - self.steady_start
        return 2 * math.pi / (count * self.wheel_speed) if count else window / SMOOTH_BLOCKS

    def mean(self, window: dict[str, np.ndarray], name: str, unit: str) -> dict[str, Any]:
        """Mean, standard error and unit of a series over the steady window, by whole grouser periods."""
        mean, error = block_mean(window["time"], window[name], self.grouser_period)
        return {"mean": mean, "standard_error": error, "unit": unit}

    def bed_numbers(self) -> dict[str, Any]:
        """The bed's packing, and its size in the wheel's terms."""
        bed, wheel = self.config.bed, self.wheel
        return self.bed.report() | {
            "grain_count": self.model.particle_count,
            "grains_per_wheel_diameter": 2 * wheel.radius / bed.grain_diameter,
            "depth_in_wheel_radii": bed.depth / wheel.radius,
            "width_in_wheel_radii": bed.width / wheel.radius,
            "preparation_gravity": bed.preparation_gravity,
            "seed": bed.seed,
        }

    def steady_numerics(self) -> dict[str, Any]:
        """The steady window [s]."""
        return {"steady_start": self.steady_start, "steady_end": self.simulation.time}

    def grains_lost(self) -> dict[str, Any]:
        """Grains that are nowhere, or below the floor."""
        position = self.snapshot(0, "position")["position"]
        inside = np.isfinite(position).all(axis=1) & (position[:, 2] > 0)
        return verdict(int((~inside).sum()), 0)

    def load_check(self, window: dict[str, np.ndarray], load: str, mass: float, weight: float) -> dict[str, Any]:
        """Mean load over the window against the weight; what lifts the mass over the window is not load."""
        time, rise = window["time"], window["velocity_z"]
        lift = mass * (rise[-1] - rise[0]) / (time[-1] - time[0])  # by bobbing alone a few per cent on the Moon
        return verdict(abs(float(window[load][1:].mean()) - lift - weight) / weight, LOAD_TOLERANCE)

    def energy_checks(self, window: dict[str, np.ndarray]) -> dict[str, Any]:
        """Whether the soil's energy balance closes, and holds what the wheels gave; relative to the wheels' work."""
        if not self.simulation.state.tracks_energy:
            return {}
        change = {name: float(values[-1] - values[0]) for name, values in window.items()}
        given = float((window["soil_power"][1:] * np.diff(window["time"])).sum())
        stored = change["kinetic"] + change["gravitational"] + change["elastic"]
        dissipated = sum(change[name] for name in change if name.startswith("dissipated_"))
        scale = max(abs(given), 1e-300)
        return {
            "energy_balance_error": verdict(abs(change["balance_error"]) / scale, ENERGY_TOLERANCE),
            "wheel_power_error": verdict(abs(given - stored - dissipated) / scale, ENERGY_TOLERANCE),
        }

    def common_checks(self) -> dict[str, Any]:
        """Overlap; the energy is checked over the steady window."""
        return {
            "largest_overlap": verdict(self.recorder.largest_overlap, self.simulation.max_overlap),
            "grains_lost": self.grains_lost(),
        }

    def longer(self, ratio: float) -> tuple[str, ...]:
        """Overrides of a drive that is longer by a ratio [-]."""
        raise NotImplementedError

    def at_rest(self, name: str) -> float:
        """A series as the wheels stood at rest before they turned; NaN if they did not rest [unit of the series]."""
        rows = self.lowering_rows()
        return float(rows[name][-1]) if self.lowering.rests(rows, *self.carried_load) else math.nan


def gravity_ramp(start: np.ndarray, stop: np.ndarray, begin: float, duration: float) -> Callable[[float], np.ndarray]:
    """Gravity (3,) [m/s2] over time, from `start` to `stop` in small steps within `duration` [s] from `begin` on."""

    def ramped(time: float) -> np.ndarray:
        share = min(math.ceil(GRAVITY_STEPS * (time - begin) / duration) / GRAVITY_STEPS, 1.0)
        return start + share * (stop - start)

    return ramped


def drive_modulus(config: RunConfig, weight: float) -> float:
    """Young's modulus of the grains [Pa] under a wheel of `weight` [N]."""
    soil, bed, wheel = config.soil, config.bed, config.wheel
    pressure = wheel_pressure(weight, wheel.radius, wheel.width)
    if wheel.blade_thickness:
        under_blades = blade_pressure(weight, wheel.width, wheel.blade_thickness, bed.grain_diameter)
        pressure = max(pressure, under_blades / BLADE_OVERLAP**1.5)
    # The bed is prepared with the same grains, and must not be crushed by its own weight there.
    own = soil.particle_density * bed.preparation_gravity * bed.depth
    if bed.compaction.method == "press":
        own += bed.compaction.pressure
    return grain_modulus(config.solver, soil, max(pressure, own))


def build_bed(
    config: RunConfig, bed: PreparedBed, young_modulus: float, fixed: np.ndarray | bool = False
) -> tuple[dem.ModelBuilder, int]:
    """A builder with the bed in its box, its `fixed` grains (n,) held, and the number of the wheels' material."""
    soil = config.soil
    of_grains = soil, config.contact, config.bed.grain_diameter
    builder = box_builder(config.bed, soil_laws(*of_grains), (0.0, 0.0, -config.bed.preparation_gravity))
    sand = builder.add_material(grain_material(soil, young_modulus))
    metal = builder.add_material(dem.Material.rigid())
    builder.set_pair(sand, sand, **grain_numbers(*of_grains))
    on_wheel = dry_numbers(
        *of_grains, restitution=soil.wheel_restitution, sliding_friction=soil.wheel_friction,
        rolling_friction=soil.wheel_rolling_friction,
    )  # fmt: skip
    builder.set_pair(sand, metal, **on_wheel)
    builder.add_particles(bed.position, bed.radius, sand, fixed=fixed)
    add_box(builder, config.bed, sand)
    return builder, metal
