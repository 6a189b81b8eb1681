"""Force chains: a tube from grain to grain for every contact that bears more than the mean."""

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkActor

from dem.errors import ResultsError
from dem.io import Frame
from dem.viz.coloring import LIGHT_TO_HEAVY, ColorSource, color_table, colors_of

TITLE = "normal force, above the mean [N]"
COLORS = LIGHT_TO_HEAVY[2:]
THICKEST = 0.55
"""Radius of the tube of the largest force, over the mean radius of the grains; its area grows with the force."""

FAINTEST = 0.3
"""Opacity of the smallest force shown; the largest is opaque."""

SIDES = 7


class ForceChains:
    """The chains of a run in the active renderer of a plotter, hidden at first."""

    def __init__(self, plotter: pyvista.Plotter, source: ColorSource):
        """Add an empty actor."""
        self._source, self._table = source, color_table(COLORS)
        self._limits: tuple[float, float] | None = None
        self._actor: vtkActor = plotter.add_mesh(
            pyvista.Line(), name="force chains", reset_camera=False, show_scalar_bar=False, ambient=0.4, diffuse=0.7
        )
        self.hide()

    @property
    def limits(self) -> tuple[float, float]:
        """Range of the forces shown, over the run [N].

        Raises:
            ResultsError: The run has no contacts.
        """
        if self._limits is None:
            self._limits = 0.0, self._source.upper_limit(lambda _, frame: self._strong(frame)[1])
        return self._limits

    @limits.setter
    def limits(self, limits: tuple[float, float]) -> None:
        self._limits = limits

    def forget_range(self) -> None:
        """Take the range anew when it is next asked for."""
        self._limits = None

    def hide(self) -> None:
        """Show none."""
        self._actor.SetVisibility(False)

    def show(self, frame: Frame, shown: np.ndarray) -> None:
        """Draw those of a frame whose grains are both `shown`, a mask (particles,).

        Raises:
            ResultsError: The run has no contacts.
        """
        pairs, force = self._strong(frame)
        kept = shown[pairs].all(axis=1)
        pairs, force = pairs[kept], force[kept]
        self._actor.SetVisibility(len(force) > 0)
        if len(force):
            self._actor.mapper.SetInputData(self._tubes(frame, pairs, force))
            self._actor.mapper.SetColorModeToDirectScalars()
            self._actor.mapper.SetScalarModeToUsePointFieldData()
            self._actor.mapper.SelectColorArray("color")
            self._actor.mapper.ScalarVisibilityOn()

    def _strong(self, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of grains (n, 2) whose normal force is above the mean of all that push, and those forces [N]."""
        contacts = self._source.reader.contacts(frame.index)
        force = contacts["normal_force"].astype(np.float64)
        pushing = force > 0
        strong = force > (force[pushing].mean() if pushing.any() else 0.0)
        strong &= contacts["second"] >= 0  # a shape has no centre to draw to
        return np.stack([contacts["first"], contacts["second"]], axis=1)[strong], force[strong]

    def _tubes(self, frame: Frame, pairs: np.ndarray, force: np.ndarray) -> pyvista.PolyData:
        start = frame.soil["position"][pairs[:, 0]].astype(np.float64)
        end = start + self._source.nearest_image(frame.soil["position"][pairs[:, 1]] - start)
        share = np.clip(force / self.limits[1], 0.0, 1.0)
        colors = np.column_stack([colors_of(force, self.limits, self._table), FAINTEST + (1 - FAINTEST) * share])
        lines = pyvista.line_segments_from_points(np.stack([start, end], axis=1).reshape(-1, 3))
        lines["radius"] = np.repeat(THICKEST * frame.soil["radius"].mean() * np.sqrt(share), 2)
        lines["color"] = np.repeat((255 * colors).astype(np.uint8), 2, axis=0)
        return lines.tube(scalars="radius", absolute=True, n_sides=SIDES, capping=False)


def require_contacts(source: ColorSource) -> None:
    """Complain about a run without contacts.

    Raises:
        ResultsError: It has none; with the key to set.
    """
    if not source.reader.has_contacts:
        raise ResultsError(
            f"{source.reader.path}: has no contacts, and so no force chains; record them with output.contacts=true."
        )
