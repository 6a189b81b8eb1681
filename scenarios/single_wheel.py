"""One wheel on a levelled bed: settle, lower, ramp, drive; then the steady means, and whether the physics holds.

Modes: `slip` imposes spin and speed, `pull` imposes spin and a horizontal pull, `slope` imposes spin under tilted
gravity. The wheel is held against roll, yaw and drift across; it always carries its load freely in z.
"""

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.errors import ConfigError
from dem.io import RunDescription, collect_provenance
from dem.measure.mobility import speed_for_slip
from dem.model import Motion
from dem.progress import Progress
from dem.soil.stiffness import modulus_for_pressure, wheel_pressure
from scenarios.prepared_bed import PreparedBed, add_box, box_builder, grain_material, prepare_bed
from scenarios.single_wheel_result import collect_result
from scenarios.wheel_recorder import WHEEL, WheelRecorder

log = logging.getLogger(__name__)

HELD = {"y": 0.0, "rx": 0.0, "rz": 0.0}
ROTOR_SHARE = 0.1  # of the load mass that turns with the wheel, where the wheel's own mass is not known


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run one case.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads) as session:
        log.info("device %s, precision %s", session.device, session.precision)
        test = SingleWheel(config)
        with test.recorder.open(folder / "run.vtkhdf", test.describe(session)) as writer:
            test.settle()
            test.lower()
            test.drive()
            test.recorder.frame(test.simulation)
            result = collect_result(test, session)
            writer.annotate(steady_window=[test.steady_start, test.simulation.time], phases=test.phases)
    return result


