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
from dem.records import ACCOUNT_SIZE, ACCOUNT_STORED


@ti.func
def book_work(tables: ti.template(), state: ti.template(), c, contact, normal_force, sideways, moment, stored):
    """Book a step of a touching contact."""
    contacts = state.contacts
    spend(tables, state, c, contact, normal_force, sideways, moment)
    for k in ti.static(range(ACCOUNT_STORED)):
        if ti.static(k > 0 or tables.laws.is_plastic):
            contacts.dissipated[c][k] -= stored[k] - contacts.account[c][k]
        contacts.account[c][k] = stored[k]
    contacts.account[c][4] = normal_force
    for k in ti.static(range(3)):
        contacts.account[c][5 + k] = sideways[k]
        contacts.account[c][8 + k] = moment[k]


@ti.func
def spend(tables: ti.template(), state: ti.template(), c, contact, normal_force, sideways, moment):
    """Take the work of the mean dissipating forces of a step from a contact."""
    contacts = state.contacts
    half = 0.5 * state.time_step[None]
    last = contacts.account[c]
    slid = ti.Vector([last[5], last[6], last[7]]) + sideways
    turned = ti.Vector([last[8], last[9], last[10]]) + moment
    contacts.dissipated[c][0] -= half * (last[4] + normal_force) * contact.normal_velocity
    contacts.dissipated[c][1] -= half * slid.dot(contact.tangential_velocity)
    contacts.dissipated[c][2] -= half * turned.dot(contact.rolling_velocity)
    contacts.dissipated[c][3] -= half * turned.dot(contact.normal) * contact.twisting_velocity


@ti.func
def close_account(tables: ti.template(), state: ti.template(), c, contact):
    """Book the last step of a contact that has just ended: its forces acted for half of it."""
    contacts = state.contacts
    nothing = ti.Vector.zero(types.real, 3)
    spend(tables, state, c, contact, 0.0 * contact.overlap, nothing, nothing)
    for k in ti.static(range(ACCOUNT_STORED)):
        if ti.static(k > 0 or tables.laws.is_plastic or tables.laws.has_neck):
            contacts.dissipated[c][k] += contacts.account[c][k]
    contacts.account[c] = ti.Vector.zero(types.position, ACCOUNT_SIZE)


@ti.kernel
def _flush_dissipation(state: ti.template()):
    """Move what contacts have dissipated to their world's totals, in the order of the list: before it is made anew."""
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for block in range(state.block_count):
        total = ti.Vector.zero(types.position, ACCOUNT_STORED)
        stop = ti.min(contacts.row_start[state.block_start[block + 1]], contacts.count[None])
        for c in range(contacts.row_start[state.block_start[block]], stop):
            total += contacts.dissipated[c]
            contacts.dissipated[c] = ti.Vector.zero(types.position, ACCOUNT_STORED)
        state.block_dissipated[block] = total
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        for block in range(state.first_block[world], state.first_block[world + 1]):
            state.dissipated[world] += state.block_dissipated[block]
