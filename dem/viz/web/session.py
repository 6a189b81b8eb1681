"""Ties the state that a page shares with the server to a playback.

The page's controls set state or pull triggers; both change the playback and draw nothing. A loop, thirty times a
second, lets time pass, draws what is stale and puts pictures and numbers into the state. So whatever piles up while a
picture is drawn is drawn once.
"""

import asyncio
import logging
import time as clock
from typing import Any

import numpy as np

from dem.errors import DemError
from dem.viz import camera
from dem.viz.labels import gravity_text, round_ticks, title_of
from dem.viz.playback import Playback
from dem.viz.playhead import SPEEDS
from dem.viz.series_curves import FAVORITES, require_series, series_offered
from dem.viz.stress_slice import FIELDS
from dem.viz.web.charts import Charts, color_of
from dem.viz.web.picture import resize, take_picture

log = logging.getLogger(__name__)

TICK = 1 / 30
LOOK_EVERY = 1.0
"""Seconds between looks at files that grow; a look costs some milliseconds."""

PATIENCE = 2.0
"""Seconds to wait for a browser to show a picture before it gets the next: a slow line must not pile them up."""

TURN = 3.5
"""Radians that a drag over the height of the picture turns."""

SWITCHES = {"is_cut": "set_cut", "is_following": "set_follow", "has_trail": "set_trail", "has_chains": "set_chains"}
"""State of the page -> what it calls."""