class SingleWheel:
    """The rig, the bed and the wheel's commands.

    Attributes:
        spin: commanded [rad/s]; speed: commanded in mode slip [m/s].
        young_modulus: of the grains in this run [Pa].
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec, self.wheel = config, config.scenario, config.wheel
        self.spin = self.spec.angular_velocity or self.wheel.angular_velocity
        self.slip_radius = self.spec.slip_radius or self.wheel.radius
        self.speed = self.spin * self.slip_radius
        if self.spec.mode == "slip":
            self.speed = speed_for_slip(self.spec.slip, self.spin, self.slip_radius)
        self.gravity = np.array(config.gravity.vector_value())
        self.start_x = self._start()
        self.young_modulus = self._soften()
        self.bed = prepare_bed(config.bed, config.soil, config.solver, self.young_modulus)
        self.simulation = self._build(self.bed)
        self.phases: list[dict[str, Any]] = []
        self.recorder = WheelRecorder(self.simulation, self.body, self.wheel, self.slip_radius, self.bed.surface_height)

    @property
    def weight(self) -> float:
        """Of the load, normal to the bed [N]."""
        return -self.wheel.load_mass * self.gravity[2]

    def settle(self) -> None:
        """The bed comes under the run's gravity, gently; the wheel hovers."""
        start, duration = self.simulation.time, self.spec.settle_duration
        prepared = np.array([0.0, 0.0, -self.config.bed.preparation_gravity])

        def ramped(time: float) -> np.ndarray:
            share = min((time - start) / (0.5 * duration), 1.0)
            return prepared + share * (self.gravity - prepared)

        if duration > 0:
            self.simulation.set_gravity(ramped)
            self._phase("settle", duration)
        self.simulation.set_gravity(tuple(self.gravity))

    def lower(self) -> None:
        """The wheel comes down; its load is let go over the first half."""
        start, duration = self.simulation.time, max(self.spec.lower_duration, 1e-9)

        def carry(time: float) -> float:
            return self.weight * max(1 - (time - start) / (0.5 * duration), 0.0)

        self.simulation.set_motion(self.body, Motion({**HELD, "x": 0.0, "ry": 0.0}, {"z": carry}))
        self._phase("lower", duration)

    def drive(self) -> None:
        """Spin, and speed or pull, rise to their commands; then they hold."""
        start, duration = self.simulation.time, self.spec.ramp_duration

        def ramped(value: float):
            return lambda time: value * min((time - start) / duration, 1.0)

        if duration > 0:
            self.simulation.set_motion(self.body, self._command(ramped))
            self._phase("ramp", duration)
        self.simulation.set_motion(self.body, self._command(float))
        steady = self.spec.steady_fraction * self.spec.drive_duration
        self._phase("drive", self.spec.drive_duration - steady)
        self.steady_start, self.recorder.is_steady = self.simulation.time, True
        self._phase("measure", steady)

    def describe(self, session: Any) -> RunDescription:
        """What the results file says of itself."""
        config, bed = self.config, self.config.bed
        backend = {"device": session.device, "precision": session.precision, "threads": session.threads}
        return RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=bed.seed, backend=backend),
            attributes={
                "scenario": self.spec.name, "title": self._title(), "gravity_name": config.gravity.name,
                "gravity": self.gravity, "surface_height": self.bed.surface_height, "wheel_radius": self.wheel.radius,
                "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [bed.length, bed.width, bed.depth],
                "domain_periodic": [False, bed.periodic_y, False],
            },
        )  # fmt: skip

    def _title(self) -> str:
        said = {"slip": f"slip {self.spec.slip}", "pull": f"pull {self.spec.pull} N"}
        case = said.get(self.spec.mode, f"slope {self.config.gravity.slope_deg:g} deg")
        return f"{self.wheel.name} wheel, {self.wheel.load_mass:g} kg, {self.config.soil.name}, {case}"

    def _start(self) -> float:
        """Where the axle starts, so that the travel lies in the middle of the bed [m]."""
        travel = self.speed * (self.spec.drive_duration + 0.5 * self.spec.ramp_duration)
        needed, length = travel + 2 * self.wheel.radius + 2 * self.config.bed.grain_diameter, self.config.bed.length
        if needed > length:
            raise ConfigError(
                f"bed.length is {length} m, must be at least {needed:.3g} m: {travel:.3g} m of travel and the wheel at "
                f"both ends; set bed.length={math.ceil(10 * needed) / 10:g} or a shorter scenario.drive_duration"
            )
        return (length - travel) / 2

    def _soften(self) -> float:
        solver, soil = self.config.solver, self.config.soil
        if solver.young_modulus != "auto":
            return float(solver.young_modulus)
        pressure = wheel_pressure(self.weight, self.wheel.radius, self.wheel.width)
        # The bed is prepared with the same grains, and must not be crushed by its own weight there.
        own = soil.particle_density * self.config.bed.preparation_gravity * self.config.bed.depth
        needed = modulus_for_pressure(max(pressure, own), solver.overlap_target, soil.poisson_ratio)
        return min(needed, soil.young_modulus)

    def _build(self, bed: PreparedBed) -> dem.Simulation:
        config, soil, solver = self.config, self.config.soil, self.config.solver
        gravity = (0.0, 0.0, -config.bed.preparation_gravity)
        builder = box_builder(config.bed, dem.ContactLaws(), gravity)
        sand = builder.add_material(grain_material(soil, self.young_modulus))
        metal = builder.add_material(dem.Material.rigid())
        numbers = ("restitution", "sliding_friction", "rolling_friction")
        builder.set_pair(sand, sand, **{name: getattr(soil, name) for name in numbers})
        builder.set_pair(
            sand, metal, restitution=soil.wheel_restitution, sliding_friction=soil.wheel_friction,
            rolling_friction=soil.wheel_rolling_friction,
        )  # fmt: skip
        builder.add_particles(bed.position, bed.radius, sand)
        self.floor = add_box(builder, config.bed, sand)[0]
        self._add_wheel(builder, metal, bed)
        return dem.Simulation(
            builder.finalize(), solver.time_step, solver.time_step_fraction, solver.max_overlap,
            solver.skin * config.bed.grain_diameter,
        )  # fmt: skip

    def _add_wheel(self, builder: dem.ModelBuilder, material: int, bed: PreparedBed) -> None:
        wheel = self.wheel
        rotor = wheel.wheel_mass or ROTOR_SHARE * wheel.load_mass
        inertia = (rotor * wheel.radius**2 / 4, rotor * wheel.radius**2 / 2, rotor * wheel.radius**2 / 4)
        top = float((bed.position[:, 2] + bed.radius).max())
        position = (self.start_x, self.config.bed.width / 2, top + wheel.radius + self.spec.lower_clearance)
        self.body = builder.add_body(WHEEL, wheel.load_mass, inertia, position, motion=Motion.fixed())
        shape = dem.GrouserWheel(
            wheel.radius, wheel.width, wheel.grouser_height, wheel.grouser_thickness, wheel.grouser_count
        )
        builder.add_shape(shape, material, self.body)

    def _command(self, shaped) -> Motion:
        prescribed = {**HELD, "ry": shaped(self.spin)}
        if self.spec.mode == "slip":
            return Motion({**prescribed, "x": shaped(self.speed)})
        applied = {"x": shaped(-self.spec.pull)} if self.spec.mode == "pull" else {}
        return Motion(prescribed, applied)

    def _phase(self, name: str, duration: float) -> None:
        start, output = self.simulation.time, self.config.output
        triggers = [
            self.simulation.every(output.sample_interval, self.recorder.sample),
            self.simulation.every(output.frame_interval, self.recorder.frame),
        ]
        with Progress(self.simulation, name, duration):
            self.simulation.run(duration)
        for trigger in triggers:
            self.simulation.cancel(trigger)
        self.phases.append({"name": name, "start": start, "end": self.simulation.time})
