"""Where VTK cannot draw, a sentence says so, and nothing crashes."""

import pytest

from dem.errors import ResultsError
from dem.viz import offscreen


@pytest.fixture(autouse=True)
def anew():
    """No trial of another test counts."""
    offscreen.try_drawing.cache_clear()
    yield
    offscreen.try_drawing.cache_clear()


def test_a_window_that_crashes_is_told(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("VTK_DEFAULT_OPENGL_WINDOW", "vtkXOpenGLRenderWindow")
    with pytest.raises(ResultsError, match="cannot draw on this machine: install EGL"):
        offscreen.prepare_offscreen()


def test_a_trial_that_hangs_is_told(monkeypatch):
    monkeypatch.setattr(offscreen, "TRIAL", "import time; time.sleep(60)")
    monkeypatch.setattr(offscreen, "PATIENCE", 0.5)
    with pytest.raises(ResultsError, match="no picture after 0.5 s"):
        offscreen.prepare_offscreen()


def test_a_machine_that_draws_is_not_kept_from_it():
    offscreen.prepare_offscreen()
