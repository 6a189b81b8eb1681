"""Beds that need not settle."""

import numpy as np
import pytest

from dem.bench.scenes import DIAMETER


@pytest.fixture(scope="session")
def lattice_cache(tmp_path_factory):
    """A cache whose tile is a lattice at rest on itself: settling it takes longer than all else here."""
    folder = tmp_path_factory.mktemp("tiles")
    index = np.arange(1000)
    grid = np.stack([index % 10, index // 10 % 10, index // 100], axis=1)
    position = (grid + 0.5) * DIAMETER * [1, 1, 0.995]
    np.savez(folder / "bed_1000.npz", position=position, radius=np.full(1000, DIAMETER / 2), size=[0.1, 0.1])
    return folder
