"""Progress of a phase: a bar with time left and simulated over wall speed on a terminal, else a line now and then."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from dem.simulation import Simulation

log = logging.getLogger(__name__)

BAR_INTERVAL = 0.25  # wall seconds between updates of the bar
LINE_INTERVAL = 10.0  # wall seconds between lines where there is no terminal

_hidden: list[bool] = []  # one for each `without_bars` around


@contextmanager
def without_bars() -> Iterator[None]:
    """Lines instead of bars, where something else has the terminal."""
    _hidden.append(True)
    try:
        yield
    finally:
        _hidden.pop()


class Progress:
    """Shows how far a phase is. Use as `with Progress(simulation, "drive", duration): simulation.run(duration)`.

    Args:
        simulation: what is stepped.
        name: of the phase.
        duration: of the phase in simulated time [s].
    """

    def __init__(self, simulation: Simulation, name: str, duration: float) -> None:
        self.simulation, self.name, self.duration = simulation, name, duration
        console = Console(stderr=True)
        shows_bars = console.is_terminal or console.is_jupyter
        columns = (
            TextColumn("{task.description:>8}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
        )
        self.bars = Bars(*columns, console=console, transient=True) if shows_bars and not _hidden else None

    def __enter__(self) -> "Progress":
        self.start_time, self.start_wall = self.simulation.time, time.monotonic()
        self.last_wall = self.start_wall - LINE_INTERVAL
        self.simulation.on_progress = self._show
        if self.bars:
            self.bars.start()
            self.task = self.bars.add_task(self.name, total=self.duration, state="")
        self._show()
        return self

    def __exit__(self, *_: object) -> None:
        self.simulation.on_progress = None
        if self.bars:
            self.bars.stop()
        done, wall = self.simulation.time - self.start_time, time.monotonic() - self.start_wall
        log.info("%s: %.3g s simulated in %.1f s", self.name, done, wall)

    def _show(self) -> None:
        now = time.monotonic()
        if now - self.last_wall < (BAR_INTERVAL if self.bars else LINE_INTERVAL):
            return
        self.last_wall = now
        done, wall = self.simulation.time - self.start_time, now - self.start_wall
        rate = done / wall if wall > 0 else 0.0
        state = f"{done:.3f} of {self.duration:.3g} s, {rate:.3g} s/s, {self.simulation.model.particle_count} grains"
        if self.bars:
            self.bars.update(self.task, completed=done, state=state)
        else:
            left = f", at most {(self.duration - done) / rate:.0f} s left" if rate > 0 else ""
            log.info("%s: %s%s", self.name, state, left)
