"""What surrounds the data in a picture: background, lights, bed outline, scale bar, texts, colour scale."""

from pathlib import Path

import numpy as np
import pyvista
from matplotlib import get_data_path
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkPlane
from vtkmodules.vtkRenderingAnnotation import vtkScalarBarActor
from vtkmodules.vtkRenderingCore import vtkBillboardTextActor3D, vtkTextActor, vtkTextProperty

from dem.viz.labels import length_text, round_length, round_ticks

INK = (0.13, 0.15, 0.18)
SOFT_INK = (0.36, 0.39, 0.43)
FONT_FROM_FILE = 4  # VTK_FONT_FILE, which the Python wrapping leaves out
FONT_FILE = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
BACKGROUND_LOW, BACKGROUND_HIGH = "#f4f1ea", "#d5dde6"

LIGHTS = (
    ((1.7, 1.2, 0.9), "#fff4e0", 0.88),
    ((-2.0, 0.6, 1.2), "#e6eefb", 0.55),
    ((0.2, 1.6, -1.6), "#ffffff", 0.40),
)
"""Key, fill and rim: place seen from the camera (right, up, towards it), colour, strength.

The key rakes over the bed, so that ruts show. VTK's ambient occlusion, tried for that, draws square blotches on grains.
"""

BAR_SHARE = 0.2
"""Longest scale bar, as a share of the bed's length."""

TEXT_HEIGHT = 1 / 40
"""Height of small letters as a share of the picture's height."""


def prepare(plotter: pyvista.Plotter) -> None:
    """Set background and lights."""
    plotter.set_background(BACKGROUND_LOW, top=BACKGROUND_HIGH)
    plotter.remove_all_lights()
    for position, color, intensity in LIGHTS:
        plotter.add_light(pyvista.Light(position=position, color=color, intensity=intensity, light_type="camera light"))


def add_outline(plotter: pyvista.Plotter, box: np.ndarray) -> None:
    """Edges of the undisturbed bed, `box` (2, 3) [m]."""
    outline = pyvista.Box(box.T.ravel()).extract_all_edges()
    plotter.add_mesh(outline, color=SOFT_INK, line_width=1.2, opacity=0.55, name="outline", reset_camera=False)


def add_scale_bar(plotter: pyvista.Plotter, box: np.ndarray) -> None:
    """A rod of round length along the bed's lower front edge, with its length written under it."""
    length = round_length(BAR_SHARE * (box[1, 0] - box[0, 0]))
    thickness = length / 16
    start = np.array([box[0, 0], box[0, 1] - 2.5 * thickness, box[0, 2]])
    for part, color in enumerate((INK, (1.0, 1.0, 1.0))):
        left = start[0] + part * length / 2
        bounds = (left, left + length / 2, start[1] - thickness, start[1], start[2], start[2] + thickness / 2)
        rod = pyvista.Box(bounds)
        plotter.add_mesh(rod, color=color, ambient=0.5, name=f"scale bar {part}", reset_camera=False)
    text = vtkBillboardTextActor3D()
    text.SetInput(length_text(length))
    text.SetPosition(*(start + [length / 2, -3.0 * thickness, 0]))
    _style(text.GetTextProperty(), plotter, 1.0, INK)
    text.GetTextProperty().SetJustificationToCentered()
    text.GetTextProperty().SetVerticalJustificationToTop()
    plotter.add_actor(text, name="scale bar text", reset_camera=False)


def add_texts(plotter: pyvista.Plotter, title: str, subtitle: str) -> dict[str, vtkTextActor]:
    """Title and gravity at the top left, time and numbers at the bottom left.

    Returns:
        The actors "title", "subtitle", "time", "numbers", and "scale", the title of the colour scale.
    """
    places = {
        "title": (title, (0.03, 0.925), 1.45, INK),
        "subtitle": (subtitle, (0.03, 0.875), 1.15, SOFT_INK),
        "time": ("", (0.03, 0.045), 1.3, INK),
        "scale": ("", (0.66, 0.938), 1.1, INK),
        "numbers": ("", (0.22, 0.045), 1.15, SOFT_INK),
    }
    actors = {}
    for name, (text, place, size, color) in places.items():
        actor = vtkTextActor()
        actor.SetInput(text)
        actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
        actor.SetPosition(*place)
        _style(actor.GetTextProperty(), plotter, size, color)
        plotter.add_actor(actor, name=f"text {name}", reset_camera=False)
        actors[name] = actor
    actors["title"].GetTextProperty().SetFontFile(str(FONT_FILE.with_stem("DejaVuSans-Bold")))
    return actors


def add_note(plotter: pyvista.Plotter, text: str) -> vtkTextActor:
    """A small line along the lower edge; returns its actor."""
    actor = vtkTextActor()
    actor.SetInput(text)
    actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
    actor.SetPosition(0.03, 0.01)
    _style(actor.GetTextProperty(), plotter, 0.8, SOFT_INK)
    plotter.add_actor(actor, name="note", reset_camera=False)
    return actor


def add_scale(plotter: pyvista.Plotter) -> vtkScalarBarActor:
    """An empty colour scale at the right."""
    scale = vtkScalarBarActor()
    scale.SetOrientationToHorizontal()
    scale.GetPositionCoordinate().SetValue(0.66, 0.868)
    scale.SetPosition2(0.31, 0.058)
    scale.SetBarRatio(0.36)
    scale.SetTextPositionToPrecedeScalarBar()
    scale.UnconstrainedFontSizeOn()
    scale.DrawFrameOff()
    _style(scale.GetLabelTextProperty(), plotter, 1.0, SOFT_INK)
    plotter.add_actor(scale, name="color scale", reset_camera=False)
    return scale


def set_scale(scale: vtkScalarBarActor, colors: np.ndarray, limits: tuple[float, float]) -> None:
    """Give the colour scale its colours (size, 3) from 0 to 1 and the values at its ends."""
    table = pyvista.LookupTable(scalar_range=limits)
    table.values = np.column_stack([255 * colors, np.full(len(colors), 255)]).astype(np.uint8)
    scale.SetLookupTable(table)
    ticks = numpy_to_vtk(round_ticks(*limits), deep=True)
    scale.SetUseCustomLabels(True)
    scale.SetCustomLabels(ticks)
    scale.SetLabelFormat("{:.3g}")


def plane_at(y: float) -> vtkPlane:
    """The plane that keeps what lies beyond `y` [m]."""
    plane = vtkPlane()
    plane.SetOrigin(0.0, y, 0.0)
    plane.SetNormal(0.0, 1.0, 0.0)
    return plane


def _style(text: vtkTextProperty, plotter: pyvista.Plotter, size: float, color: tuple[float, float, float]) -> None:
    text.SetFontFamily(FONT_FROM_FILE)
    text.SetFontFile(str(FONT_FILE))
    width, height = plotter.renderer.GetSize()
    text.SetFontSize(round(size * TEXT_HEIGHT * min(height, width * 9 / 16)))
    text.SetColor(*color)
    text.ItalicOff()
    text.BoldOff()
    text.ShadowOff()
