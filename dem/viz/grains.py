"""Grains as true spheres.

They are drawn by VTK's sphere impostors: one square a grain, on which the shader solves for the sphere. They have
true radii, depth and shading, cut each other and the wheel as spheres do, and cost a twentieth of glyphs. Every frame
gets a new data set with its colours as bytes: arrays that change in place are drawn stale.
"""

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkActor
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLSphereMapper

TINT = 0.09
"""Spread of the brightness of single grains; gives sand its grain, and stays well below the steps of a scale."""

PLAIN = np.array([0.80, 0.74, 0.62])
"""Where colours mean something else than grains."""

FAINTNESS = 0.03
"""Opacity of grains that something inside the bed shows through."""


class Grains:
    """The grains of a run in the active renderer of a plotter."""

    def __init__(self, plotter: pyvista.Plotter, count: int):
        """Add them, still without places; `count` in all."""
        self._tint = 1.0 + TINT * np.random.default_rng(0).uniform(-1.0, 1.0, count)
        self._mapper = vtkOpenGLSphereMapper()
        self._mapper.SetScaleArray("radius")
        self._mapper.SetScalarModeToUsePointFieldData()  # as active scalars, the colours would displace the radii
        self._mapper.SelectColorArray("color")
        self._mapper.SetColorModeToDirectScalars()
        self._actor = _make_actor(self._mapper)
        plotter.add_actor(self._actor, name="soil", reset_camera=False)

    def set_faint(self, is_faint: bool) -> None:
        """Let what lies inside the bed show through."""
        self._actor.GetProperty().SetOpacity(FAINTNESS if is_faint else 1.0)

    def draw(self, soil: dict[str, np.ndarray], colors: np.ndarray, shown: np.ndarray) -> None:
        """Show a frame.

        Args:
            soil: Arrays of a frame.
            colors: From 0 to 1, (particles, 3).
            shown: Which grains, a mask (particles,).
        """
        grains = pyvista.PolyData(soil["position"][shown])
        grains["radius"] = soil["radius"][shown].astype(np.float32)
        grains["color"] = (255 * np.clip(colors * self._tint[:, None], 0, 1)[shown]).astype(np.uint8)
        self._mapper.SetInputData(grains)


def _make_actor(mapper: vtkOpenGLSphereMapper) -> vtkActor:
    actor = vtkActor()
    actor.SetMapper(mapper)
    surface = actor.GetProperty()
    surface.SetAmbient(0.25)
    surface.SetDiffuse(0.85)
    surface.SetSpecular(0.06)
    surface.SetSpecularPower(8)
    return actor
