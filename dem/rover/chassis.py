"""Writes a rover's numbers as MJCF: two families of suspension, without shapes, since the soil meets drawbar's wheels.

In both the body carries what wheels and arms leave of the mass, placed so that the whole has its centre where the
rover's file says.
"""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

import numpy as np

from dem.rover.rover_spec import RoverSpec

SIDES = ("left", "right")
STIFF = "0.002 1"  # time constant [s] and damping ratio of the differential: as stiff as its longest step bears
HARD = "0.9999 0.99999 0.001"  # impedance of the differential: of what stays of an error, one part in ten thousand
ARM_SIZE = 0.2  # [m], of a cube with an arm's inertia; what an arm's inertia is hardly matters beside the body's


def write_chassis(rover: RoverSpec, radius: float, width: float) -> str:
    """The rover as MJCF text.

    Args:
        rover: of a family.
        radius, width: of its wheels [m].
    """
    wheel = WheelWriter(rover, radius, width)
    parts, extras = (_four_wheel if rover.suspension == "four_wheel" else _rocker_bogie)(rover, wheel)
    masses, places = zip(*[(mass, place) for mass, place, _ in parts], strict=True)
    body = float(rover.mass or 0.0) - sum(masses)
    held = np.sum([mass * np.array(place) for mass, place in zip(masses, places, strict=True)], axis=0)
    middle = (float(rover.mass or 0.0) * np.array(rover.mass_center) - held) / body
    inside = "\n".join(text for _, _, text in parts if text)
    return (
        f"<mujoco model={quoteattr(rover.name)}>\n<compiler angle=\"radian\" autolimits=\"true\"/>\n<worldbody>\n"
        f'<body name="chassis">\n<freejoint/>\n{_inertial(middle, body, rover.body_size or [])}\n{inside}\n</body>\n'
        f"</worldbody>\n{extras}\n</mujoco>"
    )  # fmt: skip


class WheelWriter:
    """Writes wheels, steered or not."""

    def __init__(self, rover: RoverSpec, radius: float, width: float) -> None:
        self.rover, self.mass = rover, float(rover.wheel_mass or 0.0)
        self.across, self.along = self.mass * (3 * radius**2 + width**2) / 12, self.mass * radius**2 / 2

    def write(self, name: str, place: np.ndarray) -> str:
        """A wheel at `place` in its parent's frame [m], under its steering axis if it has one."""
        rolls = (
            f'<inertial pos="0 0 0" mass="{self.mass:g}" diaginertia="{self.across:g} {self.along:g} {self.across:g}"/>'
            f'<joint name="{name}_drive" type="hinge" axis="0 1 0"/>'
        )
        if name not in self.rover.steered:
            return f'<body name="{name}" pos="{_row(place)}">{rolls}</body>'
        # Joints of one body turn in order: the first turns the second's axis along.
        turns = f'<joint name="{name}_steering" type="hinge" axis="0 0 1"/>'
        inertial, drive = rolls.split("/>", 1)
        return f'<body name="{name}" pos="{_row(place)}">{inertial}/>{turns}{drive}</body>'


def _four_wheel(rover: RoverSpec, wheel: WheelWriter) -> tuple[list, str]:
    """Each wheel hangs on a knuckle that slides up and down against a spring."""
    parts = []
    for name, (x, y) in rover.hubs.items():
        arm, place = float(rover.arm_mass or 0.0), (x, y, 0.0)
        travel = rover.spring_travel
        spring = (
            f'<joint name="{name}_spring" type="slide" axis="0 0 1" stiffness="{rover.spring_stiffness:g}" '
            f'damping="{rover.spring_damping:g}" range="-{travel:g} {travel:g}"/>'
        )
        text = (
            f'<body name="{name}_knuckle" pos="{_row(place)}">{_inertial((0, 0, 0), arm, (ARM_SIZE,) * 3)}{spring}'
            f"{wheel.write(name, np.zeros(3))}</body>"
        )
        parts.append((arm + wheel.mass, place, text))
    return parts, ""


def _rocker_bogie(rover: RoverSpec, wheel: WheelWriter) -> tuple[list, str]:
    """On each side a rocker carries the front wheel and a bogie, which carries the other two."""
    parts: list[tuple[float, tuple, str]] = []
    for side in SIDES:
        parts += _rocker(rover, wheel, side)
    differential = (
        f'<equality><joint joint1="rocker_right_pivot" joint2="rocker_left_pivot" polycoef="0 -1 0 0 0" '
        f'solref="{STIFF}" solimp="{HARD}"/></equality>'
    )
    return parts, differential


def _rocker(rover: RoverSpec, wheel: WheelWriter, side: str) -> list[tuple[float, tuple, str]]:
    """One side: masses where they are, and one text."""
    front, middle, rear = (np.array([*rover.hubs[f"{row}_{side}"], 0.0]) for row in ("front", "middle", "rear"))
    arm, size = float(rover.arm_mass or 0.0), (ARM_SIZE,) * 3
    rocker, bogie = (
        np.array([pivot[0], middle[1], pivot[1]]) for pivot in (rover.rocker_pivot or [], rover.bogie_pivot or [])
    )
    wheels = [wheel.write(f"{row}_{side}", hub - bogie) for row, hub in (("middle", middle), ("rear", rear))]
    text = (
        f'<body name="rocker_{side}" pos="{_row(rocker)}">{_inertial((0, 0, 0), arm, size)}'
        f'<joint name="rocker_{side}_pivot" type="hinge" axis="0 1 0"/>{wheel.write(f"front_{side}", front - rocker)}'
        f'<body name="bogie_{side}" pos="{_row(bogie - rocker)}">{_inertial((0, 0, 0), arm, size)}'
        f'<joint name="bogie_{side}_pivot" type="hinge" axis="0 1 0"/>{"".join(wheels)}</body></body>'
    )
    held = [(arm, tuple(rocker), text), (arm, tuple(bogie), "")]
    return held + [(wheel.mass, tuple(hub), "") for hub in (front, middle, rear)]


def _inertial(place: Iterable[float], mass: float, size: Iterable[float]) -> str:
    """An inertial element of a box."""
    x, y, z = (mass * float(length) ** 2 / 12 for length in size)
    return f'<inertial pos="{_row(place)}" mass="{mass:.12g}" diaginertia="{y + z:.9g} {x + z:.9g} {x + y:.9g}"/>'


def _row(numbers: Iterable[float]) -> str:
    return " ".join(f"{float(number):.12g}" for number in numbers)
