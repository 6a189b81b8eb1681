"""Grains on meshes, before contact forces are computed: which triangles a grain feels, and whose history goes on where.

A triangle is felt where it owns the nearest part (dem/shapes/triangle.py). Where two that are felt touch the grain
within MERGE of each other, the nearer counts: they are a tie at a border, or the two sides of a shallow crease. A
contact that so passes from one triangle to another takes its history with it, to the nearest point that has just
begun to be felt; there is one on every flat, convex or shallow passage, in that very step. Across a sharp crease both
sides are felt at once, each with a history of its own, as two planes would be. Each grain sees to its own contacts in
the order of their keys, so nothing depends on threads.
"""

from dem.backend import ti, types
from dem.maths import rotate_back
from dem.mesh_tables import MESH_KIND
from dem.neighbors.contact_list import forget_all
from dem.shapes.measure import measure_element
from dem.shapes.triangle import is_felt, measure_triangle
from dem.state import is_halted

MERGE = 0.1  # of the radius, about the bend of a crease [rad] below which a grain feels only the nearer side
NEARER = 1e-9  # of the radius; within it two distances are a tie, which the smaller key wins
PASS_ON = 0.5  # of the radius: how far a contact point may jump as a contact passes on


@ti.func
def pass_on_meshes(tables: ti.template(), state: ti.template(), turn: ti.template()):
    """Measure all triangles that grains may touch, and pass histories on."""
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        if not is_halted(state, turn):
            pass_on_triangles(tables, state, i)


@ti.func
def pass_on_triangles(tables: ti.template(), state: ti.template(), i):
    """Measure all triangles that a grain may touch, and pass histories on."""
    contacts = state.contacts
    stop = ti.min(contacts.row_start[i + 1], contacts.capacity)
    start = stop
    while start > contacts.row_start[i] and contacts.key[ti.max(start - 1, 0)] >= state.particle_count:
        start -= 1
    for c in range(start, stop):
        measure_candidate(tables, state, c)
    for c in range(start, stop):
        for other in range(start, c):
            merge_touching(state, other, c)
    for c in range(start, stop):
        if contacts.mesh_felt[c] == 1 and not contacts.overlap[c] > 0.0:
            inherit_history(state, start, stop, c)


@ti.func
def measure_candidate(tables: ti.template(), state: ti.template(), c):
    particles, contacts, bodies = state.particles, state.contacts, state.bodies
    i, shape = contacts.first[c], contacts.second[c]
    contacts.mesh_felt[c] = 0
    if tables.shape_kind[shape] == ti.static(MESH_KIND):
        body = tables.shape_body[shape]
        triangle = contacts.key[c] - state.particle_count - tables.shape_first_element[shape]
        triangle += tables.meshes.first_triangle[shape]
        point = rotate_back(bodies.orientation[body], particles.position[i] - bodies.position[body])
        distance, normal, part = measure_triangle(tables.meshes, triangle, point)
        contacts.mesh_distance[c] = distance
        contacts.mesh_normal[c] = normal
        contacts.mesh_point[c] = point - distance * normal
        if distance < mesh_reach(tables, state, i):
            contacts.mesh_felt[c] = is_felt(tables.meshes, triangle, part, normal)


@ti.func
def mesh_reach(tables: ti.template(), state: ti.template(), i):
    """How far from its centre a grain may feel a triangle [m]; a neck is no longer than the radius."""
    reach = ti.cast(state.particles.radius[i], types.position)
    if ti.static(tables.laws.has_neck):
        reach *= 2.0
    return reach


@ti.func
def merge_touching(state: ti.template(), first, second):
    """Feel only the nearer of two triangles that touch a grain at about one place."""
    contacts = state.contacts
    radius = state.particles.radius[contacts.first[first]]
    both_felt = contacts.mesh_felt[first] == 1 and contacts.mesh_felt[second] == 1
    apart = (contacts.mesh_point[first] - contacts.mesh_point[second]).norm()
    if both_felt and contacts.second[first] == contacts.second[second] and apart < MERGE * radius:
        if contacts.mesh_distance[second] < contacts.mesh_distance[first] - NEARER * radius:
            contacts.mesh_felt[first] = 0
        else:
            contacts.mesh_felt[second] = 0


@ti.func
def inherit_history(state: ti.template(), start, stop, c):
    """Take over from the nearest contact with the same shape that is felt no more."""
    contacts = state.contacts
    nearest = ti.cast(PASS_ON * state.particles.radius[contacts.first[c]], types.position)
    source = -1
    for old in range(start, stop):
        if contacts.second[old] == contacts.second[c] and contacts.mesh_felt[old] == 0 and contacts.overlap[old] > 0.0:
            jump = (contacts.mesh_point[old] - contacts.mesh_point[c]).norm()
            if jump < nearest:
                nearest, source = jump, old
    if source >= 0:
        for memory in ti.static(state.remembered):
            remembered = ti.static(getattr(state.contacts, memory.name))
            remembered[c] = remembered[source]
        forget_all(state, source)


@ti.func
def measure_contact(tables: ti.template(), state: ti.template(), c, point):
    """Distance [m] from a body-frame point to a contact's element and the normal; out of touch where not felt."""
    shape = state.contacts.second[c]
    element = state.contacts.key[c] - state.particle_count - tables.shape_first_element[shape]
    distance, normal = measure_element(tables, shape, element, point)
    if ti.static(tables.meshes.present):  # noqa: SIM102  the outer one is decided when compiling
        if tables.shape_kind[shape] == ti.static(MESH_KIND):
            distance, normal = state.contacts.mesh_distance[c], state.contacts.mesh_normal[c]
            if state.contacts.mesh_felt[c] == 0:
                distance = ti.max(distance, mesh_reach(tables, state, state.contacts.first[c]))
    return distance, normal
