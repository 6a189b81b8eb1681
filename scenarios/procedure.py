"""The phases of one test in time, written down now and then, so that a run that was stopped goes on bit for bit.

A checkpoint holds the test's world as if it had run alone, the recorder, the phases done, where the phase it stopped in
began and when its triggers are due, how much of the results file it goes with, and a hash of the config. It lies in the
run folder until the run has its `result.json`. What steps the worlds of several tests is `schedule.py`.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

import dem
from dem.errors import ResultsError
from dem.io import RunDescription, ThreadedWriter, Written, load_checkpoint, save_checkpoint
from dem.recording import Trigger

log = logging.getLogger(__name__)

CHECKPOINT_FILE = "checkpoint.h5"
RESULTS_FILE = "run.vtkhdf"
LIMITS = ("max_overlap", "max_energy_gain")  # of the solver: they only stop a run
NOT_HASHED = ("output", "text", "overrides", "repeats", "study", "launcher")
OWN = "recorder/"  # prefix of the recorder's arrays

Packed = tuple[dict[str, np.ndarray], dict[str, Any]]


@dataclass(frozen=True)
class Phase:
    """One part of a test.

    Attributes:
        name: unlike any other of the test.
        duration: [s], rounded to whole steps.
        begin: given the time [s] at which the phase starts, commands bodies and gravity; when a phase is resumed it is
            called with the start that the phase had.
    """

    name: str
    duration: float
    begin: Callable[[float], None]


class Recorder(Protocol):
    """What watches a world and writes its results file."""

    writer: ThreadedWriter

    def open(
        self, path: Path, about: RunDescription, thread: ThreadPoolExecutor, written: Written | None = None
    ) -> ThreadedWriter:
        """Create the results file, or go on after what is `written`; `thread` writes it."""

    def sample(self, simulation: dem.Simulation) -> None:
        """Add a row to the series."""

    def frame(self, simulation: dem.Simulation) -> None:
        """Write all grains and bodies."""

    def pack(self) -> dict[str, np.ndarray]:
        """All that `unpack` needs to go on."""

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on from there."""


class Test(Protocol):
    """An experiment that is a world of a simulation."""

    config: Any
    model: dem.Model

    def enter(self, simulation: dem.Simulation, world: int) -> None:
        """Be a world of a simulation."""

    @property
    def recorder(self) -> Recorder:
        """What watches it, once it entered a simulation."""

    def phases(self) -> list[Phase]:
        """What it does, one after another."""

    def describe(self) -> RunDescription:
        """What the results file says of it."""

    def collect(self, phases: list[dict[str, Any]]) -> dict[str, Any]:
        """The result when all phases are done, for `result.json`; the results file is still open."""


