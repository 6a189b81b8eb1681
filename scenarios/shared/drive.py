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
from dem.measure.credibility import Criterion
from dem.measure.statistics import block_mean
from dem.rover.spec import WheelSpec
from dem.run_config import RunConfig
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.stiffness import grain_modulus, stiffness_number, wheel_pressure
from dem.time_step import shortest_time_scale

GRAVITY_STEPS = 50  # of a ramp: each change enters the energy balance as work, which takes longer than a step
SMOOTH_BLOCKS = 10  # blocks of the steady window of a wheel without grousers
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
        """Mean of the bed's [m]."""
        return float(self.config.bed.grain_diameter)

    @property
    def seed(self) -> int:
        """Of the bed."""
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
        timed = [
            ("settle", spec.settle_duration, self._settle),
            ("lower", max(spec.lower_duration, 1e-9), self.lower),
            ("ramp", spec.ramp_duration, self.ramp),
            ("drive", self.drive_duration - steady, self.hold),
        ]
        phases = [
            Phase(name, last, begin, sample=self.sample) for name, last, begin in timed if last or name == "drive"
        ]
        # The last row would be a mean over less than an interval.
        return [*phases, Phase("measure", steady, self._measure, sample=self.sample, samples_at_end=False)]

    def sample(self) -> None:
        """Add a row."""
        self.recorder.sample()

    @abstractmethod
    def lower(self, start: float) -> None:
        """Come down onto the bed."""

    @abstractmethod
    def ramp(self, start: float) -> None:
        """Let speeds rise to their commands."""

    @abstractmethod
    def hold(self, start: float) -> None:
        """Drive as commanded."""

    def _settle(self, start: float) -> None:
        """The bed comes under the run's gravity, gently; wheels hover."""
        prepared = np.array([0.0, 0.0, -self.config.bed.preparation_gravity])
        self.set_gravity(0, gravity_ramp(prepared, self.gravity, start, 0.5 * self.spec.settle_duration))

    def _measure(self, start: float) -> None:
        self.hold(start)
        self.steady_start = start
        self.begin_steady()

    def begin_steady(self) -> None:
        """Measure what only counts while steady; a drive may have nothing of the kind."""

    def attributes(self) -> dict[str, Any]:
        """Of the results file."""
        bed = self.config.bed
        return {
            "surface_height": self.surface_height, "wheel_radius": self.wheel.radius,
            "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [bed.length, bed.width, bed.depth],
            "domain_periodic": [False, bed.periodic_y, False],
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

    # What makes a drive credible.

    def numerics_criteria(self, window: dict[str, np.ndarray]) -> list[Criterion]:
        """Time step and softness.

        The largest overlap in a bed of 20 000 grains is several times that of a typical loaded contact, and one of a
        moment; so its median over the window counts, and beyond it the stiffness number of the bed under the wheel.
        """
        fraction = self.simulation.time_step / shortest_time_scale(self.model).seconds
        pressure = wheel_pressure(self.weight, self.wheel.radius, self.wheel.width)
        number = stiffness_number(pressure, self.young_modulus, self.config.soil.poisson_ratio)
        overlap = float(np.median(window["largest_overlap"]))
        says = "largest overlap over grain radius, median over the steady window"
        return [
            Criterion("time_step", fraction, 0.4, 0.5, "time step over the shortest time scale"),
            Criterion("overlap", overlap, 0.05, 0.1, says),
            Criterion(
                "stiffness_number", number, 400.0, 100.0, "stiffness number (E*/P)^(2/3) of the sand at the wheel"
            ),
        ]

    def bed_criteria(self, deepest: float) -> list[Criterion]:
        """Resolution, and sand below the deepest rim [m]."""
        bed = self.config.bed
        return [
            Criterion("grains_per_wheel_diameter", 2 * self.wheel.radius / bed.grain_diameter, 20, 14,
                      "grain diameters across the wheel's diameter"),
            Criterion("sand_below", (bed.depth - deepest) / bed.grain_diameter, 4.0, 2.0,
                      "least sand below a rim, in grain diameters"),
        ]  # fmt: skip

    def steady_criteria(
        self, values: np.ndarray, window: dict[str, np.ndarray], spins: list[str], checks: dict[str, Any]
    ) -> list[Criterion]:
        """Whether means mean something, loads are right and no grain was lost.

        Args:
            values: the reading that must have come to rest, over the window.
            window: rows of the steady window.
            spins: names of the series of angular velocities.
            checks: of the result.
        """
        steps = np.diff(window["time"])
        turned = max(abs(float((steps * window[name][1:]).sum())) for name in spins)
        load, lost = checks["wheel_load_error"]["value"], checks["grains_lost"]["value"]
        return [
            Criterion("drift", self._drift(window["time"], values), 0.04, 0.12,
                      "change from half to half of the window beyond its noise"),
            Criterion("turned", turned, 0.7, 0.3, "angle the fastest wheel turned in the steady window", "rad"),
            Criterion("wheel_load", load, 0.01, 0.05, "wheel load against weight, relative"),
            Criterion("grains_lost", lost, 0, 0, "grains lost"),
        ]  # fmt: skip

    def _drift(self, time: np.ndarray, values: np.ndarray) -> float:
        """By how much a reading changes between the halves of the window, beyond what its noise explains [-].

        The difference of two half means has twice the standard error of the whole.
        """
        half = len(values) // 2
        error = block_mean(time, values, self.grouser_period)[1]
        if not half or not math.isfinite(error):
            return math.nan
        return max(abs(float(values[half:].mean() - values[:half].mean())) - 2 * error, 0.0)


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
