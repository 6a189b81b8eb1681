"""Energies of the grains of each world, summed on the device: in the order of ids, by dem/sum_tree.py."""

import numpy as np

from dem.backend import ti, types
from dem.memory import read
from dem.neighbors.grid import CellGrid
from dem.records import ENERGY_KINDS, ENERGY_SUMS
from dem.state import State
from dem.sum_tree import sum_rows

KINETIC, STORED, MOMENT, DISSIPATED = 0, 1, 2, 5  # where they begin in the sums of energies


def sum_energy(state: State, grid: CellGrid, world: int) -> np.ndarray:
    """Sums over a world's grains, taken on the device, see `energy_of_particle`: (ENERGY_SUMS,)."""
    _sum_energy(state, grid)
    return read(state.world_energy, world).astype(float)


@ti.kernel
def _sum_energy(state: ti.template(), grid: ti.template()):
    """Energies of each world's grains, see `energy_of_particle`, in the order of ids.

    Reads: slot_of_id; motion, mass, radius, image and dissipated of grains; energy_tally of contacts.
    Writes: block_energy, group_energy, world_energy.
    """
    tree = state.tree
    ti.loop_config(serialize=state.serial)
    for block in range(tree.block_count):
        total = ti.Vector.zero(types.position, ENERGY_SUMS)
        for own_id in range(tree.block_start[block], tree.block_start[block + 1]):
            total += energy_of_particle(state, grid, state.slot_of_id[own_id])
        state.block_energy[block] = total
    ti.loop_config(serialize=state.serial)
    for group in range(tree.group_count):
        state.group_energy[group] = sum_rows(state.block_energy, tree.group_start[group], tree.group_start[group + 1])
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        state.world_energy[world] = sum_rows(state.group_energy, tree.first_group[world], tree.first_group[world + 1])


@ti.func
def energy_of_particle(state: ti.template(), grid: ti.template(), i):
    """Kinetic energy of a free grain [J], what the contacts it owns store [J], its mass times place [kg m], three
    numbers, and what these contacts have dissipated [J], four."""
    particles, contacts, period = state.particles, state.contacts, grid.period[None]
    found = ti.Vector.zero(types.position, ENERGY_SUMS)
    if particles.inverse_mass[i] > 0.0:
        velocity, spin = particles.velocity[i], particles.angular_velocity[i]
        mass, radius = ti.cast(particles.mass[i], types.position), particles.radius[i]
        found[KINETIC] = 0.5 * mass * (velocity.norm_sqr() + 0.4 * radius * radius * spin.norm_sqr())
        for axis in ti.static(range(3)):
            place = particles.position[i][axis]
            if ti.abs(period[axis]) < ti.static(1e30):  # infinite where not periodic
                place += particles.image[i][axis] * period[axis]
            found[MOMENT + axis] = mass * place
    for c in range(contacts.row_start[i], contacts.row_start[i + 1]):
        for k in ti.static(range(ENERGY_KINDS)):
            found[STORED] += contacts.energy_tally[c][k]
    for k in ti.static(range(ENERGY_KINDS)):
        found[DISSIPATED + k] = particles.dissipated[i][k]
    return found
