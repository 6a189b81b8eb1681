"""What contacts store and dissipate, compiled in only with `track_energy`.

Velocity Verlet changes the kinetic energy of a step by the mean of the forces at its two ends times its displacement.
So a contact keeps the dissipating forces of the last step in its account, and books per step

    normal      -(D_n + D_n')/2 v_n dt, D_n the dashpot's force (all that is not elastic, where it was clamped)
    sliding     -(F_t + F_t')/2 . v_t dt - change of what the tangential spring stores
    rolling     -(M + M')/2 . omega_r dt - change of what the rolling spring stores; twisting likewise

What the springs still store when a contact ends is booked as dissipated: their forces end with it. The same holds for a
JKR neck that breaks, and for a plastic normal force all of its work less what it stores. The account's first four
numbers are the energies stored [J], then D_n, F_t and M.
"""

from dem.backend import ti, types
from dem.contact.bundle import column
from dem.records import ACCOUNT_STORED, HELD_SIZE
from dem.sum_tree import sum_rows


@ti.func
def settle_account(
    tables: ti.template(), given: ti.template(), made: ti.template(), lane: ti.template(), contact, forces, stored
):
    """Book a step of a contact; of one that has just ended the last, whose forces acted for half of it."""
    last, half, ended = column(given.account, lane), 0.5 * contact.time_step, made.ended[lane] != 0
    mean = ti.Vector.zero(types.real, 7)
    for k in ti.static(range(7)):
        now = ti.select(ended, 0.0, forces[k])
        made.account[ACCOUNT_STORED + k, lane] = now
        mean[k] = half * (last[ACCOUNT_STORED + k] + now)
    slid, turned = ti.Vector([mean[1], mean[2], mean[3]]), ti.Vector([mean[4], mean[5], mean[6]])
    made.spent[0, lane] = -mean[0] * contact.normal_velocity
    made.spent[1, lane] = -slid.dot(contact.tangential_velocity)
    made.spent[2, lane] = -turned.dot(contact.rolling_velocity)
    made.spent[3, lane] = -turned.dot(contact.normal) * contact.twisting_velocity
    for k in ti.static(range(ACCOUNT_STORED)):
        now = ti.select(ended, 0.0, stored[k])
        made.account[k, lane] = now
        if ti.static(k > 0 or tables.laws.is_plastic):
            made.spent[k, lane] -= now - last[k]
        elif ti.static(tables.laws.has_neck):  # what it has stored is lost as it breaks
            made.spent[k, lane] += ti.select(ended, last[k], 0.0)


@ti.kernel
def _flush_dissipation(state: ti.template()):
    """Move what contacts have dissipated to their world's totals, in the order of slots: before they change."""
    tree = state.tree
    ti.loop_config(serialize=state.serial)
    for block in range(tree.block_count):
        total = ti.Vector.zero(types.position, ACCOUNT_STORED)
        for i in range(tree.block_start[block], tree.block_start[block + 1]):
            total += state.own_dissipated[i]
            state.own_dissipated[i] = ti.Vector.zero(types.position, ACCOUNT_STORED)
        state.block_dissipated[block] = total
    ti.loop_config(serialize=state.serial)
    for group in range(tree.group_count):
        first, stop = tree.group_start[group], tree.group_start[group + 1]
        state.group_dissipated[group] = sum_rows(state.block_dissipated, first, stop)
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        total = state.dissipated[world]
        for group in range(tree.first_group[world], tree.first_group[world + 1]):
            total += state.group_dissipated[group]
        state.dissipated[world] = total


@ti.kernel
def _sum_held_energy(state: ti.template(), grid: ti.template()):
    """Of each world's free grains: kinetic energy [J], what their contacts store [J], and mass times place [kg m]."""
    tree = state.tree
    ti.loop_config(serialize=state.serial)
    for block in range(tree.block_count):
        total = ti.Vector.zero(types.position, HELD_SIZE)
        for i in range(tree.block_start[block], tree.block_start[block + 1]):
            total += held_energy(state, grid, i)
        state.block_held[block] = total
    ti.loop_config(serialize=state.serial)
    for group in range(tree.group_count):
        state.group_held[group] = sum_rows(state.block_held, tree.group_start[group], tree.group_start[group + 1])
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        state.held[world] = sum_rows(state.group_held, tree.first_group[world], tree.first_group[world + 1])


@ti.func
def held_energy(state: ti.template(), grid: ti.template(), i):
    """The same of one grain, and of the contacts that it owns."""
    particles, contacts, period = state.particles, state.contacts, grid.period[None]
    found = ti.Vector.zero(types.position, HELD_SIZE)
    if particles.inverse_mass[i] > 0.0:
        velocity, spin = particles.velocity[i], particles.angular_velocity[i]
        mass, radius = ti.cast(particles.mass[i], types.position), particles.radius[i]
        found[0] = 0.5 * mass * (velocity.norm_sqr() + 0.4 * radius * radius * spin.norm_sqr())
        for axis in ti.static(range(3)):
            place = particles.position[i][axis]
            if ti.abs(period[axis]) < ti.static(1e30):  # infinite where not periodic
                place += particles.image[i][axis] * period[axis]
            found[2 + axis] = mass * place
    for c in range(contacts.row_start[i], contacts.row_start[i + 1]):
        for k in ti.static(range(ACCOUNT_STORED)):
            found[1] += contacts.account[c][k]
    return found
