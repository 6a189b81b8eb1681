"""A picture of a rover as it stands: its wheels, its body as a box, and the lines along which it hangs together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dem.errors import ResultsError
from dem.viz.offscreen import prepare_offscreen

WHEEL_COLOR, BODY_COLOR, ARM_COLOR, GROUND_COLOR = "#9aa0a8", "#d9b36c", "#4c5563", "#cfc8ba"
BODY_OPACITY = 0.55
ARM_SHARE = 0.012  # thickness of an arm over the size of all
SIDE = (1.0, -1.4, 0.75)  # from where it is looked at: ahead, to the right, above
DISTANCE = 1.75  # over the size: all of it within VTK's 30 degrees
MARGIN = 0.25  # of the size, of ground around

Surface = tuple[np.ndarray, np.ndarray]


def draw_rover(
    path: Path, wheels: Sequence[Surface], body: Surface, arms: Sequence[np.ndarray], texts: tuple[str, str]
) -> None:
    """Write a PNG.

    Args:
        path: of the picture.
        wheels, body: points (V, 3) [m] in the world and triangles (T, 3) of each.
        arms: lines (n, 3) [m] from the body to each wheel.
        texts: title and subtitle.

    Raises:
        ResultsError: this machine cannot draw, or not write there.
    """
    prepare_offscreen()
    import pyvista

    from dem.viz.decor import add_texts, prepare

    plotter = pyvista.Plotter(off_screen=True, window_size=(1280, 720))
    prepare(plotter)
    points = np.concatenate([wheel for wheel, _ in wheels] + [body[0]])
    low, high = points.min(axis=0), points.max(axis=0)
    size = float(np.linalg.norm(high - low))
    for surface, color, opacity in (*((wheel, WHEEL_COLOR, 1.0) for wheel in wheels), (body, BODY_COLOR, BODY_OPACITY)):
        plotter.add_mesh(pyvista.PolyData.from_regular_faces(*surface), color=color, opacity=opacity)
    for line in arms:
        if np.ptp(line, axis=0).max() > 0:
            plotter.add_mesh(pyvista.lines_from_points(line).tube(radius=ARM_SHARE * size), color=ARM_COLOR)
    (left, back, foot), (right, front, _) = low - MARGIN * size, high + MARGIN * size
    ground = pyvista.Plane(
        center=((left + right) / 2, (back + front) / 2, foot + MARGIN * size), i_size=right - left, j_size=front - back
    )
    plotter.add_mesh(ground, color=GROUND_COLOR, opacity=0.6)
    add_texts(plotter, *texts)
    middle = (low + high) / 2
    plotter.camera_position = [middle + DISTANCE * size * np.array(SIDE) / np.linalg.norm(SIDE), middle, (0, 0, 1)]
    try:
        plotter.screenshot(str(path))
    except OSError as error:
        raise ResultsError(f"picture {path} cannot be written: {error.strerror}; name another folder") from error
    finally:
        plotter.close()
