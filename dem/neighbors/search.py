"""The neighbour search: sort grains by cell, list candidate contacts, hand their history on.

Grains are sorted by (world, cell, id); each keeps a row of neighbour keys in increasing order; a contact belongs to the
grain with the smaller id. So the list, and the order of every sum over it, depends on positions alone.
"""

from dem.backend import ti, types
from dem.errors import Fault
from dem.maths import rotate_back
from dem.neighbors.mesh_cells import feature_at, feature_range
from dem.neighbors.scan import scan_exclusive
from dem.shapes.measure import bound_distance, measure_feature
from dem.state import ACCOUNT_SIZE, Particles, world_of

FAR = 1e9  # cells; a coordinate beyond this is not a position


@ti.kernel
def _search_neighbors(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Everything from stale to fresh."""
    keep_history(state)
    bin_particles(state, grid)
    scan_exclusive(grid.cell_start, grid.totals, grid.cell_cursor.shape[0], state.serial)
    place_particles(state, grid)
    sort_cells(state, grid)
    permute_particles(state, grid)
    find_rows(tables, state, grid)
    scan_exclusive(state.contacts.row_start, grid.totals, state.particle_count, state.serial)
    scan_exclusive(state.contacts.incidence_start, grid.totals, state.particle_count, state.serial)
    scan_exclusive(state.contacts.feature_start, grid.totals, state.particle_count, state.serial)
    list_contacts(tables, state, grid)
    list_incidences(state, grid)
    mark_bodies(state)


@ti.func
def keep_history(state: ti.template()):
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


@ti.func
def bin_particles(state: ti.template(), grid: ti.template()):
    ti.loop_config(serialize=state.serial)
    for cell in grid.cell_cursor:
        grid.cell_start[cell] = 0
        grid.cell_cursor[cell] = 0
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        enter_domain(state, grid, i)
        cell = cell_index(grid, world_of(state, i), cell_coordinates(state, grid, i))
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
def cell_coordinates(state: ti.template(), grid: ti.template(), i):
    scaled = ti.floor((state.particles.position[i] - grid.lower[None]) / grid.cell_size[None])
    coordinates = ti.Vector([0, 0, 0])
    for axis in ti.static(range(3)):
        if ti.abs(scaled[axis]) < FAR:
            coordinates[axis] = ti.cast(scaled[axis], ti.i32)
        else:  # also where it is not a number
            ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.NOT_FINITE)))
    return coordinates


@ti.func
def cell_index(grid: ti.template(), world, coordinates):
    dims = grid.dims[None]
    wrapped = ti.Vector([coordinates[axis] % dims[axis] for axis in ti.static(range(3))])
    return ((world * dims[0] + wrapped[0]) * dims[1] + wrapped[1]) * dims[2] + wrapped[2]


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
def find_rows(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Row of neighbour keys of each grain, increasing: smaller ids, larger ids, features."""
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        grid.row_length[i] = 0
        find_grains(state, grid, i)
        grains = grid.row_length[i]
        find_features(tables, state, grid, i)
        length, own = grid.row_length[i], 0
        for k in range(length):
            if grid.row_key[i, k] > state.particles.id[i]:
                own += 1
        grid.row_own[i] = length - own
        contacts.row_start[i] = own
        contacts.incidence_start[i] = length
        contacts.feature_start[state.particles.id[i]] = length - grains


@ti.func
def find_grains(state: ti.template(), grid: ti.template(), i):
    particles = state.particles
    position = particles.position[i]
    reach = ti.cast(particles.radius[i], types.position) + grid.skin[None]
    home, world = cell_coordinates(state, grid, i), world_of(state, i)
    dims = grid.dims[None]
    low = ti.Vector([0 if dims[axis] < 3 else -1 for axis in ti.static(range(3))])
    high = ti.Vector([ti.min(dims[axis] - 1, 1) for axis in ti.static(range(3))])
    for x, y, z in ti.ndrange((low[0], high[0] + 1), (low[1], high[1] + 1), (low[2], high[2] + 1)):
        cell = cell_index(grid, world, home + ti.Vector([x, y, z]))
        for j in range(grid.cell_start[cell], grid.cell_start[cell + 1]):
            apart = nearest_image(position - particles.position[j], grid.period[None])
            limit = reach + particles.radius[j]
            if j != i and apart.norm_sqr() < limit * limit:
                insert_key(state, grid, i, particles.id[j])


@ti.func
def nearest_image(apart, period):
    """A separation, by the nearest periodic image; infinite periods leave it as it is."""
    for axis in ti.static(range(3)):
        if apart[axis] > 0.5 * period[axis]:
            apart[axis] -= period[axis]
        elif apart[axis] < -0.5 * period[axis]:
            apart[axis] += period[axis]
    return apart


@ti.func
def find_features(tables: ti.template(), state: ti.template(), grid: ti.template(), i):
    bodies = state.bodies
    position = state.particles.position[i]
    reach = ti.cast(state.particles.radius[i], types.position) + grid.skin[None]
    world = world_of(state, i)
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        body = tables.shape_body[shape]
        point = rotate_back(bodies.orientation[body], position - bodies.position[body])
        if bound_distance(tables, shape, point) < reach:
            first = tables.shape_first_feature[shape]
            start, stop = feature_range(tables, grid, shape, point)
            for entry in range(start, stop):
                feature = feature_at(tables, grid, shape, entry)
                distance, _ = measure_feature(tables, shape, feature, point)
                if distance < reach:
                    insert_key(state, grid, i, state.particle_count + first + feature)


@ti.func
def insert_key(state: ti.template(), grid: ti.template(), i, key):
    place = grid.row_length[i]
    if place < grid.row_capacity:
        while place > 0 and grid.row_key[i, ti.max(place - 1, 0)] > key:
            grid.row_key[i, place] = grid.row_key[i, place - 1]
            place -= 1
        grid.row_key[i, place] = key
        grid.row_length[i] += 1
    else:
        ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.NEIGHBOR_OVERFLOW)))


