"""A small run, written once, and the pictures of a machine that can draw."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))

from synthetic import SMALL, write_run  # noqa: E402

from dem.viz import offscreen  # noqa: E402


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run") / "run.vtkhdf", SMALL)


@pytest.fixture(scope="session")
def drawing() -> None:
    """Asks for a machine that can draw."""
    if not offscreen.has_display() and not offscreen.has_egl():
        pytest.skip(offscreen.NO_EGL)
    offscreen.prepare_offscreen()
