"""A scene's picture as a page takes it."""

import base64

import imageio.v3 as imageio
import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkRenderingCore import vtkWindowToImageFilter

from dem.viz.scene import RunScene

QUALITY = 88
"""Of the JPEG: below, grains get blocks; above, only the bytes grow."""

SMALLEST, MOST_PIXELS = 16, 2.2e6
"""Sides of a picture, and its area: a software renderer pays for every pixel."""


def take_picture(scene: RunScene) -> str:
    """Draw a scene once.

    Returns:
        A data URL.
    """
    scene.plotter.render_window.Render()  # the plotter's own render does nothing before a first screenshot
    reading = vtkWindowToImageFilter()
    reading.SetInput(scene.plotter.render_window)
    reading.SetShouldRerender(False)
    reading.Update()
    width, height = scene.plotter.render_window.GetSize()
    image = vtk_to_numpy(reading.GetOutput().GetPointData().GetScalars()).reshape(height, width, 3)[::-1]
    data = imageio.imwrite("<bytes>", np.ascontiguousarray(image), extension=".jpg", quality=QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def resize(scene: RunScene, width: float, height: float) -> bool:
    """Give a scene's picture the size of its place on the page, or less where that is very large.

    Returns:
        Whether the size changed.
    """
    share = min(1.0, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    size = [max(round(side * share), SMALLEST) for side in (width, height)]
    if list(scene.plotter.window_size) == size:
        return False
    scene.plotter.window_size = size
    return True