@ti.func
def list_contacts(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Each grain's own contacts, with the history they had; features also in the order of grain ids."""
    contacts = state.contacts
    contacts.count[None] = ti.min(contacts.row_start[state.particle_count], contacts.capacity)
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        own = contacts.row_start[state.first_particle[world + 1]] - contacts.row_start[state.first_particle[world]]
        if own > state.contact_share[world]:
            ti.atomic_or(state.fault[world], ti.static(int(Fault.NEIGHBOR_OVERFLOW)))
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        feature_entry = contacts.feature_start[state.particles.id[i]]
        for k in range(grid.row_own[i], grid.row_length[i]):
            c = contacts.row_start[i] + k - grid.row_own[i]
            if c < contacts.capacity:
                key = grid.row_key[i, k]
                contacts.first[c] = i
                contacts.key[c] = key
                if key < state.particle_count:
                    contacts.second[c] = state.slot_of_id[key]
                else:
                    contacts.second[c] = shape_of(tables, world_of(state, i), key - state.particle_count)
                    contacts.feature_contact[feature_entry] = c
                    feature_entry += 1
                recall_history(state, state.particles.id[i], key, c)


@ti.func
def shape_of(tables: ti.template(), world, feature):
    found = 0
    for shape in range(tables.first_shape[world], tables.first_shape[world + 1]):
        if tables.shape_first_feature[shape] <= feature:
            found = shape
    return found


@ti.func
def forget_all(state: ti.template(), c):
    """Clear what a contact remembers."""
    for name in ti.static(state.remembered):
        if ti.static(name == "account"):
            state.contacts.account[c] = ti.Vector.zero(types.position, ACCOUNT_SIZE)
        elif ti.static(name.endswith("displacement")):
            ti.static(getattr(state.contacts, name))[c] = ti.Vector.zero(types.real, 3)
        else:
            ti.static(getattr(state.contacts, name))[c] = 0.0


@ti.func
def recall_history(state: ti.template(), own_id, key, c):
    contacts, history = state.contacts, state.history
    forget_all(state, c)
    slot = history.slot_of_id[own_id]
    for old in range(history.row_start[slot], history.row_start[slot + 1]):
        if history.key[old] == key:
            for name in ti.static(state.remembered):
                ti.static(getattr(contacts, name))[c] = ti.static(getattr(history, name))[old]


@ti.func
def list_incidences(state: ti.template(), grid: ti.template()):
    """All contacts of each grain, own or a smaller id's, in the order of its row."""
    contacts = state.contacts
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        own_id = state.particles.id[i]
        for k in range(grid.row_length[i]):
            owner, place, sought = i, k, grid.row_key[i, k]
            if k < grid.row_own[i]:
                owner, sought = state.slot_of_id[sought], own_id
                place = grid.row_own[owner]
                while place < grid.row_length[owner] - 1 and grid.row_key[owner, place] != sought:
                    place += 1
            c = contacts.row_start[owner] + place - grid.row_own[owner]
            entry = contacts.incidence_start[i] + k
            if c < contacts.capacity and entry < 2 * contacts.capacity:
                contacts.incidence[entry] = 2 * c + (1 if owner != i else 0)


@ti.func
def mark_bodies(state: ti.template()):
    bodies = state.bodies
    ti.loop_config(serialize=True)
    for b in range(state.body_count):
        bodies.position_at_search[b] = bodies.position[b]
        bodies.orientation_at_search[b] = bodies.orientation[b]
    state.stale[None] = 0
