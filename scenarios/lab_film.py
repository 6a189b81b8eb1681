"""The results file of a virtual test: frames of its first world, so that `drawbar view` shows what was done."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dem
from dem.io import RunDescription, RunWriter, ThreadedWriter, collect_provenance
from dem.io.batch_writer import body_meshes
from scenarios.frames import kept_bits, take_frame

RESULTS_FILE = "run.vtkhdf"


class LabFilm:
    """Writes frames of a simulation's first world; a context manager, which closes the file.

    Args:
        simulation: already loaded with what will be filmed.
        folder: where `run.vtkhdf` goes.
        config: a `RunConfig`; session: of the backend.
        title: of the test.
        gravity: in it [m/s2], shape (3,).
    """

    def __init__(
        self, simulation: dem.Simulation, folder: Path, config: Any, session: Any, title: str, gravity: Sequence[float]
    ) -> None:
        model = simulation.worlds.models[0]
        self._meshes, self._output = body_meshes(model), config.output
        soil = {name: model.particles[name] for name in ("radius", "material")}
        backend = {"device": session.device, "precision": session.precision, "threads": session.threads}
        domain = {f"domain_{name}": getattr(model.domain, name) for name in ("lower", "upper", "periodic")}
        about = RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=config.scenario.seed, backend=backend),
            attributes={
                "scenario": config.scenario.name, "title": title, "gravity": gravity,
                "gravity_name": config.gravity.name if any(gravity) else "none", **domain,
            },
            contact=dem.describe_contacts(model),
        )  # fmt: skip
        path, bodies = folder / RESULTS_FILE, list(self._meshes.values())
        writer = RunWriter(path, soil=soil, bodies=bodies, about=about, kept_bits=kept_bits(config.output))
        self._writer = ThreadedWriter(writer)

    def frame(self, simulation: dem.Simulation) -> None:
        """Append a frame."""
        taken = take_frame(simulation, self._output)
        poses = {mesh.name: taken.pose(body) for body, mesh in self._meshes.items()}
        self._writer.write_frame(simulation.time, taken.soil, poses, contacts=taken.contacts)

    def __enter__(self) -> "LabFilm":
        return self

    def __exit__(self, *error: Any) -> None:
        self._writer.__exit__(*error)
