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

from dem.backend import ti, types
from dem.contact.bundle import column
from dem.records import ACCOUNT_STORED


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
