"""The time series of an experiment, in memory and in its results file, and the frames of its first world."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from dem.experiment.phases import Arrays, with_prefix, without_prefix
from dem.io import BodyMesh, RunWriter, Series, ThreadedWriter, Written
from dem.io.world_frames import body_meshes, mesh_poses, read_frame

ROWS = "rows/"  # prefix in checkpoints
HEALTH = {
    "largest_overlap": Series("-", "largest overlap over radius"),
    "largest_grain_speed": Series("m/s", "speed of the fastest grain"),
}
ENERGIES = {
    "kinetic": Series("J", "kinetic energy"),
    "gravitational": Series("J", "gravitational energy"),
    "elastic": Series("J", "elastic energy"),
    "dissipated_normal": Series("J", "dissipated by impact"),
    "dissipated_sliding": Series("J", "dissipated by sliding"),
    "dissipated_rolling": Series("J", "dissipated by rolling"),
    "body_work": Series("J", "work of bodies on the grains"),
    "gravity_work": Series("J", "work of the change of gravity"),
    "balance_error": Series("J", "error of the energy balance"),
}


class Recorder:
    """Keeps the rows of an experiment and writes rows and frames into its results file.

    Args:
        experiment: in a simulation.

    Attributes:
        rows: of the time series, by name.
        writer: of the results file, once it is open.
    """

    def __init__(self, experiment: Any) -> None:
        self.experiment, self.simulation = experiment, experiment.simulation
        own = dict(HEALTH) | (ENERGIES if self.simulation.state.tracks_energy else {})
        per_world, worlds = {**experiment.world_series, **own}, experiment.world_names
        self._columns = {name: [f"{name}_{world}" for world in worlds] or [name] for name in per_world}
        self.series = dict(experiment.series)
        for name, entry in per_world.items():
            said = [f", {world}" for world in worlds] or [""]
            for column, more in zip(self._columns[name], said, strict=True):
                self.series[column] = Series(entry.unit, f"{entry.long_name}{more}")
        self.rows: dict[str, list[float]] = {name: [] for name in ("time", *self.series)}
        self._frame_step = -1

    def open(self, path: Path, thread: ThreadPoolExecutor, written: Written | None = None) -> None:
        """Create the results file, or go on after what is `written`; `thread` writes it while the run goes on."""
        particles = self.experiment.model.particles
        soil = {name: particles[name] for name in ("radius", "material")}
        writer = RunWriter(
            path, soil=soil, bodies=list(self.experiment.meshes().values()), series=self.series,
            about=self.experiment.describe(), written=written,
            kept_bits=asdict(self.experiment.output.kept_bits),
        )  # fmt: skip
        self.writer = ThreadedWriter(writer, thread)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row now: numbers, and arrays (W,) of what every world has one of; overlap, speed and energies join."""
        full: dict[str, float] = {name: float(row[name]) for name in self.experiment.series}
        for name, values in {**row, **self._health(), **self._energies()}.items():
            if name in self._columns:
                full |= dict(zip(self._columns[name], np.ravel(values).astype(float).tolist(), strict=True))
        self.writer.write_sample(self.simulation.time, full)
        for name, value in {"time": self.simulation.time, **full}.items():
            self.rows[name].append(value)

    def frame(self) -> None:
        """Write the grains and bodies of the first world, once a step."""
        if self._frame_step == self.simulation.step_count:
            return
        self._frame_step = self.simulation.step_count
        output, world = self.experiment.output, self.experiment.worlds[0]
        soil, found, contacts = read_frame(self.simulation, world, output.grain_arrays, output.contacts)
        last = {name: self.rows[name][-1] if self.rows[name] else 0.0 for name in self.series}
        self.writer.write_frame(self.simulation.time, soil, self.experiment.poses(found), last, contacts)

    def array(self, name: str) -> np.ndarray:
        """The series so far, (S,); of what every world has one of (S, W)."""
        if name not in self._columns:
            return np.array(self.rows[name])
        found = np.array([self.rows[column] for column in self._columns[name]])
        return found.T if self.experiment.world_names else found[0]

    def window(self, start: float, end: float = math.inf) -> dict[str, np.ndarray]:
        """The rows after `start` and up to `end` [s]."""
        time = np.array(self.rows["time"])
        inside = (time > start) & (time <= end)
        return {name: np.array(values)[inside] for name, values in self.rows.items()}

    @property
    def largest_overlap(self) -> float:
        """Largest overlap of all rows, over the radius [-]."""
        return max((max(self.rows[name], default=0.0) for name in self._columns["largest_overlap"]), default=0.0)

    def pack(self) -> Arrays:
        """The rows, for a checkpoint."""
        return with_prefix(ROWS, {name: np.array(values) for name, values in self.rows.items()}) | {
            "frame_step": np.array(self._frame_step)
        }

    def unpack(self, arrays: Arrays) -> None:
        """Go on from what `pack` gave."""
        self.rows = {name: values.tolist() for name, values in without_prefix(ROWS, arrays).items()}
        self._frame_step = int(arrays["frame_step"])

    def model_meshes(self) -> dict[str, BodyMesh]:
        """Every body of the first world's model that has a surface."""
        self._numbers = body_meshes(self.experiment.model)
        return {mesh.name: mesh for mesh in self._numbers.values()}

    def model_poses(self, found: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Poses of the bodies now."""
        return mesh_poses(self._numbers, found)

    def _health(self) -> dict[str, np.ndarray]:
        worlds, simulation = list(self.experiment.worlds), self.simulation
        return {
            "largest_overlap": simulation.largest_overlaps[worlds],
            "largest_grain_speed": simulation.largest_speeds[worlds],
        }

    def _energies(self) -> dict[str, list[float]]:
        if not self.simulation.state.tracks_energy:
            return {}
        found = [self.simulation.energy(world) for world in self.experiment.worlds]
        return {name: [energies[name] for energies in found] for name in ENERGIES}
