"""What was understood of a rover's model, in sentences: its wheels, joints that hang loose, and what is doubtful."""

from typing import Any

import numpy as np

MIDDLE = 0.25  # of the wheel's width: nearer to the rover's middle plane a wheel is an odd one
PAIR = 0.5  # of the radius: within which two wheels on opposite sides stand on one axis
ENDLESS = 1e3  # [rad]; a hinge that turns as far has no stops
STILL = 1e-12  # of stiffness, damping and friction: none


def describe_wheels(vehicle: Any) -> list[str]:
    """A line for each wheel: place, axis, and whether it steers."""
    lines = [f"rover {vehicle.rover.name}: {vehicle.mass:.4g} kg, {len(vehicle.wheels)} wheels"]
    for wheel in vehicle.wheels:
        x, y, z = vehicle.hubs[wheel.name]
        axis = ", ".join(f"{number:.2f}" for number in wheel.axis)
        steered = "not steered" if wheel.steering is None else "steered"
        lines.append(f"wheel {wheel.name} at ({x:.3f}, {y:.3f}, {z:.3f}) m, axle ({axis}), {steered}")
    return lines


def describe_doubts(vehicle: Any, radius: float, width: float) -> list[str]:
    """Sentences about odd wheels and joints that nothing holds, with what to do; of a model file only.

    Args:
        vehicle: built.
        radius, width: of its wheels [m].
    """
    if vehicle.rover.suspension != "model":
        return []
    return [*_odd_wheels(vehicle, radius, width), *_loose_joints(vehicle)]


def _odd_wheels(vehicle: Any, radius: float, width: float) -> list[str]:
    found = []
    for wheel in vehicle.wheels:
        x, y, _ = vehicle.hubs[wheel.name]
        partners = [
            name for name, hub in vehicle.hubs.items()
            if name != wheel.name and abs(hub[0] - x) < PAIR * radius and hub[1] * y < 0
        ]  # fmt: skip
        reasons = []
        if abs(y) < MIDDLE * width:
            reasons.append("lies on the rover's middle plane")
        elif not partners:
            reasons.append("has none on the other side of its axis")
        if above := _endless_above(vehicle, wheel.body):
            reasons.append(f"hangs below joint {above!r}, which turns without end too")
        if reasons:
            found.append(
                f"{wheel.name!r} is taken for a wheel, but {' and '.join(reasons)}; if it is none, name the wheels in "
                "rover.wheel_bodies"
            )
    return found


def _endless_above(vehicle: Any, body: int) -> str | None:
    model, hinge = vehicle.model, int(vehicle.mujoco.mjtJoint.mjJNT_HINGE)
    while (body := int(model.body_parentid[body])) and body != vehicle.root:
        first = int(model.body_jntadr[body])
        for joint in range(first, first + int(model.body_jntnum[body])):
            if model.jnt_type[joint] == hinge and _is_endless(model, joint):
                return model.joint(joint).name
    return None


def _is_endless(model: Any, joint: int) -> bool:
    low, high = model.jnt_range[joint]
    return not model.jnt_limited[joint] or high - low >= ENDLESS


def _loose_joints(vehicle: Any) -> list[str]:
    """Joints below the rover's body that have neither stops, spring, damper, motor nor linkage."""
    model, kinds = vehicle.model, vehicle.mujoco.mjtJoint
    held = {wheel.drive for wheel in vehicle.wheels} | {wheel.steering for wheel in vehicle.wheels}
    held |= {int(joint) for joint in model.actuator_trnid[:, 0]} if model.nu else set()
    held |= {int(joint) for joint in np.concatenate([model.eq_obj1id, model.eq_obj2id])} if model.neq else set()
    found = []
    for joint in range(model.njnt):
        if joint in held or model.jnt_type[joint] not in (int(kinds.mjJNT_HINGE), int(kinds.mjJNT_SLIDE)):
            continue
        dof = model.jnt_dofadr[joint]
        resistance = (model.jnt_stiffness[joint], model.dof_damping[dof], model.dof_frictionloss[dof])
        if _is_endless(model, joint) and max(resistance) < STILL:
            found.append(
                f"joint {model.joint(joint).name!r} swings freely: nothing holds what hangs on it, which the soil does "
                "not feel; give it limits, a spring or damping in the model, or make it fixed"
            )
    return found
