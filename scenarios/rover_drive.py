"""A whole rover on a prepared bed: settle, lower, ramp, drive; then what each wheel did, and how the rover moved.

The soil moves by the discrete elements, body, suspension and motors by MuJoCo; see dem/rover/coupling.py.
"""

import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import RunDescription, collect_provenance
from dem.rover.coupling import Coupling
from dem.rover.steering import plan_wheels
from dem.rover.vehicle import Vehicle
from scenarios.prepared_bed import prepare_bed
from scenarios.procedure import Procedure
from scenarios.rover_recorder import RoverRecorder
from scenarios.rover_result import collect_result
from scenarios.rover_rig import build_world, coupling_steps, place_vehicle, turned_gravity
from scenarios.single_wheel_rig import soften_grains

log = logging.getLogger(__name__)

RAMP_STEPS = 50  # of gravity: each change is booked as work, which takes longer than a step


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run one case.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes; a checkpoint of this config in it is gone on from.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads) as session:
        drive = RoverDrive(config)
        with drive.procedure.open(folder, drive.describe(session)) as writer:
            drive.settle()
            drive.lower()
            drive.go()
            drive.recorder.frame(drive.simulation)
            result = collect_result(drive, session)
            writer.annotate(steady_window=[drive.steady_start, drive.simulation.time], phases=drive.procedure.phases)
    return result


class RoverDrive:
    """The bed, the rover and its command.

    Attributes:
        angles, spins: commanded of each wheel (n,) [rad, rad/s]; ways: 1 where it rolls ahead, -1 backwards.
        weight: of a wheel's mean load, normal to the bed [N]; rover_weight: of all [N].
        bodies: of the wheels.
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec, self.wheel = config, config.scenario, config.wheel
        self.slip_radius, self.gravity = config.wheel.radius, turned_gravity(config)
        self.vehicle = Vehicle(config.rover, self.wheel.radius, self.wheel.width)
        self.twist = self.spec.twist(config)
        self._plan()
        self.rover_weight = -self.vehicle.mass * self.gravity[2]
        self.weight = self.rover_weight / len(self.vehicle.wheels)
        self.young_modulus = soften_grains(config, self.weight)
        self.bed = prepare_bed(config.bed, config.soil, config.solver, self.young_modulus)
        place_vehicle(config, self.bed, self.vehicle)
        self.vehicle.steer_at_once(self.angles)
        self.simulation, self.bodies = build_world(config, self.bed, self.young_modulus, self.vehicle)
        steps = coupling_steps(config, self.vehicle, self.simulation.time_step, self.rover_weight)
        self.coupling = Coupling(self.simulation, self.vehicle, self.bodies, steps)
        self.recorder = RoverRecorder(self)
        self.procedure = Procedure(self.simulation, self.recorder, config)

    def settle(self) -> None:
        """The bed comes under the run's gravity, gently; the rover hovers."""
        duration = self.spec.settle_duration
        prepared = np.array([0.0, 0.0, -self.config.bed.preparation_gravity])

        def begin(start: float) -> None:
            def ramped(time: float) -> np.ndarray:
                share = min(math.ceil(RAMP_STEPS * (time - start) / (0.5 * duration)) / RAMP_STEPS, 1.0)
                return prepared + share * (self.gravity - prepared)

            self.simulation.set_gravity(ramped)

        if duration > 0:
            self.procedure.phase("settle", duration, begin)
        self.simulation.set_gravity(tuple(self.gravity))
        self.coupling.attach()

    def lower(self) -> None:
        """The rover comes down, its brakes on; it comes to weigh what it weighs over the first half."""
        duration = max(self.spec.lower_duration, 1e-9)

        def begin(start: float) -> None:
            self._command(lambda time: 0.0, lambda time: min((time - start) / (0.5 * duration), 1.0))

        self.procedure.phase("lower", duration, begin)

    def go(self) -> None:
        """Speeds rise to their commands; then they hold."""
        ramp, duration = self.spec.ramp_duration, self.spec.drive_duration(self.config)
        steady = self.spec.steady_fraction * duration

        def rise(start: float) -> None:
            self._command(lambda time: min((time - start) / ramp, 1.0))

        def hold(start: float) -> None:
            self._command(lambda time: 1.0)

        def measure(start: float) -> None:
            hold(start)
            self.steady_start = start

        if ramp > 0:
            self.procedure.phase("ramp", ramp, rise)
        self.procedure.phase("drive", duration - steady, hold)
        self.procedure.phase("measure", steady, measure)

    def command_slip(self, speed: float, turn_rate: float) -> float:
        """By how much the rover stays behind its command [-]."""
        return 1 - speed / self.twist[0] if self.twist[0] else 1 - turn_rate / self.twist[1]

    def surface_at(self, x: float, y: float) -> float:
        """Height of the original surface [m]."""
        bed = self.config.bed
        if bed.surface.is_level:
            return self.bed.surface_height
        return float(bed.surface_at(np.array(x), np.array(y))) + self.bed.surface_offset

    def describe(self, session: Any) -> RunDescription:
        """What the results file says of itself."""
        config, bed = self.config, self.config.bed
        backend = {"device": session.device, "precision": session.precision, "threads": session.threads}
        return RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=bed.seed, backend=backend),
            attributes={
                "scenario": self.spec.name, "title": self.title(), "gravity_name": config.gravity.name,
                "gravity": self.gravity, "surface_height": self.bed.surface_height, "wheel_radius": self.wheel.radius,
                "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [bed.length, bed.width, bed.depth],
                "domain_periodic": [False, bed.periodic_y, False],
            },
            contact=dem.describe_contacts(self.simulation.model),
        )  # fmt: skip

    def title(self) -> str:
        """The run in a line."""
        spec, slope = self.spec, self.config.gravity.slope_deg
        case = [spec.command, *(f"without {name.replace('_', ' ')}" for name in spec.dead_wheels)]
        case += [f"slope {slope:g} deg"] if slope else []
        return f"{self.config.rover.name}, {self.vehicle.mass:g} kg, {self.config.soil.name}, {', '.join(case)}"

    def _plan(self) -> None:
        """Steering angles and spins that the command asks for."""
        wheels = self.vehicle.wheels
        steered = [wheel.name for wheel in wheels if wheel.steering is not None]
        plan = plan_wheels(self.twist[0], self.twist[1], self.vehicle.hubs, steered)
        self.angles = np.array([plan[wheel.name].angle for wheel in wheels])
        self.spins = np.array([plan[wheel.name].speed for wheel in wheels]) / self.slip_radius
        self.ways = np.where(self.spins < 0, -1.0, 1.0)
        self.vehicle.require_reach(self.angles)
        self.vehicle.kill(self.spec.dead_wheels, self.spec.dead_mode == "locked")

    def _command(self, pace: Callable[[float], float], weight: Callable[[float], float] = lambda time: 1.0) -> None:
        """Command shares of full speed and of full gravity, over time."""

        def exchange(time: float) -> None:
            self.vehicle.set_gravity(weight(time) * self.gravity)
            self.vehicle.command(self.angles, pace(time) * self.spins)

        self.coupling.on_exchange = exchange
