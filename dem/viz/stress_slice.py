"""The stress of the bed as a field, on the vertical plane on which the bed is cut open."""

from collections.abc import Callable

import numpy as np
import pyvista
from vtkmodules.vtkRenderingCore import vtkActor

from dem.errors import ResultsError
from dem.io import Frame
from dem.measure.coarse import coarse_grain_section, largest_shear, pressure
from dem.viz.coloring import KILO, LIGHT_TO_HEAVY, ColorSource, array_of, color_table, colors_of

FIELDS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "pressure": ("pressure in the bed [kPa]", pressure),
    "vertical_stress": ("vertical stress in the bed [kPa]", lambda stress: stress[..., 2]),
    "shear_stress": ("largest shear stress in the bed [kPa]", largest_shear),
}
"""Name -> title of its scale, and what it is of stresses (..., 6), compression positive."""

COLORS = LIGHT_TO_HEAVY
REACH = 6.0
"""Of Lucy's function, over the mean radius of the grains: three diameters; below, single chains show as spots."""

STEPS = 5
"""Grid points over that reach."""

LEAST_SOLID = 0.25
"""Solid fraction below which nothing is drawn: half of what sand has, so that the field ends at its surface."""


class StressSlice:
    """A coloured plane in the active renderer of a plotter, hidden at first."""

    def __init__(self, plotter: pyvista.Plotter, source: ColorSource, box: np.ndarray):
        """Add an empty actor; `box` (2, 3) [m] holds the undisturbed bed."""
        self._source, self._table = source, color_table(COLORS)
        self._limits: dict[str, tuple[float, float]] = {}
        self._width = REACH * float(source.first.soil["radius"].mean())
        self._axes = self._lay_grid(box)
        self._box = box
        self._actor: vtkActor = plotter.add_mesh(
            pyvista.Plane(), name="stress slice", reset_camera=False, show_scalar_bar=False, lighting=False
        )
        self.hide()

    def hide(self) -> None:
        """Show none."""
        self._actor.SetVisibility(False)

    def show(self, frame: Frame, name: str, y: float) -> None:
        """Draw a field on the plane at `y` [m].

        Raises:
            ResultsError: There is no such field, or the run has no stress.
        """
        values, solid = self.measure(frame, name, y)
        colors = colors_of(values.ravel(order="F"), self.limits(name), self._table)
        x, z = self._axes
        plane = pyvista.ImageData(
            dimensions=(len(x), 1, len(z)), spacing=(x[1] - x[0], 1.0, z[1] - z[0]), origin=(x[0], y, z[0])
        )
        opacity = np.clip((solid.ravel(order="F") - LEAST_SOLID) / 0.05, 0.0, 1.0)
        plane["color"] = (255 * np.column_stack([colors, opacity])).astype(np.uint8)
        mapper = self._actor.mapper
        mapper.SetInputData(plane)
        mapper.SetColorModeToDirectScalars()
        mapper.SetScalarModeToUsePointFieldData()
        mapper.SelectColorArray("color")
        mapper.ScalarVisibilityOn()
        self._actor.SetVisibility(True)

    def measure(self, frame: Frame, name: str, y: float) -> tuple[np.ndarray, np.ndarray]:
        """A field of the bulk [kPa] and the solid fraction on the grid, both (x, z).

        Raises:
            ResultsError: There is no such field, or the run has no stress.
        """
        measure = require_field(name)[1]
        stress = array_of(self._source, frame, "stress").astype(np.float64)
        volume = 4 / 3 * np.pi * frame.soil["radius"].astype(np.float64)[:, None] ** 3
        numbers = np.hstack([volume, volume * stress / KILO])
        position, numbers = self._mirror(frame.soil["position"].astype(np.float64), numbers)
        found = coarse_grain_section(position, numbers, self._axes, y, self._width, tuple(self._source.period[:2]))
        return measure(found[..., 1:]), found[..., 0]

    def _mirror(self, position: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Grains near floor and end walls, mirrored in them: or the field would fade towards what bounds the bed."""
        lower, upper = self._box
        walls = [(2, lower[2]), *([(0, lower[0]), (0, upper[0])] if np.isinf(self._source.period[0]) else [])]
        for axis, place in walls:
            near = np.abs(position[:, axis] - place) < self._width
            image = position[near]
            image[:, axis] = 2 * place - image[:, axis]
            position, numbers = np.vstack([position, image]), np.vstack([numbers, numbers[near]])
        return position, numbers

    def limits(self, name: str) -> tuple[float, float]:
        """Range of a field over the run [kPa]."""
        if name not in self._limits:
            self._limits[name] = 0.0, self._source.upper_limit(lambda _, frame: self._inside(frame, name))
        return self._limits[name]

    def set_limits(self, name: str, limits: tuple[float, float]) -> None:
        """Take a range from elsewhere."""
        self._limits[name] = limits

    def forget_ranges(self) -> None:
        """Take ranges anew when they are next asked for."""
        self._limits.clear()

    def _inside(self, frame: Frame, name: str) -> np.ndarray:
        values, solid = self.measure(frame, name, section_of(frame, float(self._box[:, 1].mean())))
        return values[solid > LEAST_SOLID]

    def _lay_grid(self, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places along x, in whole steps of a period, and along z up to what grains pile up to."""
        length = float(box[1, 0] - box[0, 0])
        count = max(int(np.ceil(STEPS * length / self._width)), 2)
        step = length / count
        height = 1.5 * float(box[1, 2] - box[0, 2]) + self._width
        along = np.arange(count if np.isfinite(self._source.period[0]) else count + 1)
        return box[0, 0] + step * along, box[0, 2] + step * np.arange(int(np.ceil(height / step)) + 1)


def section_of(frame: Frame, middle: float) -> float:
    """Height y of the plane through the first body [m]; without one, `middle`."""
    return float(next((place[1] for place, _ in frame.poses.values()), middle))


def require_field(name: str) -> tuple[str, Callable[[np.ndarray], np.ndarray]]:
    """Look up a field.

    Raises:
        ResultsError: There is none of that name.
    """
    if name not in FIELDS:
        raise ResultsError(f"no field '{name}'; choose one of {', '.join(FIELDS)}.")
    return FIELDS[name]
