"""A SIMD batch of contacts, computed together: what is gathered of each, and what the laws give, in local arrays.

A thread gathers the contacts of a batch one by one, applies the laws to all of them in one loop over local arrays, and
stores the results one by one. Such a loop the compiler turns into vector instructions, which it never does where
fields are read and written: so the laws, most of the arithmetic, cost a tenth of the time. Where threads are plenty,
on a GPU, and in scenes so small that compiling takes longer than running, a batch is one contact: with the same bits.

Grains and elements of shapes are alike here: an element is a partner without radius, `radius_second` = 0, that moves
with its body, and whose lever is minus the grain's.
"""

from dem.backend import ti, types
from dem.neighbors.contact_list import forget_all
from dem.records import ENERGY_KINDS, Memory


def inputs_type(lanes: int, remembered: tuple[Memory, ...]) -> ti.types.struct:
    """The record of what is gathered of each contact, a lane each."""
    number, single, triple = ti.types.vector(lanes, ti.i32), _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        contact=number, own=number, other=number,  # its place in the list, row and column of the pair tables
        leaving=number,  # of the same candidates, those that touched and do no more
        direction=triple, excess=single,  # along the normal [m]; (reach^2 - distance^2) [m2]
        radius_first=single, radius_second=single, mass_first=single, mass_second=single,
        drift=triple,  # velocity of the first relative to the second [m/s]
        angular_velocity_first=triple, angular_velocity_second=triple,  # [rad/s]
        **{memory.name: _rows(memory.size, lanes) for memory in remembered},
    )  # fmt: skip


def outputs_type(lanes: int, remembered: tuple[Memory, ...]) -> ti.types.struct:
    """The record of what the laws compute of each contact, a lane each."""
    single, triple = _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        force=triple, torque_first=triple, torque_second=triple,
        beyond=single,  # overlap beyond the limit [m]
        ended=ti.types.vector(lanes, ti.i32),  # whether it touches no more
        dissipated=_rows(ENERGY_KINDS, lanes),  # dissipated in this step [J]
        **{memory.name: _rows(memory.size, lanes) for memory in remembered},
    )  # fmt: skip


def _rows(count: int, lanes: int) -> ti.types.matrix:
    return ti.types.matrix(count, lanes, types.real)


@ti.func
def column(matrix: ti.template(), lane: ti.template()):
    """The vector that a lane holds."""
    return ti.Vector([matrix[k, lane] for k in ti.static(range(matrix.n))])


@ti.func
def set_column(matrix: ti.template(), lane: ti.template(), vector):
    """Put a vector into a lane."""
    for k in ti.static(range(matrix.n)):
        matrix[k, lane] = vector[k]


@ti.func
def recall(memory: ti.template(), held: ti.template(), lane: ti.template()):
    """What a lane holds of a memory: a number, or a vector. `held` is the inputs or the outputs."""
    rows = ti.static([getattr(held, memory.name)])  # in a list, since only so a local array passes for static
    if ti.static(memory.size == 1):
        return rows[0][0, lane]
    return column(rows[0], lane)


@ti.func
def keep(memory: ti.template(), held: ti.template(), lane: ti.template(), value):
    """Put a number, or a vector, into a lane of a memory."""
    rows = ti.static([getattr(held, memory.name)])
    if ti.static(memory.size == 1):
        rows[0][0, lane] = value
    else:
        set_column(rows[0], lane, value)


@ti.func
def recall_memory(state: ti.template(), inputs: ti.template(), lane: ti.template(), c):
    """Gather what a contact remembers."""
    for memory in ti.static(state.remembered):
        keep(memory, inputs, lane, ti.static(getattr(state.contacts, memory.name))[c])


@ti.func
def keep_memory(state: ti.template(), outputs: ti.template(), lane: ti.template(), c):
    """Put away what a contact remembers from now on."""
    for memory in ti.static(state.remembered):
        ti.static(getattr(state.contacts, memory.name))[c] = recall(memory, outputs, lane)


@ti.func
def keep_results(state: ti.template(), outputs: ti.template(), lane: ti.template(), c):
    """Put away a contact's force, torques and memory."""
    contacts = state.contacts
    if ti.static(state.tracks_energy):
        dissipated = ti.static(state.particles.dissipated)
        dissipated[contacts.first[c]] = dissipated[contacts.first[c]] + column(outputs.dissipated, lane)
    if outputs.ended[lane]:
        forget_all(state, c)
    else:
        contacts.force[c] = column(outputs.force, lane)
        contacts.torque[c] = column(outputs.torque_second, lane)
        # No two threads share a grain here, so it need not be added atomically.
        i, particles = contacts.first[c], state.particles
        particles.own_force[i] = particles.own_force[i] + column(outputs.force, lane)
        particles.own_torque[i] = particles.own_torque[i] + column(outputs.torque_first, lane)
        keep_memory(state, outputs, lane, c)
