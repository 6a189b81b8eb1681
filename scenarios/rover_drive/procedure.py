"""A whole rover on a prepared bed: settle, lower, ramp, drive; then what each wheel did, and how the rover moved.

The soil moves by the discrete elements, body, suspension and motors by MuJoCo; see dem/rover/coupling.py.
"""

import logging
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

import dem
from dem.experiment import Stage, verdict
from dem.io import BodyMesh, Series
from dem.measure.credibility import judge
from dem.rover.coupling import Coupling
from dem.rover.model_remarks import describe_doubts, describe_wheels
from dem.rover.shown_wheels import describe_misfits
from dem.rover.steering import plan_wheels
from dem.rover.vehicle import Vehicle
from dem.rover.wheel_shape import wheel_shape
from dem.run_config import RunConfig
from scenarios.rover_drive.recorder import CHASSIS, SERIES, WHEEL_SERIES, RoverRecorder, chassis_mesh
from scenarios.rover_drive.result import CONVENTIONS, criteria, reduce_rover
from scenarios.rover_drive.rig import build_model, coupling_steps, place_vehicle, start_place, turned_gravity
from scenarios.shared.drive import Drive
from scenarios.shared.rocks import lay_rocks

log = logging.getLogger(__name__)

COUPLING_TOLERANCE = 0.02  # of the work on the soil
PLANNED = 200  # times at which a drive is looked through beforehand


