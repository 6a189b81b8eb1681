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
from dem.rover.shown_wheels import describe_misfits
from dem.rover.steering import plan_wheels
from dem.rover.vehicle import Vehicle
from scenarios.prepared_bed import prepare_bed
from scenarios.procedure import Phase
from scenarios.rocks import lay_rocks
from scenarios.rover_recorder import RoverRecorder
from scenarios.rover_result import collect_result
from scenarios.rover_rig import build_model, coupling_steps, place_vehicle, start_place, turned_gravity
from scenarios.schedule import run_test
from scenarios.single_wheel_rig import soften_grains

log = logging.getLogger(__name__)

PLANNED = 200  # times at which a drive is looked through beforehand
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
    with dem.start(device.name, device.precision, device.threads, config.bed.expected_count()):
        return run_test(RoverDrive(config), folder)


class RoverDrive:
    """The bed, the rover and its command; a world of a simulation once it was entered.

    Attributes:
        model: bed and wheels; bodies: the wheels' numbers.
        commands: what the rover is told over time.
        angles, spins: now commanded of each wheel (n,) [rad, rad/s]; ways: 1 where it rolls ahead, -1 backwards.
        fastest: spin of any wheel that is ever commanded [rad/s].
        weight: of a wheel's mean load, normal to the bed [N]; rover_weight: of all [N].
        steady_start: of the window over which means are taken [s], once it began.
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec, self.wheel = config, config.scenario, config.wheel
        self.slip_radius, self.gravity = config.wheel.radius, turned_gravity(config)
        self.vehicle = Vehicle(config.rover, self.wheel.radius, self.wheel.width)
        for misfit in describe_misfits(self.vehicle, self.wheel.radius, self.wheel.width):
            log.warning("%s", misfit)
        self.commands, self.drive_start = self.spec.drive_commands(config), math.inf
        self._plan()
        self.rover_weight = -self.vehicle.mass * self.gravity[2]
        self.weight = self.rover_weight / len(self.vehicle.wheels)
        level_weight = self.vehicle.mass * float(np.linalg.norm(self.gravity)) / len(self.vehicle.wheels)
        self.young_modulus = soften_grains(config, level_weight)  # all slopes share a bed
        self.bed = prepare_bed(config.bed, config.soil, config.solver, self.young_modulus)
        place_vehicle(config, self.bed, self.vehicle)
        self.vehicle.steer_at_once(self.angles)
        self.bed, fixed = lay_rocks(config, self.bed, start_place(config))
        self.model, self.bodies = build_model(config, self.bed, self.young_modulus, self.vehicle, fixed)

    def enter(self, simulation: dem.Simulation, world: int) -> None:
        """Be a world of a simulation."""
        self.simulation, self.world = simulation, world
        steps = coupling_steps(self.config, self.vehicle, simulation.time_step, self.rover_weight)
        self.coupling = Coupling(simulation, self.vehicle, self.bodies, steps, world)
        self.recorder = RoverRecorder(self)

    def phases(self) -> list[Phase]:
        """Settle, lower, ramp, drive and measure, which is the last part of the drive; those that last at all."""
        spec, duration = self.spec, self.commands.duration
        steady = spec.steady_fraction * duration
        settle = [Phase("settle", spec.settle_duration, self._settle)] if spec.settle_duration > 0 else []
        ramp = [Phase("ramp", spec.ramp_duration, self._rise)] if spec.ramp_duration > 0 else []
        return [
            *settle,
            Phase("lower", max(spec.lower_duration, 1e-9), self._lower),
            *ramp,
            Phase("drive", duration - steady, self._hold),
            Phase("measure", steady, self._measure),
        ]

    def collect(self, phases: list[dict[str, Any]]) -> dict[str, Any]:
        """Write the last frame; the result."""
        self.recorder.frame(self.simulation)
        result = collect_result(self)
        self.recorder.writer.annotate(steady_window=[self.steady_start, self.simulation.time], phases=phases)
        return result

    def _settle(self, start: float) -> None:
        """The bed comes under the run's gravity, gently; the rover hovers."""
        prepared, duration = np.array([0.0, 0.0, -self.config.bed.preparation_gravity]), self.spec.settle_duration

        def ramped(time: float) -> np.ndarray:
            share = min(math.ceil(RAMP_STEPS * (time - start) / (0.5 * duration)) / RAMP_STEPS, 1.0)
            return prepared + share * (self.gravity - prepared)

        self.simulation.set_gravity(ramped, self.world)

    def _lower(self, start: float) -> None:
        """The rover comes down, its brakes on; it comes to weigh what it weighs over the first half."""
        duration = max(self.spec.lower_duration, 1e-9)
        self._command(lambda time: 0.0, lambda time: min((time - start) / (0.5 * duration), 1.0))

    def _rise(self, start: float) -> None:
        """Speeds rise to their first commands."""
        self._command(lambda time: min((time - start) / self.spec.ramp_duration, 1.0))

    def _hold(self, start: float) -> None:
        """They go as they are told."""
        self.drive_start = start
        self._command(lambda time: 1.0)

    def _measure(self, start: float) -> None:
        """And means are taken."""
        self._hold(start - (1 - self.spec.steady_fraction) * self.commands.duration)
        self.steady_start = start

    def command_slip(self, speed: float, turn_rate: float) -> float:
        """By how much the rover stays behind its command [-]; 0 where it is told to stand."""
        return self.commands.slip(self._since_start(self.simulation.time), speed, turn_rate)

    def surface_at(self, x: float, y: float) -> float:
        """Height of the original surface [m]."""
        bed = self.config.bed
        if bed.surface.is_level:
            return self.bed.surface_height
        return float(bed.surface_at(np.array(x), np.array(y))) + self.bed.surface_offset

    def describe(self) -> RunDescription:
        """What the results file says of itself."""
        config, bed, session = self.config, self.config.bed, dem.backend.current()
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
            contact=dem.describe_contacts(self.model),
        )  # fmt: skip

    def title(self) -> str:
        """The run in a line."""
        spec, slope = self.spec, self.config.gravity.slope_deg
        case = [spec.command, *(f"without {name.replace('_', ' ')}" for name in spec.dead_wheels)]
        case += [f"slope {slope:g} deg"] if slope else []
        return f"{self.config.rover.name}, {self.vehicle.mass:g} kg, {self.config.soil.name}, {', '.join(case)}"

    def _plan(self) -> None:
        """See that the wheels can do what they will be told, and how fast they will turn."""
        times = np.linspace(self.commands.duration, 0.0, PLANNED)  # so that the first command comes last
        self.fastest = 0.0
        for time in times.tolist():
            self._follow(time)
            self.vehicle.require_reach(self.angles)
            self.fastest = max(self.fastest, float(np.abs(self.spins).max()))
        self.vehicle.kill(self.spec.dead_wheels, self.spec.dead_mode == "locked")

    def _follow(self, time: float) -> None:
        """Steering angles and spins that the command asks for, `time` after the drive began [s]."""
        wheels, hubs = self.vehicle.wheels, self.vehicle.hubs
        steered = [wheel.name for wheel in wheels if wheel.steering is not None]
        (speed, turn), (steered_speed, steered_turn) = self.commands.twist(time), self.commands.steering_twist(time)
        speeds = plan_wheels(speed, turn, hubs, steered)
        angles = plan_wheels(steered_speed, steered_turn, hubs, steered)
        self.angles = np.array([angles[wheel.name].angle for wheel in wheels])
        self.spins = np.array([speeds[wheel.name].speed for wheel in wheels]) / self.slip_radius
        self.ways = np.where(self.spins < 0, -1.0, 1.0)

    def _since_start(self, time: float) -> float:
        """Time since the drive began [s], 0 before it."""
        return max(time - self.drive_start, 0.0)

    def _command(self, pace: Callable[[float], float], weight: Callable[[float], float] = lambda time: 1.0) -> None:
        """Command shares of what is told and of the rover's full weight over time, under the run's gravity."""
        by_torque = self.config.rover.motor_control == "torque"

        def exchange(time: float) -> None:
            self.vehicle.set_gravity(weight(time) * self.gravity)
            since = self._since_start(time)
            self._follow(since)
            share = pace(time)
            if by_torque and share > 0:
                self.vehicle.push(self.angles, share * self.commands.torque(since) * self.ways)
            else:
                self.vehicle.command(self.angles, share * self.spins)

        self.simulation.set_gravity(tuple(self.gravity), self.world)
        self.coupling.on_exchange = exchange
        self.coupling.attach()
