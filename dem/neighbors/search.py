"""The neighbour search: sort grains by cell, list candidate contacts, pass their history on.

Grains are sorted by (world, cell, id); each keeps a row of neighbour keys in increasing order; a contact belongs to the
grain with the smaller id. So the list, and the order of every sum over it, depends on positions alone.
"""

from dem.backend import ti
from dem.errors import Fault
from dem.neighbors.contact_list import list_contacts, span_groups
from dem.neighbors.rows import FAR, find_rows
from dem.neighbors.scan import clear_scan, scan_exclusive
from dem.neighbors.staleness import average_motion, measure_motion, set_extra_skin, sum_group_motion
from dem.state import world_of


@ti.kernel
def keep_history(state: ti.template()):
    """Put aside what contacts remember, before they are listed anew.

    Reads: the list of contacts and what they remember; slot_of_id.
    Writes: history.
    """
    contacts, history = state.contacts, state.history
    ti.loop_config(serialize=state.serial)
    for c in range(state.history_length):
        if c < contacts.count[None]:
            history.key[c] = contacts.key[c]
            for memory in ti.static(state.remembered):
                ti.static(getattr(history, memory.name))[c] = ti.static(getattr(contacts, memory.name))[c]
        if c <= state.particle_count:
            history.row_start[c] = contacts.row_start[c]
        if c < state.particle_count:
            history.slot_of_id[c] = state.slot_of_id[c]


@ti.kernel
def search_neighbors(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Search all neighbours and list all contacts, with the history that `keep_history` put aside.

    Reads: history, shapes and meshes, places of grains and bodies, velocities of grains, frozen; bounds and sizes of
        the grid.
    Writes: cells and rows of the grid, shortage; all arrays of grains, in the order of cells, slot_of_id; the list of
        contacts and what they remember; position_at_search of grains and bodies, extra_skin, unlisted_distance, drift,
        drifted, mean_square_motion; stale, fault.
    """
    contacts = state.contacts
    begin_search(state, grid)
    bin_particles(state, grid)
    scan_exclusive(grid.cell_scan, (grid.cell_start,), grid.cell_cursor.shape[0], state.serial)
    place_particles(state, grid)
    sort_cells(state, grid)
    permute_particles(state, grid)
    scan_exclusive(grid.row_scan, (grid.row_begin,), state.particle_count, state.serial)
    find_rows(tables, state, grid)
    rows = ti.static((contacts.row_start, contacts.incidence_start, contacts.element_start))
    scan_exclusive(grid.list_scan, rows, state.particle_count, state.serial)
    list_contacts(tables, state, grid)
    if ti.static(tables.laws.lanes > 1):
        span_groups(tables, state, grid)


@ti.func
def begin_search(state: ti.template(), grid: ti.template()):
    """Clear cells and sums, and see how the grains of each block have moved since the last search."""
    ti.loop_config(serialize=state.serial)
    for k in range(state.tree.block_count + grid.cell_cursor.shape[0]):
        cell = k - state.tree.block_count
        if cell < 0:
            measure_motion(state, k)
        else:
            grid.cell_start[cell] = 0
            grid.cell_cursor[cell] = 0
            for scan in ti.static((grid.cell_scan, grid.row_scan, grid.list_scan)):
                clear_scan(scan, cell)
        if k == 0:
            grid.shortage[None] = 0


@ti.func
def bin_particles(state: ti.template(), grid: ti.template()):
    """The cell of each grain, how many each holds, and how groups of blocks have moved."""
    ti.loop_config(serialize=state.serial)
    for k in range(state.tree.group_count + state.particle_count):
        i = k - state.tree.group_count
        if i < 0:
            sum_group_motion(state, k)
        else:
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
    """Grains into their cells, and how whole worlds have moved."""
    ti.loop_config(serialize=state.serial)
    for k in range(state.world_count + state.particle_count):
        i = k - state.world_count
        if i < 0:
            average_motion(state, k)
        else:
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
    """Put grains into the order of cells, set the capacity of their rows, in the same order, and their extra skin."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        for name in ti.static(state.particles.names):
            ti.static(getattr(state.sorted, name))[i] = ti.static(getattr(state.particles, name))[grid.order[i]]
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        for name in ti.static(state.particles.names):
            ti.static(getattr(state.particles, name))[i] = ti.static(getattr(state.sorted, name))[i]
        state.slot_of_id[state.sorted.id[i]] = i
        grid.row_begin[i] = grid.row_capacity[state.sorted.id[i]]
        set_extra_skin(state, i)
