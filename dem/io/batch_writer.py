"""Results of a batch: each world its own file, as if it had run alone; that of a world that fails is closed there."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.io.run_writer import RunWriter
from dem.io.schema import BodyMesh, RunDescription, Series, Written
from dem.io.threaded_writer import ThreadedWriter, start_thread

Arrays = dict[str, np.ndarray]

FRAME_ARRAYS = ("position", "velocity", "angular_velocity", "contact_count")
POSES = ("body_position", "body_orientation")


class BatchWriter:
    """Writes the worlds of a simulation while it runs, one file each, by one thread.

    As a context manager it closes the files with the status of `RunWriter`; take it down before the simulation is
    loaded anew. A world that fails keeps the frames so far; its file gets the status "failed: <reason>", and the
    attributes `failure` and `failure_time` [s].

    Args:
        simulation: a `dem.Simulation` of one world or many; its triggers and `on_failure` are set.
        paths: of the files, one a world, ending in `.vtkhdf`.
        frame_interval: [s] between frames of all grains and bodies.
        sample_interval: [s] between rows of the series; needs `series` and `sample`.
        series: Name -> meaning of every number that `sample` gives.
        sample: `sample(simulation, world)` gives a row, Name -> value.
        about: of each world's run.
        written: Go on after what `sync` told; files of worlds that are not in it are left alone.
        grain_arrays: more of every grain in each frame, of `contact_force` and `stress`.
        contacts: whether each frame has the list of contacts.
    """

    def __init__(
        self,
        simulation: Any,
        paths: Sequence[Path],
        *,
        frame_interval: float,
        sample_interval: float | None = None,
        series: Mapping[str, Series] | None = None,
        sample: Callable[[Any, int], Mapping[str, float]] | None = None,
        about: Sequence[RunDescription] | None = None,
        written: Mapping[int, Written] | None = None,
        grain_arrays: Sequence[str] = (),
        contacts: bool = False,
    ) -> None:
        models = simulation.worlds.models
        _require_one_each(len(models), paths=paths, about=about)
        self._simulation, self._sample = simulation, sample
        self._grain_arrays, self._has_contacts = grain_arrays, contacts
        self._meshes = [body_meshes(model) for model in models]
        self._rows: list[Mapping[str, float]] = [dict.fromkeys(series or {}, float("nan"))] * len(models)
        self._triggers: list[Any] = []
        self._thread = start_thread()
        self._files: dict[int, ThreadedWriter] = {}
        for world in range(len(models)) if written is None else written:
            own = about[world] if about else None
            file = self._create(world, paths[world], series=series, about=own, written=(written or {}).get(world))
            self._files[world] = ThreadedWriter(file, self._thread)
        self._watch(frame_interval, sample_interval)

    @property
    def open_worlds(self) -> list[int]:
        """Those whose files are still written."""
        return list(self._files)

    def write_samples(self, simulation: Any) -> None:
        """Add a row to the series of every world."""
        for world, file in self._files.items():
            self._rows[world] = self._sample(simulation, world) if self._sample else {}
            file.write_sample(simulation.time, self._rows[world])

    def write_frames(self, simulation: Any) -> None:
        """Append a frame to every file: all grains and bodies, and the last row of the series."""
        for world, file in self._files.items():
            soil, found, contacts = read_frame(simulation, world, self._grain_arrays, self._has_contacts)
            poses = mesh_poses(self._meshes[world], found)
            file.write_frame(simulation.time, soil, poses, self._rows[world], contacts)

    def flush(self) -> None:
        """Put everything handed over so far where readers see it."""
        for file in self._files.values():
            file.flush()

    def sync(self) -> dict[int, Written]:
        """Put everything on disk; what is needed to go on after it, of every world that has not failed."""
        return {world: file.sync() for world, file in self._files.items()}

    def close(self, status: str = "complete") -> None:
        """Write what waits and close all files."""
        for trigger in self._triggers:
            self._simulation.cancel(trigger)
        self._triggers, self._simulation.on_failure = [], None
        files, self._files = self._files, {}
        with ExitStack() as closing:  # each is closed, whatever becomes of the others
            closing.callback(self._thread.shutdown)
            for file in files.values():
                closing.callback(file.close, status)

    def __enter__(self) -> "BatchWriter":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        stopped = "interrupted" if kind and issubclass(kind, KeyboardInterrupt) else f"failed: {error}"
        self.close(stopped if kind else "complete")

    def _create(self, world: int, path: Path, **options: Any) -> RunWriter:
        particles = self._simulation.worlds.models[world].particles
        soil = {name: particles[name] for name in ("radius", "material")}
        return RunWriter(path, soil=soil, bodies=list(self._meshes[world].values()), **options)

    def _watch(self, frame_interval: float, sample_interval: float | None) -> None:
        every = self._simulation.every
        if sample_interval:
            self._triggers.append(every(sample_interval, self.write_samples))
        self._triggers.append(every(frame_interval, self.write_frames))
        self._simulation.on_failure = self._close_failed
        for world in self._simulation.failures:
            self._close_failed(world)

    def _close_failed(self, world: int) -> None:
        file = self._files.pop(world, None)
        if file:
            failure = self._simulation.failures[world]
            file.annotate(failure=failure.reason, failure_time=failure.time)
            file.close(f"failed: {failure.reason}")


def _require_one_each(world_count: int, **given: Sequence | None) -> None:
    for name, values in given.items():
        if values is not None and len(values) != world_count:
            raise ConfigError(f"BatchWriter got {len(values)} {name}, must be {world_count}; give one a world")


def read_frame(
    simulation: Any, world: int, grain_arrays: Sequence[str], has_contacts: bool
) -> tuple[Arrays, Arrays, Arrays | None]:
    """Read what a frame of a world holds.

    Returns:
        Arrays of the grains and the list of contacts, as `RunWriter.write_frame` takes them, the latter None where it
        is not asked for; between them those arrays with `POSES` of all bodies.
    """
    names = (*FRAME_ARRAYS, *grain_arrays)
    found = simulation.snapshot(world, (*names, *POSES))
    contacts = simulation.contact_pairs(world) if has_contacts else None
    return {name: found[name] for name in names}, found, contacts


def mesh_poses(meshes: Mapping[int, BodyMesh], found: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Position and orientation of bodies by name, from `POSES` of all bodies; meshes by the body's number."""
    return {mesh.name: (found[POSES[0]][body], found[POSES[1]][body]) for body, mesh in meshes.items()}


def body_meshes(model: Any) -> dict[int, BodyMesh]:
    """Surface of every body of a model that has one, in its own frame, by the body's number."""
    found = {}
    for number, body in enumerate(model.bodies):
        parts = [entry.shape.surface_mesh() for entry in model.shapes if entry.body == number]
        offsets = np.cumsum([0, *(len(points) for points, _ in parts)])
        if offsets[-1]:
            points = np.concatenate([points for points, _ in parts])
            faces = np.concatenate([faces + offset for (_, faces), offset in zip(parts, offsets, strict=False)])
            found[number] = BodyMesh(body.name, points, faces)
    return found
