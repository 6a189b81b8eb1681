"""Meshes: a flat one feels like a plane wherever a ball lands or goes, a wheel's own mesh like the wheel."""

import logging

import numpy as np
import pytest

import dem
from dem.backend import ti
from dem.mesh_tables import MeshTables
from dem.model import ShapeEntry
from dem.shapes.triangle import measure_triangle

RADIUS = 0.005
WHEEL = dem.GrouserWheel(radius=0.06, width=0.03, grouser_height=0.002, grouser_thickness=0.004, grouser_count=12)
FINE_MESH = dem.TriangleMesh(*WHEEL.surface_mesh(rim_segments=1200))  # facets lie at most 0.2 micrometres low
LANDINGS = [(0.03, 0.013), (0.052, 0.052), (-0.04, 0.04), (0.06, -0.04)]  # face, diagonal, corners of squares
STARTS = [(-0.071, -0.023), (-0.05, -0.071)]  # of the balls that slide and roll, across every kind of edge


def sheet(count: int, size: float = 0.2, bend: float = 0.0) -> dem.TriangleMesh:
    """A square of 2 count^2 triangles about the origin, bent up or down along x = 0 [rad]."""
    along = np.linspace(-size / 2, size / 2, count + 1)
    points = np.array([(x, y, np.tan(bend / 2) * abs(x)) for x in along for y in along])
    corner = np.arange(count)[:, None] * (count + 1) + np.arange(count)
    a, b, c, d = corner, corner + count + 1, corner + count + 2, corner + 1
    return dem.TriangleMesh(points, np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3))


