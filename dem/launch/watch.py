"""What a person sees of a sweep that runs: a line a case as it ends and, on a terminal, under them a table that lives.

The table counts what is done, failed and left, says how long the rest will take, and shows each running case with the
last line of its log, which names its phase and the time left in it.
"""

import time
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from dem.launch.sweep import Outcome, Study

LOOKS = 2.0  # a second
TAIL = 400  # bytes of a log that hold its last line
SHOWN = 12  # running cases, so that the table fits a window


class Watch:
    """Shows a study while it runs. Use as `with Watch(study) as watch: run_study(study, watch.report)`.

    Args:
        study: that is run.
        console: to write on; standard output if not given.
    """

    def __init__(self, study: Study, console: Console | None = None) -> None:
        self.study, self.console = study, console or Console(soft_wrap=True)
        self.outcomes: list[Outcome] = []
        self.live = Live(console=self.console, get_renderable=self.render, refresh_per_second=LOOKS, transient=True)

    def __enter__(self) -> "Watch":
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def report(self, outcome: Outcome) -> None:
        """Take note of a case that ended."""
        self.outcomes.append(outcome)
        line = f"{outcome.status:8}{outcome.seconds:7.0f} s  {outcome.case.name}  {outcome.message}".rstrip()
        self.console.print(line, highlight=False, markup=False)

    def render(self) -> Group:
        """The table as it is now."""
        counts = Table.grid(padding=(0, 2))
        total, ended = len(self.study.cases), len(self.outcomes)
        counts.add_row(ProgressBar(total=total, completed=ended, width=30), Text(self._counts(total - ended)))
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column(justify="right")
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=2)
        now, running = time.monotonic(), dict(self.study.running)
        folders = {case.name: case.folder for case in self.study.cases}
        for name, start in list(running.items())[:SHOWN]:
            table.add_row(Text(name), say_time(now - start), Text(last_line(folders[name] / "stdout.log")))
        return Group(counts, table)

    def _counts(self, left: int) -> str:
        good = sum(outcome.good for outcome in self.outcomes)
        bad, running = len(self.outcomes) - good, len(self.study.running)
        said = f"{good} done, {bad} failed, {running} running, {left - running} to come"
        seconds = self.time_left(left)
        return said if seconds is None else f"{said}; about {say_time(seconds)} left"

    def time_left(self, left: int) -> float | None:
        """Time that the study still takes [s], from what its cases took so far; none before one has ended.

        Args:
            left: cases that have not ended.
        """
        took = [outcome.seconds for outcome in self.outcomes if outcome.status == "done"]
        if not (took and left):
            return None
        mean, now = sum(took) / len(took), time.monotonic()
        spent = sum(min(now - start, mean) for start in list(self.study.running.values()))
        return (left * mean - spent) / min(self.study.launcher.jobs, left)


def last_line(log: Path) -> str:
    """Return the last line of a log, or nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL))
            lines = file.read().decode(errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def say_time(seconds: float) -> str:
    """Return a duration in its two largest units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
