"""How much memory a simulation needs, told before any is taken.

The counts are those of the fields that State, CellGrid and Tables lay out; `tests/engine/test_memory_estimate.py`
compares them with the fields.
"""

import logging
import math

import numpy as np

from dem.backend import current, number_bytes, types
from dem.device_choice import describe
from dem.devices import GIB, free_memory
from dem.errors import ConfigError
from dem.mesh_tables import PARTS, has_mesh, mesh_sizes
from dem.neighbors.grid import measure_capacity
from dem.records import ENERGY_KINDS, ENERGY_TALLY, OVERLAP
from dem.worlds import Worlds

INTEGER = 4  # bytes
REMARKABLE = GIB  # on a CPU, needs below this are not worth a line

log = logging.getLogger(__name__)


def estimate_memory(worlds: Worlds, skin: float, track_energy: bool = False) -> int:
    """Bytes of all fields of a simulation, before the list of neighbours has had to grow.

    Args:
        worlds: what is to be simulated; skin: its reach of the neighbour list beyond contact [m].
        track_energy: as in `Simulation`.
    """
    grains = worlds.union.particle_count * _particle_bytes(track_energy)
    contacts = worlds.contact_capacity * _contact_bytes(worlds, track_energy)
    return grains + contacts + _grid_bytes(worlds, skin) + _body_bytes(worlds) + _mesh_bytes(worlds)


def require_memory(worlds: Worlds, skin: float, track_energy: bool) -> None:
    """Say how much memory a simulation needs where that is much.

    Raises:
        ConfigError: the device has not so much left.
    """
    device, grains = current().hardware, worlds.union.particle_count
    need, free = estimate_memory(worlds, skin, track_energy), free_memory(device)
    if device.kind != "cpu" or need > REMARKABLE:
        left = f", of {_said(free)} free on {describe(device)}" if free else ""
        log.info("%d grains need about %s of memory%s", grains, _said(need), left)
    if free and need > free:
        less = "" if current().precision != "double" else "device.precision=mixed, "
        other = "a machine with more" if device.kind == "cpu" else "device=cpu"
        raise ConfigError(
            f"{grains} grains need about {_said(need)} of memory, must be at most the {_said(free)} that are free on "
            f"{describe(device)}; use fewer grains or worlds, {less}or {other}"
        )


def _said(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB else f"{size / 2**20:.1f} MiB"


def _sizes() -> tuple[int, int]:
    """Bytes of a position's component and of any other number."""
    return number_bytes(types.position), number_bytes(types.real)


def _particle_bytes(track_energy: bool) -> int:
    """Bytes of one grain in all fields, but for its contacts and its row of neighbours."""
    position, real = _sizes()
    record = 6 * position + 23 * real + 5 * INTEGER  # dem/records.py: Particles, twice for sorting
    energies = (2 * ENERGY_KINDS + 1) * position if track_energy else 0
    return 2 * record + (2 + 5 + 8) * INTEGER + energies  # State, starts of rows of Contacts and History, CellGrid


def _contact_bytes(worlds: Worlds, track_energy: bool) -> int:
    """Bytes of one entry of the list of contacts, and of its history."""
    position, real = _sizes()
    remembered = (OVERLAP, *worlds.union.contact.histories, *((ENERGY_TALLY,) if track_energy else ()))
    memory = sum(size for _, size in remembered)
    on_mesh = INTEGER + 7 * position if has_mesh(worlds.union.shapes) else 0
    return (5 + 1) * INTEGER + (6 + 2 * memory) * real + on_mesh


def _grid_bytes(worlds: Worlds, skin: float) -> int:
    cells, rows, mesh_cells, mesh_triangles = measure_capacity(worlds, skin + worlds.reach)
    return (2 * cells + rows + mesh_cells + mesh_triangles) * INTEGER


def _body_bytes(worlds: Worlds) -> int:
    """Bytes of bodies and shapes; wrenches are kept by block of grains for each shape of a world."""
    position, _ = _sizes()
    blocks = sum(math.ceil(math.sqrt(model.particle_count)) + 1 for model in worlds.models)
    most_shapes = max(int(np.diff(worlds.first_shape).max()), 1)
    shapes, bodies = len(worlds.union.shapes), len(worlds.union.bodies)
    return (blocks * (6 * most_shapes + 3) + 26 * shapes + 60 * bodies) * position


def _mesh_bytes(worlds: Worlds) -> int:
    position, _ = _sizes()
    triangles, parts, directions = mesh_sizes(worlds.union.shapes)
    return (12 * triangles + 3 * parts + 3 * directions) * position + (PARTS * triangles + parts) * INTEGER
