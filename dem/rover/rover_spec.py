"""A rover as a user states it: masses, where its wheels are, how they hang, what its motors can; or a model file.

The rover's frame has x ahead, y to the left, z up, and its origin in the plane of the axles. Its wheels are those of
the `wheel` group, which the rover's file chooses.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dem.errors import ConfigError
from dem.own_conf import find_file
from dem.rover.model_guard import XML_SUFFIXES, digest_files
from dem.spec import (
    Source,
    require_choice,
    require_number,
    require_positive,
    require_range,
    uncounted,
)

SUSPENSIONS = ("four_wheel", "rocker_bogie", "model")
CONTROLS = ("speed", "torque")
FOUR = ("front_left", "front_right", "rear_left", "rear_right")
SIX = ("front_left", "front_right", "middle_left", "middle_right", "rear_left", "rear_right")
NEEDS = {
    "four_wheel": (*("mass", "wheel_mass", "arm_mass", "hubs", "mass_center", "body_size"),
                   *("spring_stiffness", "spring_damping", "spring_travel")),
    "rocker_bogie": ("mass", "wheel_mass", "arm_mass", "hubs", "mass_center", "body_size", "rocker_pivot",
                     "bogie_pivot"),
    "model": ("model",),
}  # fmt: skip
LENGTHS = {"mass_center": 3, "body_size": 3, "rocker_pivot": 2, "bogie_pivot": 2}
POSITIVE = ("mass", "wheel_mass", "arm_mass", "spring_stiffness", "spring_damping", "spring_travel", "motor_power")


@dataclass
class RoverSpec:
    """A rover as a user states it: masses, hubs, suspension and motors, or a model file.

    Attributes:
        name: rover, as shown on plots.
        suspension: four_wheel (each wheel on a spring), rocker_bogie (six wheels, a differential between the rockers),
            or model (an MJCF or URDF file says all of it).
        speed: nominal speed of travel [m/s].
        motor_torque: the most a wheel's motor gives [N m].
        motor_power: the most a wheel's motor gives [W]; null sets no limit.
        motor_control: speed (servos of spin) or torque (they give what they are told, at whatever spin).
        steering_torque: the most a steering motor gives [N m].
        mass: of the whole rover [kg].
        wheel_mass: of one wheel with its drive [kg].
        arm_mass: of each part between body and wheel: a knuckle, a rocker, a bogie [kg].
        hubs: wheel to (x, y) of its middle [m].
        steered: wheels that steer.
        mass_center: of the whole rover (x, y, z) over the axles' plane [m].
        body_size: of a box with the body's inertia (x, y, z) [m].
        spring_stiffness, spring_damping, spring_travel: of a four_wheel suspension, each wheel [N/m], [N s/m], [m].
        rocker_pivot: where a rocker turns on the body (x, z) [m].
        bogie_pivot: where a bogie turns on its rocker (x, z) [m].
        model: an .xml (MJCF) or .urdf file: a full path, or one from here or from conf/rover.
        mirrored_wheels: whether wheels right of the rover's middle plane are mirror images of those on the left.
        wheel_bodies: wheel to its body in the model; empty takes every outermost body that rolls about y.
        sources: where each number comes from.
    """

    name: str
    suspension: str
    speed: float
    motor_torque: float
    motor_power: float | None = None
    motor_control: str = "speed"
    steering_torque: float = 100.0
    mass: float | None = None
    wheel_mass: float | None = None
    arm_mass: float | None = None
    hubs: dict[str, Any] = field(default_factory=dict)
    steered: list[str] = field(default_factory=list)
    mass_center: list[float] | None = None
    body_size: list[float] | None = None
    spring_stiffness: float | None = None
    spring_damping: float | None = None
    spring_travel: float | None = None
    rocker_pivot: list[float] | None = None
    bogie_pivot: list[float] | None = None
    model: str | None = uncounted(default=None)  # what is in it counts
    mirrored_wheels: bool = True
    wheel_bodies: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Source] = uncounted(default_factory=dict)

    def __post_init__(self) -> None:
        require_choice("rover.suspension", self.suspension, SUSPENSIONS, "give model to drive an MJCF or URDF file")
        require_choice("rover.motor_control", self.motor_control, CONTROLS, "give speed for servos of spin")
        require_positive("rover.speed", self.speed, "give m/s such as 0.2")
        require_positive("rover.motor_torque", self.motor_torque, "give N m such as 50")
        require_positive("rover.steering_torque", self.steering_torque, "give N m such as 100")
        for key in NEEDS[self.suspension]:
            if not getattr(self, key):
                raise ConfigError(
                    f"rover.{key} is missing, rover.suspension={self.suspension} needs it; add it to the rover's file"
                )
        for key in POSITIVE:
            if getattr(self, key) is not None:
                require_positive(f"rover.{key}", getattr(self, key), "give a number above 0")
        for key, count in LENGTHS.items():
            if getattr(self, key) is not None:
                _check_numbers(f"rover.{key}", getattr(self, key), count)
        if self.suspension == "model":
            self._check_model()
        else:
            self._check_family()

    @property
    def model_path(self) -> Path:
        """Path of the model file.

        Raises:
            ConfigError: there is none.
        """
        return find_file("rover.model", str(self.model), "rover")

    def content(self) -> dict[str, str]:
        """Hashes of the model file and of those it names, by name; empty where there is none.

        Raises:
            ConfigError: the model is missing, or names what it may not.
        """
        return digest_files(self.model_path) if self.suspension == "model" else {}

    def _check_model(self) -> None:
        if self.mass is not None or self.hubs:
            key = "mass" if self.mass is not None else "hubs"
            raise ConfigError(
                f"rover.{key} is given, but rover.suspension=model takes it from {self.model}; drop rover.{key}"
            )
        if self.model_path.suffix.lower() not in XML_SUFFIXES:
            raise ConfigError(f"rover.model is {self.model!r}, must end in .xml (MJCF) or .urdf; name such a file")

    def _check_family(self) -> None:
        requested = FOUR if self.suspension == "four_wheel" else SIX
        if set(self.hubs) != set(requested):
            raise ConfigError(
                f"rover.hubs names {', '.join(self.hubs) or 'no wheel'}, must name {', '.join(requested)} for "
                f"rover.suspension={self.suspension}; give each its [x, y]"
            )
        for wheel, place in self.hubs.items():
            _check_numbers(f"rover.hubs.{wheel}", place, 2)
        for wheel in self.steered:
            require_choice("rover.steered", wheel, requested, "give names of rover.hubs")
        require_range("rover.mass", self.mass, self.lightest, math.inf, "it holds wheels and arms; make those lighter")

    @property
    def lightest(self) -> float:
        """Mass of wheels and arms [kg]."""
        return len(self.hubs) * (float(self.wheel_mass or 0.0)) + 4 * float(self.arm_mass or 0.0)


def _check_numbers(key: str, values: Any, count: int) -> None:
    if not isinstance(values, list) or len(values) != count:
        raise ConfigError(f"{key} is {values}, must be {count} numbers; give metres such as {[0.1] * count}")
    for value in values:
        require_number(key, value, "give metres")
