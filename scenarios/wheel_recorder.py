"""Records one wheel: rows of the time series, frames of everything, and the rim's stress while steady."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import dem
from dem.io import BodyMesh, RunDescription, RunWriter, Series, ThreadedWriter, Written
from dem.measure.mobility import RimStress, slip_ratio
from dem.rover.spec import WheelSpec
from dem.spec import OutputSpec
from scenarios.frames import kept_bits, take_frame

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
    """Watches the wheel of a world.

    Args:
        simulation: what is stepped.
        world: of it, that is recorded.
        body: number of the wheel's body in its world.
        wheel: its spec.
        slip_radius: radius in the slip ratio [m].
        surface_height: of the original surface [m].
        output: what frames hold.
    """

    def __init__(
        self, simulation: dem.Simulation, world: int, body: int, wheel: WheelSpec, slip_radius: float,
        surface_height: float, output: OutputSpec,
    ) -> None:  # fmt: skip
        self.simulation, self.world, self.body, self.wheel = simulation, world, body, wheel
        self.output = output
        self.model = simulation.worlds.models[world]
        self.slip_radius, self.surface_height = slip_radius, surface_height
        self.series = SERIES | (ENERGIES if simulation.state.tracks_energy else {})
        self.rows: dict[str, list[float]] = {name: [] for name in ("time", *self.series)}
        self.rim = RimStress(wheel.radius, wheel.width)
        self.is_steady = False
        self.inertia = self.model.bodies[body].inertia[1]
        self.shape = next(index for index, entry in enumerate(self.model.shapes) if entry.body == body)
        self._mark()

    def open(
        self, path: Path, about: RunDescription, thread: ThreadPoolExecutor, written: Written | None = None
    ) -> ThreadedWriter:
        """Create the results file, or go on after what is `written`; `thread` writes it while the wheel goes on."""
        shape, particles = self.model.shapes[self.shape].shape, self.model.particles
        static = {"radius": particles["radius"], "material": particles["material"]}
        writer = RunWriter(
            path, soil=static, bodies=[BodyMesh(WHEEL, *shape.surface_mesh())], series=self.series, about=about,
            written=written, kept_bits=kept_bits(self.output),
        )  # fmt: skip
        self.writer = ThreadedWriter(writer, thread)
        return self.writer

    def sample(self, simulation: dem.Simulation) -> None:
        """Add a row: means over the time since the last row."""
        elapsed = simulation.time - self.time
        if elapsed <= 0:
            return
        wrench = simulation.take_impulses(self.world)[self.body] / elapsed
        position, speed, spin = self._read_wheel()
        velocity, mean_spin = (position - self.position) / elapsed, (spin + self.spin) / 2
        torque = -wrench[4] + self.inertia * (spin - self.spin) / elapsed
        row = {
            "slip_ratio": slip_ratio(velocity[0], mean_spin, self.slip_radius),
            "sinkage": self.surface_height - (position[2] - self.wheel.rim_radius),
            "drawbar_pull": wrench[0], "lateral_force": wrench[1], "wheel_load": wrench[2],
            "driving_torque": torque, "drive_power": torque * mean_spin, "pull_power": wrench[0] * velocity[0],
            "position_x": position[0], "position_z": position[2], "velocity_x": velocity[0],
            "velocity_z": speed, "angular_velocity": mean_spin,
            "largest_overlap": simulation.largest_overlaps[self.world],
            "largest_grain_speed": simulation.largest_speeds[self.world],
            "soil_power": -(wrench[:3] @ velocity + wrench[4] * mean_spin),
        }  # fmt: skip
        if simulation.state.tracks_energy:
            energies = simulation.energy(self.world)
            row |= {name: energies[name] for name in ENERGIES}
        self.writer.write_sample(simulation.time, row)
        for name, value in {"time": simulation.time, **row}.items():
            self.rows[name].append(float(value))
        if self.is_steady:
            self._sample_rim(position)
        self._mark()

    def frame(self, simulation: dem.Simulation) -> None:
        """Write all grains and the wheel."""
        taken = take_frame(simulation, self.output, self.world)
        last = {name: self.rows[name][-1] if self.rows[name] else 0.0 for name in SERIES}
        self.writer.write_frame(simulation.time, taken.soil, {WHEEL: taken.pose(self.body)}, last, taken.contacts)

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

    def _sample_rim(self, axle: np.ndarray) -> None:
        contacts = self.simulation.state.contact_arrays(self.world)
        mine = contacts["shape"] == self.shape
        grains = self.simulation.snapshot(self.world, ("position",))["position"]
        self.rim.add(grains[contacts["first"][mine]] - axle, contacts["force"][mine].astype(float))

    def _mark(self) -> None:
        self.time = self.simulation.time
        self.position, _, self.spin = self._read_wheel()

    def _read_wheel(self) -> tuple[np.ndarray, float, float]:
        """Position (3,) [m], vertical speed [m/s] and spin [rad/s] of the wheel."""
        names = ("body_position", "body_velocity", "body_angular_velocity")
        found = self.simulation.snapshot(self.world, names)
        position, velocity, spin = (found[name][self.body] for name in names)
        return position, float(velocity[2]), float(spin[1])