class RoverDrive(Drive):
    """The bed, the rover and its command.

    Attributes:
        bodies: the wheels' numbers; commands: what the rover is told over time.
        angles, angular_velocities: now commanded of each wheel (n,) [rad, rad/s]; directions: of drive, 1 where it
            rolls ahead, -1 backwards.
        wheel_speed: largest angular velocity of any wheel that is ever commanded [rad/s].
        rover_weight: of all wheels, normal to the bed [N].
        touch_height: of its body as the first wheel touches the sand [m].
    """

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.wheel, self.slip_radius = config.wheel, config.wheel.radius
        self.conventions = {**CONVENTIONS, "slip_ratio": CONVENTIONS["slip_ratio"].format(self.slip_radius)}
        wheel_shape(self.wheel)  # a mesh that is no wheel is told before a bed is made
        self.vehicle = Vehicle(config.rover, self.wheel.radius, self.wheel.width)
        for line in describe_wheels(self.vehicle):
            log.info("%s", line)
        doubts = describe_doubts(self.vehicle, self.wheel.radius, self.wheel.width)
        misfits = describe_misfits(self.vehicle, self.wheel.radius, self.wheel.width)
        for said in (*self.vehicle.remarks, *doubts, *misfits):
            log.warning("%s", said)
        self.names = [wheel.name for wheel in self.vehicle.wheels]
        self.series = SERIES | {
            f"{wheel}_{name}": Series(entry.unit, f"{wheel.replace('_', ' ')}: {entry.long_name}")
            for wheel in self.names
            for name, entry in WHEEL_SERIES.items()
        }
        self.commands, self.drive_start = self.spec.drive_commands(config), math.inf
        self.drive_duration = self.commands.duration
        self._plan()
        self.rover_weight = -self.vehicle.mass * self.gravity[2]
        self.weight = self.rover_weight / len(self.vehicle.wheels)
        self.prepare(self.vehicle.mass * float(np.linalg.norm(self.gravity)) / len(self.vehicle.wheels))
        self.surface_height = self.bed.surface_height
        place_vehicle(config, self.bed, self.vehicle)
        self.touch_height = self.vehicle.body_pose()[0][2] - self.spec.lower_clearance
        self.vehicle.steer_at_once(self.angles)
        self.bed, fixed = lay_rocks(config, self.bed, start_place(config), config.rover.hubs)
        self.built, self.bodies = build_model(config, self.bed, self.young_modulus, self.vehicle, fixed)

    @cached_property
    def gravity(self) -> np.ndarray:
        """Gravity of the run (3,) [m/s2], uphill where the slope's azimuth is."""
        return turned_gravity(self.config)

    def stages(self) -> list[Stage]:
        """One, from the prepared bed on."""
        return [Stage(lambda before: [self.built], self.phases, is_recorded=True)]

    def enter(self, simulation: dem.Simulation, worlds: range, stage: Stage) -> None:
        """Couple the rover to a world of a simulation."""
        self.simulation, self.worlds = simulation, worlds
        steps = coupling_steps(self.config, self.vehicle, simulation.time_step, self.rover_weight)
        self.coupling = Coupling(simulation, self.vehicle, self.bodies, steps, worlds[0])
        super().enter(simulation, worlds, stage)

    def make_recorder(self) -> RoverRecorder:
        """Make the recorder, with the work between soil and rover."""
        return RoverRecorder(self)

    def meshes(self) -> dict[str, BodyMesh]:
        """The wheels, and a box for the body."""
        shapes = {entry.body: entry.shape for entry in self.model.shapes}
        pairs = zip(self.names, self.bodies, strict=True)
        found = {name: BodyMesh(name, *shapes[body].surface_mesh()) for name, body in pairs}
        return found | {CHASSIS: chassis_mesh(self)}

    def poses(self, snapshot: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Poses of the wheels and the body."""
        position, orientation = snapshot["body_position"], snapshot["body_orientation"]
        found = {name: (position[body], orientation[body]) for name, body in zip(self.names, self.bodies, strict=True)}
        return found | {CHASSIS: self.vehicle.body_pose()}

    def reduce(self) -> dict[str, Any]:
        """Steady means of each wheel and of the whole, and the path."""
        return reduce_rover(self)

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Load, energy, and the work between soil and rover over the steady window."""
        window = self.recorder.window(self.steady_start)
        step = np.diff(window["time"])
        given, taken = (float((window[name][1:] * step).sum()) for name in ("soil_power", "vehicle_power"))
        return {
            "wheel_load_error": self.load_check(window, "total_load", self.vehicle.mass, self.rover_weight),
            "coupling_error": verdict(abs(given - taken) / max(abs(given), 1e-300), COUPLING_TOLERANCE),
            **self.energy_checks(window),
        }

    def judge(self, result: dict[str, Any]) -> dict[str, Any]:
        """Whether the run may be believed."""
        return {"credibility": judge(criteria(self, result, self.recorder.window(self.steady_start)))}

    @property
    def carried_load(self) -> tuple[str, float]:
        """The load of all wheels, and the rover's weight [N]."""
        return "total_load", self.rover_weight

    def longer(self, ratio: float) -> tuple[str, ...]:
        """Overrides of a drive that is longer by a ratio [-]; a list of commands is its own length."""
        return () if self.spec.command == "list" else (f"scenario.distance={ratio * self.spec.distance:.3g}",)

    def lower(self, start: float) -> None:
        """The rover comes down, its brakes on, held back so that its speed falls as the sand takes over its weight."""
        self._command(lambda time: 0.0, self._hoist)

    def ramp(self, start: float) -> None:
        """Speeds rise to their first commands."""
        self._command(lambda time: min((time - start) / self.spec.ramp_duration, 1.0))

    def hold(self, start: float) -> None:
        """Hold the commanded speeds and steering angles."""
        self.drive_start = self._drive_start(start)
        self._command(lambda time: 1.0)

    def command_slip(self, speed: float, turn_rate: float) -> float:
        """Slip of the rover against its command [-]; 0 where it is commanded to stand."""
        return self.commands.slip(self._since_start(self.simulation.time), speed, turn_rate)

    def surface_at(self, x: float, y: float) -> float:
        """Height of the original surface [m]."""
        bed = self.config.bed
        if bed.surface.is_level:
            return self.bed.surface_height
        return float(bed.surface_at(np.array(x), np.array(y))) + self.bed.surface_offset

    def title(self) -> str:
        """The run in a line."""
        spec, slope = self.spec, self.config.gravity.slope_deg
        case = [spec.command, *(f"without {name.replace('_', ' ')}" for name in spec.dead_wheels)]
        case += [f"slope {slope:g} deg"] if slope else []
        rover, soil = self.config.label("rover"), self.config.label("soil")
        return f"{rover}, {self.vehicle.mass:g} kg, {soil}, {', '.join(case)}"

    def _plan(self) -> None:
        """See that the wheels can do what they will be told, and how fast they will turn."""
        times = np.linspace(self.commands.duration, 0.0, PLANNED)  # so that the first command comes last
        self.wheel_speed = 0.0
        for time in times.tolist():
            self._follow(time)
            self.vehicle.require_reach(self.angles)
            self.wheel_speed = max(self.wheel_speed, float(np.abs(self.angular_velocities).max()))
        self.vehicle.kill(self.spec.dead_wheels, self.spec.dead_mode == "locked")

    def _follow(self, time: float) -> None:
        """Steering angles and angular_velocities that the command asks for, `time` after the drive began [s]."""
        wheels, hubs = self.vehicle.wheels, self.vehicle.hubs
        steered = [wheel.name for wheel in wheels if wheel.steering is not None]
        (speed, turn), (steered_speed, steered_turn) = self.commands.twist(time), self.commands.steering_twist(time)
        speeds = plan_wheels(speed, turn, hubs, steered)
        angles = plan_wheels(steered_speed, steered_turn, hubs, steered)
        self.angles = np.array([angles[wheel.name].angle for wheel in wheels])
        self.angular_velocities = np.array([speeds[wheel.name].speed for wheel in wheels]) / self.slip_radius
        self.directions = np.where(self.angular_velocities < 0, -1.0, 1.0)

    def _drive_start(self, start: float) -> float:
        """When the drive began [s]; it may be measured from a later time on."""
        done = {phase["name"]: phase["start"] for phase in self.phases_done}
        return done.get("drive", start)

    def _since_start(self, time: float) -> float:
        """Time since the drive began [s], 0 before it."""
        return max(time - self.drive_start, 0.0)

    def _hoist(self) -> float:
        """Resistance of the hoist [N s/m]: at it the rover falls no faster than its wheels may."""
        gap = self.vehicle.body_pose()[0][2] - self.touch_height
        return float(self.rover_weight / self.lowering.free_speed(gap))

    def _command(self, pace: Callable[[float], float], hoist: Callable[[], float] = lambda: 0.0) -> None:
        """Command shares of what is told over time, under the run's gravity; a hoist resists the rover's motion."""
        by_torque = self.config.rover.motor_control == "torque"

        def exchange(time: float) -> None:
            self.vehicle.resist_motion(hoist())
            since = self._since_start(time)
            self._follow(since)
            share = pace(time)
            if by_torque and share > 0:
                self.vehicle.push(self.angles, share * self.commands.torque(since) * self.directions)
            else:
                self.vehicle.command(self.angles, share * self.angular_velocities)

        self.vehicle.set_gravity(self.gravity)
        self.set_gravity(0, tuple(self.gravity))
        self.coupling.on_exchange = exchange
        self.coupling.attach()
