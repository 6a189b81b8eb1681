"""What contacts store and dissipate, compiled in only with `track_energy`.

Velocity Verlet changes the kinetic energy of a step by the mean of the forces at its two ends times its displacement.
So a contact keeps the dissipating forces of the last step in its account, and books per step

    normal      -(D_n + D_n')/2 v_n dt, D_n the dashpot's force (all that is not elastic, where it was clamped)
    sliding     -(F_t + F_t')/2 . v_t dt - change of what the tangential spring stores
    rolling     -(M + M')/2 . omega_r dt - change of what the rolling spring stores; twisting likewise

What the springs still store when a contact ends is booked as dissipated: their forces end with it. The same holds for a
JKR neck that breaks, and for a plastic normal force all of its work less what it stores. The account's first four
numbers are the energies stored [J], then D_n, F_t and M. What is dissipated is added up by the contact's first grain,
over all of the run.
"""

import numpy as np

from dem.backend import ti, types
from dem.contact.bundle import column
from dem.memory import read
from dem.neighbors.grid import CellGrid
from dem.records import ACCOUNT_STORED, ENERGY_SUMS
from dem.state import State
from dem.sum_tree import sum_rows

KINETIC, STORED, MOMENT, DISSIPATED = 0, 1, 2, 5  # where they begin in the sums of energies


@ti.func
def settle_account(
    tables: ti.template(), given: ti.template(), made: ti.template(), lane: ti.template(), contact, account
):
    """Book a step of a contact, `account` being its new one; of a contact that has just ended, whose forces acted for
    half of it, the last."""
    last, half, ended = column(given.account, lane), 0.5 * contact.time_step, made.ended[lane] != 0
    mean = ti.Vector.zero(types.real, 7)
    for k in ti.static(range(7)):
        now = ti.select(ended, 0.0, account[ACCOUNT_STORED + k])
        made.account[ACCOUNT_STORED + k, lane] = now
        mean[k] = half * (last[ACCOUNT_STORED + k] + now)
    slid, turned = ti.Vector([mean[1], mean[2], mean[3]]), ti.Vector([mean[4], mean[5], mean[6]])
    made.spent[0, lane] = -mean[0] * contact.normal_velocity
    made.spent[1, lane] = -slid.dot(contact.tangential_velocity)
    made.spent[2, lane] = -turned.dot(contact.rolling_velocity)
    made.spent[3, lane] = -turned.dot(contact.normal) * contact.twisting_velocity
    for k in ti.static(range(ACCOUNT_STORED)):
        now = ti.select(ended, 0.0, account[k])
        made.account[k, lane] = now
        if ti.static(k > 0 or tables.laws.is_plastic):
            made.spent[k, lane] -= now - last[k]
        elif ti.static(tables.laws.has_neck):  # what it has stored is lost as it breaks
            made.spent[k, lane] += ti.select(ended, last[k], 0.0)


def sum_energy(state: State, grid: CellGrid, world: int) -> np.ndarray:
    """Sums over a world's grains, taken on the device, see `energy_of_grain`: (ENERGY_SUMS,)."""
    _sum_energy(state, grid)
    return read(state.world_energy, world).astype(float)


@ti.kernel
def _sum_energy(state: ti.template(), grid: ti.template()):
    """Energies of each world's grains, see `energy_of_grain`, in the order of ids."""
    tree = state.tree
    ti.loop_config(serialize=state.serial)
    for block in range(tree.block_count):
        total = ti.Vector.zero(types.position, ENERGY_SUMS)
        for own_id in range(tree.block_start[block], tree.block_start[block + 1]):
            total += energy_of_grain(state, grid, state.slot_of_id[own_id])
        state.block_energy[block] = total
    ti.loop_config(serialize=state.serial)
    for group in range(tree.group_count):
        state.group_energy[group] = sum_rows(state.block_energy, tree.group_start[group], tree.group_start[group + 1])
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        state.world_energy[world] = sum_rows(state.group_energy, tree.first_group[world], tree.first_group[world + 1])


@ti.func
def energy_of_grain(state: ti.template(), grid: ti.template(), i):
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
        for k in ti.static(range(ACCOUNT_STORED)):
            found[STORED] += contacts.account[c][k]
    for k in ti.static(range(ACCOUNT_STORED)):
        found[DISSIPATED + k] = particles.dissipated[i][k]
    return found
