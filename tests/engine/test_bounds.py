"""No kernel reads or writes beside its arrays, also while the neighbour list is too small: Taichi checks each index."""

import numpy as np
import pytest

import dem
from dem import state, worlds
from dem.backend import ti, types
from dem.memory import read
from dem.neighbors import grid
from dem.solver import DeviceContext, complete_search, search


@pytest.fixture
def checked(monkeypatch):
    """A session on the CPU in which an index out of bounds is an error."""
    monkeypatch.setenv("TI_DEBUG", "1")
    with dem.start("cpu", "double", threads=1):
        yield


def crowd(count: int) -> dem.Model:
    """Grains of two sizes in a corner: many on shapes, of which those with the largest ids are sorted to the front."""
    position = np.random.default_rng(4).uniform(0, 0.05, (count, 3))
    position = position[np.argsort(-position[:, 0])]
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e4, 0.3))
    builder.set_pair(sand, sand, restitution=0.5, sliding_friction=0.3, rolling_friction=0.1)
    builder.add_particles(position, np.where(np.arange(count) % 7, 0.005, 0.02), sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.add_plane((0, 0, 0), (1, 0, 0), sand)
    return builder.finalize()


def test_a_search_for_which_there_is_no_room_stays_within_its_arrays(checked, monkeypatch):
    monkeypatch.setattr(state, "SERIAL_BELOW", 0)  # as in a large scene, whose contacts are resolved in bundles
    monkeypatch.setattr(worlds, "_contact_capacity", lambda model: 8)
    monkeypatch.setattr(grid, "_row_capacities", lambda model, skin: np.full(model.particle_count, 2))
    model = crowd(50)
    context = DeviceContext(worlds.Worlds(model), 0.001)
    assert context.tables.laws.lanes == types.lanes > 1
    search(context)
    complete_search(context)
    ti.sync()
    listed = int(read(context.state.contacts.count))
    assert context.grid.row_factor > 1.0  # rows of neighbours were too short
    assert context.state.contacts.capacity >= listed > 8  # and the list was too small
    elements = int(read(context.state.contacts.element_start, model.particle_count))
    assert elements > 8
