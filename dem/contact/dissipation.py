"""What contacts store and dissipate, compiled in only with `track_energy`.

Velocity Verlet changes the kinetic energy of a step by the mean of the forces at its two ends times its displacement.
So a contact keeps the dissipating forces of the last step in its energy tally, and dissipates per step

    normal      -(D_n + D_n')/2 v_n dt, D_n the dashpot's force (all that is not elastic, where it was clamped)
    sliding     -(F_t + F_t')/2 . v_t dt - change of what the tangential spring stores
    rolling     -(M + M')/2 . omega_r dt - change of what the rolling spring stores; twisting likewise

What the springs still store when a contact ends counts as dissipated: their forces end with it. The same holds for a
JKR neck that breaks, and for a plastic normal force all of its work less what it stores. The tally's first four
numbers are the energies stored [J], then D_n, F_t and M. What is dissipated is added up by the contact's first grain,
over all of the run.
"""

from dem.backend import ti, types
from dem.contact.simd_batch import column
from dem.records import ENERGY_KINDS


@ti.func
def tally_dissipation(
    tables: ti.template(), inputs: ti.template(), outputs: ti.template(), lane: ti.template(), contact, energy_tally
):
    """Add up what a contact dissipates in a step, `energy_tally` being its new one; of a contact that has just ended,
    its forces acted for half of the step."""
    last, half, ended = column(inputs.energy_tally, lane), 0.5 * contact.time_step, outputs.ended[lane] != 0
    mean = ti.Vector.zero(types.real, 7)
    for k in ti.static(range(7)):
        now = ti.select(ended, 0.0, energy_tally[ENERGY_KINDS + k])
        outputs.energy_tally[ENERGY_KINDS + k, lane] = now
        mean[k] = half * (last[ENERGY_KINDS + k] + now)
    slid, turned = ti.Vector([mean[1], mean[2], mean[3]]), ti.Vector([mean[4], mean[5], mean[6]])
    outputs.dissipated[0, lane] = -mean[0] * contact.normal_velocity
    outputs.dissipated[1, lane] = -slid.dot(contact.tangential_velocity)
    outputs.dissipated[2, lane] = -turned.dot(contact.rolling_velocity)
    outputs.dissipated[3, lane] = -turned.dot(contact.normal) * contact.twisting_velocity
    for k in ti.static(range(ENERGY_KINDS)):
        now = ti.select(ended, 0.0, energy_tally[k])
        outputs.energy_tally[k, lane] = now
        if ti.static(k > 0 or tables.laws.is_plastic):
            outputs.dissipated[k, lane] -= now - last[k]
        elif ti.static(tables.laws.has_neck):  # what it has stored is lost as it breaks
            outputs.dissipated[k, lane] += ti.select(ended, last[k], 0.0)
