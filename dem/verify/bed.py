"""A small bed in a box with a driven grouser wheel, and what exact properties do to it: scale, mirror, turn, relabel.

Every bed has the same compatibility signature, so that one compiled simulation serves all of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import dem

COUNTS = (12, 6, 6)  # grains along x, y, z: more than 400 in all, so that kernels run in parallel
RADIUS, DENSITY, YOUNG_MODULUS, EARTH = 0.005, 2500.0, 4e6, 9.81
HALF_BOX = np.array([12, 6]) * 1.06 * RADIUS
TIME_STEP = 2.0**-13  # [s]; the Rayleigh time is 6.9e-4 s
WHEEL = {"radius": 0.025, "width": 0.03, "grouser_height": 0.005, "grouser_thickness": 0.004, "grouser_count": 8}
WHEEL_SPEED, WHEEL_SPIN, WHEEL_MASS = 0.125, 6.25, 0.08
BOX_BODY, WHEEL_BODY = 1, 2
BALL_VOLUME = 4 / 3 * math.pi * RADIUS**3


@dataclass(frozen=True)
class Bed:
    """A bed, as it is or transformed.

    Attributes:
        gravity: factor on gravity; size: on every length; weight: on density. Stiffness, speeds and the time step
            follow, so that the motion is the same in its own units.
        axes: signed permutation (3, 3) that mirrors or turns the scene.
        order: relabelling of the grains (n,).
        drift: velocity added to everything [m/s], shape (3,).
        wheel_height: gap between the wheel and the highest grain, in radii: above 0 it stays up there.
        rise: velocity of the box [m/s], shape (3,).
        restitution, friction, rolling: surface numbers.
    """

    gravity: float = 1.0
    size: float = 1.0
    weight: float = 1.0
    axes: np.ndarray = field(default_factory=lambda: np.eye(3))
    order: np.ndarray | None = None
    drift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    wheel_height: float = 0.0
    rise: tuple[float, float, float] = (0.0, 0.0, 0.0)
    restitution: float = 0.4
    friction: float = 0.5
    rolling: float = 0.1
    seed: int = 1

    @property
    def speed_factor(self) -> float:
        """Factor on every velocity."""
        return math.sqrt(self.gravity * self.size)

    @property
    def time_step(self) -> float:
        """Time step [s]."""
        return TIME_STEP * math.sqrt(self.size / self.gravity)

    def grains(self) -> dict[str, np.ndarray]:
        """Positions [m], velocities [m/s] and spins [rad/s] (n, 3) at the start, in the order of their labels."""
        random = np.random.default_rng(self.seed)
        index = np.stack(np.meshgrid(*map(np.arange, COUNTS), indexing="ij"), axis=-1).reshape(-1, 3)
        centre = np.array([(COUNTS[0] - 1) / 2, (COUNTS[1] - 1) / 2, -0.5])
        position = (index - centre) * 2.1 * RADIUS + random.uniform(-0.04, 0.04, index.shape) * RADIUS
        velocity, spin = random.normal(0, 0.05, index.shape), random.normal(0, 5.0, index.shape)
        turned = {
            "position": self.size * position @ self.axes.T,
            "velocity": self.speed_factor * velocity @ self.axes.T + np.array(self.drift),
            "angular_velocity": self.speed_factor / self.size * np.linalg.det(self.axes).round() * spin @ self.axes.T,
        }
        order = np.arange(len(index)) if self.order is None else self.order
        return {name: values[order] for name, values in turned.items()}

    def build(self) -> dem.Model:
        """Build the model of the bed."""
        down = (0.0, 0.0, -EARTH * self.gravity)
        builder = dem.ModelBuilder(gravity=down, contact=dem.ContactLaws())
        modulus = YOUNG_MODULUS * self.gravity * self.size * self.weight
        numbers = (self.restitution, self.friction, self.rolling)
        surface = dict(zip(("restitution", "sliding_friction", "rolling_friction"), numbers, strict=True))
        sand = builder.add_material(dem.Material(DENSITY * self.weight, modulus, 0.3, **surface))
        wall = builder.add_material(dem.Material.rigid(**surface))
        grains = self.grains()
        builder.add_particles(grains.pop("position"), RADIUS * self.size, sand, **grains)
        self._add_box(builder, wall)
        self._add_wheel(builder, wall)
        return builder.finalize()

    def _add_box(self, builder: dem.ModelBuilder, wall: int) -> None:
        velocity = np.array(self.rise) + np.array(self.drift)
        motion = dem.Motion.fixed() if not velocity.any() else moving(velocity)
        box = builder.add_body("box", 1.0, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), velocity=tuple(velocity), motion=motion)
        sides = [
            (sign * axis, half) for axis, half in zip(np.eye(3)[:2], HALF_BOX, strict=True) for sign in (-1.0, 1.0)
        ]
        for outward, half in [*sides, (np.array([0.0, 0.0, -1.0]), 0.0)]:
            point = self.axes @ (outward * half * self.size)
            builder.add_plane(tuple(point), tuple(-(self.axes @ outward)), wall, box)

    def _add_wheel(self, builder: dem.ModelBuilder, wall: int) -> None:
        scale = self.size
        top = (2.1 * COUNTS[2] + self.wheel_height) * RADIUS + WHEEL["radius"]
        start = np.array([-0.25 * HALF_BOX[0], 0.0, top]) * scale
        mass = WHEEL_MASS * self.weight * scale**3
        inertia = (0.5 * mass * (WHEEL["radius"] * scale) ** 2,) * 3
        speed = WHEEL_SPEED * self.speed_factor + self.drift[0]
        turning = {"rx": 0.0, "ry": WHEEL_SPIN * self.speed_factor / scale, "rz": 0.0}
        free: dict[str, Any] = {"x": speed, "y": self.drift[1], **turning}
        motion = dem.Motion(prescribed={**free, "z": self.drift[2]} if self.wheel_height else free)
        body = builder.add_body("wheel", mass, inertia, tuple(start), velocity=(speed, *self.drift[1:]), motion=motion)
        lengths: dict[str, Any] = {name: value * scale for name, value in WHEEL.items()}
        lengths["grouser_count"] = WHEEL["grouser_count"]
        builder.add_shape(dem.GrouserWheel(**lengths), wall, body)


def moving(velocity: np.ndarray | Sequence[float]) -> dem.Motion:
    """A body that moves at a constant velocity (3,) [m/s] and does not turn."""
    speeds = dict(zip("xyz", map(float, velocity), strict=True))
    return dem.Motion(prescribed={**speeds, "rx": 0.0, "ry": 0.0, "rz": 0.0})


MIRROR = np.diag([-1.0, 1.0, 1.0])
QUARTER_TURN = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
