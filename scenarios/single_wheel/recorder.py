"""Records one wheel: rows of the time series, and the rim's stress while steady."""

from typing import Any

import numpy as np

from dem.experiment import Arrays, Recorder
from dem.io import Series
from dem.measure.mobility import RimStress, slip_ratio

SERIES = {
    "slip_ratio": Series("-", "slip ratio"),
    "sinkage": Series("m", "sinkage"),
    "drawbar_pull": Series("N", "drawbar pull"),
    "lateral_force": Series("N", "lateral force"),
    "wheel_load": Series("N", "wheel load"),
    **{f"moment_{axis}": Series("N m", f"moment of the soil about the axle's middle, {axis}") for axis in "xyz"},
    "driving_torque": Series("N m", "driving torque"),
    "drive_power": Series("W", "power at the axle"),
    "pull_power": Series("W", "drawbar power"),
    "position_x": Series("m", "axle position along travel"),
    "position_z": Series("m", "axle height"),
    "velocity_x": Series("m/s", "travel speed"),
    "velocity_z": Series("m/s", "axle's vertical speed"),
    "angular_velocity": Series("rad/s", "wheel's angular velocity"),
    "soil_power": Series("W", "power into the soil"),
}
MARKS = ("time", "angular_velocity", "position")  # where the last row ended


class WheelRecorder(Recorder):
    """Watches the wheel of a `SingleWheel`; rows hold means since the last row."""

    def __init__(self, experiment: Any) -> None:
        super().__init__(experiment)
        self.body, self.wheel = experiment.body, experiment.wheel
        self.rim = RimStress(self.wheel.radius, self.wheel.width)
        model = experiment.model
        self.inertia = model.bodies[self.body].inertia[1]
        self.shape = next(index for index, entry in enumerate(model.shapes) if entry.body == self.body)
        self._mark()

    def sample(self) -> None:
        """Add a row: means over the time since the last row."""
        elapsed = self.simulation.time - self.time
        if elapsed <= 0:
            return
        wrench = self.experiment.take_impulses()[0][0, self.body] / elapsed
        position, speed, angular_velocity = self._read_wheel()
        velocity, mean_angular_velocity = (
            (position - self.position) / elapsed,
            (angular_velocity + self.angular_velocity) / 2,
        )
        torque = -wrench[4] + self.inertia * (angular_velocity - self.angular_velocity) / elapsed
        row = {
            "slip_ratio": slip_ratio(velocity[0], mean_angular_velocity, self.experiment.slip_radius),
            "sinkage": self.experiment.surface_height - (position[2] - self.wheel.rim_radius),
            "drawbar_pull": wrench[0], "lateral_force": wrench[1], "wheel_load": wrench[2],
            "moment_x": wrench[3], "moment_y": wrench[4], "moment_z": wrench[5],
            "driving_torque": torque, "drive_power": torque * mean_angular_velocity,
            "pull_power": wrench[0] * velocity[0],
            "position_x": position[0], "position_z": position[2], "velocity_x": velocity[0],
            "velocity_z": speed, "angular_velocity": mean_angular_velocity,
            "soil_power": -(wrench[:3] @ velocity + wrench[4] * mean_angular_velocity),
        }  # fmt: skip
        self.add(row)
        if self.experiment.steady_start:
            self.sample_rim()
        self._mark()

    def pack(self) -> Arrays:
        """The rows, the rim's sums, and where the last row ended."""
        sums = {name: getattr(self.rim, name) for name in ("normal_force", "shear_force")}
        marks = {name: np.array(getattr(self, name)) for name in MARKS}
        counts = {name: np.array(getattr(self.rim, name)) for name in ("bearing_sum", "sample_count")}
        return super().pack() | sums | counts | marks

    def unpack(self, arrays: Arrays) -> None:
        """Go on from what `pack` gave."""
        super().unpack(arrays)
        self.rim.normal_force, self.rim.shear_force = arrays["normal_force"], arrays["shear_force"]
        self.rim.bearing_sum = float(arrays["bearing_sum"])
        self.rim.sample_count = int(arrays["sample_count"])
        self.time, self.angular_velocity, self.position = (
            float(arrays["time"]),
            float(arrays["angular_velocity"]),
            arrays["position"],
        )

    def sample_rim(self) -> None:
        """Add the contacts of the rim now to its stress."""
        axle = self._read_wheel()[0]
        contacts = self.simulation.state.contact_arrays(self.experiment.worlds[0])
        mine = contacts["shape"] == self.shape
        grains = self.experiment.snapshot(0, "position")["position"]
        self.rim.add(grains[contacts["first"][mine]] - axle, contacts["force"][mine].astype(float))

    def _mark(self) -> None:
        self.time = self.simulation.time
        self.position, _, self.angular_velocity = self._read_wheel()

    def _read_wheel(self) -> tuple[np.ndarray, float, float]:
        """Position (3,) [m], vertical speed [m/s] and spin [rad/s] of the wheel."""
        names = ("body_position", "body_velocity", "body_angular_velocity")
        found = self.experiment.snapshot(0, *names)
        position, velocity, angular_velocity = (found[name][self.body] for name in names)
        return position, float(velocity[2]), float(angular_velocity[1])
