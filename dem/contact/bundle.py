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
from dem.records import ACCOUNT_SIZE, ACCOUNT_STORED


def given_type(lanes: int, remembered: tuple[str, ...]) -> ti.types.struct:
    """What is gathered of each contact, a lane each."""
    number, single, triple = ti.types.vector(lanes, ti.i32), _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        contact=number, own=number, other=number,  # its place in the list, row and column of the pair tables
        leaving=number,  # of the same candidates, those that touched and do no more
        direction=triple, excess=single,  # along the normal [m]; (reach^2 - distance^2) [m2]
        radius_first=single, radius_second=single, mass_first=single, mass_second=single,
        drift=triple, spin_first=triple, spin_second=triple,  # [m/s] of the first past the second; [rad/s]
        **{name: _memory(name, lanes) for name in remembered},
    )  # fmt: skip


def made_type(lanes: int, remembered: tuple[str, ...]) -> ti.types.struct:
    """What the laws make of each contact."""
    single, triple = _rows(1, lanes), _rows(3, lanes)
    return ti.types.struct(
        force=triple, torque_first=triple, torque_second=triple,
        beyond=single,  # overlap beyond the limit [m]
        ended=ti.types.vector(lanes, ti.i32),  # whether it touches no more
        spent=_rows(ACCOUNT_STORED, lanes),  # dissipated in this step [J]
        **{name: _memory(name, lanes) for name in remembered},
    )  # fmt: skip


def _memory(name: str, lanes: int) -> ti.types.matrix:
    return _rows(ACCOUNT_SIZE if name == "account" else 3 if name.endswith("displacement") else 1, lanes)


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
def recall_memory(state: ti.template(), given: ti.template(), lane: ti.template(), c):
    """Gather what a contact remembers."""
    contacts = state.contacts
    given.overlap[0, lane] = contacts.overlap[c]
    if ti.static("tangential_displacement" in state.remembered):
        set_column(given.tangential_displacement, lane, contacts.tangential_displacement[c])
    if ti.static("rolling_displacement" in state.remembered):
        set_column(given.rolling_displacement, lane, contacts.rolling_displacement[c])
    if ti.static("twisting_angle" in state.remembered):
        given.twisting_angle[0, lane] = contacts.twisting_angle[c]
    if ti.static("normal_memory" in state.remembered):
        given.normal_memory[0, lane] = contacts.normal_memory[c]
    if ti.static("account" in state.remembered):
        set_column(given.account, lane, contacts.account[c])


@ti.func
def keep_memory(state: ti.template(), made: ti.template(), lane: ti.template(), c):
    """Put away what a contact remembers from now on."""
    contacts = state.contacts
    contacts.overlap[c] = made.overlap[0, lane]
    if ti.static("tangential_displacement" in state.remembered):
        contacts.tangential_displacement[c] = column(made.tangential_displacement, lane)
    if ti.static("rolling_displacement" in state.remembered):
        contacts.rolling_displacement[c] = column(made.rolling_displacement, lane)
    if ti.static("twisting_angle" in state.remembered):
        contacts.twisting_angle[c] = made.twisting_angle[0, lane]
    if ti.static("normal_memory" in state.remembered):
        contacts.normal_memory[c] = made.normal_memory[0, lane]
    if ti.static("account" in state.remembered):
        contacts.account[c] = column(made.account, lane)


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
