"""Where the partners of a touching contact are to each other, measured anew: only what the laws remember is kept."""

from dem.backend import ti, types
from dem.contact.meshes import measure_contact
from dem.maths import rotate, rotate_back
from dem.neighbors.rows import nearest_image


@ti.func
def face_contact(tables: ti.template(), state: ti.template(), grid: ti.template(), c):
    """Normal towards the first partner, and depth [m] of the surfaces, below 0 in a neck."""
    contacts, particles, bodies = state.contacts, state.particles, state.bodies
    i, second = contacts.first[c], contacts.second[c]
    radius = ti.cast(particles.radius[i], types.position)
    normal, depth = ti.Vector.zero(types.position, 3), 0.0 * radius
    if contacts.key[c] < state.particle_count:
        apart = nearest_image(particles.position[i] - particles.position[second], grid.period[None])
        normal = apart / apart.norm()
        depth = radius + particles.radius[second] - apart.norm()
    else:
        body = tables.shape_body[second]
        inside = rotate_back(bodies.orientation[body], particles.position[i] - bodies.position[body])
        distance, outwards = measure_contact(tables, state, c, inside)
        normal = rotate(bodies.orientation[body], outwards)
        depth = radius - distance
    return normal, depth
