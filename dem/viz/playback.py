"""What keys, sliders and buttons do, in a window, in a browser or without either."""

from collections.abc import Callable, Sequence

import numpy as np

from dem.errors import ResultsError
from dem.viz.coloring import COLORINGS
from dem.viz.playhead import SPEEDS, Playhead, frame_at
from dem.viz.scene import RunScene
from dem.viz.stress_slice import FIELDS


def share_colors(scenes: Sequence[RunScene]) -> None:
    """One range of colours for all, or the same glow would mean two things."""
    for name in ("color_limits", "force_limits"):
        limits = [getattr(scene, name) for scene in scenes]
        if None not in limits:
            shared = float(np.min(limits, axis=0)[0]), float(np.max(limits, axis=0)[1])
            for scene in scenes:
                setattr(scene, name, shared)


class Playback:
    """Scenes and a playhead.

    Attributes:
        scenes: One a run, in step.
        head: Where they are in time.
        coloring: Name of the colouring on show.
        has_chains, field: Whether force chains are on show, and the name of the field of stress that is, or None.
        is_stale: Whether the scenes changed since they were last drawn; whoever draws sets it back.
    """

    def __init__(self, scenes: Sequence[RunScene], *, clock: str = "time", is_live: bool = False):
        """Show the first frame, or the newest of a live run.

        Args:
            scenes: At least one, with the same colouring.
            clock: One of `dem.viz.playhead.CLOCKS`.
            is_live: Whether to stay at the newest frame.
        """
        self.scenes = list(scenes)
        self.head = Playhead([scene.reader.times for scene in scenes], clock=clock, is_live=is_live)
        self.coloring = self.scenes[0].coloring
        self.has_chains = self.scenes[0].forces.has_chains
        self.field: str | None = self.scenes[0].forces.field
        self.is_stale = True
        self._range_from = [scene.reader.frame_count for scene in scenes]
        share_colors(self.scenes)
        self.show()

    def show(self) -> None:
        """Show the frames that the playhead asks for."""
        for scene, frame in zip(self.scenes, self.head.frames, strict=True):
            scene.show_frame(frame)
        self.is_stale = True

    def show_frame(self, index: float) -> None:
        """Go to a stop of the slider; leaves the newest frame of a live run."""
        self.head.go_to(index)
        self.head.is_live = self.head.is_live and self.head.index == self.head.last
        self.show()

    def show_moment(self, moment: float) -> None:
        """Go to the frame at a moment on the clock [s]."""
        self.show_frame(frame_at(self.head.ticks, moment, float(self.head.ticks[-1])))

    def step(self, count: int = 1) -> None:
        """Go on or back by `count` frames."""
        self.head.step(count)
        self.show()

    def toggle_play(self) -> None:
        """Play or pause; from the last frame it starts over."""
        before = self.head.index
        self.head.toggle_play()
        if self.head.index != before:
            self.show()

    def tick(self, seconds: float) -> None:
        """Let wall-clock time pass."""
        if self.head.advance(seconds):
            self.show()

    def go_faster(self, count: int = 1) -> None:
        """Go `count` paces up in `SPEEDS`, or down."""
        nearest = int(np.argmin(np.abs(np.log(np.array(SPEEDS) / self.head.speed))))
        self.head.speed = SPEEDS[min(max(nearest + count, 0), len(SPEEDS) - 1)]

    def set_live(self, is_live: bool) -> None:
        """Stay at the newest frame, or not."""
        self.head.is_live = is_live
        if is_live:
            self.head.is_playing = False
            self.head.go_to(self.head.last)
            self.show()

    def look_for_more(self) -> bool:
        """Take what growing runs have written since.

        Returns:
            Whether there are other frames than before.
        """
        times = [scene.reader.times for scene in self.scenes]
        if any(not len(moments) for moments in times):
            return False  # a run that starts over
        before, known = self.head.frames, self.head.last
        self.head.take_times(times)
        if self._update_ranges([len(moments) for moments in times]) or self.head.frames != before:
            self.show()
        return self.head.last != known

    def color_by(self, name: str) -> None:
        """Choose the colouring of all runs.

        Raises:
            ResultsError: There is none of that name, or a run lacks what it needs; all is as before.
        """
        before = self.coloring
        try:
            for scene in self.scenes:
                scene.color_by(name)
        except ResultsError:
            for scene in self.scenes:
                scene.color_by(before)
            raise
        self.coloring = self.scenes[0].coloring
        share_colors(self.scenes)
        self.is_stale = True

    @property
    def colorings(self) -> list[str]:
        """Colourings that all runs have the numbers for."""
        return [name for name in COLORINGS if all(scene.can_color_by(name) for scene in self.scenes)]

    def next_coloring(self) -> None:
        """Go to the next colouring that all runs have the numbers for."""
        names = self.colorings
        self.color_by(names[(names.index(self.coloring) + 1) % len(names)])

    def set_chains(self, has_chains: bool) -> None:
        """Draw force chains, or not.

        Raises:
            ResultsError: A run has no contacts; all is as before.
        """
        self._set_forces(has_chains, self.field)

    def set_field(self, field: str | None) -> None:
        """Draw a field of stress on the cut plane, or none.

        Raises:
            ResultsError: There is none of that name, or a run has no stress; all is as before.
        """
        self._set_forces(self.has_chains, field)

    def next_field(self) -> None:
        """Go to the next field of stress; after the last there is none."""
        names = [None, *FIELDS]
        self.set_field(names[(names.index(self.field) + 1) % len(names)])

    def set_cut(self, cut: bool) -> None:
        """Cut the beds open through the wheel, or close them."""
        self._tell(lambda scene: scene.set_cut(cut))

    def set_follow(self, follow: bool) -> None:
        """Go along with the wheel, near it, or stand where all is in view."""
        self._tell(lambda scene: scene.set_follow(follow))

    def set_trail(self, trail: bool) -> None:
        """Draw the way that the wheel came, or not."""
        self._tell(lambda scene: scene.set_trail(trail))

    def reset_camera(self) -> None:
        """Back to where everything, or the followed wheel, is in view."""
        self._tell(lambda scene: scene.look())

    def _set_forces(self, has_chains: bool, field: str | None) -> None:
        if (has_chains, field) == (self.has_chains, self.field):
            return
        try:
            for scene in self.scenes:
                scene.set_forces(has_chains, field)
        except ResultsError:
            for scene in self.scenes:
                scene.set_forces(self.has_chains, self.field)
            raise
        self.has_chains, self.field = has_chains, field
        share_colors(self.scenes)
        self.is_stale = True

    def _tell(self, action: Callable[[RunScene], None]) -> None:
        for scene in self.scenes:
            action(scene)
        self.is_stale = True

    def _update_ranges(self, counts: list[int]) -> bool:
        """Colour ranges follow a run that grows, each time it has doubled: not at every frame, or nothing compares."""
        if all(count < 2 * known for count, known in zip(counts, self._range_from, strict=True)):
            return False
        self._range_from = counts
        for scene in self.scenes:
            scene.forget_ranges()
        self.color_by(self.coloring)
        return True
