"""The way that the first body came: a line along its near side, where the body does not hide it."""

import numpy as np
import pyvista

from dem.io import RunReader

TRAIL_COLOR = "#1f5fa8"
TRAIL_WIDTH = 4.0


class Trail:
    """A line through the places of the first body's centre, frame by frame."""

    def __init__(self, plotter: pyvista.Plotter, reader: RunReader):
        """Add the line to the active renderer, hidden."""
        self._reader, self._is_shown, self._index = reader, False, 0
        self._path = np.empty((0, 3))
        self._actor = plotter.add_mesh(
            pyvista.Line(), color=TRAIL_COLOR, line_width=TRAIL_WIDTH, lighting=False, name="trail", reset_camera=False
        )
        self._update()

    def set_shown(self, is_shown: bool) -> None:
        """Show or hide the trail."""
        self._is_shown = is_shown
        self._update()

    def show_until(self, index: int) -> None:
        """End the line at a frame."""
        self._index = index
        self._update()

    def _update(self) -> None:
        if self._is_shown and len(self._path) <= self._index:
            self._path = self._read_path()
        points = self._path[: self._index + 1]
        self._actor.SetVisibility(self._is_shown and len(points) > 1)
        if self._actor.GetVisibility():
            self._actor.mapper.SetInputData(pyvista.lines_from_points(points))

    def _read_path(self) -> np.ndarray:
        """(frames, 3) [m]; none without a body."""
        if not self._reader.body_names:
            return np.empty((0, 3))
        name = self._reader.body_names[0]
        near_side = self._reader.body_mesh(name).points[:, 1].min()
        return self._reader.body_path(name).astype(np.float64) + [0.0, 1.05 * near_side, 0.0]
