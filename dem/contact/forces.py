"""Contact forces: every candidate contact once, grain on grain or grain on a shape's element, by one set of laws.

A thread takes the rows of some grains, in the order of dem/advance.py, and their candidates in SIMD batches
(dem/contact/simd_batch.py): those that touch are gathered and the laws applied to them all. What acts on the first
partner, whose row it is, is summed here; what acts on the second is stored per contact, to be gathered by
dem/integrate.py.
"""

from dem.backend import ti, types
from dem.contact.apply import apply_laws
from dem.contact.compose import gap_of
from dem.contact.meshes import measure_contact
from dem.contact.simd_batch import keep_results, recall_memory, set_column
from dem.errors import Fault
from dem.maths import rotate, rotate_back, to_real
from dem.neighbors.contact_list import forget_all
from dem.neighbors.rows import nearest_image
from dem.state import world_of


@ti.func
def compute_forces_of_rows(tables: ti.template(), state: ti.template(), grid: ti.template(), first, last):
    """Compute the contacts that the grains from `first` to before `last` own, and sum the forces on these grains."""
    inputs, outputs, contacts = tables.laws.Inputs(0), tables.laws.Outputs(0), state.contacts
    lanes, period = ti.static(tables.laws.lanes), grid.period[None]
    for i in range(first, last):
        state.particles.own_force[i] = ti.Vector.zero(types.real, 3)
        state.particles.own_torque[i] = ti.Vector.zero(types.real, 3)
    c, stop = contacts.row_start[first], contacts.row_start[last]
    while c < stop:
        filled, left = 0, 0
        while c < stop and filled < lanes and left < lanes:
            touched = ti.cast(contacts.overlap[c] > 0.0, ti.i32)
            touches = find_touching(tables, state, period, inputs, filled, c)
            outputs.ended[filled], inputs.leaving[left] = 1 - touches, c
            if ti.static(state.tracks_energy):
                filled += ti.max(touches, touched)  # its last step dissipates
            else:
                filled += touches
                left += touched * (1 - touches)
            c += 1
        for lane in range(left):
            forget_all(state, inputs.leaving[lane])
        if filled > 0:
            for lane in range(filled):
                gather_contact(tables, state, inputs, lane)
            for lane in range(lanes):  # a count known when compiling makes vectors of it
                apply_laws(tables, state, inputs, outputs, lane)
            for lane in range(filled):
                keep_results(state, outputs, lane, inputs.contact[lane])
                ratio = finish_contact(tables, state, inputs, outputs, lane)
                report_overlap(state, contacts.first[inputs.contact[lane]], ratio)


@ti.func
def compute_forces_of_row(tables: ti.template(), state: ti.template(), grid: ti.template(), i):
    """Compute the contacts of one grain, one by one: what is gathered of one stays in registers."""
    inputs, outputs, contacts = tables.laws.Inputs(0), tables.laws.Outputs(0), state.contacts
    period, worst = grid.period[None], to_real(0.0)
    state.particles.own_force[i] = ti.Vector.zero(types.real, 3)
    state.particles.own_torque[i] = ti.Vector.zero(types.real, 3)
    for c in range(contacts.row_start[i], contacts.row_start[i + 1]):
        touched = ti.cast(contacts.overlap[c] > 0.0, ti.i32)
        touches = find_touching(tables, state, period, inputs, 0, c)
        outputs.ended[0] = 1 - touches
        if touches + ti.static(int(state.tracks_energy)) * touched > 0:  # its last step dissipates
            gather_contact(tables, state, inputs, 0)
            apply_laws(tables, state, inputs, outputs, 0)
            keep_results(state, outputs, 0, c)
            worst = ti.max(worst, finish_contact(tables, state, inputs, outputs, 0))
        elif touched > 0:
            forget_all(state, c)
    report_overlap(state, i, worst)  # not in the loop: software Vulkan drops out of loops with atomics in them


@ti.func
def find_touching(tables: ti.template(), state: ti.template(), period, inputs: ti.template(), lane: ti.template(), c):
    """Put a candidate and how it stands into a lane; 1 if the lane is taken, 0 if the next may overwrite it."""
    touches = 0
    # Whether two touch is guessed wrong so often that branching on it costs more than writing in vain.
    if state.contacts.key[c] < state.particle_count:
        touches = measure_particles(tables, state, period, inputs, lane, c)
    else:
        touches = measure_shape(tables, state, inputs, lane, c)
    inputs.contact[lane] = c
    return touches


@ti.func
def measure_particles(
    tables: ti.template(), state: ti.template(), period, inputs: ti.template(), lane: ti.template(), c
):
    """Put how two grains stand to each other into a lane; 1 if they touch."""
    particles = state.particles
    i, j = state.contacts.first[c], state.contacts.second[c]
    apart = nearest_image(particles.position[i] - particles.position[j], period)
    reach = ti.cast(particles.radius[i], types.position) + particles.radius[j]
    limit, square = reach, apart.norm_sqr()
    if ti.static(tables.laws.has_neck):
        radius_eff = particles.radius[i] * particles.radius[j] / (particles.radius[i] + particles.radius[j])
        limit += neck_gap(tables, state, c, radius_eff, particles.material[j])
    set_column(inputs.direction, lane, to_real(apart))
    inputs.excess[0, lane] = to_real(reach * reach - square)
    return ti.cast(square < limit * limit, ti.i32)


