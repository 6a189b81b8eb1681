"""Vectors, quaternions and functions for kernels. Quaternions are (w, x, y, z) and turn body vectors to world vectors.

Taichi's SPIR-V, for Vulkan and Metal, has no sine, cosine or power of 64 bits, and those of 32 need be right to no more
than 2^-11. There these functions are worked out here, to the last bits; elsewhere they are the compiler's own.
"""

import math

from dem.backend import ti, types

# Of an angle less n quarter turns, |r| <= pi/4: by Taylor's series, whose next terms are below 2e-17.
SINE_TERMS = [(-1) ** k / math.factorial(2 * k + 1) for k in reversed(range(9))]
COSINE_TERMS = [(-1) ** k / math.factorial(2 * k) for k in reversed(range(9))]
QUARTER_TURN = 201 / 128  # so short that its product with n is exact
QUARTER_REST = 4.838267948966192e-4  # pi/2 less that
ROOT_STEPS = 2  # of Newton's, from an estimate right to 1e-5


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
    """Turn a world vector into the body's frame."""
    return rotate(ti.Vector([quaternion[0], -quaternion[1], -quaternion[2], -quaternion[3]]), vector)


@ti.func
def advance_orientation(quaternion, rotation):
    """`quaternion` after a world rotation vector [rad]; exact for a constant spin, by q' = exp(rotation / 2) q."""
    angle = rotation.norm()
    half_sinc = 0.5 - angle * angle / 48.0  # sin(a/2)/a to fourth order, so that no division by a small angle is needed
    if angle > 1e-3:
        half_sinc = sine(0.5 * angle) / angle
    w = cosine(0.5 * angle)
    u = half_sinc * rotation
    v = ti.Vector([quaternion[1], quaternion[2], quaternion[3]])
    scalar = w * quaternion[0] - u.dot(v)
    vector = w * v + quaternion[0] * u + u.cross(v)
    turned = ti.Vector([scalar, vector[0], vector[1], vector[2]])
    return turned / turned.norm()


@ti.func
def tangential_part(vector, normal):
    """The part of `vector` at right angles to the unit `normal`."""
    return vector - vector.dot(normal) * normal


@ti.func
def rotate_history(vector, normal, shrunk, whole):
    """`vector` turned into the plane of a `normal` that has moved a little, its squared length times `shrunk / whole`.

    In one quotient: a contact divides so much that the processor waits for it.
    """
    flat = tangential_part(vector, normal)
    square = flat.norm_sqr() * whole
    carried = flat
    if square > 0.0:
        carried = flat * ti.sqrt(vector.norm_sqr() * shrunk / square)
    return carried


@ti.func
def sine(angle):
    """Sine of an angle [rad]."""
    found = 0.0 * angle
    if ti.static(types.has_functions):
        found = ti.sin(angle)
    else:
        quarter, rest = split_angle(angle)
        found = pick_series(quarter, rest)
    return found


@ti.func
def cosine(angle):
    """Cosine of an angle [rad]."""
    found = 0.0 * angle
    if ti.static(types.has_functions):
        found = ti.cos(angle)
    else:
        quarter, rest = split_angle(angle)
        found = pick_series(quarter + 1, rest)
    return found


@ti.func
def split_angle(angle):
    """The nearest number of quarter turns, and what is left of an angle [rad], which may be thousands of turns."""
    wide = ti.cast(angle, types.position)
    quarter = ti.floor(wide * types.position(2 / math.pi) + types.position(0.5))
    rest = (wide - quarter * types.position(QUARTER_TURN)) - quarter * types.position(QUARTER_REST)
    return ti.cast(quarter, ti.i32), rest


@ti.func
def pick_series(quarter, rest):
    """Sine of `quarter` quarter turns and `rest` [rad]."""
    square = rest * rest
    found = rest * sum_series(SINE_TERMS, square)
    if quarter & 1:
        found = sum_series(COSINE_TERMS, square)
    if quarter & 2:
        found = -found
    return found


@ti.func
def sum_series(terms: ti.template(), square):
    """A polynomial in `square`, its terms from the highest power on."""
    total = ti.cast(0.0, types.position)
    for term in ti.static(terms):
        total = total * square + types.position(term)
    return total


@ti.func
def cube_root(value):
    """Cube root of a number that is not negative."""
    found = 0.0 * value
    if ti.static(types.has_functions):
        found = ti.pow(value, ti.static(1.0 / 3.0))
    elif value > 0.0:
        found += ti.pow(ti.cast(value, ti.f32), ti.f32(1.0 / 3.0))
        for _ in ti.static(range(ROOT_STEPS)):
            found = (2.0 * found + value / (found * found)) / 3.0
    return found
