"""The phases of a run in time, written down now and then, so that a run that was stopped goes on bit for bit.

A checkpoint holds the simulation, the recorder, the phases done, where the phase it stopped in began and when its
triggers are due, how much of the results file it goes with, and a hash of the config. It lies in the run folder until
the run has its `result.json`.
"""

import hashlib
import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import numpy as np

import dem
from dem.errors import DemError, ResultsError
from dem.io import RunDescription, ThreadedWriter, Written, load_checkpoint, save_checkpoint
from dem.progress import Progress
from dem.recording import Trigger

log = logging.getLogger(__name__)

CHECKPOINT_FILE = "checkpoint.h5"
RESULTS_FILE = "run.vtkhdf"
NOT_HASHED = ("output", "text", "overrides", "repeats", "study", "launcher")
OWN = "recorder/"  # prefix of the recorder's arrays


class Recorder(Protocol):
    """What watches the simulation and writes the results file."""

    writer: ThreadedWriter

    def open(self, path: Path, about: RunDescription, written: Written | None = None) -> ThreadedWriter:
        """Create the results file, or go on after what is `written`."""

    def sample(self, simulation: dem.Simulation) -> None:
        """Add a row to the series."""

    def frame(self, simulation: dem.Simulation) -> None:
        """Write all grains and bodies."""

    def pack(self) -> dict[str, np.ndarray]:
        """All that `unpack` needs to go on."""

    def unpack(self, arrays: dict[str, np.ndarray]) -> None:
        """Go on from there."""


class Procedure:
    """Runs phases one after another, sampling; those that a checkpoint has behind it are passed over.

    Args:
        simulation: what is stepped.
        recorder: what watches it.
        config: a `RunConfig`.

    Attributes:
        phases: those done: name, start [s], end [s].
    """

    def __init__(self, simulation: dem.Simulation, recorder: Recorder, config: Any) -> None:
        self.simulation, self.recorder, self.output = simulation, recorder, config.output
        self.config_hash = hash_config(config)
        self.phases: list[dict[str, Any]] = []
        self._current: dict[str, Any] = {}
        self._triggers: list[Trigger] = []
        self._is_stopping = False

    def open(self, folder: Path, about: RunDescription) -> ThreadedWriter:
        """Open the results file of a run folder, and go to where its checkpoint is, if it has one of this run."""
        self.path, results = folder / CHECKPOINT_FILE, folder / RESULTS_FILE
        self._saved_at = time.monotonic()
        if self.path.exists():
            try:
                return self._resume(results, about)
            except DemError as error:
                log.info("starting from the beginning: %s", error)
            self.path.unlink()  # it goes with the results file that is replaced now
        return self.recorder.open(results, about)

    def phase(self, name: str, duration: float, begin: Callable[[float], None]) -> None:
        """Run one phase.

        Args:
            name: unlike any other of the run.
            duration: [s], rounded to whole steps.
            begin: given the time [s] at which the phase starts, commands bodies and gravity; when a phase is resumed it
                is called with the start that the phase had.
        """
        simulation, step = self.simulation, self.simulation.time_step
        if any(phase["name"] == name for phase in self.phases):
            return
        resumed = self._current if self._current.get("name") == name else {}
        self._current = {"name": name, "start_step": resumed.get("start_step", simulation.step_count)}
        start = self._current["start_step"] * step
        begin(start)
        left = (self._current["start_step"] + round(duration / step) - simulation.step_count) * step
        self._add_triggers(resumed.get("due_steps", []))
        with self._held_signals(), Progress(simulation, name, left):
            simulation.run(left)
            self._look(simulation)
        for trigger in self._triggers:
            simulation.cancel(trigger)
        self.phases.append({"name": name, "start": start, "end": simulation.time})

    def _add_triggers(self, due_steps: list[int]) -> None:
        """The last looks whether to save, after the others have done what they do at that step."""
        output, every = self.output, self.simulation.every
        self._triggers = [
            every(output.sample_interval, self.recorder.sample), every(output.frame_interval, self.recorder.frame),
            every(output.sample_interval, self._look),
        ]  # fmt: skip
        for trigger, due_step in zip(self._triggers, due_steps, strict=False):
            trigger.due_step = due_step

    def _look(self, simulation: dem.Simulation) -> None:
        if self._is_stopping or time.monotonic() - self._saved_at >= self.output.checkpoint_interval:
            self._save()
        if self._is_stopping:
            raise KeyboardInterrupt

    def _save(self) -> None:
        arrays, meta = self.simulation.pack()
        arrays |= {f"{OWN}{name}": values for name, values in self.recorder.pack().items()}
        current = {**self._current, "due_steps": [trigger.due_step for trigger in self._triggers]}
        written = asdict(self.recorder.writer.sync())
        run = {"config": self.config_hash, "phases": self.phases, "current": current, "written": written}
        save_checkpoint(self.path, arrays, {**meta, "run": run})
        self._saved_at = time.monotonic()

    def _resume(self, results: Path, about: RunDescription) -> ThreadedWriter:
        arrays, meta = load_checkpoint(self.path)
        run = meta.get("run", {})
        if run.get("config") != self.config_hash:
            raise ResultsError(f"{self.path} is of another config")
        writer = self.recorder.open(results, about, Written(**run["written"]))
        try:
            self.simulation.unpack(arrays, meta)
        except DemError:
            writer.close("interrupted")
            raise
        self.recorder.unpack({name.removeprefix(OWN): array for name, array in arrays.items() if name.startswith(OWN)})
        self.phases, self._current = run["phases"], run["current"]
        log.info("resuming at t = %.6g s from %s", self.simulation.time, self.path)
        return writer

    @contextmanager
    def _held_signals(self) -> Iterator[None]:
        """Ctrl-C, and SIGTERM, wait for the next look; the second leaves at once, without a checkpoint."""

        def hold(number: int, frame: FrameType | None) -> None:
            if self._is_stopping:
                raise KeyboardInterrupt
            self._is_stopping = True
            log.info("stopping at the next sample; once more to stop at once, without a checkpoint")

        if threading.current_thread() is not threading.main_thread():
            yield  # Python lets no other thread hear signals
            return
        before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)


def hash_config(config: Any) -> str:
    """A hash of what determines the numbers of a run: all of a `RunConfig` but its output, threads and sweep."""
    counts = {name: value for name, value in asdict(config).items() if name not in NOT_HASHED}
    counts["device"] = {name: value for name, value in counts["device"].items() if name != "threads"}
    return hashlib.sha256(json.dumps(counts, sort_keys=True).encode()).hexdigest()[:16]