@ti.func
def measure_shape(tables: ti.template(), state: ti.template(), inputs: ti.template(), lane: ti.template(), c):
    """Put how a grain stands to a shape's element into a lane; 1 if they touch."""
    particles, bodies = state.particles, state.bodies
    i, shape = state.contacts.first[c], state.contacts.second[c]
    body, radius = tables.shape_body[shape], particles.radius[i]
    attitude = bodies.orientation[body]
    from_body = particles.position[i] - bodies.position[body]
    distance, normal = measure_contact(tables, state, c, rotate_back(attitude, from_body))
    overlap = to_real(radius - distance)
    gap = 0.0 * overlap
    if ti.static(tables.laws.has_neck):
        gap = to_real(neck_gap(tables, state, c, radius, tables.shape_material[shape]))
    # (reach^2 - distance^2) / (reach + distance) gives this overlap again, however deep, with this direction.
    set_column(inputs.direction, lane, radius * to_real(rotate(attitude, normal)))
    inputs.excess[0, lane] = 2.0 * radius * overlap
    return ti.cast(overlap > -gap, ti.i32)


@ti.func
def gather_contact(tables: ti.template(), state: ti.template(), inputs: ti.template(), lane: ti.template()):
    """Gather the rest of what the laws read of a contact that touches."""
    contacts, particles, c = state.contacts, state.particles, inputs.contact[lane]
    i, second = contacts.first[c], contacts.second[c]
    inputs.own[lane] = pair_row(tables, state, i)
    inputs.radius_first[0, lane], inputs.mass_first[0, lane] = particles.radius[i], particles.mass[i]
    set_column(inputs.angular_velocity_first, lane, particles.angular_velocity[i])
    if contacts.key[c] < state.particle_count:
        inputs.radius_second[0, lane], inputs.mass_second[0, lane] = particles.radius[second], particles.mass[second]
        inputs.other[lane] = particles.material[second]
        set_column(inputs.drift, lane, particles.velocity[i] - particles.velocity[second])
        set_column(inputs.angular_velocity_second, lane, particles.angular_velocity[second])
    else:  # an element is a partner without radius
        bodies, body = state.bodies, tables.shape_body[second]
        inputs.radius_second[0, lane], inputs.mass_second[0, lane] = 0.0, 0.0
        inputs.other[lane] = tables.shape_material[second]
        from_body = particles.position[i] - bodies.position[body]
        carried = bodies.velocity[body] + bodies.angular_velocity[body].cross(from_body)
        set_column(inputs.drift, lane, particles.velocity[i] - to_real(carried))
        set_column(inputs.angular_velocity_second, lane, to_real(bodies.angular_velocity[body]))
    recall_memory(state, inputs, lane, c)


@ti.func
def finish_contact(
    tables: ti.template(), state: ti.template(), inputs: ti.template(), outputs: ti.template(), lane: ti.template()
):
    """What is left for one contact alone: a shape's torque about its body's centre; and its overlap over the smaller
    radius where that is beyond the limit, else 0."""
    contacts, bodies, ratio = state.contacts, state.bodies, to_real(0.0)
    c = inputs.contact[lane]
    i = contacts.first[c]
    if contacts.key[c] >= state.particle_count:
        from_body = state.particles.position[i] - bodies.position[tables.shape_body[contacts.second[c]]]
        contacts.torque[c] = contacts.torque[c] - to_real(from_body).cross(contacts.force[c])
    if outputs.beyond[0, lane] > 0.0:
        radius = state.particles.radius[i]
        if contacts.key[c] < state.particle_count:
            radius = ti.min(radius, state.particles.radius[contacts.second[c]])
        ratio = contacts.overlap[c] / radius
    return ratio


@ti.func
def report_overlap(state: ti.template(), i, ratio):
    """Raise a fault if a grain's largest overlap is beyond the limit, and note whose is the worst."""
    if ratio > 0.0:
        world = world_of(state, i)
        ti.atomic_or(state.fault[world], ti.static(int(Fault.LARGE_OVERLAP)))
        rounded = ti.cast(ratio, ti.f32)
        if rounded > ti.atomic_max(state.worst_overlap[world], rounded):
            state.worst_particle[world] = state.particles.id[i]


@ti.func
def neck_gap(tables: ti.template(), state: ti.template(), c, radius_eff, material):
    """The gap [m] across which this contact holds: it must have touched."""
    own = pair_row(tables, state, state.contacts.first[c])
    gap = ti.cast(gap_of(tables.laws, own, material, radius_eff), types.position)
    return gap if state.contacts.overlap[c] > 0.0 else 0.0 * gap


@ti.func
def pair_row(tables: ti.template(), state: ti.template(), i):
    """Row of the pair tables for a grain: its world and its material."""
    return world_of(state, i) * ti.static(tables.laws.material_count) + state.particles.material[i]
