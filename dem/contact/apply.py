"""The laws applied to one lane of a SIMD batch: numbers in, numbers out, no field of a contact is read or written.

The lever arm is from a grain's centre to the contact point, the radius less half the overlap, unless the laws take
another code's. A shape counts as flat and heavy: R* = R, m* = m.
"""

from dem.backend import ti, types
from dem.contact.compose import (
    attraction,
    normal_parts,
    rolling_moment,
    stored_energies,
    tangential_force,
    twisting_moment,
)
from dem.contact.dissipation import tally_dissipation
from dem.contact.simd_batch import column, keep, recall, set_column
from dem.maths import tangential_part, to_real
from dem.records import ENERGY_KINDS, TALLY_SIZE


@ti.func
def apply_laws(
    tables: ti.template(), state: ti.template(), inputs: ti.template(), outputs: ti.template(), lane: ti.template()
):
    """Force, torques and memory of a contact, from what was gathered of it."""
    laws = tables.laws
    own, other = inputs.own[lane], inputs.other[lane]
    contact, lever_first, lever_second = view_contact(tables, state, inputs, lane)
    depth = contact.overlap
    recall_record(tables, inputs, outputs, lane, contact)
    elastic, normal_force, stiffness = normal_parts(laws, own, other, contact)
    contact.normal_stiffness, contact.secant_stiffness = stiffness, elastic / contact.overlap
    load, along = normal_force, normal_force
    if ti.static(laws.has_cohesion):
        pull, extra_load = attraction(laws, own, other, contact)
        along = normal_force - pull
        load = normal_force + extra_load
    stretched = recall(laws.tangential.spec.memory, inputs, lane)
    tangential, stretched = tangential_force(laws, own, other, contact, stretched, load)
    keep(laws.tangential.spec.memory, outputs, lane, stretched)
    moment = turning_moment(tables, inputs, outputs, lane, contact, load)
    twist = contact.normal.cross(tangential)
    set_column(outputs.force, lane, along * contact.normal + tangential)
    set_column(outputs.torque_first, lane, moment - lever_first * twist)
    set_column(outputs.torque_second, lane, -moment - lever_second * twist)
    outputs.overlap[0, lane] = contact.overlap
    outputs.beyond[0, lane] = depth - to_real(state.overlap_limit[None]) * smaller_radius(inputs, lane)
    if ti.static(state.tracks_energy):
        dissipating = along if ti.static(laws.is_plastic) else normal_force - elastic
        stored = stored_energies(tables, outputs, lane, own, other, contact)
        tally_dissipation(tables, inputs, outputs, lane, contact, pack_tally(stored, dissipating, tangential, moment))


@ti.func
def pack_tally(stored, normal, tangential, moment):
    """Energies stored (4,) and the forces that dissipate, as the tally keeps them (11,)."""
    energy_tally = ti.Vector.zero(types.real, TALLY_SIZE)
    for k in ti.static(range(ENERGY_KINDS)):
        energy_tally[k] = stored[k]
    energy_tally[ENERGY_KINDS] = normal
    for axis in ti.static(range(3)):
        energy_tally[ENERGY_KINDS + 1 + axis] = tangential[axis]
        energy_tally[ENERGY_KINDS + 4 + axis] = moment[axis]
    return energy_tally


@ti.func
def smaller_radius(inputs: ti.template(), lane: ti.template()):
    first, second = inputs.radius_first[0, lane], inputs.radius_second[0, lane]
    return ti.select(second > 0.0, ti.min(first, second), first)


@ti.func
def effective(first, second, flat, inverse_sum):
    """Two resistances in a row, or the first alone beside something flat and heavy."""
    return ti.select(flat, first, first * second * inverse_sum)


