"""What a user may set about a rover's drive: its command, what fails, and the lengths of its phases."""

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from dem.errors import ConfigError
from dem.own_conf import find_file
from dem.rover.vehicle import Vehicle
from dem.run_config import RunConfig
from dem.spec import require_choice, require_number, require_positive, uncounted
from scenarios.rover_drive.commands import DriveCommands, constant, read_commands
from scenarios.shared.drive_spec import DriveSpec
from scenarios.shared.rocks import check_rocks

COMMANDS = ("straight", "arc", "turn", "list")
DEAD = ("locked", "free")
SIDE_ROOM = 0.75  # wheel widths of sand beside the outermost wheel
END_ROOM = 0.75  # wheel radii of sand beyond the outermost wheel, at both ends


@dataclass
class RoverDriveSpec(DriveSpec):
    """A rover on a prepared bed.

    Attributes:
        name: of the scenario.
        command: straight, arc (about a point beside it), turn (on the spot), or list (what `commands` say).
        commands: rows of time [s] with speed [m/s], turn_rate [rad/s] or arc_radius [m], and torque [N m], or the name
            of a CSV file with these columns. Between rows they go linearly; the last row ends the drive.
        torque: that every motor gives [N m], where rover.motor_control is torque; it pulls the way the wheel rolls.
        speed: of the rover's middle [m/s], backwards below 0; null takes the rover's own.
        arc_radius: from the rover's middle to the centre of its arc, to the left above 0 [m].
        turn_rate: in command turn [rad/s], to the left above 0; null lets the outermost hub move at `speed`.
        distance: to drive at full command [m]; in command turn the path of the outermost hub.
        rocks: each x ahead of and y to the left of where the rover's middle starts, height over the sand, width [m].
        dead_wheels: whose motors have failed.
        dead_mode: locked (the gear holds the wheel, which is dragged) or free.
        slope_azimuth_deg: direction that is uphill on a slope, from x to the left [deg]: 90 drives across it.
        coupling_interval: between exchanges of the soil's wrenches and the rover's poses [s]; null chooses it.
    """

    name: str = "rover_drive"
    command: str = "straight"
    commands: Any = uncounted(default=None)  # the rows count, of a file what is in it
    torque: float | None = None
    speed: float | None = None
    arc_radius: float | None = None
    turn_rate: float | None = None
    distance: float = 2.0
    rocks: list[Any] = field(default_factory=list)
    dead_wheels: list[str] = field(default_factory=list)
    dead_mode: str = "locked"
    slope_azimuth_deg: float = 0.0
    coupling_interval: float | None = None

    reads: ClassVar[tuple[str, ...]] = (
        "gravity", "soil", "contact", "wheel", "rover", "bed", "solver", "device", "output",
    )  # fmt: skip
    unused: ClassVar[dict[str, str]] = {
        "wheel.load_mass": "a rover's wheels carry what the rover weighs: give rover.mass",
        "wheel.wheel_mass": "give rover.wheel_mass",
        "wheel.angular_velocity": "give rover.speed, or scenario.speed",
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice("scenario.command", self.command, COMMANDS, "give straight to drive ahead")
        require_choice("scenario.dead_mode", self.dead_mode, DEAD, "give locked for a gear that holds")
        require_positive("scenario.distance", self.distance, "give metres such as 2")
        require_number("scenario.slope_azimuth_deg", self.slope_azimuth_deg, "give degrees such as 90")
        if self.coupling_interval is not None:
            require_positive("scenario.coupling_interval", self.coupling_interval, "give seconds, or null")
        check_rocks(self.rocks)
        self._check_command()

    def _check_command(self) -> None:
        for key in ("speed", "arc_radius", "turn_rate"):
            value = getattr(self, key)
            if value is not None and require_number(f"scenario.{key}", value, "give a number, or null") == 0.0:
                raise ConfigError(f"scenario.{key} is 0, must be another number, or null; give one")
        if self.torque is not None:
            require_number("scenario.torque", self.torque, "give N m such as 10, or null")
        for key, command in (("arc_radius", "arc"), ("turn_rate", "turn"), ("commands", "list")):
            if getattr(self, key) is not None and self.command != command:
                raise ConfigError(
                    f"scenario.{key} is {getattr(self, key)}, but scenario.command={self.command} has no use for it; "
                    f"drop it or set scenario.command={command}"
                )
        if self.command == "arc" and self.arc_radius is None:
            raise ConfigError("scenario.arc_radius is missing, scenario.command=arc needs it; add metres such as 3")
        if self.command == "list":
            read_commands(self.commands, self.torque)

    def content(self) -> dict[str, Any]:
        """The rows of `commands`, or a hash of what is in the file that it names; by key."""
        if not isinstance(self.commands, str):
            return {"commands": self.commands}
        path = find_file("scenario.commands", self.commands, "scenario")
        return {"commands": hashlib.sha256(path.read_bytes()).hexdigest()[:16]}

    def drive_commands(self, config: RunConfig) -> DriveCommands:
        """What the rover is told over time."""
        if self.command == "list":
            return read_commands(self.commands, self.torque)
        speed, turn_rate = self._twist(config)
        duration = self.distance / (abs(speed) or abs(turn_rate) * outermost(config.rover.hubs))
        return constant(duration, speed, turn_rate, self.torque)

    def _twist(self, config: RunConfig) -> tuple[float, float]:
        """Commanded speed [m/s] and turn rate [rad/s] of the rover's middle, where they hold."""
        speed = self.speed or config.rover.speed
        if self.command == "turn":
            return 0.0, self.turn_rate or speed / outermost(config.rover.hubs)
        return speed, speed / self.arc_radius if self.arc_radius else 0.0

    def fit(self, config: RunConfig) -> None:
        """Give the durations that were left to gravity their seconds."""
        super().fit(config)
        self._check_torque(config)
        unknown = [name for name in self.dead_wheels if name not in config.rover.hubs]
        if unknown:
            raise ConfigError(
                f"scenario.dead_wheels names {unknown[0]!r}, the rover has {', '.join(config.rover.hubs)}; name those"
            )

    def _check_torque(self, config: RunConfig) -> None:
        torques, control = self.drive_commands(config).torques, config.rover.motor_control
        if control == "torque" and np.isnan(torques).any():
            raise ConfigError("scenario.torque is missing, rover.motor_control=torque needs it; add N m such as 10")
        if control != "torque" and not np.isnan(torques).all():
            raise ConfigError(
                f"scenario.torque is given, but rover.motor_control={control} has no use for it; drop it, or set "
                "rover.motor_control=torque"
            )

    def size_bed(self, config: RunConfig) -> None:
        """Give the bed what length and width it was not given: the wheels' path and room around it.

        Raises:
            ConfigError: a length or width that was given is too small.
        """
        if config.rover.model is not None:  # only the model knows
            hubs = Vehicle(config.rover, config.wheel.radius, config.wheel.width).hubs
            config.rover.hubs = {name: list(hub[:2]) for name, hub in hubs.items()}
        bed, room = config.bed, room_needed(config)
        for key, needed in zip(("length", "width"), (room[1] - room[0]).tolist(), strict=True):
            if getattr(bed, key) is None:
                setattr(bed, key, math.ceil(100 * needed) / 100)
            elif getattr(bed, key) < needed:
                raise ConfigError(
                    f"bed.{key} is {getattr(bed, key)} m, must be at least {needed:.3g} m for the rover and its path; "
                    f"set bed.{key}={math.ceil(100 * needed) / 100:g}, or a shorter scenario.distance"
                )


def room_needed(config: RunConfig) -> np.ndarray:
    """Corners (2, 2) [m] of the bed that the wheels' path needs, seen from where the rover's middle starts."""
    wheel, spec = config.wheel, config.scenario
    hubs, fall_time = config.rover.hubs.values(), math.sqrt(wheel.radius / -config.gravity.vector_value()[2])
    ramp = spec.fall_times["ramp_duration"] * fall_time if spec.ramp_duration is None else spec.ramp_duration
    x, y, headings = spec.drive_commands(config).path(0.5 * ramp)
    cosine, sine = np.cos(headings), np.sin(headings)
    paths = [(x + hub[0] * cosine - hub[1] * sine, y + hub[0] * sine + hub[1] * cosine) for hub in hubs]
    places = np.concatenate([np.stack(path, axis=1) for path in paths])
    reach = np.array([wheel.radius, wheel.radius if headings.any() else wheel.width / 2])
    room = reach + np.array([END_ROOM * wheel.radius, SIDE_ROOM * wheel.width])
    return np.stack([places.min(axis=0) - room, places.max(axis=0) + room])


def outermost(hubs: Any) -> float:
    """Distance of the outermost hub from the middle [m]."""
    return max(math.hypot(x, y) for x, y in hubs.values())
