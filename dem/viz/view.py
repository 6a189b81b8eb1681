"""`drawbar view FILE ...`: a window to scrub through runs, play them, colour them and cut them open."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyvista

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz import decor
from dem.viz.live import wait_for_first_frames
from dem.viz.offscreen import NO_DISPLAY, has_display
from dem.viz.playback import Playback
from dem.viz.scene import RunScene
from dem.viz.series_chart import SeriesChart

TICK = 40
"""Milliseconds between looks at the clock."""

CHART_SHARE = 0.2
"""Of the window's height, for the time series."""

TICKS_PER_LOOK = 25
"""Between looks at files that grow: a second."""

HELP = (
    "space: play / pause   left, right: step   up, down: pace   c: colour   x: cut   f: force chains   p: stress   "
    "s: series   g: go along   t: trail   r: camera   l: newest   q: quit"
)


def view(
    paths: Sequence[str | Path],
    *,
    clock: str = "time",
    is_live: bool = False,
    series: str | None = None,
    **look: Any,
) -> None:
    """Open a window on runs and return when it is closed.

    Args:
        paths: Of `run.vtkhdf` files, finished or not, from left to right.
        clock: One of `dem.viz.playhead.CLOCKS`.
        is_live: Whether to stay at the newest frame of runs that grow.
        series: Name of the time series below; by default the first that the runs have.
        **look: Of each `RunScene`: `color_by`, `chains`, `field`.

    Raises:
        ResultsError: There is no display, or a run cannot be read.
    """
    if not has_display():
        raise ResultsError(NO_DISPLAY)
    if is_live:
        wait_for_first_frames(paths)
    title = f"drawbar: {', '.join(Path(path).resolve().parent.name for path in paths)}"
    plotter = make_plotter(len(paths), title=title)
    playback = open_playback(paths, plotter, clock=clock, is_live=is_live, **look)
    Window(playback, plotter, is_live=is_live, series=series)
    plotter.show()


def make_plotter(count: int, size: tuple[int, int] = (1280, 900), **options: Any) -> pyvista.Plotter:
    """A plotter with a column for each of `count` runs, and below them a row for the time series."""
    layout: dict[str, Any] = {"shape": (2, count), "row_weights": [1 - CHART_SHARE, CHART_SHARE]}
    return pyvista.Plotter(window_size=list(size), groups=[(1, range(count))], border=False, **layout, **options)


def open_playback(
    paths: Sequence[str | Path], plotter: pyvista.Plotter, *, clock: str, is_live: bool, **look: Any
) -> Playback:
    """A scene in every column of a plotter, in step."""
    scenes = []
    for column, path in enumerate(paths):
        plotter.subplot(0, column)
        scenes.append(RunScene(RunReader(path), plotter, **look))
    return Playback(scenes, clock=clock, is_live=is_live)


class Window:
    """Keys, slider, time series and timer of a window, tied to a playback."""

    def __init__(
        self, playback: Playback, plotter: pyvista.Plotter, *, is_live: bool = False, series: str | None = None
    ):
        """Connect playback, plotter and widgets.

        Args:
            playback: Its scenes are in the plotter.
            plotter: As `make_plotter` makes it, on screen, or off for a test.
            is_live: Whether to look for new frames.
            series: Name of the time series shown first.

        Raises:
            ResultsError: The runs have no such series.
        """
        self._playback, self._plotter, self._is_live = playback, plotter, is_live
        self._switches = {"cut": False, "follow": False, "trail": False}
        self._tick_count = 0
        plotter.subplot(1, 0)
        self.chart = SeriesChart(plotter, [scene.reader for scene in playback.scenes], playback.head, series)
        self._connect_keys()
        plotter.subplot(0, 0)
        self.note = decor.add_note(plotter, HELP)
        plotter.subplot(0, len(playback.scenes) - 1)
        self.slider = self._add_slider() if playback.head.last or is_live else None
        plotter.add_timer_event(max_steps=2**31 - 1, duration=TICK, callback=lambda _: self.tick(TICK / 1e3))

    def press(self, key: str) -> None:
        """Do what a key asks for, or say why not in the place of the help."""
        try:
            self._keys[key]()
            self.note.SetInput(HELP)
        except ResultsError as error:
            self.note.SetInput(str(error))
            self._playback.is_stale = True
        self.draw()

    def tick(self, seconds: float) -> None:
        """Let wall-clock time pass."""
        self._tick_count += 1
        if self._is_live and self._tick_count % TICKS_PER_LOOK == 0 and self._playback.look_for_more():
            self.chart.draw()
        self._playback.tick(seconds)
        self.draw()

    def draw(self) -> None:
        """Draw what changed."""
        if not self._playback.is_stale:
            return
        self._playback.is_stale = False
        for scene in self._playback.scenes:
            scene.speed = self._playback.head.speed
        if self.slider is not None:
            representation = self.slider.GetRepresentation()
            representation.SetMaximumValue(max(self._playback.head.last, 1))
            representation.SetValue(self._playback.head.index)
        self.chart.set_cursor()
        self._plotter.render()

    def _next_series(self) -> None:
        self.chart.next_series()
        self._playback.is_stale = True

    def _connect_keys(self) -> None:
        playback = self._playback
        self._keys = {
            "space": playback.toggle_play,
            "Right": playback.step,
            "Left": lambda: playback.step(-1),
            "Up": playback.go_faster,
            "Down": lambda: playback.go_faster(-1),
            "c": playback.next_coloring,
            "x": lambda: playback.set_cut(self._switch("cut")),
            "g": lambda: playback.set_follow(self._switch("follow")),
            "t": lambda: playback.set_trail(self._switch("trail")),
            "f": lambda: playback.set_chains(not playback.has_chains),
            "p": playback.next_field,
            "s": self._next_series,
            "r": playback.reset_camera,
            "l": lambda: playback.set_live(True),
        }
        for key in self._keys:
            self._plotter.clear_events_for_key(key, raise_on_missing=False)  # the plotter's own, such as zoom on Up
            self._plotter.add_key_event(key, lambda key=key: self.press(key))

    def _switch(self, name: str) -> bool:
        self._switches[name] = not self._switches[name]
        return self._switches[name]

    def _add_slider(self) -> Any:
        return self._plotter.add_slider_widget(
            self._scrub,
            rng=(0, max(self._playback.head.last, 1)),
            value=self._playback.head.index,
            pointa=(0.62, 0.06),
            pointb=(0.97, 0.06),
            title="",
            fmt="{:.0f}",
            interaction_event="always",
            style="modern",
        )

    def _scrub(self, index: float) -> None:
        if round(index) != self._playback.head.index:
            self._playback.head.is_playing = False
            self._playback.show_frame(index)
            self.draw()
