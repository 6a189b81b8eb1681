"""How a session computes changes nothing, to the last bit: neither its threads nor how hard its kernels are optimised.

Apart from the other exact properties, whose session runs until the last of them is done: there is one at a time.
"""

import os

import numpy as np
import pytest
from bed_runs import differing, run_bed

import dem
from dem.verify.bed import Bed
from dem.verify.case_report import SimulationCache

pytestmark = pytest.mark.skipif(
    os.environ.get("DEM_DEVICE", "cpu") != "cpu", reason="threads and Taichi's optimiser are the CPU's"
)


def run_in_session(precision: str, threads: int, steps: int = 1000) -> dict[str, np.ndarray]:
    """A bed's snapshot from a session of its own."""
    with dem.start(device="cpu", precision=precision, threads=threads):
        return run_bed(SimulationCache(), Bed(), steps)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["double", "mixed"])
def test_threads_change_nothing(precision):
    assert differing(run_in_session(precision, 1), run_in_session(precision, 2)) == []


def test_optimising_changes_nothing(monkeypatch):
    """The quick tests compile without Taichi's own optimiser, which users run with: see `tests/conftest.py`."""
    found = []
    for switch in ("0", "1"):
        monkeypatch.setenv("TI_ADVANCED_OPTIMIZATION", switch)
        found.append(run_in_session("mixed", 1, 300))
    assert differing(*found) == []
