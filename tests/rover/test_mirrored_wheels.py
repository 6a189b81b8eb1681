"""A rover's right wheels are mirror images of its left ones, triangle by triangle; plain wheels are alike."""

import numpy as np
import pytest

import dem
from dem.config import load_config
from dem.launch.wheels import load_wheel
from dem.model import Motion
from dem.rover.vehicle import Vehicle
from dem.rover.wheel_shape import shapes_by_side, wheel_shape
from scenarios.rover_drive.rig import _add_wheels

INCLINED = ["wheel.form=inclined", "wheel.grouser_angle_deg=20"]
ACROSS = np.array([1.0, -1.0, 1.0])
SPHERE, GRAVITY = 0.03, 9.81  # [m], [m/s2]


def sorted_rows(rows: np.ndarray) -> np.ndarray:
    """Rows in an order of their own, rounded so that the order does not hang on last bits."""
    rows = np.round(rows, 12) + 0.0
    return rows[np.lexsort(rows.T[::-1])]


def described(mesh: dem.TriangleMesh, reflect: np.ndarray | float = 1.0) -> np.ndarray:
    """Middle and normal of every triangle (T, 6)."""
    middles = mesh.points[mesh.triangles].mean(axis=1)
    return sorted_rows(np.hstack([middles * reflect, mesh.normals * reflect]))


def test_mirror_image_is_exact_and_its_normals_point_outwards():
    left = wheel_shape(load_wheel("viper", INCLINED))
    right = left.mirrored()
    np.testing.assert_array_equal(sorted_rows(right.points), sorted_rows(left.points * ACROSS))
    np.testing.assert_allclose(described(right), described(left, ACROSS), atol=1e-9)
    assert right.is_closed
    assert right.volume == pytest.approx(left.volume, rel=1e-9)  # below 0 inside out
    np.testing.assert_array_equal(right.mirrored().points, left.points)
    assert np.abs(sorted_rows(left.points) - sorted_rows(right.points)).max() > 1e-3  # it is chiral


def placed(*overrides: str) -> dict[str, object]:
    """The shape of each wheel of VIPER."""
    config = load_config(["scenario=rover_drive", "rover=viper", "bed=smoke", *overrides])
    vehicle = Vehicle(config.rover, config.wheel.radius, config.wheel.width)
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -1.62))
    metal = builder.add_material(dem.Material.rigid())
    _add_wheels(builder, metal, config, vehicle)
    return dict(zip(vehicle.hubs, (entry.shape for entry in builder.finalize().shapes), strict=True))


def test_right_wheels_of_a_rover_are_mirrored_unless_told_otherwise():
    shapes = placed(*INCLINED)
    for axle in ("front", "rear"):
        left, right = shapes[f"{axle}_left"], shapes[f"{axle}_right"]
        np.testing.assert_array_equal(sorted_rows(right.points), sorted_rows(left.points * ACROSS))
    np.testing.assert_array_equal(shapes["front_left"].points, wheel_shape(load_wheel("viper", INCLINED)).points)
    alike = placed(*INCLINED, "rover.mirrored_wheels=false")
    np.testing.assert_array_equal(alike["front_left"].points, alike["front_right"].points)


def test_wheels_from_a_file_are_mirrored_and_those_without_a_hand_are_not(tmp_path):
    path = tmp_path / "wheel.stl"
    wheel_shape(load_wheel("viper", INCLINED)).to_file(path)
    shapes = placed(f"wheel.mesh={path}")
    np.testing.assert_array_equal(
        sorted_rows(shapes["rear_right"].points), sorted_rows(shapes["rear_left"].points * ACROSS)
    )
    for overrides in ([], ["wheel.form=chevron", "wheel.grouser_angle_deg=20"]):
        shapes = placed(*overrides)
        assert shapes["front_left"] is shapes["front_right"]


def test_wheels_in_the_middle_plane_are_left_ones():
    left = wheel_shape(load_wheel("viper", INCLINED))
    shapes = shapes_by_side(left, [(0.0, 1e-17, 0.0), (0.0, -1e-17, 0.0), (0.0, -0.3, 0.0)], True)
    assert shapes[0] is left
    assert shapes[1] is left
    assert shapes[2] is not left


def test_mirrored_wheels_push_their_ground_to_opposite_sides(double):
    """Each turns on a row of balls that are held, symmetric about its own middle."""
    left = wheel_shape(load_wheel("viper", INCLINED))
    impulses = []
    for shape in (left, left.mirrored()):
        simulation = dem.Simulation(on_balls(shape), time_step=2e-5, max_overlap=0.5)
        simulation.run(0.02)
        impulses.append(simulation.take_impulses()[1])  # body 0 is the world
    assert np.abs(impulses[0][1]) > 0.01 * impulses[0][2]
    mirror = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])  # wrenches turn the other way about x and z
    np.testing.assert_allclose(impulses[1], impulses[0] * mirror, atol=1e-6 * np.abs(impulses[0]).max())


def on_balls(shape: dem.TriangleMesh) -> dem.Model:
    """A wheel that spins in place, pressed into balls that do not move."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -GRAVITY))
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3))
    metal = builder.add_material(dem.Material.rigid())
    builder.set_pair(sand, sand, restitution=0.4, sliding_friction=0.5, rolling_friction=0.1)
    builder.set_pair(sand, metal, restitution=0.4, sliding_friction=0.5, rolling_friction=0.1)
    x, y = np.meshgrid([-0.12, -0.06, 0.0, 0.06, 0.12], [-0.06, 0.0, 0.06], indexing="ij")
    z = -np.sqrt(0.255**2 - x**2) - SPHERE + 0.012
    position = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    builder.add_particles(position, np.full(len(position), SPHERE), sand, fixed=True)
    spinning = Motion({"x": 0.0, "y": 0.0, "z": 0.0, "rx": 0.0, "ry": 0.8, "rz": 0.0})
    wheel = builder.add_body("wheel", 10.0, (0.3, 0.6, 0.3), (0.0, 0.0, 0.0), motion=spinning)
    builder.add_shape(shape, metal, wheel)
    builder.set_domain((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5), periodic=(False, False, False))
    return builder.finalize()
