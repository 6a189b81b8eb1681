"""Whether and how this machine can draw."""

import ctypes
import os
import sys

from dem.errors import ResultsError

NO_EGL = (
    "cannot draw without a display: EGL is missing; install it (Debian, Ubuntu: apt-get install libegl1 "
    "libgl1-mesa-dri) or run where there is a display."
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
    if has_display():
        return
    if not has_egl():
        raise ResultsError(NO_EGL)
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def has_egl() -> bool:
    """Whether the EGL library loads."""
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return False
    return True
