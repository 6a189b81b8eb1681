"""Synthetic studies: half done, and whole."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from synthetic_study import GRAVITY_OFFSET, gravity_offset_cases, half_done, write_study  # noqa: E402


@pytest.fixture(scope="session")
def half_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("half") / "gravity_offset"
    return write_study(folder, gravity_offset_cases(half_done), GRAVITY_OFFSET, "gravity_offset")


@pytest.fixture(scope="session")
def whole_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "gravity_offset"
    return write_study(folder, gravity_offset_cases(), GRAVITY_OFFSET, "gravity_offset")
