"""Experiments side by side as worlds of one simulation, each by its own phases; one alone is a schedule of one.

Stages are begun together, since each has models of its own: an experiment whose stage is over rests until the others'
are. One that is done, or that fails, is over for itself and the others go on. All are saved at the same step, each into
its own folder, so that any of them can go on together.

What is logged of one experiment carries its number, `record.experiment`; a simulation knows worlds, `record.world`, of
which an experiment may have several.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import accumulate
from pathlib import Path
from types import FrameType
from typing import Any

import dem
from dem.checkpoint import pack_worlds, unpack_worlds
from dem.errors import DemError, NumericalError, StateError
from dem.experiment.experiment import Experiment
from dem.experiment.procedure import Packed, Procedure, worlds_of
from dem.io import exit_status, start_thread
from dem.model import Model
from dem.progress import Progress

log = logging.getLogger(__name__)

CHECK_STEPS = 200  # steps after which a checkpoint that is due, or a signal, is seen to at the latest

Ended = Any  # an experiment's result, or the exception for which it has none
OnEnd = Callable[[int, Ended], None]


def ignore(number: int, ended: Ended) -> None:
    """Nobody asked to be told."""


def run_experiment(experiment: Experiment, folder: Path | None) -> Any:
    """Run one experiment by itself, in a running session; its result.

    Args:
        experiment: what is run.
        folder: where results and checkpoints go; a checkpoint of this run in it is gone on from.
    """
    (ended,) = run_experiments([experiment], [folder])
    if isinstance(ended, Exception):
        raise ended
    return ended


def run_experiments(
    experiments: Sequence[Experiment],
    folders: Sequence[Path | None],
    on_end: OnEnd = ignore,
    time_step: float | None = None,
) -> list[Ended]:
    """Run experiments as worlds of one simulation, in a running session; what became of each.

    Args:
        experiments: of as many stages, whose models share laws, domain and numbers of the solver.
        folders: of their runs; checkpoints in them are gone on from if all are of the same step.
        on_end: see `Schedule`.
        time_step: of the first stage of all [s]; the smallest of their own if None.
    """
    return Schedule(experiments, folders, on_end, time_step).run()


class Schedule:
    """Steps simulations until all experiments are over.

    Args:
        experiments: of as many stages.
        folders: of their runs; checkpoints in them are gone on from if all are of the same step.
        on_end: given each experiment's number, and its result or what went wrong, as soon as it is over.
        time_step: of the first stage [s]; the smallest of their own if None.
    """

    def __init__(
        self,
        experiments: Sequence[Experiment],
        folders: Sequence[Path | None],
        on_end: OnEnd = ignore,
        time_step: float | None = None,
    ) -> None:
        self.on_end, self.time_step = on_end, time_step
        self.procedures = [Procedure(*each) for each in zip(experiments, folders, strict=True)]
        for number, procedure in enumerate(self.procedures):
            procedure.on_error = lambda error, number=number: self._fail(number, error)
        self.checkpoint_interval = min(experiment.output.checkpoint_interval for experiment in experiments)
        self.simulation: Any = None
        self.ended: dict[int, Ended] = {}
        self._waiting: set[int] = set()
        self._is_stopping = False

    @property
    def going(self) -> list[int]:
        """Numbers of the experiments that are not over."""
        return [number for number in range(len(self.procedures)) if number not in self.ended]

    @property
    def stepping(self) -> list[int]:
        """Procedures whose stage is not over."""
        return [number for number in self.going if number not in self._waiting]

    def run(self) -> list[Ended]:
        """Run all experiments; what became of each.

        Raises:
            KeyboardInterrupt: asked to stop; a checkpoint of those that were going is written.
        """
        self._saved_at = time.monotonic()
        with self._files():
            while self.going:
                while self.stepping:
                    self._run_segment()
                if self.going:
                    self._begin_next_stage()
        return [self.ended[number] for number in range(len(self.procedures))]

    # Stages.

    def _begin_next_stage(self) -> None:
        self._waiting.clear()
        for number in self.going:
            self.procedures[number].begin_next_stage()
        self._begin_stage()

    def _begin_stage(self, packed: Sequence[Packed] = ()) -> None:
        """Build the models of the stage that all are in, step them from now on, and begin the first phases."""
        procedures = [self.procedures[number] for number in self.going]
        built = [procedure.build() for procedure in procedures]
        ends = accumulate(len(models) for models in built)
        spans = [range(end - len(models), end) for end, models in zip(ends, built, strict=True)]
        for procedure, worlds in zip(procedures, spans, strict=True):
            procedure.experiment.worlds = worlds  # already: what is logged of a world while it is built is its own
        self._open(procedures[0], [model for models in built for model in models], packed)
        for procedure, worlds in zip(procedures, spans, strict=True):
            procedure.enter(self.simulation, worlds, self._thread)
        if packed:
            unpack_worlds(self.simulation, [world for own in packed for world in worlds_of(own)])
            for procedure, own in zip(procedures, packed, strict=True):
                procedure.resume(own)
            log.info("resuming at t = %.6g s", self.simulation.time)
        self.simulation.on_failure = self._fail_numerically
        for world in sorted(self.simulation.failures):  # as they were built
            self._fail_numerically(world)
        for number in self.going:
            self._advance(number)

    def _open(self, procedure: Procedure, models: list[Model], packed: Sequence[Packed]) -> None:
        """Put models into the simulation of the stage before, which compiles nothing, or into a new one."""
        solver, experiment = procedure.experiment.solver, procedure.experiment
        time_step = packed[0][1]["time_step"] if packed else self.time_step or solver.time_step
        numbers = {
            "time_step": time_step, "time_step_fraction": solver.time_step_fraction,
            "max_overlap": procedure.stage.max_overlap or solver.max_overlap,
            "skin": solver.skin * experiment.grain_diameter, "max_energy_gain": solver.max_energy_gain,
        }  # fmt: skip
        self.time_step = None
        if self.simulation is not None:
            try:
                self.simulation.load(models, **numbers)
            except StateError:  # of another compatibility signature
                self.simulation = None
        if self.simulation is None:
            self.simulation = dem.Simulation(models, track_energy=experiment.tracks_energy, **numbers)

    def _run_segment(self) -> None:
        """Step until the first of the phases under way ends."""
        simulation, stepping = self.simulation, [self.procedures[number] for number in self.stepping]
        left = (min(procedure.end_step for procedure in stepping) - simulation.step_count) * simulation.time_step
        shortest = min([CHECK_STEPS * simulation.time_step, *(each.interval for each in stepping if each.interval)])
        check = simulation.every(shortest, self._check)  # after all others have done what they do at a step
        names = ", ".join(dict.fromkeys(procedure.phase_name for procedure in stepping))
        try:
            with self._held_signals(), Progress(simulation, names, left):
                simulation.run(left)
                self._check(simulation)
        except Exception:
            if self.going:  # else it was the last experiment's own affair, and is told as such
                raise
        simulation.cancel(check)
        for number in self.stepping:
            procedure = self.procedures[number]
            if procedure.is_over or procedure.end_step <= simulation.step_count:
                self._end_phase(number)

    def _end_phase(self, number: int) -> None:
        try:
            self.procedures[number].end_phase()
        except Exception as error:
            self._fail(number, error)
        else:
            self._advance(number)

    def _advance(self, number: int) -> None:
        """Begin an experiment's next phase, let it wait for the next stage, or take its result."""
        procedure = self.procedures[number]
        try:
            if procedure.begin_next():
                log.info("at %.6g s: %s", self.simulation.time, procedure.phase_name, extra={"experiment": number})
            elif procedure.is_last_stage:
                self._end(number, procedure.finish())
            else:
                self._waiting.add(number)
                self._rest(number)
        except Exception as error:
            self._fail(number, error)

    def _rest(self, number: int) -> None:
        """Nothing moves any more in an experiment's worlds, while others go on."""
        if self.stepping:
            for world in self.procedures[number].worlds:
                if world in self.simulation.going:
                    self.simulation.retire(world)

    def _end(self, number: int, ended: Ended) -> None:
        self.ended[number] = ended
        self._rest(number)
        self.on_end(number, ended)

    def _fail_numerically(self, world: int) -> None:
        number = next(number for number in self.going if world in self.procedures[number].worlds)
        procedure = self.procedures[number]
        names = procedure.experiment.world_names
        where = f"{names[world - procedure.worlds[0]]}: " if names else ""
        self._fail(number, NumericalError(f"{where}{self.simulation.failures[world]}"))

    def _fail(self, number: int, error: Exception) -> None:
        if number in self.ended:
            return
        try:
            self.procedures[number].close(exit_status(type(error), error))
        except DemError as late:
            log.error("the results file could not be closed cleanly: %s", late, extra={"experiment": number})
        self._end(number, error)
        if not self.going:
            raise error  # nothing is left to step

    # Checkpoints, files and signals.

    def _check(self, simulation: dem.Simulation) -> None:
        """Save if it is time to, or if asked to stop."""
        if self._is_stopping or time.monotonic() - self._saved_at >= self.checkpoint_interval:
            simulation.check_faults()  # what is saved is sound
            packed = pack_worlds(simulation)
            for procedure in [self.procedures[number] for number in self.going]:
                procedure.save([packed[world] for world in procedure.worlds])
            self._saved_at = time.monotonic()
        if self._is_stopping:
            raise KeyboardInterrupt

    @contextmanager
    def _files(self) -> Iterator[None]:
        """Begin, where the checkpoints are if all have one; close what is still open in the end."""
        self._thread = start_thread()
        try:
            self._begin()
            yield
        except BaseException as error:
            self._close(exit_status(type(error), error))
            if self.going or not isinstance(error, Exception):
                raise
        finally:
            self._thread.shutdown()

    def _begin(self) -> None:
        if any(procedure.path and procedure.path.exists() for procedure in self.procedures):
            try:
                self._resume([procedure.load() for procedure in self.procedures])
                return
            except DemError as error:
                log.info("starting from the beginning: %s; the files so far are kept as *.before.*", error)
                self._start_over()
        self._begin_stage()

    def _resume(self, packed: Sequence[Packed]) -> None:
        if len({meta["run"]["stage"] for _, meta in packed}) != 1:
            raise StateError("the checkpoints are of different stages; go on from each by itself")
        for procedure, own in zip(self.procedures, packed, strict=True):
            procedure.return_to(own)
        self._begin_stage(packed)

    def _start_over(self) -> None:
        self._close("interrupted")
        self.simulation = None
        for number, procedure in enumerate(self.procedures):
            procedure.set_aside()
            procedure.experiment.begin_empty()
            self.procedures[number] = fresh = Procedure(procedure.experiment, procedure.folder)
            fresh.on_error = procedure.on_error

    def _close(self, status: str) -> None:
        with ExitStack() as closing:  # each is closed, whatever becomes of the others
            for number in self.going:
                closing.callback(self.procedures[number].close, status)

    @contextmanager
    def _held_signals(self) -> Iterator[None]:
        """Ctrl-C, and SIGTERM, wait for the next check; the second leaves at once, without a checkpoint."""

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
