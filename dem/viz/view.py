"""`drawbar view FILE`: a window to scrub through a run, play it, colour it and cut it open."""

from pathlib import Path

import pyvista

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz.coloring import COLORINGS
from dem.viz.offscreen import NO_DISPLAY, has_display
from dem.viz.scene import RunScene

TICK = 40
"""Milliseconds between pictures while playing."""

HELP = "space: play / pause   left, right: step   c: colour   x: cut   r: camera   q: quit"


class Playback:
    """What keys and slider do, in a window or without one."""

    def __init__(self, reader: RunReader, plotter: pyvista.Plotter, *, color_by: str = "speed"):
        """Show the first frame.

        Args:
            reader: A run with at least one frame.
            plotter: Empty; on screen or off.
            color_by: A name in `dem.viz.coloring.COLORINGS`.
        """
        self.scene = RunScene(reader, plotter, color_by=color_by)
        self.frame_count = reader.frame_count
        self.coloring = color_by
        self.is_playing = False
        self.index = 0
        self.slider = None
        self.show_frame(0)

    def show_frame(self, index: int) -> None:
        """Show a frame; numbers outside the run show its ends."""
        self.index = min(max(int(round(index)), 0), self.frame_count - 1)
        self.scene.show_frame(self.index)
        if self.slider is not None:
            self.slider.GetRepresentation().SetValue(self.index)
        self._redraw()

    def step(self, count: int = 1) -> None:
        """Go on or back by `count` frames."""
        self.show_frame(self.index + count)

    def toggle_play(self) -> None:
        """Play or pause; from the last frame it starts over."""
        self.is_playing = not self.is_playing
        if self.is_playing and self.index == self.frame_count - 1:
            self.show_frame(0)

    def tick(self) -> None:
        """Advance by one frame while playing; pauses at the last."""
        if not self.is_playing:
            return
        self.step()
        self.is_playing = self.index < self.frame_count - 1

    def color_by(self, name: str) -> None:
        """Choose the colouring by name."""
        self.scene.color_by(name)
        self.coloring = name
        self._redraw()

    def next_coloring(self) -> None:
        """Go to the next colouring that this run has the numbers for."""
        names = list(COLORINGS)
        start = names.index(self.coloring)
        for name in names[start + 1 :] + names[:start]:
            try:
                return self.color_by(name)
            except ResultsError:
                continue
        return None

    def toggle_cut(self) -> None:
        """Cut the bed open through the wheel, or close it."""
        self.scene.set_cut(not self.scene.is_cut)
        self._redraw()

    def reset_camera(self) -> None:
        """Back to where everything is in view."""
        self.scene.look()
        self._redraw()

    def _redraw(self) -> None:
        self.scene.plotter.render()


def view(path: str | Path, *, color_by: str = "speed") -> None:
    """Open a window on a run and return when it is closed.

    Args:
        path: `run.vtkhdf`, finished or not.
        color_by: A name in `dem.viz.coloring.COLORINGS`.

    Raises:
        ResultsError: There is no display, or the run cannot be read.
    """
    if not has_display():
        raise ResultsError(NO_DISPLAY)
    plotter = pyvista.Plotter(title=f"drawbar: {Path(path).name}", window_size=(1280, 720))
    playback = Playback(RunReader(path), plotter, color_by=color_by)
    connect(playback, plotter)
    plotter.show()


def connect(playback: Playback, plotter: pyvista.Plotter) -> None:
    """Tie keys, slider and timer of a window to `playback`."""
    keys = {
        "space": playback.toggle_play,
        "Right": playback.step,
        "Left": lambda: playback.step(-1),
        "c": playback.next_coloring,
        "x": playback.toggle_cut,
        "r": playback.reset_camera,
    }
    for key, action in keys.items():
        plotter.add_key_event(key, action)
    plotter.add_text(HELP, position=(0.03, 0.005), viewport=True, font_size=7, color="#59626c", name="help")
    if playback.frame_count > 1:
        playback.slider = plotter.add_slider_widget(
            playback.show_frame,
            rng=(0, playback.frame_count - 1),
            value=0,
            pointa=(0.62, 0.06),
            pointb=(0.97, 0.06),
            title="frame",
            fmt="{:.0f}",
            interaction_event="always",
            style="modern",
        )
    plotter.add_timer_event(max_steps=2**31 - 1, duration=TICK, callback=lambda _: playback.tick())
