"""Contacts as a user reads them: partners, where they touch, what acts there. What is not kept is measured anew."""

from typing import Any

import numpy as np

from dem.backend import array_type, ti, types
from dem.diagnostics.geometry import face_contact
from dem.memory import read
from dem.model import Tables
from dem.neighbors.grid import CellGrid
from dem.state import State

MEASURED = 13  # numbers of a contact: point, normal, depth, torque on the first, torque on the second
KEPT = ("force",)


def read_contacts(tables: Tables, state: State, grid: CellGrid, world: int) -> dict[str, np.ndarray]:
    """A world's touching contacts, see `Simulation.contacts`; by the id of their first grain."""
    listed = state.contact_arrays(world)
    contacts: Any = state.contacts  # what they remember depends on the laws
    touching = state.touching_contacts(world)
    measured = np.zeros((contacts.capacity, MEASURED), array_type(state.bodies.position))
    _measure_contacts(tables, state, grid, measured)
    point, normal, depth, torque_first, torque_second = np.split(measured[touching], [3, 6, 7, 10], axis=1)
    bodies = np.array([entry.body for entry in state.worlds.models[world].shapes], int)
    body = np.full(len(touching), -1)
    on_shape = listed["shape"] >= 0
    body[on_shape] = bodies[listed["shape"][on_shape]]
    found = {"first": listed["first"], "second": listed["second"], "shape": listed["shape"], "body": body}
    found |= {"point": point, "normal": normal, "depth": depth[:, 0], "overlap": listed["overlap"]}
    found |= {"torque_first": torque_first, "torque_second": torque_second}
    for name in (*KEPT, *(memory.name for memory in state.worlds.union.contact.histories)):
        found[name] = read(getattr(contacts, name), touching)
    order = np.lexsort((found["shape"], found["second"], found["first"]))
    return {name: values[order] for name, values in found.items()}


@ti.kernel
def _measure_contacts(tables: ti.template(), state: ti.template(), grid: ti.template(), found: ti.types.ndarray()):
    """Point [m], normal towards the first partner, depth [m] and torques [N m] of every candidate that touches.

    Only the torque on the second is kept. Both are what rolling and twisting give, equal and opposite, and the force at
    the end of each lever; an element's lever is minus the grain's, and its torque kept about its body's centre.

    Reads: the list of contacts, their overlap, force and torque; places of grains and bodies, shapes and meshes.
    Writes: found.
    """
    contacts, particles, bodies = state.contacts, state.particles, state.bodies
    for c in range(ti.min(contacts.count[None], contacts.overlap.shape[0])):
        if contacts.overlap[c] > 0.0:
            i, second = contacts.first[c], contacts.second[c]
            radius = ti.cast(particles.radius[i], types.position)
            normal, depth = face_contact(tables, state, grid, c)
            force, torque = ti.cast(contacts.force[c], types.position), ti.cast(contacts.torque[c], types.position)
            torque_first = torque
            if contacts.key[c] < state.particle_count:
                levers = radius + particles.radius[second] - 2.0 * ti.static(tables.laws.particle_share) * depth
                torque_first = -torque - levers * normal.cross(force)
            else:
                body = tables.shape_body[second]
                torque_first = -torque - (particles.position[i] - bodies.position[body]).cross(force)
            point = particles.position[i] - (radius - 0.5 * depth) * normal
            for k in ti.static(range(3)):
                found[c, k] = point[k]
                found[c, 3 + k] = normal[k]
                found[c, 7 + k] = torque_first[k]
                found[c, 10 + k] = torque[k]
            found[c, 6] = depth
