"""Distance and outward normal of a point to any shape, for grains that may touch it."""

from dem.backend import ti
from dem.mesh_tables import MESH_KIND
from dem.shapes.box import Box, measure_box
from dem.shapes.plane import measure_plane
from dem.shapes.triangle import bound_mesh, measure_triangle
from dem.shapes.wheel import GrouserWheel, bound_wheel, measure_wheel


@ti.func
def measure_element(tables: ti.template(), shape, element, point):
    """Distance [m] from a body-frame `point` to an element of `shape`, and the outward normal in the body frame."""
    parameters = tables.shape_parameters[shape]
    distance, normal = measure_plane(parameters, point)
    kind = tables.shape_kind[shape]
    if kind == ti.static(Box.kind):
        distance, normal = measure_box(parameters, point)
    elif kind == ti.static(GrouserWheel.kind):
        distance, normal = measure_wheel(parameters, element, point)
    elif ti.static(tables.meshes.present):  # noqa: SIM102  the outer one is decided when compiling
        if kind == ti.static(MESH_KIND):
            triangle = tables.meshes.first_triangle[shape] + element
            distance, normal, _ = measure_triangle(tables.meshes, triangle, point)
    return distance, normal


@ti.func
def bound_distance(tables: ti.template(), shape, point):
    """A lower bound [m] of the distance from a body-frame `point` to `shape`."""
    parameters = tables.shape_parameters[shape]
    bound, _ = measure_plane(parameters, point)
    kind = tables.shape_kind[shape]
    if kind == ti.static(Box.kind):
        bound, _ = measure_box(parameters, point)
    elif kind == ti.static(GrouserWheel.kind):
        bound = bound_wheel(parameters, point)
    elif kind == ti.static(MESH_KIND):
        bound = bound_mesh(parameters, point)
    return bound
