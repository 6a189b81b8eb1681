"""Finds in a MuJoCo model what drawbar needs of a rover: its wheels, the joints that drive and steer them.

A wheel is a body with a hinge about the rover's y; it steers if a hinge about z stands between it and the rover's body.
A wheel's middle is its body's origin, its axle that hinge.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.rover.rotations import rotate
from dem.rover.rover_spec import RoverSpec

ALONG = 0.7  # cosine beyond which an axis counts as along y, or z: a camber or toe of 45 degrees is none


@dataclass(frozen=True)
class VehicleWheel:
    """Where a wheel is in a model.

    Attributes:
        name: of the wheel; body: its number.
        drive: number of the joint it rolls about; sign: 1, or -1 where the joint's axis points to the right.
        axis: of the axle in the world, to the left, as the model stands (3,).
        steering: number of the joint that steers it, or None; steering_sign: likewise, for upwards.
    """

    name: str
    body: int
    drive: int
    sign: float
    axis: tuple[float, float, float]
    steering: int | None
    steering_sign: float


def find_wheels(mujoco: Any, model: Any, rover: RoverSpec) -> list[VehicleWheel]:
    """The wheels of a model as it stands.

    Raises:
        ConfigError: a wheel that is named is missing or does not roll; none is found.
    """
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    axes = _Axes(mujoco, model, data)
    named = dict(rover.wheel_bodies)
    if rover.suspension != "model":
        named = {name: name for name in rover.hubs}
    elif not named:
        named = {axes.name(body): axes.name(body) for body in axes.outermost() if axes.hinge(body, 1)}
    if not named:
        raise ConfigError(
            f"rover.model {rover.model} has no outermost body with a hinge about y; turn the model so that it faces "
            "+x, or name its wheels in rover.wheel_bodies"
        )
    return [_find_wheel(axes, rover, wheel, body) for wheel, body in named.items()]


def _find_wheel(axes: "_Axes", rover: RoverSpec, wheel: str, name: str) -> VehicleWheel:
    body = axes.body(name)
    if body is None:
        raise ConfigError(
            f"rover.wheel_bodies.{wheel} is {name!r}, the model has no such body; take one of {', '.join(axes.names())}"
        )
    drive = axes.hinge(body, 1)
    if drive is None:
        raise ConfigError(
            f"rover.wheel_bodies.{wheel} is {name!r}, which has no hinge about y; a wheel must roll about its axle: "
            "give that body a hinge, or turn the model so that it faces +x"
        )
    axis = axes.axis(drive)
    sign = 1.0 if axis[1] > 0 else -1.0
    steering = axes.hinge_above(body, 2)
    up = 1.0 if steering is None or axes.axis(steering)[2] > 0 else -1.0
    left = tuple(float(number) for number in sign * axis)
    return VehicleWheel(wheel, body, drive, sign, (left[0], left[1], left[2]), steering, up)


class _Axes:
    """Bodies and hinges of a model as it stands."""

    def __init__(self, mujoco: Any, model: Any, data: Any) -> None:
        self.model, self.data, self._hinge, self._mujoco = model, data, int(mujoco.mjtJoint.mjJNT_HINGE), mujoco

    def names(self) -> list[str]:
        """Names of all bodies but the world."""
        return [self.name(body) for body in range(1, self.model.nbody)]

    def name(self, body: int) -> str:
        """A body's name, or its number where it has none."""
        return self.model.body(body).name or f"body {body}"

    def body(self, name: str) -> int | None:
        """A body's number."""
        return next((body for body in range(1, self.model.nbody) if self.name(body) == name), None)

    def outermost(self) -> list[int]:
        """Bodies that carry no other."""
        parents = set(self.model.body_parentid[1:].tolist())
        return [body for body in range(1, self.model.nbody) if body not in parents]

    def axis(self, joint: int) -> np.ndarray:
        """A joint's axis in the world (3,)."""
        return rotate(self.data.xquat[self.model.jnt_bodyid[joint]], self.model.jnt_axis[joint])

    def hinge(self, body: int, axis: int) -> int | None:
        """The hinge of a body about the world's y (axis 1) or z (axis 2)."""
        first, count = self.model.body_jntadr[body], self.model.body_jntnum[body]
        hinges = [joint for joint in range(first, first + count) if self.model.jnt_type[joint] == self._hinge]
        return next((int(joint) for joint in hinges if abs(self.axis(joint)[axis]) > ALONG), None)

    def hinge_above(self, body: int, axis: int) -> int | None:
        """The nearest such hinge of a body or of those that carry it."""
        while body:
            if (joint := self.hinge(body, axis)) is not None:
                return joint
            body = int(self.model.body_parentid[body])
        return None
