"""Whether and how this machine can draw."""

import ctypes
import os
import subprocess
import sys
from functools import cache

from dem.errors import ResultsError

NO_EGL = (
    "cannot draw without a display: EGL is missing; install it (Debian, Ubuntu: apt-get install libegl1 "
    "libgl1-mesa-dri) or run where there is a display."
)
CANNOT_DRAW = (
    "cannot draw on this machine: install EGL and a driver (Debian, Ubuntu: apt-get install libegl1 libgl1-mesa-dri), "
    "unset VTK_DEFAULT_OPENGL_WINDOW and a DISPLAY that is not there, or draw where there is a display"
)
PATIENCE = 60.0  # [s] that a first picture may take
TRIAL = (
    "import vtkmodules.vtkRenderingOpenGL2, vtkmodules.vtkRenderingCore as core; window = core.vtkRenderWindow(); "
    "window.SetOffScreenRendering(1); window.SetSize(16, 16); window.AddRenderer(core.vtkRenderer()); window.Render()"
)
NO_DISPLAY = (
    "no display for a window; look in a browser instead, drawbar view --web FILE, or make a film, drawbar render FILE."
)


def has_display() -> bool:
    """Whether a window can open."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def prepare_offscreen() -> None:
    """Make VTK draw through EGL where there is no display.

    Raises:
        ResultsError: There is neither a display nor EGL: VTK would crash instead of saying so.
    """
    if not has_display():
        if not has_egl():
            raise ResultsError(NO_EGL)
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    if (ended := try_drawing(os.environ.get("VTK_DEFAULT_OPENGL_WINDOW", ""))) != 0:
        raise ResultsError(f"{CANNOT_DRAW} ({ended})")


@cache
def try_drawing(window: str) -> int | str:
    """Draw nothing in a process of its own, since VTK crashes where it cannot; 0, or how that process ended.

    Args:
        window: kind of VTK's window, as the environment names it.
    """
    try:
        done = subprocess.run([sys.executable, "-c", TRIAL], capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"no picture after {PATIENCE:g} s"
    return done.returncode and f"VTK ended with {done.returncode}, window {window or 'of its own choice'}"


def has_egl() -> bool:
    """Whether the EGL library loads."""
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return False
    return True
