"""A bundle of contacts, resolved together: what is gathered of each, and what the laws make of it, in local arrays.

A thread gathers the contacts of a bundle one by one, applies the laws to all of them in one loop over local arrays, and
puts the results away one by one. Such a loop the compiler turns into vector instructions, which it never does where
fields are read and written: so the laws, most of the arithmetic, cost a tenth of the time. Where threads are plenty,
on a GPU, and in scenes so small that compiling takes longer than running, a bundle is one contact: with the same bits.

Grains and features of shapes are alike here: a feature is a partner without radius, `radius_second` = 0, that moves
with its body, and whose lever is minus the grain's.
"""

from dem.backend import ti, types
from dem.neighbors.contact_list import forget_all
from dem.records import ACCOUNT_STORED, Memory


def given_type(lanes: int, remembered: tuple[Memory, ...]) -> ti.types.struct:
    """What is gathered of each contact, a lane each."""
    number, single, triple = ti.types.vector(lanes, ti.i32), _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        contact=number, own=number, other=number,  # its place in the list, row and column of the pair tables
        leaving=number,  # of the same candidates, those that touched and do no more
        direction=triple, excess=single,  # along the normal [m]; (reach^2 - distance^2) [m2]
        radius_first=single, radius_second=single, mass_first=single, mass_second=single,
        drift=triple, spin_first=triple, spin_second=triple,  # [m/s] of the first past the second; [rad/s]
        **{memory.name: _rows(memory.size, lanes) for memory in remembered},
    )  # fmt: skip


def made_type(lanes: int, remembered: tuple[Memory, ...]) -> ti.types.struct:
    """What the laws make of each contact."""
    single, triple = _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        force=triple, torque_first=triple, torque_second=triple,
        beyond=single,  # overlap beyond the limit [m]
        ended=ti.types.vector(lanes, ti.i32),  # whether it touches no more
        spent=_rows(ACCOUNT_STORED, lanes),  # dissipated in this step [J]
        **{memory.name: _rows(memory.size, lanes) for memory in remembered},
    )  # fmt: skip


def _rows(count: int, lanes: int) -> ti.types.matrix:
    return ti.types.matrix(count, lanes, types.real)


@ti.func
def column(matrix: ti.template(), lane: ti.template()):
    """A lane's vector."""
    return ti.Vector([matrix[k, lane] for k in ti.static(range(matrix.n))])


@ti.func
def set_column(matrix: ti.template(), lane: ti.template(), vector):
    """Put a vector into a lane."""
    for k in ti.static(range(matrix.n)):
        matrix[k, lane] = vector[k]


@ti.func
def recall(memory: ti.template(), held: ti.template(), lane: ti.template()):
    """What a lane holds of a memory: a number, or a vector. `held` is what is gathered, or made, of contacts."""
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
def recall_memory(state: ti.template(), given: ti.template(), lane: ti.template(), c):
    """Gather what a contact remembers."""
    for memory in ti.static(state.remembered):
        keep(memory, given, lane, ti.static(getattr(state.contacts, memory.name))[c])


@ti.func
def keep_memory(state: ti.template(), made: ti.template(), lane: ti.template(), c):
    """Put away what a contact remembers from now on."""
    for memory in ti.static(state.remembered):
        ti.static(getattr(state.contacts, memory.name))[c] = recall(memory, made, lane)


@ti.func
def keep_results(state: ti.template(), made: ti.template(), lane: ti.template(), c):
    """Put away a contact's force, torques and memory."""
    contacts = state.contacts
    if ti.static(state.tracks_energy):
        dissipated = ti.static(state.particles.dissipated)
        dissipated[contacts.first[c]] = dissipated[contacts.first[c]] + column(made.spent, lane)
    if made.ended[lane]:
        forget_all(state, c)
    else:
        contacts.force[c] = column(made.force, lane)
        contacts.torque[c] = column(made.torque_second, lane)
        # No two threads share a grain here, so it need not be added atomically.
        i, particles = contacts.first[c], state.particles
        particles.own_force[i] = particles.own_force[i] + column(made.force, lane)
        particles.own_torque[i] = particles.own_torque[i] + column(made.torque_first, lane)
        keep_memory(state, made, lane, c)
