"""The list of contacts, made from the rows of neighbour keys: who owns which, what it remembers, who gathers it."""

from dem.backend import ti, types
from dem.neighbors.rows import CONTACTS_FULL
from dem.state import FRESH, INCOMPLETE, world_of


@ti.func
def list_contacts(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """The contacts that each grain owns, those that others own, and where bodies are now; then nothing is stale."""
    ti.loop_config(serialize=state.serial)
    for k in range(state.body_count + state.particle_count):
        if k < state.body_count:
            state.bodies.position_at_search[k] = state.bodies.position[k]
            state.bodies.orientation_at_search[k] = state.bodies.orientation[k]
            if k == 0:  # the ground, which every scene has
                end_search(state, grid)
        else:
            list_owned(tables, state, grid, k - state.body_count)
            list_incidences(state, grid, k - state.body_count)


@ti.func
def end_search(state: ti.template(), grid: ti.template()):
    """Say how many contacts there are, and whether they found room."""
    contacts = state.contacts
    needed = contacts.row_start[state.particle_count]
    contacts.count[None] = ti.min(needed, contacts.capacity)
    if needed > contacts.capacity and grid.shortage[None] == 0:
        grid.shortage[None] = CONTACTS_FULL
    for turn in ti.static(range(2)):
        state.stale[turn] = INCOMPLETE if grid.shortage[None] != 0 else FRESH


@ti.func
def list_owned(tables: ti.template(), state: ti.template(), grid: ti.template(), i):
    """A grain's own contacts, with the history they had; elements also in the order of grain ids."""
    contacts = state.contacts
    own_id = state.particles.id[i]
    begin, element_entry = grid.row_begin[i], contacts.element_start[own_id]
    for k in range(grid.row_own[i], grid.row_length[i]):
        c = contacts.row_start[i] + k - grid.row_own[i]
        if c < contacts.capacity:  # else all is listed again, with more room
            key = grid.row_key[begin + k]
            contacts.first[c] = i
            contacts.key[c] = key
            if key < state.particle_count:
                contacts.second[c] = state.slot_of_id[key]
            else:
                contacts.second[c] = shape_of(tables, world_of(state, i), key - state.particle_count)
                if element_entry < contacts.capacity:  # by id, so it may lie beyond where c, by slot, does not
                    contacts.element_contact[element_entry] = c
                element_entry += 1
            recall_history(state, own_id, key, c)


@ti.func
def shape_of(tables: ti.template(), world, element):
    found = 0
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        if tables.shape_first_element[shape] <= element:
            found = shape
    return found


@ti.func
def forget_all(state: ti.template(), c):
    """Clear what a contact does and remembers: grains that do not touch are gathered like those that do."""
    state.contacts.force[c] = ti.Vector.zero(types.real, 3)
    state.contacts.torque[c] = ti.Vector.zero(types.real, 3)
    for memory in ti.static(state.remembered):
        if ti.static(memory.size > 1):
            ti.static(getattr(state.contacts, memory.name))[c] = ti.Vector.zero(types.real, memory.size)
        else:
            ti.static(getattr(state.contacts, memory.name))[c] = 0.0


@ti.func
def recall_history(state: ti.template(), own_id, key, c):
    contacts, history = state.contacts, state.history
    forget_all(state, c)
    slot = history.slot_of_id[own_id]
    for old in range(history.row_start[slot], history.row_start[slot + 1]):
        if history.key[old] == key:
            for memory in ti.static(state.remembered):
                ti.static(getattr(contacts, memory.name))[c] = ti.static(getattr(history, memory.name))[old]


@ti.func
def list_incidences(state: ti.template(), grid: ti.template(), i):
    """The contacts of a grain that a smaller id owns, in the order of its row."""
    contacts, own_id = state.contacts, state.particles.id[i]
    begin = grid.row_begin[i]
    for k in range(grid.row_own[i]):
        sought = grid.row_key[begin + k]
        owner = state.slot_of_id[sought]
        other, place = grid.row_begin[owner], grid.row_own[owner]
        while place < grid.row_length[owner] - 1 and grid.row_key[other + place] != own_id:
            place += 1
        entry = contacts.incidence_start[i] + k
        if entry < contacts.capacity:  # what has no place in the list is named by its last, until there is room
            c = contacts.row_start[owner] + place - grid.row_own[owner]
            contacts.incidence[entry] = ti.min(c, contacts.capacity - 1)


@ti.func
def span_groups(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """How far groups of rows reach in memory: the first and the last slot of all partners of any of their grains."""
    contacts, rows = state.contacts, ti.static(tables.laws.rows)
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        if i % rows == 0:
            end = ti.min(i + rows, state.particle_count)
            low, high = i, end - 1
            for c in range(contacts.row_start[i], ti.min(contacts.row_start[end], contacts.capacity)):
                if contacts.key[c] < state.particle_count:
                    low, high = ti.min(low, contacts.second[c]), ti.max(high, contacts.second[c])
            for entry in range(contacts.incidence_start[i], ti.min(contacts.incidence_start[end], contacts.capacity)):
                first = contacts.first[contacts.incidence[entry]]
                low, high = ti.min(low, first), ti.max(high, first)
            grid.first_partner[i // rows], grid.last_partner[i // rows] = low, high
