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

TICK = 40
"""Milliseconds between looks at the clock."""

TICKS_PER_LOOK = 25
"""Between looks at files that grow: a second."""

HELP = (
    "space: play / pause   left, right: step   up, down: pace   c: colour   x: cut   g: go along   t: trail   "
    "r: camera   l: newest   q: quit"
)


def view(paths: Sequence[str | Path], *, color_by: str = "speed", clock: str = "time", is_live: bool = False) -> None:
    """Open a window on runs and return when it is closed.

    Args:
        paths: Of `run.vtkhdf` files, finished or not, from left to right.
        color_by: A name in `dem.viz.coloring.COLORINGS`.
        clock: One of `dem.viz.playhead.CLOCKS`.
        is_live: Whether to stay at the newest frame of runs that grow.

    Raises:
        ResultsError: There is no display, or a run cannot be read.
    """
    if not has_display():
        raise ResultsError(NO_DISPLAY)
    if is_live:
        wait_for_first_frames(paths)
    title = f"drawbar: {', '.join(Path(path).resolve().parent.name for path in paths)}"
    plotter = pyvista.Plotter(title=title, window_size=(1280, 720), shape=(1, len(paths)), border=False)
    Window(open_playback(paths, plotter, color_by=color_by, clock=clock, is_live=is_live), plotter, is_live=is_live)
    plotter.show()


def open_playback(
    paths: Sequence[str | Path], plotter: pyvista.Plotter, *, color_by: str, clock: str, is_live: bool
) -> Playback:
    """A scene in every column of a plotter, in step."""
    scenes = []
    for column, path in enumerate(paths):
        plotter.subplot(0, column)
        scenes.append(RunScene(RunReader(path), plotter, color_by=color_by))
    return Playback(scenes, clock=clock, is_live=is_live)


class Window:
    """Keys, slider and timer of a window, tied to a playback."""

    def __init__(self, playback: Playback, plotter: pyvista.Plotter, *, is_live: bool = False):
        """Connect them.

        Args:
            playback: Its scenes are in the plotter.
            plotter: On screen, or off for a test.
            is_live: Whether to look for new frames.
        """
        self._playback, self._plotter, self._is_live = playback, plotter, is_live
        self._switches = {"cut": False, "follow": False, "trail": False}
        self._tick_count = 0
        self._connect_keys()
        plotter.subplot(0, 0)
        decor.add_note(plotter, HELP)
        plotter.subplot(0, len(playback.scenes) - 1)
        self.slider = self._add_slider() if playback.head.last or is_live else None
        plotter.add_timer_event(max_steps=2**31 - 1, duration=TICK, callback=lambda _: self.tick(TICK / 1e3))

    def press(self, key: str) -> None:
        """Do what a key asks for."""
        self._keys[key]()
        self.draw()

    def tick(self, seconds: float) -> None:
        """Let wall-clock time pass."""
        self._tick_count += 1
        if self._is_live and self._tick_count % TICKS_PER_LOOK == 0:
            self._playback.look_for_more()
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
        self._plotter.render()

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
