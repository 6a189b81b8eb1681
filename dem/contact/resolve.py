"""Contact forces: every candidate contact once, grain on grain or grain on a shape's feature, by one set of laws.

The force on the first partner, and the torques on both, are stored per contact and gathered by dem/integrate.py. The lever
arm is from a grain's centre to the contact point, the radius less half the overlap. A shape counts as flat and heavy:
R* = R, m* = m.
"""

from dem.backend import ti, types
from dem.contact.laws import rolling_moment, tangential_force
from dem.errors import Fault
from dem.maths import part_across, rotate, rotate_back, to_real
from dem.neighbors.search import nearest_image
from dem.shapes.measure import measure_feature


@ti.kernel
def _resolve_contacts(tables: ti.template(), state: ti.template(), grid: ti.template()):
    """Forces and torques of all contacts; history moves on by one time step."""
    contacts = state.contacts
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
    square = apart.norm_sqr()
    if square < reach * reach:
        distance = ti.sqrt(square)
        normal = to_real(apart / distance)
        overlap = to_real(reach - distance)
        lever_i = particles.radius[i] - 0.5 * overlap
        lever_j = particles.radius[j] - 0.5 * overlap
        spin_i, spin_j = particles.angular_velocity[i], particles.angular_velocity[j]
        velocity = particles.velocity[i] - particles.velocity[j] - (lever_i * spin_i + lever_j * spin_j).cross(normal)
        radius_eff = particles.radius[i] * particles.radius[j] / (particles.radius[i] + particles.radius[j])
        mass_eff = particles.mass[i] * particles.mass[j] / (particles.mass[i] + particles.mass[j])
        inertia_i, inertia_j = rolling_inertia(state, i), rolling_inertia(state, j)
        contact = tables.laws.Contact(
            overlap=overlap, previous_overlap=contacts.overlap[c], normal=normal, normal_velocity=velocity.dot(normal),
            tangential_velocity=part_across(velocity, normal), rolling_velocity=part_across(spin_i - spin_j, normal),
            radius_eff=radius_eff, mass_eff=mass_eff, inertia_eff=inertia_i * inertia_j / (inertia_i + inertia_j),
            secant_stiffness=0.0, time_step=to_real(state.time_step[None]),
        )  # fmt: skip
        twist, moment = apply_laws(tables, state, c, contact, particles.material[j])
        contacts.torque_first[c] = moment - lever_i * twist
        contacts.torque_second[c] = -moment - lever_j * twist
        check_overlap(state, overlap, ti.min(particles.radius[i], particles.radius[j]))
    else:
        forget_contact(state, c)


@ti.func
def meet_feature(tables: ti.template(), state: ti.template(), c):
    particles, contacts, bodies = state.particles, state.contacts, state.bodies
    i, shape = contacts.first[c], contacts.second[c]
    body = tables.shape_body[shape]
    feature = contacts.key[c] - state.particle_count - tables.shape_first_feature[shape]
    attitude = bodies.orientation[body]
    point = rotate_back(attitude, particles.position[i] - bodies.position[body])
    distance, normal_in_body = measure_feature(tables, shape, feature, point)
    overlap = to_real(particles.radius[i] - distance)
    if overlap > 0.0:
        direction = rotate(attitude, normal_in_body)
        normal = to_real(direction)
        lever = particles.radius[i] - 0.5 * overlap
        arm = particles.position[i] - bodies.position[body] - lever * direction
        surface = to_real(bodies.velocity[body] + bodies.angular_velocity[body].cross(arm))
        spin = particles.angular_velocity[i]
        velocity = particles.velocity[i] - surface - lever * spin.cross(normal)
        rolling = part_across(spin - to_real(bodies.angular_velocity[body]), normal)
        contact = tables.laws.Contact(
            overlap=overlap, previous_overlap=contacts.overlap[c], normal=normal, normal_velocity=velocity.dot(normal),
            tangential_velocity=part_across(velocity, normal), rolling_velocity=rolling,
            radius_eff=particles.radius[i], mass_eff=particles.mass[i], inertia_eff=rolling_inertia(state, i),
            secant_stiffness=0.0, time_step=to_real(state.time_step[None]),
        )  # fmt: skip
        twist, moment = apply_laws(tables, state, c, contact, tables.shape_material[shape])
        contacts.torque_first[c] = moment - lever * twist
        contacts.torque_second[c] = -moment - to_real(arm).cross(contacts.force[c])
        check_overlap(state, overlap, particles.radius[i])
    else:
        forget_contact(state, c)


@ti.func
def rolling_inertia(state: ti.template(), i):
    """Moment of inertia about the contact point, (2/5 + 1) m R^2 [kg m2]."""
    radius = state.particles.radius[i]
    return 1.4 * state.particles.mass[i] * radius * radius


@ti.func
def apply_laws(tables: ti.template(), state: ti.template(), c, contact, material):
    """Store force and history of a touching contact; normal x force [N], and the rolling moment [N m] on the first."""
    contacts, laws = state.contacts, tables.laws
    own = state.particles.material[contacts.first[c]]
    elastic, damping, _ = laws.normal.spec.force(laws.normal.table[own, material], contact)
    contact.secant_stiffness = elastic / contact.overlap
    push = elastic - damping * contact.normal_velocity
    if ti.static(laws.clamp_tension):
        push = ti.max(push, 0.0)
    sideways, displacement = tangential_force(
        laws, own, material, contact, contacts.tangential_displacement[c], push
    )
    moment, rolled = rolling_moment(laws, own, material, contact, contacts.rolling_displacement[c], push)
    contacts.overlap[c] = contact.overlap
    contacts.tangential_displacement[c] = displacement
    contacts.rolling_displacement[c] = rolled
    contacts.force[c] = push * contact.normal + sideways
    return contact.normal.cross(sideways), moment


@ti.func
def forget_contact(state: ti.template(), c):
    contacts = state.contacts
    if contacts.overlap[c] > 0.0:
        contacts.overlap[c] = 0.0
        contacts.tangential_displacement[c] *= 0.0
        contacts.rolling_displacement[c] *= 0.0


@ti.func
def check_overlap(state: ti.template(), overlap, radius):
    if overlap > state.overlap_limit[None] * radius:
        ti.atomic_or(state.fault[None], ti.static(int(Fault.LARGE_OVERLAP)))
