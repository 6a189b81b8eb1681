"""Distance to a triangle of a mesh, and whether the triangle is the one to be felt there.

A triangle is felt from a point if its nearest part is the nearest around it: on a face always, on an edge or a corner
only if no triangle there comes nearer. So a flat surface is felt once, however many triangles it is made of.
"""

from dem.backend import ti

SLACK = 1e-4  # [rad]; a tie at a border is claimed by both sides rather than by none, and one is dropped later


@ti.func
def closest_on_triangle(a, b, c, point):
    """Nearest point of a triangle, and its part: 0 face, 1 to 3 edges, 4 to 6 corners (Ericson 2005, sect. 5.1.5)."""
    ab, ac = b - a, c - a
    d1, d2 = ab.dot(point - a), ac.dot(point - a)
    d3, d4 = ab.dot(point - b), ac.dot(point - b)
    d5, d6 = ab.dot(point - c), ac.dot(point - c)
    va, vb, vc = d3 * d6 - d5 * d4, d5 * d2 - d1 * d6, d1 * d4 - d3 * d2
    nearest, part = point, 0
    if d1 <= 0.0 and d2 <= 0.0:
        nearest, part = a, 4
    elif d3 >= 0.0 and d4 <= d3:
        nearest, part = b, 5
    elif d6 >= 0.0 and d5 <= d6:
        nearest, part = c, 6
    elif vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        nearest, part = a + ab * (d1 / (d1 - d3)), 1
    elif va <= 0.0 and d4 >= d3 and d5 >= d6:
        nearest, part = b + (c - b) * ((d4 - d3) / ((d4 - d3) + (d5 - d6))), 2
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        nearest, part = a + ac * (d2 / (d2 - d6)), 3
    return nearest, part


@ti.func
def measure_triangle(meshes: ti.template(), triangle, point):
    """Distance [m] from a body-frame point to a triangle, the direction from it, and the part that is nearest."""
    a = meshes.corner[triangle, 0]
    nearest, part = closest_on_triangle(a, meshes.corner[triangle, 1], meshes.corner[triangle, 2], point)
    normal = meshes.normal[triangle]
    height = normal.dot(point - a)
    distance = ti.abs(height)
    if height < 0.0:
        normal = -normal
    if part > 0:
        distance = (point - nearest).norm()
        if distance > 0.0:
            normal = (point - nearest) / distance
    return distance, normal, part


@ti.func
def is_felt(meshes: ti.template(), triangle, part, normal):
    """Whether a point in the direction `normal` from a triangle's part feels it there."""
    number = meshes.part[triangle, part]
    felt = 1 if normal.dot(meshes.outward[number]) >= 0.0 else 0
    for k in range(meshes.cone_start[number], meshes.cone_start[number + 1]):
        if normal.dot(meshes.cone[k]) > SLACK:
            felt = 0
    return felt


@ti.func
def bound_mesh(parameters, point):
    """A lower bound [m] of the distance to any triangle: that to the box around them, 0 inside it."""
    centre = ti.Vector([parameters[0], parameters[1], parameters[2]])
    half = ti.Vector([parameters[3], parameters[4], parameters[5]])
    return ti.max(ti.abs(point - centre) - half, 0.0).norm()
