"""Finds in a MuJoCo model what drawbar needs of a rover: its wheels, the joints that drive and steer them.

A wheel is a body with a hinge about the rover's y, without stops; it steers if a hinge about z stands between it and
the rover's body. A wheel's middle is its body's origin, its axle that hinge.
"""

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.rover.rotations import rotate
from dem.rover.rover_spec import RoverSpec

ALONG = 0.7  # cosine beyond which an axis counts as along y, or z: a camber or toe of 45 degrees is none
ENDLESS = 1e3  # [rad]; a hinge that turns as far has no stops: some files write limits where they mean none
OFF_AXLE = 0.02  # of the radius: by which a wheel may run out of true
UPRIGHT = 1e-3  # [rad]; the centre of mass of a rover on two wheels may be over their line, but would not stay there
FIXED = 1e-9  # [m a unit of any joint]; of a wheel that nothing lets move up


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


def find_wheels(mujoco: Any, model: Any, rover: RoverSpec, radius: float) -> list[VehicleWheel]:
    """The wheels of a model as it stands, of some radius [m].

    Raises:
        ConfigError: a wheel that is named is missing or does not roll, none is found, or one is no such wheel as
            drawbar can drive.
    """
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    axes = _Axes(mujoco, model, data)
    named = dict(rover.wheel_bodies)
    if rover.suspension != "model":
        named = {name: name for name in rover.hubs}
    elif not named:
        named = {axes.name(body): axes.name(body) for body in axes.outermost() if axes.endless(body)}
    if not named:
        raise ConfigError(
            f"rover.model {rover.model} has no outermost body with a hinge about y that turns without end; turn the "
            "model so that it faces +x, or name its wheels in rover.wheel_bodies"
        )
    wheels = [_find_wheel(axes, rover, wheel, body) for wheel, body in named.items()]
    for wheel in wheels:
        _check_axle(axes, rover, wheel, radius)
    _check_joints(axes, rover, wheels)
    if rover.suspension == "model" and not rover.wheel_bodies:
        _check_heights(axes, rover, wheels, radius)
    _check_balance(axes, rover, wheels)
    return wheels


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


def _check_axle(axes: "_Axes", rover: RoverSpec, wheel: VehicleWheel, radius: float) -> None:
    """Reject a wheel that stops, is not on its axle, or cannot sink."""
    said = f"rover.model {rover.model} has wheel {wheel.name!r}"
    if (stops := axes.stops(wheel.drive)) is not None:
        low, high = (math.degrees(stop) for stop in stops)
        raise ConfigError(
            f"{said}, whose hinge turns from {low:.3g} to {high:.3g} deg only; drop that joint's limits (in a URDF: "
            "make it continuous), or name the wheels in rover.wheel_bodies"
        )
    off = axes.distance(wheel.drive)
    if off > OFF_AXLE * radius:
        raise ConfigError(
            f"{said}, whose axle passes its body's origin at {off:.3g} m; move the body's origin to the wheel's middle"
        )
    if not axes.can_rise(wheel.body):
        raise ConfigError(
            f"{said}, which no joint lets move up or down, so it cannot sink; give its rover a free joint"
        )


def _check_joints(axes: "_Axes", rover: RoverSpec, wheels: list[VehicleWheel]) -> None:
    """Reject wheels that share a joint: each has motors of its own."""
    for role in ("drive", "steering"):
        joints = [getattr(wheel, role) for wheel in wheels if getattr(wheel, role) is not None]
        joint, count = Counter(joints).most_common(1)[0] if joints else (0, 0)
        if count > 1:
            sharing = " and ".join(wheel.name for wheel in wheels if getattr(wheel, role) == joint)
            remedy = (
                "name each wheel's own body in rover.wheel_bodies"
                if role == "drive"
                else "give each wheel a hinge about z of its own, or none, fixing that one"
            )
            raise ConfigError(
                f"rover.model {rover.model} has one {role} joint, {axes.joint_name(joint)}, for {sharing}; {remedy}"
            )


def _check_heights(axes: "_Axes", rover: RoverSpec, wheels: list[VehicleWheel], radius: float) -> None:
    """Reject to take for a wheel what turns about y high over the ground, such as a camera."""
    heights = {wheel.name: float(axes.data.xpos[wheel.body][2]) for wheel in wheels}
    lowest, highest = min(heights, key=heights.__getitem__), max(heights, key=heights.__getitem__)
    above = heights[highest] - heights[lowest]
    if above > radius:
        raise ConfigError(
            f"rover.model {rover.model} has {highest!r}, which rolls about y, {above:.3g} m above {lowest!r}, beyond "
            f"wheel.radius ({radius:g} m); say in rover.wheel_bodies which bodies are wheels"
        )


def _check_balance(axes: "_Axes", rover: RoverSpec, wheels: list[VehicleWheel]) -> None:
    """Reject a rover that falls over as it stands: nothing but its wheels meets the soil."""
    root = int(axes.model.body_rootid[wheels[0].body])
    if not axes.is_free(root):
        return
    center = axes.data.subtree_com[root]
    away = axes.data.xpos[[wheel.body for wheel in wheels], :2] - center[:2]
    angles = np.sort(np.arctan2(away[:, 1], away[:, 0]))
    if np.diff(angles, append=angles[0] + 2 * np.pi).max() > np.pi - UPRIGHT:
        names = ", ".join(wheel.name for wheel in wheels)
        raise ConfigError(
            f"rover.model {rover.model} has its mass centre at ({center[0]:.3g}, {center[1]:.3g}) m, not between its "
            f"wheels {names}, and would fall over; give casters and skids, which the soil does not feel, wheels that "
            "roll, or move its masses"
        )


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
        """Number of a body."""
        return next((body for body in range(1, self.model.nbody) if self.name(body) == name), None)

    def joint_name(self, joint: int) -> str:
        """A joint's name, or its number where it has none."""
        return repr(self.model.joint(joint).name) if self.model.joint(joint).name else f"number {joint}"

    def outermost(self) -> list[int]:
        """Bodies that carry no other which moves on them."""
        carriers = set()
        for moving in np.flatnonzero(self.model.body_jntnum).tolist():
            body = moving
            while body := int(self.model.body_parentid[body]):
                carriers.add(body)
        return [body for body in range(1, self.model.nbody) if body not in carriers]

    def endless(self, body: int) -> bool:
        """Whether a body turns about y without end."""
        joint = self.hinge(body, 1)
        return joint is not None and self.stops(joint) is None

    def stops(self, joint: int) -> tuple[float, float] | None:
        """Angles [rad] that a hinge may have, None where it has no stops."""
        low, high = (float(stop) for stop in self.model.jnt_range[joint])
        return (low, high) if self.model.jnt_limited[joint] and high - low < ENDLESS else None

    def distance(self, joint: int) -> float:
        """Distance of a hinge's axis from its body's origin [m]."""
        return float(np.linalg.norm(np.cross(self.model.jnt_axis[joint], self.model.jnt_pos[joint])))

    def is_free(self, body: int) -> bool:
        """Whether a body floats."""
        free = int(self._mujoco.mjtJoint.mjJNT_FREE)
        return bool(self.model.body_jntnum[body]) and self.model.jnt_type[self.model.body_jntadr[body]] == free

    def can_rise(self, body: int) -> bool:
        """Whether any joint moves a body's origin up or down."""
        shift = np.zeros((3, self.model.nv))
        self._mujoco.mj_jacBody(self.model, self.data, shift, None, body)
        return bool(np.abs(shift[2]).max() > FIXED)

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
