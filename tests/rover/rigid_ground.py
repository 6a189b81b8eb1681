"""A flat rigid ground for vehicles: springs and dashpots under the wheels, and friction along and across them."""

import numpy as np

from dem.config import load_config
from dem.rover.steering import plan_wheels
from dem.rover.vehicle import Vehicle

INTERVAL = 1e-3  # [s]
GIVE = 2e-4  # [m]


def make_vehicle(*overrides: str) -> Vehicle:
    """A rover of conf/."""
    config = load_config(["scenario=rover_drive", *overrides])
    return Vehicle(config.rover, config.wheel.radius, config.wheel.width)


class RigidGround:
    """Wheels of `radius` on z = 0; each sinks by about `GIVE` under its share of the weight."""

    def __init__(self, vehicle: Vehicle, radius: float, gravity: float = 3.71, friction: float = 0.8) -> None:
        self.vehicle, self.radius, self.friction = vehicle, radius, friction
        count = len(vehicle.wheels)
        self.stiffness = vehicle.mass * gravity / count / GIVE
        self.damping = 0.5 * np.sqrt(self.stiffness * vehicle.mass / count)
        self.last, self.heights = None, np.zeros(count)
        self.rock = None  # (x, y, height, radius) [m] of a bump that wheels climb
        vehicle.place(0.0, 0.0, radius)
        vehicle.set_gravity(np.array([0.0, 0.0, -gravity]))

    def command(self, speed: float, turn_rate: float = 0.0) -> None:
        """Steer and drive."""
        hubs = {name: place[:2] for name, place in self.vehicle.hubs.items()}
        steered = [wheel.name for wheel in self.vehicle.wheels if wheel.steering is not None]
        plan = plan_wheels(speed, turn_rate, hubs, steered)
        angles, speeds = np.array([(plan[wheel.name].angle, plan[wheel.name].speed) for wheel in self.vehicle.wheels]).T
        self.vehicle.command(angles, speeds / self.radius)

    def run(self, duration: float) -> np.ndarray:
        """Mean wrenches (n, 6) over the last half."""
        count, total = round(duration / INTERVAL), 0.0
        for step in range(count):
            wrenches = self.wrenches()
            self.vehicle.advance(INTERVAL, wrenches)
            total = total + wrenches * (step >= count // 2)
        return total / (count - count // 2)

    def wrenches(self) -> np.ndarray:
        """Of the ground on the wheels (n, 6)."""
        vehicle, positions = self.vehicle, self.vehicle.wheel_poses()[0]
        velocity = np.zeros_like(positions) if self.last is None else (positions - self.last) / INTERVAL
        self.last = positions
        bump, normal = self.rise(positions)
        give = (self.radius + self.heights + bump - positions[:, 2]) * normal[:, 2]
        load = np.maximum(self.stiffness * give - self.damping * (velocity * normal).sum(1), 0.0)
        ahead = vehicle.body_pose()[1], vehicle.steering_angles()
        heading = 2 * np.arctan2(ahead[0][3], ahead[0][0]) + ahead[1]
        forward = np.stack([np.cos(heading), np.sin(heading), 0 * heading], axis=1)
        across = np.cross([0.0, 0.0, 1.0], forward)
        forward = np.cross(across, normal)
        slide = (velocity * forward).sum(1) - vehicle.angular_velocities() * self.radius, (velocity * across).sum(1)
        grip = [-load * self.friction * np.tanh(part / (0.05 * vehicle.rover.speed)) for part in slide]
        force = grip[0][:, None] * forward + grip[1][:, None] * across
        force += load[:, None] * normal
        return np.concatenate([force, np.cross(-self.radius * normal, force)], axis=1)

    def rise(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much the rock lifts wheels at positions (n, 3), and the normals there (n, 3)."""
        normal = np.tile([0.0, 0.0, 1.0], (len(positions), 1))
        if self.rock is None:
            return np.zeros(len(positions)), normal
        x, y, height, reach = self.rock
        away = positions[:, :2] - [x, y]
        distance = np.maximum(np.linalg.norm(away, axis=1), 1e-12)
        near = distance < reach
        bump = np.where(near, height * np.cos(0.5 * np.pi * distance / reach) ** 2, 0.0)
        steepness = np.where(near, 0.5 * np.pi * height / reach * np.sin(np.pi * distance / reach), 0.0)
        normal[:, :2] = steepness[:, None] * away / distance[:, None]
        return bump, normal / np.linalg.norm(normal, axis=1, keepdims=True)