class Session:
    """One page, whoever looks at it."""

    def __init__(self, state: Any, playback: Playback, *, can_grow: bool, series: str | None = None):
        """Fill the state.

        Args:
            state: Of the server; keys are attributes.
            playback: What the page plays.
            can_grow: Whether to look for new frames.
            series: Name of the time series shown first; by default three.

        Raises:
            ResultsError: The runs have no such series.
        """
        self._state, self._playback, self._can_grow = state, playback, can_grow
        self._readers = [scene.reader for scene in playback.scenes]
        self._charts = Charts(self._readers, playback.head.clock)
        self._looked = self._sent = clock.monotonic()
        self._is_shown = True
        offered = series_offered(self._readers)
        chosen = [name for name in FAVORITES if name in offered][:3] or offered[:1]
        chosen = [require_series(series, offered)] if series else chosen
        state.update({"speeds": list(SPEEDS), "can_grow": can_grow, "message": "", "picture_number": 0})
        state.update({"coloring": playback.coloring, "colorings": playback.colorings, "chosen": chosen})
        state.update(dict.fromkeys(SWITCHES, False))
        state.update({"has_chains": playback.has_chains, "field": playback.field or "", "fields": ["", *FIELDS]})
        state.update({f"picture_{place}": "" for place in range(len(self._readers))})
        state.quantities = [{"name": name, "label": self._charts.label(name)} for name in offered]
        self._tell_runs()
        self._draw_charts()
        self._tell_moment()

    async def run(self) -> None:
        """Go on until cancelled."""
        before = clock.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = clock.monotonic()
            with self._state:
                self.tick(now - before)
            before = now

    def tick(self, seconds: float) -> None:
        """Let wall-clock time pass and show what it brought."""
        try:
            if self._can_grow and clock.monotonic() - self._looked > LOOK_EVERY:
                self._look_for_more()
            self._playback.tick(seconds)
            if self._playback.is_stale and (self._is_shown or clock.monotonic() - self._sent > PATIENCE):
                self._draw()
        except DemError as error:
            self._complain(error)

    def take_frame(self, frame: int) -> None:
        """Show the frame that the slider is at; where playing put it there, it is on show."""
        if int(frame) != self._playback.head.index:
            self._playback.head.is_playing = False
            self._playback.show_frame(int(frame))
        self._tell_moment()

    def take_speed(self, speed: float) -> None:
        """Take the pace over real time."""
        self._playback.head.speed = float(speed)

    def take_live(self, is_live: bool) -> None:
        """Stay at the newest frame, or not."""
        if is_live != self._playback.head.is_live:
            self._playback.set_live(is_live)
        self._tell_moment()

    def take_coloring(self, name: str) -> None:
        """Colour all runs."""
        try:
            if name != self._playback.coloring:
                self._playback.color_by(name)
        except DemError as error:
            self._complain(error)

    def switch(self, name: str, is_on: bool) -> None:
        """Cut, follow, trail or chains, by the key of `SWITCHES`."""
        try:
            getattr(self._playback, SWITCHES[name])(is_on)
        except DemError as error:
            self._complain(error)

    def take_field(self, name: str) -> None:
        """Draw a field of stress, or none for an empty name."""
        try:
            if (name or None) != self._playback.field:
                self._playback.set_field(name or None)
        except DemError as error:
            self._complain(error)

    def choose_series(self) -> None:
        """Draw the charts of the chosen series."""
        self._draw_charts()
        self._tell_moment()

    def toggle_play(self) -> None:
        """Play or pause."""
        self._playback.toggle_play()
        self._tell_moment()

    def step(self, count: int) -> None:
        """Go on or back; pauses."""
        self._playback.head.is_playing = False
        self._playback.step(int(count))
        self._tell_moment()

    def seek(self, share: float) -> None:
        """Go to a place from 0 to 1 on the axis of the charts."""
        self._playback.head.is_playing = False
        self._playback.show_moment(float(share) * self._end)
        self._tell_moment()

    def go_faster(self, count: int) -> None:
        """Go some paces up or down."""
        self._playback.go_faster(int(count))
        self._tell_moment()

    def reset_camera(self) -> None:
        """Everything in view again."""
        self._playback.reset_camera()

    def move_camera(self, kind: str, right: float, up: float) -> None:
        """Turn or shift all cameras by a drag, in heights of the picture, or zoom in by e to the power of `up`."""
        moves = {
            "turn": lambda view: camera.orbit(view, -TURN * right, TURN * up),
            "shift": lambda view: camera.pan(view, -right, up),
            "zoom": lambda view: camera.zoom(view, 2.718**up),
        }
        for scene in self._playback.scenes:
            scene.set_view(moves[kind](scene.view))
        self._playback.is_stale = True

    def resize(self, place: int, width: float, height: float) -> None:
        """Take the size [pixels] of a picture's place on the page."""
        scene = self._playback.scenes[int(place)]
        if resize(scene, float(width), float(height)):
            scene.look()
            self._playback.is_stale = True

    def acknowledge(self) -> None:
        """A browser shows the last pictures."""
        self._is_shown = True

    @property
    def _end(self) -> float:
        return float(self._playback.head.ticks[-1])

    def _look_for_more(self) -> None:
        self._looked = clock.monotonic()
        self._playback.look_for_more()
        self._draw_charts()
        self._tell_runs()
        self._tell_moment()

    def _draw(self) -> None:
        self._playback.is_stale, self._is_shown, self._sent = False, False, clock.monotonic()
        for place, scene in enumerate(self._playback.scenes):
            self._state[f"picture_{place}"] = take_picture(scene)
        self._state.picture_number += 1
        self._state.message = ""
        self._tell_moment()
        self._tell_scale()

    def _complain(self, error: DemError) -> None:
        self._playback.head.is_playing = False
        self._state.message = str(error)
        self._state.coloring = self._playback.coloring
        self._state.update({"has_chains": self._playback.has_chains, "field": self._playback.field or ""})

    def _draw_charts(self) -> None:
        self._state.charts = self._charts.draw(self._state.chosen, self._end)

    def _tell_runs(self) -> None:
        titles = [title_of(reader.attributes) for reader in self._readers]
        self._state.runs = [
            {
                "title": titles[place] if titles.count(titles[place]) == 1 else reader.path.resolve().parent.name,
                "gravity": gravity_text(reader.attributes),
                "folder": reader.path.resolve().parent.name,
                "status": reader.status,
                "color": color_of(place),
                "grains": f"{reader.particle_count:,} grains".replace(",", "\u202f"),
            }
            for place, reader in enumerate(self._readers)
        ]

    def _tell_moment(self) -> None:
        head = self._playback.head
        place = head.moment / self._end if self._end > 0 else 0.0
        self._state.update({"frame": head.index, "last": head.last, "speed": head.speed})
        self._state.update({"is_playing": head.is_playing, "is_live": head.is_live})
        self._state.cursor = f"{100 * place:.2f}%"
        self._state.readings = self._charts.readings(place)
        self._state.moments = [f"{scene.frame.time:.2f} s" for scene in self._playback.scenes]
        self._state.axis_end = f"{self._end:.3g} s" if head.clock == "time" else "end of each run"

    def _tell_scale(self) -> None:
        title, colors, (low, high) = self._playback.scenes[0].scale
        self._state.scale = {
            "title": title,
            "gradient": f"linear-gradient(90deg, {', '.join(colors)})",
            "ticks": _scale_ticks(round_ticks(low, high), low, high),
        }


def _scale_ticks(ticks: np.ndarray, low: float, high: float) -> list[dict[str, str]]:
    return [{"text": f"{tick:.3g}", "left": f"{100 * (tick - low) / (high - low):.1f}%"} for tick in ticks]