def scene(gravity: float = 9.81) -> tuple[dem.ModelBuilder, int]:
    """A builder with one material."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -gravity))
    material = builder.add_material(dem.Material(density=2600.0, young_modulus=1e6, poisson_ratio=0.3))
    builder.set_pair(material, material, restitution=0.5, sliding_friction=0.4, rolling_friction=0.1)
    return builder, material


def balls_on(shape, duration: float = 0.02) -> np.ndarray:
    """Place, velocity and spin (T, balls, 9) of balls that fall, slide and roll on a shape."""
    builder, material = scene()
    height = 1.02 * RADIUS
    builder.add_particles(np.array([(x, y, height) for x, y in LANDINGS]), RADIUS, material, velocity=(0, 0, -0.2))
    places = np.array([(x, y, 0.998 * RADIUS) for x, y in STARTS])
    speed = np.array((1.6, 0.74, 0.0))
    rolling = np.array((-speed[1], speed[0], 0.0)) / RADIUS
    spins = np.array([(0, 0, 0), rolling])
    builder.add_particles(places, RADIUS, material, velocity=speed, angular_velocity=spins)
    builder.add_shape(shape, material)
    simulation, found = dem.Simulation(builder.finalize()), []
    names = ("position", "velocity", "angular_velocity")

    def take(running: dem.Simulation) -> None:
        snapshot = running.state.snapshot()
        found.append(np.concatenate([snapshot[name] for name in names], axis=1))

    simulation.every(duration / 15, take)
    simulation.run(duration)
    return np.array(found)


@pytest.fixture(scope="module")
def on_plane(double):
    return balls_on(dem.Plane())


@pytest.mark.parametrize("count", [1, 10])
def test_flat_mesh_is_one_plane(count, on_plane, double):
    mesh = balls_on(sheet(count))
    assert np.abs(on_plane[-1, 4:, 0] - on_plane[0, 4:, 0]).min() > 0.02  # across an edge or more
    np.testing.assert_allclose(mesh, on_plane, rtol=1e-9, atol=1e-9)
    assert np.abs(mesh[:, :4, 3:5]).max() < 1e-12  # nothing pushes sideways


def test_a_bend_is_felt_as_what_it_is(double):
    builder, material = scene()
    for lane, bend in enumerate((-0.5, 0.02, 0.5)):  # a ridge, a crease to be passed unnoticed, a valley
        height = 0.99 * RADIUS / (np.cos(bend / 2) if bend > 0 else 1.0)
        builder.add_particles(np.array([(0.0, lane + 0.013, height)]), RADIUS, material)
        mesh = sheet(2, bend=bend)
        builder.add_shape(dem.TriangleMesh(mesh.points + (0, lane, 0), mesh.triangles), material)
    snapshot = dem.Simulation(builder.finalize()).state.snapshot()
    assert snapshot["contact_count"].tolist() == [1, 1, 2]
    assert (snapshot["force"][:, 2] > 0).all()
    assert np.abs(snapshot["force"][:, 1]).max() < 1e-9 * snapshot["force"][:, 2].max()


def wheel_on_bed(simulation_cache, shape, pressed: float, fixed: bool) -> tuple[dem.Simulation, int]:
    """A wheel pressed into a bed of grains by a part of their radius; it stands still."""
    builder, material = scene(1.62)
    rng = np.random.default_rng(3)
    grid = np.stack(np.meshgrid(np.arange(-3, 10), np.arange(-2, 3), np.arange(-3, 1), indexing="ij"), -1)
    position = grid.reshape(-1, 3) * 2 * RADIUS + rng.uniform(-2e-4, 2e-4, (grid.size // 3, 3))
    builder.add_particles(position, RADIUS, material, fixed=fixed)
    builder.add_plane((0, 0, -7 * RADIUS), (0, 0, 1), material)
    height = WHEEL.radius + RADIUS * (1 - pressed)
    still = dem.Motion.fixed()
    body = builder.add_body("wheel", 1.0, (1e-3, 1e-3, 1e-3), (0, 0, height), motion=still)
    builder.add_shape(shape, material, body)
    return simulation_cache.simulate(builder.finalize(), max_overlap=0.7), body


def test_wheel_pressed_as_mesh_and_as_itself(double):
    forces = []
    for shape in (WHEEL, FINE_MESH):
        simulation, body = wheel_on_bed(double, shape, 0.6, fixed=True)
        snapshot = simulation.state.snapshot()
        forces.append(np.concatenate([snapshot["body_force"][body], snapshot["body_torque"][body]]))
    assert forces[0][2] > 0.1
    np.testing.assert_allclose(forces[1][:3], forces[0][:3], atol=1e-3 * forces[0][2])


def test_wheel_rolled_as_mesh_and_as_itself(double):
    means = []
    for shape in (WHEEL, FINE_MESH):
        simulation, body = wheel_on_bed(double, shape, 0.2, fixed=False)
        drive = {"x": 0.4, "y": 0.0, "z": -0.05, "rx": 0.0, "ry": 0.5 / WHEEL.radius, "rz": 0.0}
        simulation.set_motion(body, dem.Motion(prescribed=drive))
        simulation.run(0.05)
        means.append(simulation.take_impulses()[body] / 0.05)
    load = means[0][2]
    assert load > 0.1
    assert abs(means[1][2] - load) < 0.05 * load
    assert abs(means[1][0] - means[0][0]) < 0.05 * load


def test_distance_is_the_nearest_of_many_samples(double, evaluate):
    mesh = dem.TriangleMesh(np.array([(0, 0, 0), (1.0, 0.2, 0), (0.3, 0.8, 0.4)]), np.array([(0, 1, 2)]))
    tables = MeshTables([ShapeEntry(mesh, 0, 0)])
    tables.fill([ShapeEntry(mesh, 0, 0)])
    points = np.random.default_rng(1).uniform(-1, 2, (200, 3))

    @ti.func
    def probe(point):
        distance, _, _ = measure_triangle(tables, 0, point)
        return distance

    distance = evaluate(probe, points, returns=(1,))
    weights = np.array([(a, b, 200 - a - b) for a in range(201) for b in range(201 - a)]) / 200
    samples = weights @ mesh.points[mesh.triangles[0]]
    brute = np.array([np.linalg.norm(samples - point, axis=1).min() for point in points])
    assert (brute - distance).min() > -1e-12
    assert (brute - distance).max() < 5e-3


@pytest.mark.parametrize("suffix", ["stl", "obj"])
def test_file_round_trip(suffix, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    points, triangles = WHEEL.surface_mesh()
    path = tmp_path / f"wheel.{suffix}"
    trimesh.Trimesh(points, triangles, process=False).export(path)
    mesh = dem.TriangleMesh.from_file(path, scale=2.0)
    assert mesh.is_closed
    assert mesh.element_count == len(triangles)
    assert mesh.extent == pytest.approx(2 * WHEEL.extent, rel=1e-6)
    given, found = points[triangles].mean(axis=(0, 1)), mesh.points[mesh.triangles].mean(axis=(0, 1)) / 2
    np.testing.assert_allclose(found, given, atol=1e-7)


def test_what_is_odd_is_said(caplog):
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (2, 0, 0)], float)
    with caplog.at_level(logging.WARNING):
        mesh = dem.TriangleMesh(points, np.array([(0, 1, 2), (0, 1, 3)]))
    assert mesh.element_count == 1
    assert "1 of 2 triangles have no area" in caplog.text
    assert "not watertight" in caplog.text


@pytest.mark.parametrize(
    ("points", "triangles", "field"),
    [
        (np.zeros((3, 2)), [(0, 1, 2)], "points"),
        (np.full((3, 3), np.nan), [(0, 1, 2)], "points"),
        (np.eye(3), [(0, 1, 3)], "triangles"),
        (np.eye(3), [(0.0, 1.0, 2.0)], "triangles"),
        (np.eye(3), np.zeros((0, 3), int), "triangles"),
        (np.eye(3), [(0, 1, 1)], "triangles"),
    ],
)
def test_what_is_wrong_names_the_field(points, triangles, field):
    with pytest.raises(dem.ConfigError, match=f"TriangleMesh.{field}"):
        dem.TriangleMesh(points, np.array(triangles))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(dem.ConfigError, match=r"wheel\.stl"):
        dem.TriangleMesh.from_file(tmp_path / "wheel.stl")