class Procedure:
    """Runs the phases of one test, sampling; those that a checkpoint has behind it are passed over.

    Args:
        simulation: what is stepped.
        test: a world of it.
        folder: the run's.

    Attributes:
        phases: those done: name, start [s], end [s].
        end_step: of the phase that goes on.
        on_error: told what went wrong when the recorder was called.
    """

    def __init__(self, simulation: dem.Simulation, test: Test, folder: Path) -> None:
        self.simulation, self.test, self.recorder, self.folder = simulation, test, test.recorder, folder
        self.path = folder / CHECKPOINT_FILE
        # Now, as it was read: a file that is edited while the run goes on is not what the run goes by.
        self._identity = {"config": hash_config(test.config), "files": content_of(test.config)}
        self.phases: list[dict[str, Any]] = []
        self.end_step = 0
        self.on_error: Callable[[Exception], None] | None = None
        self._current: dict[str, Any] = {}
        self._triggers: list[Trigger] = []
        self._is_open = False

    @property
    def phase_name(self) -> str:
        """Of the phase that goes on."""
        return self._current["name"]

    def load(self) -> Packed:
        """The checkpoint.

        Raises:
            ResultsError: there is none, it is torn, or of another config.
        """
        return load_own(self.folder, self.test.config)

    def set_aside(self) -> None:
        """Keep what another run left here, as run.before.vtkhdf and checkpoint.before.h5: it may have taken hours."""
        for path in (self.path, self.folder / RESULTS_FILE):
            if path.exists():
                path.replace(path.with_stem(f"{path.stem}.before"))

    def open(self, thread: ThreadPoolExecutor, meta: dict[str, Any] | None = None) -> None:
        """Open the results file; given the numbers of a checkpoint, after what it goes with."""
        written = Written(**meta["run"]["written"]) if meta else None
        self.recorder.open(self.folder / RESULTS_FILE, self.test.describe(), thread, written)
        self._is_open = True

    def resume(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Go to where a checkpoint is; the simulation is there already."""
        self.recorder.unpack({name.removeprefix(OWN): array for name, array in arrays.items() if name.startswith(OWN)})
        self.phases, self._current = meta["run"]["phases"], meta["run"]["current"]

    def begin_next(self) -> bool:
        """Begin the next phase, or the one a checkpoint was written in; whether one is left."""
        done = {phase["name"] for phase in self.phases}
        left = [phase for phase in self.test.phases() if phase.name not in done]
        if left:
            self._begin(left[0])
        return bool(left)

    def end_phase(self) -> None:
        """The phase that goes on is over."""
        self._cancel()
        start = self._current["start_step"] * self.simulation.time_step
        self.phases.append({"name": self.phase_name, "start": start, "end": self.simulation.time})

    def finish(self) -> dict[str, Any]:
        """The result; the results file is complete."""
        result = self.test.collect(self.phases)
        self.recorder.writer.close()
        return result

    def close(self, status: str) -> None:
        """Stop watching, and close the results file if it was opened."""
        self._cancel()
        if self._is_open:
            self.recorder.writer.close(status)

    def save(self, arrays: dict[str, np.ndarray], meta: dict[str, Any]) -> None:
        """Write a checkpoint: what the world packed, and what is needed to go on watching it."""
        own = {f"{OWN}{name}": values for name, values in self.recorder.pack().items()}
        current = {**self._current, "due_steps": [trigger.due_step for trigger in self._triggers]}
        written = asdict(self.recorder.writer.sync())
        run = {**self._identity, "phases": self.phases, "current": current, "written": written}
        save_checkpoint(self.path, arrays | own, {**meta, "run": run})

    def _begin(self, phase: Phase) -> None:
        simulation = self.simulation
        resumed = self._current if self._current.get("name") == phase.name else {}
        start_step = resumed.get("start_step", simulation.step_count)
        self._current = {"name": phase.name, "start_step": start_step}
        self.end_step = start_step + round(phase.duration / simulation.time_step)
        phase.begin(start_step * simulation.time_step)
        self._add_triggers(resumed.get("due_steps", []))

    def _add_triggers(self, due_steps: list[int]) -> None:
        output, every = self.test.config.output, self.simulation.every
        self._triggers = [
            every(output.sample_interval, self._watched(self.recorder.sample)),
            every(output.frame_interval, self._watched(self.recorder.frame)),
        ]
        for trigger, due_step in zip(self._triggers, due_steps, strict=False):
            trigger.due_step = due_step

    def _watched(self, action: Callable[[dem.Simulation], None]) -> Callable[[dem.Simulation], None]:
        """Not called any more once a test is over, not even at the step at which it ended."""

        def call(simulation: dem.Simulation) -> None:
            if self._triggers:
                try:
                    action(simulation)
                except Exception as error:
                    if not self.on_error:
                        raise
                    self.on_error(error)

        return call

    def _cancel(self) -> None:
        for trigger in self._triggers:
            self.simulation.cancel(trigger)
        self._triggers = []


def load_own(folder: Path, config: Any) -> Packed:
    """The checkpoint of a run folder.

    Raises:
        ResultsError: there is none, it is torn, or of another config.
    """
    arrays, meta = load_checkpoint(folder / CHECKPOINT_FILE)
    run = meta.get("run", {})
    if run.get("config") != hash_config(config):
        now, then = content_of(config), run.get("files", {})
        changed = sorted(name for name in now | then if now.get(name) != then.get(name))
        said = f", {', '.join(changed)} changed since" if changed else ""
        raise ResultsError(f"{folder / CHECKPOINT_FILE} is of another config{said}")
    return arrays, meta


def saved_at(folder: Path, config: Any) -> tuple[float, int] | None:
    """Time step [s] and step of the checkpoint of a run folder; None where there is none to go on from."""
    try:
        _, meta = load_own(folder, config)
    except ResultsError:
        return None
    return meta["time_step"], meta["step_count"]


def hash_config(config: Any) -> str:
    """A hash of what determines the numbers of a run: all of a `RunConfig` but its output, device and sweep.

    Of files that it names the content counts. Of the device its precision does: a run goes on elsewhere if the device
    fails. What only stops a run does not count: more may be let pass when it goes on.
    """
    counts = {name: value for name, value in asdict(config).items() if name not in NOT_HASHED}
    for group, keys in (("device", ("name", "threads")), ("solver", LIMITS)):
        counts[group] = {name: value for name, value in counts[group].items() if name not in keys}
    counts |= content_of(config)
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:16]


def content_of(config: Any) -> dict[str, str]:
    """Hashes of the files that a config names, by key and name."""
    found = {f"rover.model {name}": digest for name, digest in config.rover.content().items()}
    if config.bed.surface.file is not None:
        found["bed.surface.file"] = str(config.bed.surface.content()["file"])
    return found
