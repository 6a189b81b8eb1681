"""Where a playback is in time: one slider, one pace, several runs in step. NumPy alone.

The slider counts the frames of the run that ends last; of every other run the frame on show is its last that is not
later than the clock.
"""

from collections.abc import Sequence

import numpy as np

from dem.errors import ResultsError

CLOCKS = ("time", "course")
"""The same moment [s] of all runs, or the same share of each."""

SPEEDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Paces over real time that a viewer offers."""

ROUNDING = 1e-9
"""Share of a time by which sums of frame intervals may miss each other."""


def check_clock(clock: str) -> None:
    """Reject an unknown clock.

    Raises:
        ResultsError: It is none of `CLOCKS`.
    """
    if clock not in CLOCKS:
        raise ResultsError(f"clock is {clock!r}, must be one of {', '.join(CLOCKS)}.")


def frame_at(times: np.ndarray, moment: float, end: float, clock: str = "time") -> int:
    """Index of the last frame not later than the clock.

    Args:
        times: Of the run's frames [s], (frames,).
        moment: Of the run that ends last [s].
        end: Its end [s].
        clock: One of `CLOCKS`.
    """
    reached = moment / end * times[-1] if clock == "course" and end > 0 else moment
    return max(int(np.searchsorted(times, reached * (1 + ROUNDING), side="right")) - 1, 0)


class Playhead:
    """Plays, steps and jumps; says which frame each run shows.

    Attributes:
        speed: Simulated seconds a second.
        is_playing: Whether `advance` moves.
        is_live: Whether it stays at the newest frame as runs grow.
        moment: Time on the clock [s], between frames too.
    """

    def __init__(self, times: Sequence[np.ndarray], *, clock: str = "time", is_live: bool = False):
        """Stand at the first frame, or at the newest of a live run.

        Args:
            times: Of the frames of every run [s], each (frames,) with at least one.
            clock: One of `CLOCKS`.
            is_live: See the class.
        """
        check_clock(clock)
        self.clock, self.is_live = clock, is_live
        self.speed, self.is_playing, self.moment = 1.0, False, 0.0
        self._times: list[np.ndarray] = []
        self.take_times(times)
        self.go_to(self.last if is_live else 0)

    @property
    def ticks(self) -> np.ndarray:
        """Moments that the slider stops at [s], (stops,)."""
        return max(self._times, key=lambda times: times[-1])

    @property
    def last(self) -> int:
        """Last stop of the slider."""
        return len(self.ticks) - 1

    @property
    def index(self) -> int:
        """Index of the slider's stop."""
        return frame_at(self.ticks, self.moment, self.ticks[-1])

    @property
    def frames(self) -> list[int]:
        """Frame that each run shows."""
        return [frame_at(times, self.moment, float(self.ticks[-1]), self.clock) for times in self._times]

    def take_times(self, times: Sequence[np.ndarray]) -> None:
        """Take the times of runs that grew, or that were cut back to be taken up again."""
        self._times = [np.asarray(values, dtype=np.float64) for values in times]
        self.moment = float(self.ticks[-1]) if self.is_live else min(self.moment, float(self.ticks[-1]))

    def go_to(self, index: float) -> None:
        """Go to a stop of the slider; numbers outside go to its ends."""
        self.moment = float(self.ticks[min(max(round(index), 0), self.last)])

    def step(self, count: int = 1) -> None:
        """Go on or back by `count` stops; back leaves the newest frame of a live run."""
        self.is_live = self.is_live and count > 0
        self.go_to(self.index + count)

    def toggle_play(self) -> None:
        """Play or pause; from the last stop it starts over."""
        self.is_playing = not self.is_playing
        if self.is_playing and self.index == self.last:
            self.go_to(0)
            self.is_live = False

    def advance(self, seconds: float) -> bool:
        """Let wall-clock time pass; pauses at the end.

        Returns:
            Whether another frame is due.
        """
        if not self.is_playing:
            return False
        before, end = self.frames, float(self.ticks[-1])
        self.moment = min(self.moment + seconds * self.speed, end)
        self.is_playing = self.moment < end
        return self.frames != before
