"""A small run, written once."""

from pathlib import Path

import pytest
from synthetic import SMALL, write_run


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run") / "run.vtkhdf", SMALL)
