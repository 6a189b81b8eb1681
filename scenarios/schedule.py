"""Tests side by side as worlds of one simulation, each by its own phases; one test is a schedule of one.

A test that is done, or that fails, is over for itself: its world rests and the others go on. All are saved at the same
step, each into its own folder, so that any of them can go on together.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import dem
from dem.checkpoint import pack_worlds, unpack_worlds
from dem.errors import DemError, NumericalError
from dem.io import exit_status, start_thread
from dem.progress import Progress
from scenarios.procedure import Packed, Procedure, Test

log = logging.getLogger(__name__)

Ended = dict[str, Any] | Exception  # a test's result, or why it has none
OnEnd = Callable[[int, Ended], None]


def ignore(world: int, ended: Ended) -> None:
    """Nobody asked to be told."""


def run_test(test: Test, folder: Path) -> dict[str, Any]:
    """Run one test by itself, in a running session; its result."""
    (ended,) = run_tests([test], [folder])
    if isinstance(ended, Exception):
        raise ended
    return ended


def run_tests(
    tests: Sequence[Test], folders: Sequence[Path], on_end: OnEnd = ignore, time_step: float | str | None = None
) -> list[Ended]:
    """Run tests as worlds of one simulation, in a running session; what became of each.

    Args:
        tests: of the same laws, domain and numbers of the solver.
        folders: of their runs; checkpoints in them are gone on from if all are of the same step.
        on_end: see `Schedule`.
        time_step: of all [s]; the smallest of their own if None.
    """
    solver, bed = tests[0].config.solver, tests[0].config.bed
    simulation = dem.Simulation(
        [test.model for test in tests], time_step or solver.time_step, solver.time_step_fraction, solver.max_overlap,
        solver.skin * bed.grain_diameter, solver.track_energy, solver.max_energy_gain,
    )  # fmt: skip
    for world, test in enumerate(tests):
        test.enter(simulation, world)
    return Schedule(simulation, tests, folders, on_end).run()


class Schedule:
    """Steps a simulation until all its tests are over.

    Args:
        simulation: what is stepped.
        tests: one a world.
        folders: of their runs; checkpoints in them are gone on from if all are of the same step.
        on_end: given each test's world, and its result or what went wrong, as soon as it is over.
    """

    def __init__(
        self,
        simulation: dem.Simulation,
        tests: Sequence[Test],
        folders: Sequence[Path],
        on_end: OnEnd = ignore,
    ) -> None:
        self.simulation, self.on_end = simulation, on_end
        self.procedures = [Procedure(simulation, *each) for each in zip(tests, folders, strict=True)]
        for world, procedure in enumerate(self.procedures):
            procedure.on_error = lambda error, world=world: self._fail(world, error)
        outputs = [test.config.output for test in tests]
        self.sample_interval = min(output.sample_interval for output in outputs)
        self.checkpoint_interval = min(output.checkpoint_interval for output in outputs)
        self.ended: dict[int, Ended] = {}
        self._is_stopping = False

    @property
    def going(self) -> list[int]:
        """Worlds whose tests are not over."""
        return [world for world in range(len(self.procedures)) if world not in self.ended]

    def run(self) -> list[Ended]:
        """Run all tests; what became of each.

        Raises:
            KeyboardInterrupt: asked to stop; a checkpoint of those that were going is written.
        """
        self._saved_at = time.monotonic()
        self.simulation.on_failure = self._fail_numerically
        with self._files():
            for world in sorted(self.simulation.failures):  # as they were built
                self._fail_numerically(world)
            for world in self.going:
                self._advance(world)
            while self.going:
                self._run_segment()
        return [self.ended[world] for world in range(len(self.procedures))]

    def _run_segment(self) -> None:
        """Until the first of the phases that go on ends."""
        simulation, going = self.simulation, [self.procedures[world] for world in self.going]
        left = (min(procedure.end_step for procedure in going) - simulation.step_count) * simulation.time_step
        look = simulation.every(self.sample_interval, self._look)  # after all others have done what they do at a step
        names = ", ".join(dict.fromkeys(procedure.phase_name for procedure in going))
        try:
            with self._held_signals(), Progress(simulation, names, left):
                simulation.run(left)
                self._look(simulation)
        except Exception:
            if self.going:  # else it was the last test's own affair, and is told as such
                raise
        simulation.cancel(look)
        for world in self.going:
            if self.procedures[world].end_step <= simulation.step_count:
                self.procedures[world].end_phase()
                self._advance(world)

    def _advance(self, world: int) -> None:
        """Begin a test's next phase, or take its result."""
        procedure = self.procedures[world]
        try:
            if procedure.begin_next():
                log.info("at %.6g s: %s", self.simulation.time, procedure.phase_name, extra={"world": world})
            else:
                self._end(world, procedure.finish())
        except Exception as error:
            self._fail(world, error)

    def _end(self, world: int, ended: Ended) -> None:
        self.ended[world] = ended
        if self.going and world not in self.simulation.failures:
            self.simulation.retire(world)
        self.on_end(world, ended)

    def _fail_numerically(self, world: int) -> None:
        self._fail(world, NumericalError(str(self.simulation.failures[world])))

    def _fail(self, world: int, error: Exception) -> None:
        try:
            self.procedures[world].close(exit_status(type(error), error))
        except DemError as late:
            log.error("the results file could not be closed cleanly: %s", late, extra={"world": world})
        self._end(world, error)
        if not self.going:
            raise error  # nothing is left to step

    def _look(self, simulation: dem.Simulation) -> None:
        """Save if it is time to, or if asked to stop."""
        if self._is_stopping or time.monotonic() - self._saved_at >= self.checkpoint_interval:
            simulation.check_faults()  # what is saved is sound
            packed = pack_worlds(simulation)
            for world in self.going:
                self.procedures[world].save(*packed[world])
            self._saved_at = time.monotonic()
        if self._is_stopping:
            raise KeyboardInterrupt

    @contextmanager
    def _files(self) -> Iterator[None]:
        """Open the results files, where the checkpoints are if all have one; close what is still open in the end."""
        self._thread = start_thread()
        try:
            self._open()
            yield
        except BaseException as error:
            self._close(exit_status(type(error), error))
            if self.going or not isinstance(error, Exception):
                raise
        finally:
            self._thread.shutdown()

    def _open(self) -> None:
        if any(procedure.path.exists() for procedure in self.procedures):
            try:
                self._resume([procedure.load() for procedure in self.procedures])
                return
            except DemError as error:
                log.info("starting from the beginning: %s; the files so far are kept as *.before.*", error)
                self._close("interrupted")
            for procedure in self.procedures:
                procedure.set_aside()
        for procedure in self.procedures:
            procedure.open(self._thread)

    def _resume(self, packed: Sequence[Packed]) -> None:
        for procedure, (_, meta) in zip(self.procedures, packed, strict=True):
            procedure.open(self._thread, meta)
        unpack_worlds(self.simulation, packed)
        for procedure, (arrays, meta) in zip(self.procedures, packed, strict=True):
            procedure.resume(arrays, meta)
        log.info("resuming at t = %.6g s", self.simulation.time)

    def _close(self, status: str) -> None:
        with ExitStack() as closing:  # each is closed, whatever becomes of the others
            for world in self.going:
                closing.callback(self.procedures[world].close, status)

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
