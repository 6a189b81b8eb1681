"""What a scenario is to the engine: models, phases in time, and a result; one world or several of a simulation."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

import dem
from dem.experiment.phases import Arrays, Phase, Stage, with_prefix, without_prefix
from dem.experiment.recorder import Recorder
from dem.experiment.results import backend_in_use, energy_check, numerics, verdict
from dem.identity import Identity, digest, identity
from dem.io import BodyMesh, RunDescription, Series, collect_provenance
from dem.model import Motion
from dem.run_config import RunConfig
from dem.spec import OutputSpec, SolverSpec

FRAMES = 20  # of a phase, where output.frame_interval is null
SAMPLES = 200  # likewise, where output.sample_interval is null
KEPT, ROWS = "kept/", "recorder/"  # prefixes in checkpoints


class Experiment:
    """A run of a scenario. A scenario derives from it and gives `stages`, `title` and `reduce`.

    Args:
        config: of the run.

    Attributes:
        spec: the scenario's own part of the config.
        young_modulus: of the grains in this run [Pa].
        series: name -> meaning of each number in a row of the time series.
        world_series: likewise, of those that every world has one of.
        kept: arrays that the experiment needs later, such as what was measured before a phase; saved in checkpoints.
        simulation: of the stage under way; worlds: of it, that are this experiment's.
        recorder: of the recorded stage.
        phases_done: of the stage under way: name, start [s], end [s].
        phase_start: of the phase under way [s].
        sampled_from, sampled_at: between which impulses were last taken [s].
    """

    series: Mapping[str, Series] = {}
    world_series: Mapping[str, Series] = {}
    conventions: Mapping[str, str] = {}
    young_modulus = 0.0

    def __init__(self, config: RunConfig) -> None:
        self.config, self.spec = config, config.scenario
        self.begin_empty()

    def begin_empty(self) -> None:
        """Nothing is measured yet."""
        self.kept: Arrays = {}
        self.phase_start, self.sampled_from, self.sampled_at = 0.0, 0.0, 0.0
        self.recorder: Any = None
        self.phases_done: list[dict[str, Any]] = []
        self._first_models: list[dem.Model] = []

    # What a scenario gives.

    def stages(self) -> Sequence[Stage]:
        """The stages, one after another; the same for the same config."""
        raise NotImplementedError

    def title(self) -> str:
        """The run in a line, for pictures and figures."""
        raise NotImplementedError

    def reduce(self) -> dict[str, Any]:
        """What was measured, for `result.json`, without what `finish` adds; the results file is still open."""
        raise NotImplementedError

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the experiment was run as it says: name -> value, limit and `passed`; beside overlap and energy."""
        return {}

    def judge(self, result: dict[str, Any]) -> dict[str, Any]:
        """What is said of the finished result, such as its credibility."""
        return {}

    def attributes(self) -> dict[str, Any]:
        """More for the root of the results file."""
        return {}

    # What may be replaced.

    @property
    def solver(self) -> SolverSpec:
        """Spec of the solver."""
        return self.config.solver

    @property
    def output(self) -> OutputSpec:
        """Spec of the output."""
        return self.config.output

    @property
    def grain_diameter(self) -> float:
        """Mean diameter of the grains [m]."""
        return float(self.spec.grain_diameter)

    @property
    def seed(self) -> int:
        """Seed of the random numbers."""
        return int(self.spec.seed)

    @cached_property
    def gravity(self) -> np.ndarray:
        """Gravity of the run (3,) [m/s2]."""
        return np.array(self.config.gravity.vector_value())

    @property
    def tracks_energy(self) -> bool:
        """Whether the energy balance is kept."""
        return self.solver.track_energy

    @property
    def world_names(self) -> list[str]:
        """A word for each world, for the time series and for messages; empty of an experiment with one."""
        return []

    def identity(self) -> Identity:
        """All that changes what this run computes, with files as they are now."""
        return identity(self.config)

    @cached_property
    def began_with(self) -> Identity:
        """Identity of the run when it began, whatever files have been edited meanwhile."""
        return self.identity()

    def sample_interval(self, duration: float) -> float:
        """Time between samples of a phase of some duration [s]."""
        return self.output.sample_interval or duration / SAMPLES

    def frame_interval(self, duration: float) -> float:
        """Time between frames of a phase of some duration [s]."""
        return self.output.frame_interval or duration / FRAMES

    def make_recorder(self) -> Recorder:
        """What keeps the time series and writes the results file."""
        return Recorder(self)

    def meshes(self) -> dict[str, BodyMesh]:
        """Bodies in the frames by name; of those that the first world's model has, all."""
        return self.recorder.model_meshes()

    def poses(self, snapshot: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Position and orientation of each body in the frames, from a snapshot of all bodies of the first world."""
        return self.recorder.model_poses(snapshot)

    # What the engine asks.

    def first_models(self) -> list[dem.Model]:
        """The models of the first stage, built once."""
        self._first_models = self._first_models or self.stages()[0].build([])
        return self._first_models

    def enter(self, simulation: dem.Simulation, worlds: range, stage: Stage) -> None:
        """Be worlds of a simulation, for one stage."""
        self.simulation, self.worlds = simulation, worlds
        self.sampled_at = simulation.time
        if stage.is_recorded:
            self.recorder = self.make_recorder()

    def mark(self) -> None:
        """Begin a phase's samples: what bodies felt before does not count."""
        self.take_impulses()

    def pack(self) -> Arrays:
        """All that `unpack` needs to go on."""
        arrays = {"sampled_at": np.array(self.sampled_at)} | with_prefix(KEPT, self.kept)
        return arrays | (with_prefix(ROWS, self.recorder.pack()) if self.recorder else {})

    def unpack(self, arrays: Arrays) -> None:
        """Go on from what `pack` gave."""
        self.sampled_at = float(arrays["sampled_at"])
        self.kept |= without_prefix(KEPT, arrays)
        if self.recorder:
            self.recorder.unpack(without_prefix(ROWS, arrays))

    def describe(self) -> RunDescription:
        """What the results file says of itself."""
        config, domain = self.config, self.model.domain
        return RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=self.seed, backend=backend_in_use()),
            attributes={
                "scenario": self.spec.name, "title": self.title(), "gravity": self.gravity,
                "gravity_name": config.gravity.name if self.gravity.any() else "none",
                **{f"domain_{name}": getattr(domain, name) for name in ("lower", "upper", "periodic")},
                **self.attributes(),
            },
            contact=dem.describe_contacts(self.model),
        )  # fmt: skip

    def finish(self) -> Any:
        """Write the last frame; the result, for `result.json`."""
        self.recorder.frame()
        reduced = self.reduce()
        result = {
            "scenario": self.spec.name, "title": self.title(), "conventions": dict(self.conventions),
            "contact": dem.describe_contacts(self.model), "identity": digest(self.began_with), **reduced,
            "numerics": numerics(self) | reduced.get("numerics", {}),
            "checks": self.common_checks() | self.check(reduced),
        }  # fmt: skip
        result |= self.judge(result)
        self.recorder.writer.annotate(phases=self.phases_done)
        return result

    def common_checks(self) -> dict[str, Any]:
        """Overlap, and the energy balance where it is kept."""
        found = {"largest_overlap": verdict(self.recorder.largest_overlap, self.simulation.max_overlap)}
        return found | energy_check(self)

    # What a scenario does with its worlds, counted from 0.

    @property
    def model(self) -> dem.Model:
        """Model of the first world, in the stage under way."""
        return self.simulation.worlds.models[self.worlds[0]]

    @property
    def world_count(self) -> int:
        """How many worlds are this experiment's."""
        return len(self.worlds)

    def snapshot(self, index: int, *names: str) -> Arrays:
        """Copies of arrays of a world, see `Simulation.snapshot`."""
        return self.simulation.snapshot(self.worlds[index], names)

    def carried(self, index: int) -> Arrays:
        """What the next stage of a world is built from.

        Returns:
            position (n, 3) [m] of the grains, radius (n,) [m] as the model has it, in full precision, and body_position
            (B, 3) [m].
        """
        radius = self.simulation.worlds.models[self.worlds[index]].particles["radius"]
        return self.snapshot(index, "position", "body_position") | {"radius": radius}

    def set_motion(self, index: int, body: int, motion: Motion) -> None:
        """Change how a body of a world moves from now on."""
        self.simulation.set_motion(body, motion, self.worlds[index])

    def set_gravity(self, index: int, gravity: Any) -> None:
        """Change gravity [m/s2] of a world: a vector (3,), or a function of time [s]."""
        self.simulation.set_gravity(gravity, self.worlds[index])

    def whole(self, duration: float) -> float:
        """A duration [s] of whole time steps, at least one, near another."""
        return max(round(duration / self.simulation.time_step), 1) * self.simulation.time_step

    def in_parts(self, name: str, count: int, part: float, command: Callable[[int], None]) -> Phase:
        """A phase of parts of like duration [s], each begun with a command that is given the number of the part."""
        part = self.whole(part)

        def give() -> None:
            number = round((self.simulation.time - self.phase_start) / part)
            if number < count:
                command(number)

        return Phase(name, count * part, lambda start: command(0), sample=give, interval=part)

    def take_impulses(self) -> tuple[np.ndarray, float]:
        """Impulses on the bodies of all worlds (W, B, 6) [N s, N m s] since last taken, and the time since then [s]."""
        self.sampled_from, self.sampled_at = self.sampled_at, self.simulation.time
        elapsed = self.sampled_at - self.sampled_from
        return np.array([self.simulation.take_impulses(world) for world in self.worlds]), elapsed
