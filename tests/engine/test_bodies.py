"""Bodies without soil: free fall, prescribed motion, applied loads, free rotation."""

import numpy as np
import pytest

import dem

STEP = 1e-4
INERTIA = (1.0, 2.0, 3.5)


def model(gravity=(0.0, 0.0, 0.0), **start) -> dem.Model:
    """One body of 2 kg; a parked grain keeps the compatibility signature of a scene with soil."""
    builder = dem.ModelBuilder(gravity=gravity)
    sand = builder.add_material(
        dem.Material(2500, 1e7, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    )
    builder.add_particles([[100.0, 0.0, 0.0]], 0.01, sand, fixed=True)
    builder.add_body("top", 2.0, INERTIA, (0.0, 0.0, 0.0), **start)
    return builder.finalize()


def run(simulation_cache, duration: float, model: dem.Model) -> dict:
    """Snapshot after a while; `body` entries of the second body."""
    simulation = simulation_cache.simulate(model, time_step=STEP)
    simulation.run(duration)
    return {name: array[1] for name, array in simulation.state.snapshot().items() if name.startswith("body_")}


def test_free_fall(double):
    found = run(double, 0.5, model((0.0, 1.0, -9.81), velocity=(1.0, 0.0, 2.0)))
    np.testing.assert_allclose(found["body_position"], [0.5, 0.125, 1.0 - 9.81 / 8], atol=1e-12)
    np.testing.assert_allclose(found["body_velocity"], [1.0, 0.5, 2.0 - 9.81 / 2], atol=1e-12)


def test_prescribed_axes_ignore_gravity(double):
    motion = dem.Motion(prescribed={"z": 0.25, "x": 0.0, "ry": 2.0, "rx": 0.0, "rz": 0.0})
    found = run(double, 1.0, model((3.0, 1.0, -9.81), motion=motion))
    np.testing.assert_allclose(found["body_position"], [0.0, 0.5, 0.25], atol=1e-12)
    np.testing.assert_allclose(found["body_orientation"], [np.cos(1.0), 0.0, np.sin(1.0), 0.0], atol=1e-12)


def test_prescribed_function_of_time(double):
    motion = dem.Motion(prescribed={"x": lambda time: 3.0 * time**2})
    found = run(double, 1.0, model(motion=motion))
    assert found["body_position"][0] == pytest.approx(1.0, abs=2e-4)  # the speed is held over each step


def test_applied_loads(double):
    motion = dem.Motion(applied={"x": 4.0, "y": lambda time: 6.0 * time, "rz": 7.0})
    found = run(double, 1.0, model(motion=motion))
    np.testing.assert_allclose(found["body_velocity"], [2.0, 1.5, 0.0], atol=1e-3)
    assert found["body_angular_velocity"][2] == pytest.approx(2.0, rel=1e-6)


def attitude(quaternion: np.ndarray) -> np.ndarray:
    """Rotation matrix (3, 3) of (w, x, y, z)."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def turning(found: dict) -> tuple[np.ndarray, float]:
    """Angular momentum [kg m2/s] and energy [J] of the body."""
    axes = attitude(found["body_orientation"])
    inertia = axes @ np.diag(INERTIA) @ axes.T
    spin = found["body_angular_velocity"]
    return inertia @ spin, 0.5 * spin @ inertia @ spin


def test_free_top_keeps_momentum_and_energy(double):
    """Spun about its middle axis it tumbles (Dzhanibekov), and keeps what Euler's equations keep."""
    spin = (0.05, 4.0, 0.02)
    start = turning({"body_orientation": np.array([1.0, 0, 0, 0]), "body_angular_velocity": np.array(spin)})
    found = run(double, 3.0, model(angular_velocity=spin))
    momentum, energy = turning(found)
    np.testing.assert_allclose(momentum, start[0], atol=1e-4 * np.linalg.norm(start[0]))
    assert energy == pytest.approx(start[1], rel=1e-4)
    assert abs(np.linalg.norm(found["body_orientation"]) - 1) < 1e-12


def test_symmetric_top_precesses(double):
    """I1 = I2: the spin's part across the axis turns at (I3 - I1)/I1 w3 in the body."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(
        dem.Material(2500, 1e7, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    )
    builder.add_particles([[100.0, 0.0, 0.0]], 0.01, sand, fixed=True)
    builder.add_body("top", 1.0, (1.0, 1.0, 1.5), (0.0, 0.0, 0.0), angular_velocity=(0.3, 0.0, 4.0))
    found = run(double, 0.5, builder.finalize())
    inside = attitude(found["body_orientation"]).T @ found["body_angular_velocity"]
    angle = 0.5 * 4.0 * 0.5
    np.testing.assert_allclose(inside, [0.3 * np.cos(angle), 0.3 * np.sin(angle), 4.0], atol=1e-4)
