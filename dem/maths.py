"""Vectors and quaternions for kernels. Quaternions are (w, x, y, z) and turn body vectors into world vectors."""

from dem.backend import ti, types


@ti.func
def to_real(value):
    """`value` in the precision of everything that is not a coordinate."""
    return ti.cast(value, types.real)


@ti.func
def rotate(quaternion, vector):
    """Body vector to world: v + 2 w (u x v) + 2 u x (u x v), with q = (w, u)."""
    axis = ti.Vector([quaternion[1], quaternion[2], quaternion[3]])
    twice = 2.0 * axis.cross(vector)
    return vector + quaternion[0] * twice + axis.cross(twice)


@ti.func
def rotate_back(quaternion, vector):
    """World vector to body."""
    return rotate(ti.Vector([quaternion[0], -quaternion[1], -quaternion[2], -quaternion[3]]), vector)


@ti.func
def turn(quaternion, rotation):
    """`quaternion` after a world rotation vector [rad]; exact for a constant spin, by q' = exp(rotation / 2) q."""
    angle = rotation.norm()
    half_sinc = 0.5 - angle * angle / 48.0  # sin(a/2)/a to fourth order, so that no division by a small angle is needed
    if angle > 1e-3:
        half_sinc = ti.sin(0.5 * angle) / angle
    w = ti.cos(0.5 * angle)
    u = half_sinc * rotation
    v = ti.Vector([quaternion[1], quaternion[2], quaternion[3]])
    scalar = w * quaternion[0] - u.dot(v)
    vector = w * v + quaternion[0] * u + u.cross(v)
    turned = ti.Vector([scalar, vector[0], vector[1], vector[2]])
    return turned / turned.norm()


@ti.func
def part_across(vector, normal):
    """The part of `vector` at right angles to the unit `normal`."""
    return vector - vector.dot(normal) * normal


@ti.func
def carry_over(vector, normal, shrunk, whole):
    """`vector` turned into the plane of a `normal` that has moved a little, its squared length times `shrunk / whole`.

    In one quotient: a contact divides so much that the processor waits for it.
    """
    flat = part_across(vector, normal)
    square = flat.norm_sqr() * whole
    carried = flat
    if square > 0.0:
        carried = flat * ti.sqrt(vector.norm_sqr() * shrunk / square)
    return carried
