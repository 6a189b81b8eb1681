"""Shapes: the distance kernels use against brute force on the drawn mesh; meshes closed and outward."""

import numpy as np
import pytest

import dem
from dem.backend import ti
from dem.shapes.box import measure_box
from dem.shapes.plane import measure_plane
from dem.shapes.wheel import bound_wheel, measure_wheel

WHEEL = dem.GrouserWheel(radius=0.12, width=0.08, grouser_height=0.02, grouser_thickness=0.006, grouser_count=10)
SMOOTH = dem.GrouserWheel(radius=0.1, width=0.08)
BOX = dem.Box((0.2, 0.1, 0.05))


@ti.func
def measure_all(parameters, point):
    """Distance to the nearest of the wheel's elements, and its normal."""
    distance, normal = measure_wheel(parameters, 0, point)
    for element in range(1, 11):
        other, turned = measure_wheel(parameters, element, point)
        if other < distance:
            distance = other
            normal = turned
    return distance, normal


@ti.func
def measure_rim(parameters, point):
    return measure_wheel(parameters, 0, point)


def rows(shape, count: int) -> np.ndarray:
    """The shape's parameters, repeated."""
    return np.tile(np.array([*shape.parameters(), *[0.0] * 8])[:8], (count, 1))


def points_around(extent: float, count: int = 400) -> np.ndarray:
    """Random points in a cube half again as large as the shape."""
    return np.random.default_rng(5).uniform(-1.5 * extent, 1.5 * extent, (count, 3))


def triangle_distance(points: np.ndarray, mesh: tuple) -> np.ndarray:
    """Distance [m] from points to a mesh, by dense samples on its triangles."""
    vertices, faces = mesh
    weights = np.array([(a, b, 12 - a - b) for a in range(13) for b in range(13 - a)]) / 12
    samples = np.einsum("wk,fkx->fwx", weights, vertices[faces]).reshape(-1, 3)
    return np.array([np.sqrt(((samples - point) ** 2).sum(axis=1).min()) for point in points])


@pytest.mark.parametrize(
    ("shape", "func"),
    [(WHEEL, measure_all), (SMOOTH, measure_rim), (BOX, measure_box)],
    ids=["grousers", "smooth", "box"],
)
def test_distance_agrees_with_the_mesh(shape, func, double, evaluate):
    points = points_around(shape.extent)
    distance, normal = evaluate(func, rows(shape, len(points)), points, returns=(1, 3))
    outside = distance > 0
    brute = triangle_distance(points[outside], shape.surface_mesh())
    assert outside.sum() > 200
    assert np.abs(brute - distance[outside]).max() < 0.006  # samples lie 6 mm apart at most
    assert np.median(np.abs(brute - distance[outside])) < 3e-4
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1.0, atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "func"),
    [(WHEEL, measure_all), (SMOOTH, measure_rim), (BOX, measure_box)],
    ids=["grousers", "smooth", "box"],
)
def test_normal_is_the_gradient_of_the_distance(shape, func, double, evaluate):
    points, step = points_around(shape.extent, 200), 1e-6
    distance, normal = evaluate(func, rows(shape, len(points)), points, returns=(1, 3))
    ahead, _ = evaluate(func, rows(shape, len(points)), points + step * normal, returns=(1, 3))
    outside = distance > 1e-4
    np.testing.assert_allclose((ahead - distance)[outside] / step, 1.0, atol=1e-6)


def test_bound_never_exceeds_the_distance(double, evaluate):
    points = points_around(WHEEL.extent)
    distance, _ = evaluate(measure_all, rows(WHEEL, len(points)), points, returns=(1, 3))
    bound = evaluate(bound_wheel, rows(WHEEL, len(points)), points, returns=(1,))
    assert (bound <= distance + 1e-12).all()


def test_plane_distance(double, evaluate):
    plane = dem.Plane((0.1, 0.0, 0.2), (0.0, 3.0, 4.0))
    points = points_around(1.0, 50)
    distance, normal = evaluate(measure_plane, rows(plane, len(points)), points, returns=(1, 3))
    np.testing.assert_allclose(distance, (points - [0.1, 0, 0.2]) @ [0, 0.6, 0.8], atol=1e-14)
    np.testing.assert_allclose(normal, np.tile([0, 0.6, 0.8], (50, 1)), atol=1e-15)


@pytest.mark.parametrize("shape", [WHEEL, SMOOTH, BOX], ids=["grousers", "smooth", "box"])
def test_mesh_is_closed_and_outward(shape):
    points, faces = shape.surface_mesh()
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forward = {tuple(edge) for edge in edges.tolist()}
    assert len(forward) == len(edges)
    assert all((b, a) in forward for a, b in forward)
    a, b, c = (points[faces[:, k]] for k in range(3))
    volume = (a * np.cross(b, c)).sum() / 6
    assert volume > 0
    assert np.linalg.norm(points, axis=1).max() == pytest.approx(shape.extent, rel=1e-3)
