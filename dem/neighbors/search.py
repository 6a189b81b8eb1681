"""The neighbour search: sort grains by cell, list candidate contacts, hand their history on.

Grains are sorted by (world, cell, id); each keeps a row of neighbour keys in increasing order; a contact belongs to the
grain with the smaller id. So the list, and the order of every sum over it, depends on positions alone.
"""

from dem.backend import ti, types
from dem.errors import Fault
from dem.neighbors.contact_list import list_contacts, list_incidences, span_groups
from dem.neighbors.rows import FAR, find_rows
from dem.neighbors.scan import scan_exclusive
from dem.neighbors.staleness import grant_leeway
from dem.records import Particles
from dem.state import is_frozen, world_of


@ti.kernel
def _keep_history(state: ti.template()):
    """Put aside what contacts remember, before they are listed anew."""
    contacts, history = state.contacts, state.history
    ti.loop_config(serialize=state.serial)
    for c in range(contacts.count[None]):
        history.key[c] = contacts.key[c]
        for name in ti.static(state.remembered):
            ti.static(getattr(history, name))[c] = ti.static(getattr(contacts, name))[c]
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        history.row_start[i] = contacts.row_start[i]
        history.slot_of_id[i] = state.slot_of_id[i]
    history.row_start[state.particle_count] = contacts.row_start[state.particle_count]


