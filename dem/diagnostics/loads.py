"""What contacts do to grains, for pictures and fields: read where a frame is written, never in a step.

Each grain adds up its own contacts and those that others own, in the order of its rows, so the numbers repeat bit for
bit. The stress of a grain is the mean over its own volume V of the stress in it that holds its contact forces in
equilibrium (Love and Weber; Christoffersen, Mehrabadi and Nemat-Nasser 1981), compression positive:

    sigma = -(1 / V) sum over contacts of sym(f (x) b),   V = 4/3 pi R^3,

with f the contact's force on the grain and b the branch from its centre to the contact point. That of the bulk is the
sum of V sigma over the grains in a volume, divided by the volume: the solid fraction times the mean of sigma.
"""

import math

import numpy as np

from dem.backend import real_rows, ti, types
from dem.diagnostics.geometry import face_contact
from dem.maths import to_real
from dem.model import Tables
from dem.neighbors.grid import CellGrid
from dem.state import State

COMPONENTS = ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))  # of a symmetric tensor, as VTK orders them
UNIT_VOLUME = 4 / 3 * math.pi


def particle_loads(tables: Tables, state: State, grid: CellGrid, world: int = 0) -> dict[str, np.ndarray]:
    """Loads of a world's grains, in the order they were added.

    Returns:
        contact_force: sum of the magnitudes of the normal forces at a grain [N], (N,);
        stress: mean in a grain [Pa], (N, 6), components xx, yy, zz, xy, yz, xz, compression positive.
    """
    grains = state.worlds.particles(world)
    rows = real_rows(grains.stop - grains.start, 1 + len(COMPONENTS))
    if len(rows):
        _sum_loads(tables, state, grid, grains.start, rows)
    return {"contact_force": rows[:, 0], "stress": rows[:, 1:]}


def contact_pairs(tables: Tables, state: State, grid: CellGrid, world: int = 0) -> dict[str, np.ndarray]:
    """A world's touching contacts, by the id of their first grain.

    Returns:
        first: id of a grain, (C,); second: that of the other, or -1 for a shape, (C,); normal_force [N], (C,), above 0
        when it pushes.
    """
    grains = state.worlds.particles(world)
    places = state.touching_contacts(world).astype(np.int32)
    partners, forces = np.zeros((len(places), 2), np.int32), real_rows(len(places))
    if len(places):
        _read_pairs(tables, state, grid, places, partners, forces)
    first, second = partners[:, 0] - grains.start, partners[:, 1]
    return {"first": first, "second": np.where(second < 0, -1, second - grains.start), "normal_force": forces}


@ti.func
def load_of(tables: ti.template(), state: ti.template(), grid: ti.template(), c, second):
    """Normal force [N] and -sym(f (x) b) [N m] of a contact for its first partner, or for its second."""
    normal, depth = face_contact(tables, state, grid, c)
    force, across = state.contacts.force[c], to_real(normal)
    i = state.contacts.second[c] if second else state.contacts.first[c]
    branch = (state.particles.radius[i] - 0.5 * to_real(depth)) * across
    load = ti.Vector.zero(types.real, 7)
    load[0] = abs(force.dot(across))
    for k in ti.static(range(6)):
        row, column = ti.static(COMPONENTS[k])
        load[1 + k] = 0.5 * (force[row] * branch[column] + force[column] * branch[row])
    return load


@ti.kernel
def _sum_loads(
    tables: ti.template(), state: ti.template(), grid: ti.template(), start: ti.i32, rows: ti.types.ndarray()
):  # fmt: skip
    """Rows (n, 7), contact force [N] and stress [Pa], of the grains from the id `start` on.

    Reads: slot_of_id; the list of contacts, their overlap and force; places of grains and bodies, shapes and meshes.
    Writes: rows.
    """
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for k in range(rows.shape[0]):
        slot = state.slot_of_id[start + k]
        total = ti.Vector.zero(types.real, 7)
        for c in range(contacts.row_start[slot], contacts.row_start[slot + 1]):
            if contacts.overlap[c] > 0.0:
                total += load_of(tables, state, grid, c, False)
        for entry in range(contacts.incidence_start[slot], contacts.incidence_start[slot + 1]):
            if contacts.overlap[contacts.incidence[entry]] > 0.0:
                total += load_of(tables, state, grid, contacts.incidence[entry], True)
        volume = ti.static(UNIT_VOLUME) * state.particles.radius[slot] ** 3
        rows[k, 0] = total[0]
        for component in ti.static(range(6)):
            rows[k, 1 + component] = total[1 + component] / volume


@ti.kernel
def _read_pairs(
    tables: ti.template(), state: ti.template(), grid: ti.template(), places: ti.types.ndarray(),
    partners: ti.types.ndarray(), forces: ti.types.ndarray(),
):  # fmt: skip
    """Ids of the partners, -1 for a shape, (C, 2), and the normal force [N], (C,).

    Reads: places; the contacts there and their force; places of grains and bodies, shapes and meshes.
    Writes: partners, forces.
    """
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for k in range(places.shape[0]):
        c = places[k]
        normal, _ = face_contact(tables, state, grid, c)
        partners[k, 0] = state.particles.id[contacts.first[c]]
        partners[k, 1] = contacts.key[c] if contacts.key[c] < state.particle_count else -1
        forces[k] = contacts.force[c].dot(to_real(normal))
