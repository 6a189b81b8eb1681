"""Rows of neighbour keys: for each grain the grains and the elements of shapes within reach, in increasing order.

A grain searches the cells that its reach covers, level by level of sizes, in runs along z, whose cells lie one
after another in memory. Both partners of a pair find each other, so rows need no atomics.
"""

from dem.backend import ti, types
from dem.maths import rotate_back, to_real
from dem.neighbors.mesh_cells import element_at, element_range
from dem.shapes.measure import bound_distance, measure_element
from dem.state import is_frozen, world_of

SHORT_ROW = 16  # neighbours: two vector registers of ids, compared at once
WIDE_SKINS = 3  # from a shape of one element, such as a floor, its neighbours are listed
FAR = 1e9  # cells; a coordinate beyond this is not a position
CONTACTS_FULL = -1  # what a search found too small, `grid.shortage`; rows if above 0, the percentage they need

RowSpan = ti.types.struct(  # of a grain's row in `grid.row_key`
    begin=ti.i32,  # entry
    capacity=ti.i32,  # for keys
    length=ti.i32,  # keys so far, perhaps beyond the room
)


@ti.func
def find_rows(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Row of neighbour keys of each grain, increasing: smaller ids, larger ids, elements."""
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        own_id = state.particles.id[i]
        begin = grid.row_begin[i]
        capacity = grid.row_begin[i + 1] - begin - 1  # the last entry takes what does not count
        grains = find_particles(state, grid, i, begin, capacity)
        length = find_elements(tables, state, grid, i, RowSpan(begin, capacity, grains))
        if length > capacity:
            ti.atomic_max(grid.shortage[None], 100 * length // capacity + 1)
            length = capacity
        sort_particles(grid, begin, ti.min(grains, length))  # elements are found in order, and come after all grains
        if is_frozen(state, world_of(state, i)):  # its contacts cost nothing then
            length, grains = 0, 0
        own = 0
        for k in range(begin, begin + length):
            own += ti.cast(grid.row_key[k] > own_id, ti.i32)
        grid.row_length[i] = length
        grid.row_own[i] = length - own
        contacts.row_start[i] = own
        contacts.incidence_start[i] = length - own
        contacts.element_start[own_id] = ti.max(length - grains, 0)


@ti.func
def find_particles(state: ti.template(), grid: ti.template(), i, begin, capacity):
    """How many grains are within reach of grain i; their ids are in its row, as far as it has room."""
    length, first_cell = 0, world_of(state, i) * grid.cells_per_world[None]
    place = state.particles.position[i]
    own_reach = skin_radius(state, i) + grid.skin[None]
    for level in range(grid.level_count):
        reach = own_reach + grid.level_reach[level]
        low, count = cells_in_reach(grid, level, place, reach)
        at_face, dims = is_at_face(grid, place, reach), grid.dims[level]
        straight = ti.min(count[2], dims[2] - low[2])
        for x in range(count[0]):
            plane = first_cell + grid.first_cell[level] + wrap(low[0] + x, dims[0]) * dims[1] * dims[2]
            for y in range(count[1]):
                column = plane + wrap(low[1] + y, dims[1]) * dims[2]
                for part in range(2 if straight < count[2] else 1):  # a run that wraps goes on at the column's foot
                    head = column + (low[2] if part == 0 else 0)
                    cells = straight if part == 0 else count[2] - straight
                    for j in range(grid.cell_start[head], grid.cell_start[head + cells]):
                        # Written wherever it is, counted if it is near: no branch for the processor to guess wrong.
                        grid.row_key[begin + ti.min(length, capacity)] = state.particles.id[j]
                        length += is_near(state, grid, j, place, own_reach, at_face) * ti.cast(j != i, ti.i32)
    return length


@ti.func
def sort_particles(grid: ti.template(), begin, length):
    """Put the ids at the head of a row in order: each to the place that as many are below it."""
    if length <= SHORT_ROW:
        ids = ti.Vector([ti.static(2**31 - 1)] * SHORT_ROW)
        for k in range(length):
            ids[k] = grid.row_key[begin + k]
        for k in range(length):
            below = 0
            for other in ti.static(range(SHORT_ROW)):
                below += ti.cast(ids[other] < ids[k], ti.i32)
            grid.row_key[begin + below] = ids[k]
    else:
        sort_long_row(grid, begin, length)


@ti.func
def sort_long_row(grid: ti.template(), begin, length):
    for k in range(begin + 1, begin + length):
        key, place = grid.row_key[k], k
        while place > begin and grid.row_key[ti.max(place - 1, 0)] > key:
            grid.row_key[place] = grid.row_key[place - 1]
            place -= 1
        grid.row_key[place] = key


@ti.func
def wrap(index, dim):
    """An index less than twice around."""
    return index - dim if index >= dim else index


@ti.func
def cells_in_reach(grid: ti.template(), level, place, reach):
    """First cell and number of cells (3,) of a level that `reach` [m] around a place covers, each cell once."""
    size, dims = grid.cell_size[level], grid.dims[level]
    low, count = ti.Vector([0, 0, 0]), ti.Vector([0, 0, 0])
    for axis in ti.static(range(3)):
        first = ti.floor((place[axis] - grid.lower[None][axis] - reach) / size[axis])
        last = ti.floor((place[axis] - grid.lower[None][axis] + reach) / size[axis])
        if ti.abs(first) < FAR:  # false for what is not a number, which is a fault already
            low[axis] = ti.cast(first, ti.i32) % dims[axis]
            count[axis] = ti.cast(ti.min(last - first + 1, dims[axis]), ti.i32)
    return low, count


@ti.func
def is_at_face(grid: ti.template(), place, reach):
    """Whether something within reach may be nearer through a periodic face."""
    found = False
    for axis in ti.static(range(3)):
        if place[axis] - reach < grid.wrap_lower[None][axis] or place[axis] + reach > grid.wrap_upper[None][axis]:
            found = True
    return found


@ti.func
def skin_radius(state: ti.template(), i):
    """A grain's radius and extra_skin [m]."""
    return ti.cast(state.particles.radius[i], types.position) + state.particles.extra_skin[i]


@ti.func
def is_near(state: ti.template(), grid: ti.template(), j, place, own_reach, at_face):
    """1 if grain j and its extra_skin touch the sphere of `own_reach` [m] around a place, 0 if not."""
    apart = place - state.particles.position[j]
    if at_face:
        apart = nearest_image(apart, grid.period[None])
    limit = own_reach + skin_radius(state, j)
    return ti.cast(apart.norm_sqr() < limit * limit, ti.i32)


@ti.func
def nearest_image(apart, period):
    """A separation, by the nearest periodic image; infinite periods leave it as it is."""
    half = 0.5 * period
    # Compared one by one: the largest of three would ask whether each is a number.
    if (ti.abs(apart[0]) > half[0]) | (ti.abs(apart[1]) > half[1]) | (ti.abs(apart[2]) > half[2]):
        for axis in ti.static(range(3)):
            if ti.abs(apart[axis]) > half[axis]:
                apart[axis] -= period[axis] if apart[axis] > 0.0 else -period[axis]
    return apart


@ti.func
def find_elements(tables: ti.template(), state: ti.template(), grid: ti.template(), i, row):
    """Length of a row, a `RowSpan`, with the elements within reach of grain i."""
    bodies, length, unlisted_distance = state.bodies, row.length, to_real(FAR)
    position = state.particles.position[i]
    reach = skin_radius(state, i) + grid.skin[None]
    world = world_of(state, i)
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        body, first = tables.shape_body[shape], tables.shape_first_element[shape]
        has_parts = tables.shape_first_element[shape + 1] - first > 1
        limit = reach
        if not has_parts:  # a wider reach lists little more, and a bed may slide farther along its floor
            limit += ti.static(WIDE_SKINS - 1) * grid.skin[None]
        point = rotate_back(bodies.orientation[body], position - bodies.position[body])
        bound = bound_distance(tables, shape, point)
        if bound < limit:
            start, stop = element_range(tables, grid, shape, point)
            for entry in range(start, stop):
                element = element_at(tables, grid, shape, entry)
                distance, _ = measure_element(tables, shape, element, point)
                if distance < limit:
                    length = append_key(grid, row.begin, row.capacity, length, state.particle_count + first + element)
            if has_parts:  # its other elements are farther than the skin
                unlisted_distance = ti.min(unlisted_distance, to_real(grid.skin[None]))
        else:
            unlisted_distance = ti.min(unlisted_distance, to_real(bound) - state.particles.radius[i])
    state.particles.unlisted_distance[i] = unlisted_distance
    return length


@ti.func
def append_key(grid: ti.template(), begin, capacity, length, key):
    """Length of a row with one more key; a full row only counts on."""
    if length < capacity:
        grid.row_key[begin + length] = key
    return length + 1
