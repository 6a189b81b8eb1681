"""What each wheel must do for a rover to move as commanded: no wheel is dragged aside that can steer.

A rover that moves ahead with v and turns with w carries a hub at (x, y) along (v - w y, w (x - x0)), x0 being where its
unsteered wheels stand. A wheel that steers turns to that direction and rolls with that speed; one that does not rolls
with the part along x, as in skid steering.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WheelCommand:
    """Command of one wheel: steering angle, positive to the left [rad]; speed of its rim, positive ahead [m/s]."""

    angle: float
    speed: float


def plan_wheels(
    speed: float, turn_rate: float, hubs: Mapping[str, Sequence[float]], steered: Sequence[str]
) -> dict[str, WheelCommand]:
    """Commands of all wheels.

    Args:
        speed: of the rover's origin, ahead [m/s].
        turn_rate: to the left [rad/s].
        hubs: wheel to (x, y) or (x, y, z) [m].
        steered: wheels that can steer.
    """
    fixed = [hub[0] for name, hub in hubs.items() if name not in steered] or [hub[0] for hub in hubs.values()]
    center = sum(fixed) / len(fixed)
    found = {}
    for name, (x, y, *_) in hubs.items():
        along, across = speed - turn_rate * y, turn_rate * (x - center)
        found[name] = _steer(along, across) if name in steered else WheelCommand(0.0, along)
    return found


def _steer(along: float, across: float) -> WheelCommand:
    """Turn by no more than a right angle: beyond it, roll backwards."""
    if along == across == 0.0:
        return WheelCommand(0.0, 0.0)
    angle, speed = math.atan2(across, along), math.hypot(along, across)
    if abs(angle) <= math.pi / 2 + 1e-9:
        return WheelCommand(angle, speed)
    return WheelCommand(angle - math.copysign(math.pi, angle), -speed)
