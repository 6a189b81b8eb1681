"""Records a rover: rows for each wheel and for the whole, and the coupling for checkpoints."""

import math
from typing import Any

import numpy as np

from dem.experiment import Arrays, Recorder
from dem.experiment.phases import with_prefix, without_prefix
from dem.io import BodyMesh, Series
from dem.measure.mobility import slip_ratio
from dem.rover.coupling import Coupling, ExchangeTally
from dem.rover.rotations import cross, euler_angles, rotate

COUPLING = "coupling/"  # prefix in checkpoints
CHASSIS = "chassis"
WHEEL_SERIES = {
    "slip_ratio": Series("-", "slip ratio"),
    "sinkage": Series("m", "sinkage"),
    "drawbar_pull": Series("N", "drawbar pull"),
    "lateral_force": Series("N", "lateral force"),
    "wheel_load": Series("N", "wheel load"),
    **{f"moment_{axis}": Series("N m", f"moment of the soil about the wheel's middle, {axis}") for axis in "xyz"},
    "driving_torque": Series("N m", "driving torque"),
    "drive_power": Series("W", "power at the axle"),
    "angular_velocity": Series("rad/s", "spin"),
}
SERIES = {
    "command_slip": Series("-", "slip against the command"),
    "position_x": Series("m", "position along x"),
    "position_y": Series("m", "position along y"),
    "speed": Series("m/s", "speed ahead"),
    "turn_rate": Series("rad/s", "turn rate"),
    "heading": Series("rad", "heading"),
    "pitch": Series("rad", "pitch, nose up"),
    "roll": Series("rad", "roll, right side down"),
    "total_load": Series("N", "load of all wheels"),
    "total_pull": Series("N", "drawbar pull of all wheels"),
    "total_power": Series("W", "power of all motors"),
    "velocity_z": Series("m/s", "vertical speed of the centre of mass"),
    "soil_power": Series("W", "power into the soil"),
    "vehicle_power": Series("W", "power taken from the rover"),
}
EDGES = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
FACES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


class RoverRecorder(Recorder):
    """Watches a `RoverDrive`; rows hold means over the exchanges since the last row."""

    def __init__(self, experiment: Any) -> None:
        super().__init__(experiment)
        self.drive = experiment
        self.coupling: Coupling = experiment.coupling
        self.names = experiment.names
        self.heading = 0.0

    def sample(self) -> None:
        """Add a row: means over the exchanges since the last row."""
        tally = self.coupling.take()
        if tally.duration <= 0:
            return
        snapshot = self.drive.snapshot(0, "body_position", "body_orientation")
        position, orientation = (snapshot[name][self.drive.bodies] for name in ("body_position", "body_orientation"))
        row = self._rover_row(tally)
        for index, name in enumerate(self.names):
            values = self._wheel_row(tally, index, position[index], orientation[index])
            row |= {f"{name}_{key}": value for key, value in values.items()}
        self.add(row)

    def pack(self) -> Arrays:
        """The rows, the coupling and the vehicle."""
        return super().pack() | with_prefix(COUPLING, self.coupling.pack()) | {"heading": np.array(self.heading)}

    def unpack(self, arrays: Arrays) -> None:
        """Go on from what `pack` gave."""
        super().unpack(arrays)
        self.heading = float(arrays["heading"])
        self.coupling.unpack(without_prefix(COUPLING, arrays))

    def _rover_row(self, tally: ExchangeTally) -> dict[str, float]:
        vehicle, duration = self.drive.vehicle, tally.duration
        position, orientation = vehicle.body_pose()
        roll, pitch, heading = euler_angles(orientation)
        ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
        speed = float(tally.moved[:, :3].mean(axis=0) @ ahead) / duration
        turned = (heading - self.heading + math.pi) % (2 * math.pi) - math.pi
        self.heading = heading
        force = tally.impulse[:, :3].sum(axis=0) / duration
        return {
            "command_slip": self.drive.command_slip(speed, turned / duration),
            "position_x": position[0], "position_y": position[1], "speed": speed, "turn_rate": turned / duration,
            "heading": heading, "pitch": pitch, "roll": roll, "total_load": force[2], "total_pull": force @ ahead,
            "total_power": tally.drive_work.sum() / duration, "velocity_z": vehicle.center_velocity()[2],
            "soil_power": tally.soil_work.sum() / duration, "vehicle_power": tally.vehicle_work.sum() / duration,
        }  # fmt: skip

    def _wheel_row(self, tally: ExchangeTally, index: int, position: np.ndarray, orientation: np.ndarray) -> dict:
        drive, duration = self.drive, tally.duration
        axle = rotate(orientation, np.array([0.0, 1.0, 0.0]))
        ahead = cross(axle, np.array([0.0, 0.0, 1.0]))
        ahead /= np.linalg.norm(ahead)
        moment = tally.impulse[index, 3:] / duration
        force, spin = tally.impulse[index, :3] / duration, tally.turned[index] / duration
        direction = drive.directions[index]  # a wheel that rolls backwards slips as one that rolls ahead
        speed = float(tally.moved[index, :3] @ ahead) / duration
        surface = float(drive.surface_at(position[0], position[1]))
        return {
            "slip_ratio": slip_ratio(direction * speed, direction * spin, drive.slip_radius),
            "sinkage": surface - (position[2] - drive.wheel.rim_radius),
            "drawbar_pull": force @ ahead, "lateral_force": force @ np.array([-ahead[1], ahead[0], 0.0]),
            "wheel_load": force[2], **{f"moment_{axis}": value for axis, value in zip("xyz", moment, strict=True)},
            "driving_torque": tally.drive_impulse[index] / duration,
            "drive_power": tally.drive_work[index] / duration, "angular_velocity": spin,
        }  # fmt: skip


def chassis_mesh(drive: Any) -> BodyMesh:
    """A box for the rover's body, in the frame of the model's outermost body."""
    rover, vehicle = drive.config.rover, drive.vehicle
    hubs = np.array(list(vehicle.hubs.values()))
    base, track = np.ptp(hubs[:, 0]), np.ptp(hubs[:, 1])
    size = np.array(rover.body_size or [0.8 * base, 0.7 * track, 0.3 * base])
    middle = np.array(rover.mass_center or [0.0, 0.0, 0.5 * size[2]]) - vehicle.body_offset
    triangles = np.concatenate([FACES[:, [0, 1, 2]], FACES[:, [0, 2, 3]]])
    return BodyMesh(CHASSIS, middle + EDGES * size, triangles)