@ti.kernel
def _search_neighbors(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Everything from stale to fresh, from the history that `_keep_history` put aside."""
    grid.shortage[None] = 0
    grant_leeway(state)
    bin_particles(state, grid)
    scan_exclusive(grid.cell_start, grid.totals, grid.cell_cursor.shape[0], state.serial)
    place_particles(state, grid)
    sort_cells(state, grid)
    permute_particles(state, grid)
    lay_out_rows(state, grid)
    find_rows(tables, state, grid)
    if ti.static(state.world_count > 1):
        empty_frozen_rows(state, grid)
    scan_exclusive(state.contacts.row_start, grid.totals, state.particle_count, state.serial)
    scan_exclusive(state.contacts.incidence_start, grid.totals, state.particle_count, state.serial)
    scan_exclusive(state.contacts.feature_start, grid.totals, state.particle_count, state.serial)
    list_contacts(tables, state, grid)
    list_incidences(state, grid)
    if ti.static(tables.laws.lanes > 1):
        span_groups(tables, state, grid)
    measure_drift(state)
    mark_bodies(state)


@ti.func
def bin_particles(state: ti.template(), grid: ti.template()):
    ti.loop_config(serialize=state.serial)
    for cell in grid.cell_cursor:
        grid.cell_start[cell] = 0
        grid.cell_cursor[cell] = 0
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        enter_domain(state, grid, i)
        cell = cell_index(state, grid, i)
        grid.cell_of[i] = cell
        ti.atomic_add(grid.cell_start[cell], 1)


@ti.func
def enter_domain(state: ti.template(), grid: ti.template(), i):
    position = state.particles.position[i]
    for axis in ti.static(range(3)):
        boxes = ti.floor((position[axis] - grid.lower[None][axis]) / grid.period[None][axis])  # 0 where not periodic
        if boxes != 0.0 and ti.abs(boxes) < FAR:
            position[axis] -= boxes * grid.period[None][axis]
            state.particles.image[i][axis] += ti.cast(boxes, ti.i32)
        if position[axis] < grid.bound_lower[None][axis] or position[axis] > grid.bound_upper[None][axis]:
            ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.OUT_OF_DOMAIN)))
    state.particles.position[i] = position
    state.particles.position_at_search[i] = position


@ti.func
def cell_index(state: ti.template(), grid: ti.template(), i):
    """The cell a grain is in, of its world and level."""
    level = level_of(grid, state.particles.radius[i])
    dims, scaled = grid.dims[level], (state.particles.position[i] - grid.lower[None]) / grid.cell_size[level]
    at, is_lost = ti.Vector([0, 0, 0]), False
    for axis in ti.static(range(3)):
        if ti.abs(scaled[axis]) < FAR:
            at[axis] = ti.cast(ti.floor(scaled[axis]), ti.i32) % dims[axis]
        else:  # also where it is not a number
            is_lost = True
    cell = (at[0] * dims[1] + at[1]) * dims[2] + at[2]
    if is_lost:  # a cell each: a world where nothing is a number must not crowd into one
        ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.NOT_FINITE)))
        cell = state.particles.id[i] % (dims[0] * dims[1] * dims[2])
    return world_of(state, i) * grid.cells_per_world[None] + grid.first_cell[level] + cell


@ti.func
def level_of(grid: ti.template(), radius):
    """The finest level whose largest radius is not below this."""
    found = 0
    for level in ti.static(range(1, grid.level_count)):
        if radius <= grid.level_radius[level]:
            found = level
    return found


@ti.func
def place_particles(state: ti.template(), grid: ti.template()):
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        cell = grid.cell_of[i]
        grid.order[grid.cell_start[cell] + ti.atomic_add(grid.cell_cursor[cell], 1)] = i


@ti.func
def sort_cells(state: ti.template(), grid: ti.template()):
    """Order each cell by grain id: the placement above came in whatever order threads took it."""
    ids = ti.static(state.particles.id)
    ti.loop_config(serialize=state.serial)
    for cell in grid.cell_cursor:
        start = grid.cell_start[cell]
        for k in range(start + 1, grid.cell_start[cell + 1]):
            moving = grid.order[k]
            place = k
            while place > start and ids[grid.order[ti.max(place - 1, 0)]] > ids[moving]:
                grid.order[place] = grid.order[place - 1]
                place -= 1
            grid.order[place] = moving


@ti.func
def permute_particles(state: ti.template(), grid: ti.template()):
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        for name in ti.static(Particles.names):
            ti.static(getattr(state.sorted, name))[i] = ti.static(getattr(state.particles, name))[grid.order[i]]
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        for name in ti.static(Particles.names):
            ti.static(getattr(state.particles, name))[i] = ti.static(getattr(state.sorted, name))[i]
        state.slot_of_id[state.sorted.id[i]] = i


@ti.func
def lay_out_rows(state: ti.template(), grid: ti.template()):
    """Where each row begins: they follow each other as the grains do now."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        grid.row_begin[i] = grid.row_room[state.particles.id[i]]
    scan_exclusive(grid.row_begin, grid.totals, state.particle_count, state.serial)


@ti.func
def measure_drift(state: ti.template()):
    """Mean velocity of each world's grains: what all of them do together makes no neighbours."""
    ti.loop_config(serialize=state.serial)
    for block in range(state.block_count):
        total = ti.Vector.zero(types.position, 3)
        for i in range(state.block_start[block], state.block_start[block + 1]):
            total += state.particles.velocity[i]
        state.block_drift[block] = total
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        total = ti.Vector.zero(types.position, 3)
        for block in range(state.first_block[world], state.first_block[world + 1]):
            total += state.block_drift[block]
        count = state.first_particle[world + 1] - state.first_particle[world]
        state.drift[world] = total / ti.max(count, 1)
        state.drifted[world] = ti.Vector.zero(types.position, 3)


@ti.func
def empty_frozen_rows(state: ti.template(), grid: ti.template()):
    """Grains of a frozen world have no neighbours: their contacts cost nothing."""
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        if is_frozen(state, world_of(state, i)):
            grid.row_length[i] = 0
            grid.row_own[i] = 0
            contacts.row_start[i] = 0
            contacts.incidence_start[i] = 0
            contacts.feature_start[state.particles.id[i]] = 0


@ti.func
def mark_bodies(state: ti.template()):
    bodies = state.bodies
    ti.loop_config(serialize=True)
    for b in range(state.body_count):
        bodies.position_at_search[b] = bodies.position[b]
        bodies.orientation_at_search[b] = bodies.orientation[b]
    state.stale[None] = 0
