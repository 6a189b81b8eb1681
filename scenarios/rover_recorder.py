"""Records a rover: rows for each wheel and for the whole, frames of everything, and the coupling for checkpoints."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import BodyMesh, RunDescription, RunWriter, Series, ThreadedWriter, Written
from dem.measure.mobility import slip_ratio
from dem.rover.coupling import Coupling, Ledger
from dem.rover.rotations import cross, euler_angles, rotate
from scenarios.frames import kept_bits, take_frame
from scenarios.wheel_recorder import ENERGIES

CHASSIS = "chassis"
WHEEL_SERIES = {
    "slip_ratio": Series("-", "slip ratio"),
    "sinkage": Series("m", "sinkage"),
    "drawbar_pull": Series("N", "drawbar pull"),
    "lateral_force": Series("N", "lateral force"),
    "wheel_load": Series("N", "wheel load"),
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
    "largest_overlap": Series("-", "largest overlap over radius"),
    "largest_grain_speed": Series("m/s", "speed of the fastest grain"),
}
EDGES = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
FACES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


class RoverRecorder:
    """Watches a `RoverDrive`.

    Args:
        drive: in a simulation, with its coupling.
    """

    def __init__(self, drive: Any) -> None:
        self.drive, self.simulation, self.world = drive, drive.simulation, drive.world
        self.coupling: Coupling = drive.coupling
        self.names = [wheel.name for wheel in drive.vehicle.wheels]
        self.series = SERIES | {
            f"{wheel}_{name}": Series(entry.unit, f"{wheel.replace('_', ' ')}: {entry.long_name}")
            for wheel in self.names
            for name, entry in WHEEL_SERIES.items()
        }
        self.series |= ENERGIES if self.simulation.state.tracks_energy else {}
        self.rows: dict[str, list[float]] = {name: [] for name in ("time", *self.series)}
        self.heading = 0.0

    def open(
        self, path: Path, about: RunDescription, thread: ThreadPoolExecutor, written: Written | None = None
    ) -> ThreadedWriter:
        """Create the results file, or go on after what is `written`; `thread` writes it while the rover goes on."""
        model = self.drive.model
        shapes = {entry.body: entry.shape for entry in model.shapes}
        bodies = [
            BodyMesh(name, *shapes[body].surface_mesh())
            for name, body in zip(self.names, self.drive.bodies, strict=True)
        ]
        static = {"radius": model.particles["radius"], "material": model.particles["material"]}
        writer = RunWriter(
            path, soil=static, bodies=[*bodies, chassis_mesh(self.drive)], series=self.series, about=about,
            written=written, kept_bits=kept_bits(self.drive.config.output),
        )  # fmt: skip
        self.writer = ThreadedWriter(writer, thread)
        return self.writer

    def sample(self, simulation: dem.Simulation) -> None:
        """Add a row: means over the exchanges since the last row."""
        ledger = self.coupling.take()
        if ledger.duration <= 0:
            return
        snapshot = simulation.snapshot(self.world, ("body_position", "body_orientation"))
        position, orientation = (snapshot[name][self.drive.bodies] for name in ("body_position", "body_orientation"))
        row = self._rover_row(ledger)
        for index, name in enumerate(self.names):
            values = self._wheel_row(ledger, index, position[index], orientation[index])
            row |= {f"{name}_{key}": value for key, value in values.items()}
        if simulation.state.tracks_energy:
            energies = simulation.energy(self.world)
            row |= {name: energies[name] for name in ENERGIES}
        self.writer.write_sample(simulation.time, row)
        for name, value in {"time": simulation.time, **row}.items():
            self.rows[name].append(float(value))

    def frame(self, simulation: dem.Simulation) -> None:
        """Write all grains, the wheels and the body."""
        taken = take_frame(simulation, self.drive.config.output, self.world)
        poses = {name: taken.pose(body) for name, body in zip(self.names, self.drive.bodies, strict=True)}
        poses[CHASSIS] = self.drive.vehicle.body_pose()
        last = {name: self.rows[name][-1] if self.rows[name] else 0.0 for name in SERIES}
        self.writer.write_frame(simulation.time, taken.soil, poses, last, taken.contacts)

    def window(self, start: float) -> dict[str, np.ndarray]:
        """The rows from `start` [s] on."""
        time = np.array(self.rows["time"])
        return {name: np.array(values)[time > start] for name, values in self.rows.items()}

    def pack(self) -> dict[str, np.ndarray]:
        """The rows, the coupling and the vehicle."""
        arrays = {f"rows/{name}": np.array(values) for name, values in self.rows.items()}
        arrays |= {f"coupling/{name}": array for name, array in self.coupling.pack().items()}
        return arrays | {"heading": np.array(self.heading)}

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on from what `pack` gave."""
        self.rows = {name: arrays[f"rows/{name}"].tolist() for name in self.rows}
        self.heading = float(arrays["heading"])
        start = "coupling/"
        self.coupling.unpack({name.removeprefix(start): arrays[name] for name in arrays if name.startswith(start)})

    def _rover_row(self, ledger: Ledger) -> dict[str, float]:
        vehicle, duration = self.drive.vehicle, ledger.duration
        position, orientation = vehicle.body_pose()
        roll, pitch, heading = euler_angles(orientation)
        ahead = np.array([math.cos(heading), math.sin(heading), 0.0])
        speed = float(ledger.moved[:, :3].mean(axis=0) @ ahead) / duration
        turned = (heading - self.heading + math.pi) % (2 * math.pi) - math.pi
        self.heading = heading
        force = ledger.impulse[:, :3].sum(axis=0) / duration
        return {
            "command_slip": self.drive.command_slip(speed, turned / duration),
            "position_x": position[0], "position_y": position[1], "speed": speed, "turn_rate": turned / duration,
            "heading": heading, "pitch": pitch, "roll": roll, "total_load": force[2], "total_pull": force @ ahead,
            "total_power": ledger.drive_work.sum() / duration, "velocity_z": vehicle.center_velocity()[2],
            "soil_power": ledger.soil_work.sum() / duration, "vehicle_power": ledger.vehicle_work.sum() / duration,
            "largest_overlap": self.simulation.largest_overlaps[self.world],
            "largest_grain_speed": self.simulation.largest_speeds[self.world],
        }  # fmt: skip

    def _wheel_row(self, ledger: Ledger, index: int, position: np.ndarray, orientation: np.ndarray) -> dict:
        drive, duration = self.drive, ledger.duration
        axle = rotate(orientation, np.array([0.0, 1.0, 0.0]))
        ahead = cross(axle, np.array([0.0, 0.0, 1.0]))
        ahead /= np.linalg.norm(ahead)
        force, spin = ledger.impulse[index, :3] / duration, ledger.turned[index] / duration
        way = drive.ways[index]  # a wheel that rolls backwards slips as one that rolls ahead
        speed = float(ledger.moved[index, :3] @ ahead) / duration
        surface = float(drive.surface_at(position[0], position[1]))
        return {
            "slip_ratio": slip_ratio(way * speed, way * spin, drive.slip_radius),
            "sinkage": surface - (position[2] - drive.wheel.rim_radius),
            "drawbar_pull": force @ ahead, "lateral_force": force @ np.array([-ahead[1], ahead[0], 0.0]),
            "wheel_load": force[2], "driving_torque": ledger.drive_impulse[index] / duration,
            "drive_power": ledger.drive_work[index] / duration, "angular_velocity": spin,
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
