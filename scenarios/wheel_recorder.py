"""Records one wheel: rows of the time series, frames of everything, and the rim's stress while steady."""

from pathlib import Path

import numpy as np

import dem
from dem.io import BodyMesh, RunDescription, RunWriter, Series, ThreadedWriter, Written
from dem.measure.mobility import RimStress, slip_ratio
from dem.rover.spec import WheelSpec

WHEEL = "wheel"
SERIES = {
    "slip_ratio": Series("-", "slip ratio"),
    "sinkage": Series("m", "sinkage"),
    "drawbar_pull": Series("N", "drawbar pull"),
    "lateral_force": Series("N", "lateral force"),
    "wheel_load": Series("N", "wheel load"),
    "driving_torque": Series("N m", "driving torque"),
    "drive_power": Series("W", "power at the axle"),
    "pull_power": Series("W", "drawbar power"),
    "position_x": Series("m", "axle position along travel"),
    "position_z": Series("m", "axle height"),
    "velocity_x": Series("m/s", "travel speed"),
    "velocity_z": Series("m/s", "axle's vertical speed"),
    "angular_velocity": Series("rad/s", "wheel spin"),
    "soil_power": Series("W", "power into the soil"),
    "largest_overlap": Series("-", "largest overlap over radius"),
    "largest_grain_speed": Series("m/s", "speed of the fastest grain"),
}
ENERGIES = {
    "kinetic": Series("J", "kinetic"),
    "gravitational": Series("J", "gravitational"),
    "elastic": Series("J", "elastic"),
    "dissipated_normal": Series("J", "lost to impact"),
    "dissipated_sliding": Series("J", "lost to sliding"),
    "dissipated_rolling": Series("J", "lost to rolling"),
    "body_work": Series("J", "work of the wheel"),
    "gravity_work": Series("J", "work of the change of gravity"),
    "balance_error": Series("J", "unaccounted for"),
}


class WheelRecorder:
    """Watches the wheel of a simulation.

    Args:
        simulation: what is recorded.
        body: index of the wheel's body.
        wheel: its spec.
        slip_radius: radius in the slip ratio [m].
        surface_height: of the original surface [m].
    """

    def __init__(
        self, simulation: dem.Simulation, body: int, wheel: WheelSpec, slip_radius: float, surface_height: float
    ) -> None:
        self.simulation, self.body, self.wheel = simulation, body, wheel
        self.slip_radius, self.surface_height = slip_radius, surface_height
        self.series = SERIES | (ENERGIES if simulation.state.tracks_energy else {})
        self.rows: dict[str, list[float]] = {name: [] for name in ("time", *self.series)}
        self.rim = RimStress(wheel.radius, wheel.width)
        self.is_steady = False
        self.inertia = simulation.model.bodies[body].inertia[1]
        self.shape = next(index for index, entry in enumerate(simulation.model.shapes) if entry.body == body)
        self._mark()

    def open(self, path: Path, about: RunDescription, written: Written | None = None) -> ThreadedWriter:
        """Create the results file, or go on after what is `written`."""
        model = self.simulation.model
        shape = model.shapes[self.shape].shape
        static = {"radius": model.particles["radius"], "material": model.particles["material"]}
        writer = RunWriter(
            path, soil=static, bodies=[BodyMesh(WHEEL, *shape.surface_mesh())], series=self.series, about=about,
            written=written,
        )  # fmt: skip
        self.writer = ThreadedWriter(writer)  # frames are packed while the wheel goes on
        return self.writer

    def sample(self, simulation: dem.Simulation) -> None:
        """Add a row: means over the time since the last row."""
        state, elapsed = simulation.state.bodies, simulation.time - self.time
        if elapsed <= 0:
            return
        wrench = simulation.take_impulses()[self.body] / elapsed
        position, spin = state.position[self.body].to_numpy(), float(state.angular_velocity[self.body][1])
        velocity, mean_spin = (position - self.position) / elapsed, (spin + self.spin) / 2
        torque = -wrench[4] + self.inertia * (spin - self.spin) / elapsed
        row = {
            "slip_ratio": slip_ratio(velocity[0], mean_spin, self.slip_radius),
            "sinkage": self.surface_height - (position[2] - self.wheel.rim_radius),
            "drawbar_pull": wrench[0], "lateral_force": wrench[1], "wheel_load": wrench[2],
            "driving_torque": torque, "drive_power": torque * mean_spin, "pull_power": wrench[0] * velocity[0],
            "position_x": position[0], "position_z": position[2], "velocity_x": velocity[0],
            "velocity_z": float(state.velocity[self.body][2]),
            "angular_velocity": mean_spin, "largest_overlap": simulation.largest_overlap,
            "largest_grain_speed": simulation.largest_speed,
            "soil_power": -(wrench[:3] @ velocity + wrench[4] * mean_spin),
        }  # fmt: skip
        if simulation.state.tracks_energy:
            energies = simulation.energy()
            row |= {name: energies[name] for name in ENERGIES}
        self.writer.write_sample(simulation.time, row)
        for name, value in {"time": simulation.time, **row}.items():
            self.rows[name].append(float(value))
        if self.is_steady:
            self._sample_rim()
        self._mark()

    def frame(self, simulation: dem.Simulation) -> None:
        """Write all grains and the wheel."""
        names = ("position", "velocity", "angular_velocity", "contact_count")
        snapshot = simulation.snapshot(names=(*names, "body_position", "body_orientation"))
        pose = snapshot["body_position"][self.body], snapshot["body_orientation"][self.body]
        last = {name: self.rows[name][-1] if self.rows[name] else 0.0 for name in SERIES}
        self.writer.write_frame(simulation.time, {name: snapshot[name] for name in names}, {WHEEL: pose}, last)

    def window(self, start: float) -> dict[str, np.ndarray]:
        """The rows from `start` [s] on."""
        time = np.array(self.rows["time"])
        return {name: np.array(values)[time > start] for name, values in self.rows.items()}

    def pack(self) -> dict[str, np.ndarray]:
        """The rows, the rim's sums, and where the last row ended."""
        arrays = {f"rows/{name}": np.array(values) for name, values in self.rows.items()}
        arrays |= {name: getattr(self.rim, name) for name in ("normal_force", "shear_force")}
        last = {"sample_count": self.rim.sample_count, "time": self.time, "spin": self.spin}
        return arrays | {name: np.array(value) for name, value in last.items()} | {"position": self.position}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on from what `pack` gave."""
        self.rows = {name: arrays[f"rows/{name}"].tolist() for name in self.rows}
        self.rim.normal_force, self.rim.shear_force = arrays["normal_force"], arrays["shear_force"]
        self.rim.sample_count = int(arrays["sample_count"])
        self.time, self.spin, self.position = float(arrays["time"]), float(arrays["spin"]), arrays["position"]

    def _sample_rim(self) -> None:
        state = self.simulation.state
        contacts = state.contact_arrays()
        mine = contacts["shape"] == self.shape
        slots = state.slot_of_id.to_numpy()[contacts["first"][mine]]
        arm = state.particles.position.to_numpy()[slots] - state.bodies.position[self.body].to_numpy()
        self.rim.add(arm, contacts["force"][mine].astype(float))

    def _mark(self) -> None:
        state = self.simulation.state.bodies
        self.time = self.simulation.time
        self.position = state.position[self.body].to_numpy()
        self.spin = float(state.angular_velocity[self.body][1])