@ti.func
def view_contact(tables: ti.template(), state: ti.template(), inputs: ti.template(), lane: ti.template()):
    """The contact as the laws see it, and the levers [m] of its force on both partners.

    Its overlap is (reach^2 - distance^2) / (reach + distance): only that difference needs the precision of positions.
    """
    radius, radius_second = inputs.radius_first[0, lane], inputs.radius_second[0, lane]
    mass, mass_second = inputs.mass_first[0, lane], inputs.mass_second[0, lane]
    flat = radius_second == 0.0
    direction = column(inputs.direction, lane)
    distance = direction.norm()
    normal, overlap = direction * (1.0 / distance), inputs.excess[0, lane] / (radius + radius_second + distance)
    lever, lever_second = lever_arms(radius, radius_second, flat, ti.static(tables.laws.velocity_share) * overlap)
    spin, spin_other = column(inputs.angular_velocity_first, lane), column(inputs.angular_velocity_second, lane)
    velocity = column(inputs.drift, lane) - (lever * spin + lever_second * spin_other).cross(normal)
    turning = spin - spin_other
    inertia, inertia_second = 1.4 * mass * radius * radius, 1.4 * mass_second * radius_second * radius_second
    reach, weight = radius + radius_second, mass + mass_second
    quotient = 1.0 / (reach * weight)  # one for both: a contact divides so much that the processor waits for it
    contact = tables.laws.Contact(
        overlap=overlap, previous_overlap=inputs.overlap[0, lane], normal=normal, normal_velocity=velocity.dot(normal),
        tangential_velocity=tangential_part(velocity, normal), rolling_velocity=tangential_part(turning, normal),
        twisting_velocity=turning.dot(normal), radius_eff=effective(radius, radius_second, flat, weight * quotient),
        mass_eff=effective(mass, mass_second, flat, reach * quotient),
        inertia_eff=effective(inertia, inertia_second, flat, 1.0 / (inertia + inertia_second)),
        normal_stiffness=0.0, secant_stiffness=0.0, memory=0.0, time_step=to_real(state.time_step[None]),
    )  # fmt: skip
    short = ti.select(flat, ti.static(tables.laws.shape_share), ti.static(tables.laws.particle_share)) * overlap
    lever, lever_second = lever_arms(radius, radius_second, flat, short)
    return contact, lever, lever_second


@ti.func
def lever_arms(radius, radius_second, flat, short):
    """Levers [m] of both partners, shorter than their radii by `short`; a shape moves with its body."""
    lever = radius - short
    return lever, ti.select(flat, -lever, radius_second - short)


@ti.func
def recall_record(
    tables: ti.template(), inputs: ti.template(), outputs: ti.template(), lane: ti.template(), contact: ti.template()
):
    """Give the record what the laws chosen read: the neck's indentation, the normal law's memory."""
    laws = tables.laws
    own, other = inputs.own[lane], inputs.other[lane]
    if ti.static(laws.has_neck):
        contact.overlap = laws.cohesion.spec.indentation(laws.cohesion.table[own, other], contact)
    if ti.static(laws.has_memory):
        contact.memory = recall(laws.normal.spec.memory, inputs, lane)
        contact.memory = laws.normal.spec.remember(laws.normal.table[own, other], contact)
        keep(laws.normal.spec.memory, outputs, lane, contact.memory)


@ti.func
def turning_moment(
    tables: ti.template(), inputs: ti.template(), outputs: ti.template(), lane: ti.template(), contact, load
):
    """Rolling and twisting moment [N m] on the first partner; their history moves on."""
    laws = tables.laws
    own, other = inputs.own[lane], inputs.other[lane]
    moment = ti.Vector.zero(types.real, 3)
    if ti.static(laws.has_rolling):
        rolled = recall(laws.rolling.spec.memory, inputs, lane)
        rolling, rolled = rolling_moment(laws, own, other, contact, rolled, load)
        keep(laws.rolling.spec.memory, outputs, lane, rolled)
        moment += rolling
    if ti.static(laws.has_twisting):
        angle = recall(laws.twisting.spec.memory, inputs, lane)
        twisting, angle = twisting_moment(laws, own, other, contact, angle, load)
        keep(laws.twisting.spec.memory, outputs, lane, angle)
        moment += twisting * contact.normal
    return moment
