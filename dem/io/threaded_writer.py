"""Frames and samples written by a thread, so that a run goes on while they are packed and put on disk.

Taichi holds Python's lock while a kernel runs, so this thread's own Python runs between kernels, and the run waits for
it; packing and writing to disk go on beside them. So a frame does little in Python: see `packing.py` and `rows.py`.
What is written, in which order, and when it counts as committed is `RunWriter`'s affair: a file is only ever behind,
never other.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore
from typing import Any

import numpy as np

from dem.errors import ResultsError, StateError
from dem.io.files import exit_status
from dem.io.run_writer import RunWriter
from dem.io.schema import Written

log = logging.getLogger(__name__)

FRAMES_WAITING = 2
"""Frames held in memory at most: one that is being written, one behind it. A run faster than its disk waits there."""


class ThreadedWriter:
    """A `RunWriter`, with the same calls: those that add something return at once, all others wait for those before.

    What went wrong in the thread is raised by the next call, and by every call after it: nothing is written behind a
    torn frame. Arrays that were handed over must not be changed any more.

    Args:
        writer: the file; from now on only the thread touches it.
        thread: an executor of one thread, to share among files; its own if None.
    """

    def __init__(self, writer: RunWriter, thread: ThreadPoolExecutor | None = None) -> None:
        self._writer = writer
        self._thread, self._is_shared = thread or start_thread(), thread is not None
        self._room = Semaphore(FRAMES_WAITING)
        self._error: Exception | None = None
        self._is_closed = False

    @property
    def path(self) -> Path:
        """Path of the file."""
        return self._writer.path

    @property
    def frame_count(self) -> int:
        """Committed frames, those that waited among them."""
        return self._ask(lambda: self._writer.frame_count)

    def write_frame(
        self,
        time: float,
        soil: Mapping[str, np.ndarray],
        bodies: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
        field_data: Mapping[str, float] | None = None,
        contacts: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Append one frame and commit it to disk, see `RunWriter.write_frame`; waits if two are still to be written."""
        self._require_sound()
        self._room.acquire()
        try:
            frame = (time, soil, bodies, field_data, contacts)
            self._hand_over(lambda: self._writer.write_frame(*frame), self._room.release)
        except BaseException:
            self._room.release()
            raise

    def write_sample(self, time: float, values: Mapping[str, float]) -> None:
        """Append one point to every series, see `RunWriter.write_sample`."""
        self._require_sound()
        self._hand_over(lambda: self._writer.write_sample(time, values))

    def annotate(self, **attributes: Any) -> None:
        """Set attributes that are known only now, see `RunWriter.annotate`."""
        self._ask(lambda: self._writer.annotate(**attributes))

    def sync(self) -> Written:
        """Put everything on disk, see `RunWriter.sync`."""
        return self._ask(self._writer.sync)

    def flush(self) -> None:
        """Put everything handed over so far where readers see it."""
        self._ask(self._writer.flush)

    def close(self, status: str = "complete") -> None:
        """Write all that waits, then close, see `RunWriter.close`; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        error = self._thread.submit(lambda: self._error).result()
        self._thread.submit(self._writer.close, f"failed: {error}" if error else status).result()
        if not self._is_shared:
            self._thread.shutdown()
        if error:
            raise error

    def __enter__(self) -> "ThreadedWriter":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            return self.close()
        status = exit_status(kind, error)
        try:
            self.close(status)
        except (ResultsError, StateError) as late:  # the error on its way out is the one to report
            if late is not error:
                log.exception("The results file could not be closed cleanly.")
        return None

    def _hand_over(self, call: Callable[[], None], after: Callable[[], None] = lambda: None) -> None:
        self._thread.submit(self._attempt, call, after)

    def _attempt(self, call: Callable[[], None], after: Callable[[], None]) -> None:
        """Make a call, in the thread, and keep its error for the caller."""
        try:
            if self._error is None:
                call()
        except Exception as error:  # raised in the caller's thread
            self._error = error
        finally:
            after()

    def _ask(self, call: Callable[[], Any]) -> Any:
        """What a call gives, after all that waits is written."""
        self._thread.submit(int).result()
        self._require_sound()
        return self._thread.submit(call).result()

    def _require_sound(self) -> None:
        if self._error:
            raise self._error
        if self._is_closed:
            raise StateError(f"{self.path} is closed; make a new RunWriter for a new run.")


def start_thread() -> ThreadPoolExecutor:
    """The one thread that writes results."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="results")
