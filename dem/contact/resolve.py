"""Contact forces: every candidate contact once, grain on grain or grain on a shape's feature, by one set of laws.

The force on the first partner, and the torques on both, are stored per contact and gathered by dem/integrate.py. The
lever arm is from a grain's centre to the contact point, the radius less half the overlap. A shape counts as flat and
heavy: R* = R, m* = m.
"""

from dem.backend import ti, types
from dem.contact.compose import (
    attraction,
    gap_of,
    normal_parts,
    rolling_moment,
    stored_energies,
    tangential_force,
    twisting_moment,
)
from dem.contact.ledger import book_work, close_account
from dem.contact.meshes import measure_contact, pass_on_meshes
from dem.errors import Fault
from dem.maths import part_across, rotate, rotate_back, to_real
from dem.neighbors.contact_list import forget_all
from dem.neighbors.rows import nearest_image
from dem.state import world_of


@ti.kernel
def _resolve_contacts(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Forces and torques of all contacts; history moves on by one time step."""
    contacts = state.contacts
    if ti.static(tables.meshes.present):
        pass_on_meshes(tables, state)
    ti.loop_config(serialize=state.serial)
    for c in range(contacts.count[None]):
        if contacts.key[c] < state.particle_count:
            meet_grain(tables, state, grid, c)
        else:
            meet_feature(tables, state, c)


@ti.func
def meet_grain(tables: ti.template(), state: ti.template(), grid: ti.template(), c):
    particles, contacts = state.particles, state.contacts
    i, j = contacts.first[c], contacts.second[c]
    apart = nearest_image(particles.position[i] - particles.position[j], grid.period[None])
    reach = ti.cast(particles.radius[i], types.position) + particles.radius[j]
    limit = reach
    if ti.static(tables.laws.has_neck):
        limit += neck_gap(tables, state, c, effective_radius(state, i, j), particles.material[j])
    square = apart.norm_sqr()
    if square < limit * limit:
        normal, overlap = face(apart, reach, square)
        contact, lever_i, lever_j = view_grains(tables, state, c, i, j, normal, overlap)
        twist, moment = apply_laws(tables, state, c, contact, particles.material[j])
        contacts.torque_first[c] = moment - lever_i * twist
        contacts.torque_second[c] = -moment - lever_j * twist
        check_overlap(state, i, overlap, ti.min(particles.radius[i], particles.radius[j]))
    elif contacts.overlap[c] > 0.0:
        if ti.static(state.tracks_energy):
            normal, overlap = face(apart, reach, square)
            contact, _, _ = view_grains(tables, state, c, i, j, normal, overlap)
            close_account(tables, state, c, contact)
        forget_all(state, c)


@ti.func
def face(apart, reach, square):
    """Normal, and overlap [m] = (reach^2 - distance^2) / (reach + distance).

    Only that difference needs the precision of positions: no root and no quotient does, which take longest there.
    """
    direction = to_real(apart)
    distance = direction.norm()
    return direction / distance, to_real(reach * reach - square) / (to_real(reach) + distance)


@ti.func
def effective_radius(state: ti.template(), i, j):
    particles = state.particles
    return particles.radius[i] * particles.radius[j] / (particles.radius[i] + particles.radius[j])


@ti.func
def view_grains(tables: ti.template(), state: ti.template(), c, i, j, normal, overlap):
    """The contact of two grains as the laws see it, and the lever arms [m] of both."""
    particles = state.particles
    lever_i = particles.radius[i] - 0.5 * overlap
    lever_j = particles.radius[j] - 0.5 * overlap
    spin_i, spin_j = particles.angular_velocity[i], particles.angular_velocity[j]
    velocity = particles.velocity[i] - particles.velocity[j] - (lever_i * spin_i + lever_j * spin_j).cross(normal)
    mass_eff = particles.mass[i] * particles.mass[j] / (particles.mass[i] + particles.mass[j])
    inertia_i, inertia_j = rolling_inertia(state, i), rolling_inertia(state, j)
    contact = tables.laws.Contact(
        overlap=overlap, previous_overlap=state.contacts.overlap[c], normal=normal,
        normal_velocity=velocity.dot(normal), tangential_velocity=part_across(velocity, normal),
        rolling_velocity=part_across(spin_i - spin_j, normal), twisting_velocity=(spin_i - spin_j).dot(normal),
        radius_eff=effective_radius(state, i, j), mass_eff=mass_eff, inertia_eff=inertia_i * inertia_j / (inertia_i +
        inertia_j), normal_stiffness=0.0, secant_stiffness=0.0, memory=0.0, time_step=to_real(state.time_step[None]),
    )  # fmt: skip
    return contact, lever_i, lever_j


@ti.func
def meet_feature(tables: ti.template(), state: ti.template(), c):
    particles, contacts, bodies = state.particles, state.contacts, state.bodies
    i, shape = contacts.first[c], contacts.second[c]
    body = tables.shape_body[shape]
    attitude = bodies.orientation[body]
    point = rotate_back(attitude, particles.position[i] - bodies.position[body])
    distance, normal_in_body = measure_contact(tables, state, c, point)
    overlap = to_real(particles.radius[i] - distance)
    gap = 0.0 * overlap
    if ti.static(tables.laws.has_neck):
        gap = neck_gap(tables, state, c, particles.radius[i], tables.shape_material[shape])
    if overlap > -gap:
        contact, lever, arm = view_feature(tables, state, c, i, body, rotate(attitude, normal_in_body), overlap)
        twist, moment = apply_laws(tables, state, c, contact, tables.shape_material[shape])
        contacts.torque_first[c] = moment - lever * twist
        contacts.torque_second[c] = -moment - to_real(arm).cross(contacts.force[c])
        check_overlap(state, i, overlap, particles.radius[i])
    elif contacts.overlap[c] > 0.0:
        if ti.static(state.tracks_energy):
            contact, _, _ = view_feature(tables, state, c, i, body, rotate(attitude, normal_in_body), overlap)
            close_account(tables, state, c, contact)
        forget_all(state, c)


@ti.func
def view_feature(tables: ti.template(), state: ti.template(), c, i, body, direction, overlap):
    """The contact of a grain and a feature as the laws see it, the grain's lever arm and the body's arm [m]."""
    particles, bodies = state.particles, state.bodies
    normal = to_real(direction)
    lever = particles.radius[i] - 0.5 * overlap
    arm = particles.position[i] - bodies.position[body] - lever * direction
    surface = to_real(bodies.velocity[body] + bodies.angular_velocity[body].cross(arm))
    spin = particles.angular_velocity[i]
    velocity = particles.velocity[i] - surface - lever * spin.cross(normal)
    turning = spin - to_real(bodies.angular_velocity[body])
    contact = tables.laws.Contact(
        overlap=overlap, previous_overlap=state.contacts.overlap[c], normal=normal,
        normal_velocity=velocity.dot(normal), tangential_velocity=part_across(velocity, normal),
        rolling_velocity=part_across(turning, normal), twisting_velocity=turning.dot(normal),
        radius_eff=particles.radius[i], mass_eff=particles.mass[i], inertia_eff=rolling_inertia(state, i),
        normal_stiffness=0.0, secant_stiffness=0.0, memory=0.0, time_step=to_real(state.time_step[None]),
    )  # fmt: skip
    return contact, lever, arm


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


@ti.func
def rolling_inertia(state: ti.template(), i):
    """Moment of inertia about the contact point, (2/5 + 1) m R^2 [kg m2]."""
    radius = state.particles.radius[i]
    return 1.4 * state.particles.mass[i] * radius * radius


@ti.func
def apply_laws(tables: ti.template(), state: ti.template(), c, contact, material):
    """Store force and history of a touching contact; normal x force [N], and the moment [N m] on the first."""
    contacts, laws = state.contacts, tables.laws
    own = pair_row(tables, state, contacts.first[c])
    recall(tables, state, c, contact, own, material)
    elastic, push, stiffness = normal_parts(laws, own, material, contact)
    contact.normal_stiffness, contact.secant_stiffness = stiffness, elastic / contact.overlap
    load, along = push, push
    if ti.static(laws.has_cohesion):
        pull, grip = attraction(laws, own, material, contact)
        along = push - pull
        load = push + grip
    sideways, displacement = tangential_force(laws, own, material, contact, contacts.tangential_displacement[c], load)
    moment = turning_moment(tables, state, c, contact, own, material, load)
    contacts.overlap[c] = contact.overlap
    contacts.tangential_displacement[c] = displacement
    contacts.force[c] = along * contact.normal + sideways
    if ti.static(state.tracks_energy):
        spent = along if ti.static(laws.is_plastic) else push - elastic
        stored = stored_energies(tables, contacts, c, own, material, contact)
        book_work(tables, state, c, contact, spent, sideways, moment, stored)
    return contact.normal.cross(sideways), moment


@ti.func
def recall(tables: ti.template(), state: ti.template(), c, contact: ti.template(), own, material):
    """Give the record what the laws chosen want to know: the neck's indentation, the normal law's memory."""
    laws = tables.laws
    if ti.static(laws.has_neck):
        contact.overlap = laws.cohesion.spec.indentation(laws.cohesion.table[own, material], contact)
    if ti.static(laws.has_memory):
        contact.memory = state.contacts.normal_memory[c]
        contact.memory = laws.normal.spec.remember(laws.normal.table[own, material], contact)
        state.contacts.normal_memory[c] = contact.memory


@ti.func
def turning_moment(tables: ti.template(), state: ti.template(), c, contact, own, material, load):
    """Rolling and twisting moment [N m] on the first partner; their history moves on."""
    contacts, laws = state.contacts, tables.laws
    moment = ti.Vector.zero(types.real, 3)
    if ti.static(laws.has_rolling):
        rolling, rolled = rolling_moment(laws, own, material, contact, contacts.rolling_displacement[c], load)
        contacts.rolling_displacement[c] = rolled
        moment += rolling
    if ti.static(laws.has_twisting):
        twisting, angle = twisting_moment(laws, own, material, contact, contacts.twisting_angle[c], load)
        contacts.twisting_angle[c] = angle
        moment += twisting * contact.normal
    return moment


@ti.func
def check_overlap(state: ti.template(), i, overlap, radius):
    if overlap > state.overlap_limit[None] * radius:
        ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.LARGE_OVERLAP)))
