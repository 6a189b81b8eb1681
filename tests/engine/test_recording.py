"""Recorded trajectories, and contacts as arrays."""

import numpy as np
import pytest

import dem

RADIUS, GRAVITY = 0.01, 9.81
SURFACE = {"restitution": 0.5, "sliding_friction": 0.5, "rolling_friction": 0.1}
TWIST = {"twisting_stiffness": 1e-3, "twisting_damping": 0.0, "twisting_friction": 0.1}


def dropped(gravity: float = GRAVITY, height: float = 0.5) -> dem.Model:
    """Three grains at different heights over a plane, the second spinning, and a body that turns."""
    builder = dem.ModelBuilder(gravity=(0, 0, -gravity), contact=dem.ContactLaws(twisting=dem.TwistingSpring()))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE, **TWIST))
    position = [[0.1 * row, 0, height + 0.1 * row] for row in range(3)]
    builder.add_particles(position, RADIUS, sand, angular_velocity=[[0, 0, 0], [0, 0, 7.0], [0, 0, 0]])
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.add_body("far", 1.0, (1, 1, 1), (9, 9, 9), motion=dem.Motion(dict.fromkeys(("x", "y", "z"), 0.0)))
    return builder.finalize()


def test_record_has_one_sample_at_the_start_and_each_interval(double):
    simulation = double.simulate(dropped())
    step = simulation.time_step
    interval = 7.3 * step  # rounding to whole steps must not add up
    record = simulation.record(interval)
    for _ in range(4):  # where a run ends and the next begins nothing is taken twice
        simulation.run(25 * step)
    time = record["time"]
    assert len(record) == len(time) == 14
    assert time[0] == 0.0
    np.testing.assert_allclose(time, np.arange(14) * interval, atol=0.5001 * step)
    height = np.array([0.5, 0.6, 0.7]) - 0.5 * GRAVITY * time[:, None] ** 2
    assert record["position"].shape == (14, 3, 3)
    np.testing.assert_allclose(record["position"][:, :, 2], height, atol=1e-12)
    np.testing.assert_allclose(record["velocity"][:, :, 2], -GRAVITY * np.outer(time, [1, 1, 1]), atol=1e-12)
    assert (record["angular_velocity"][:, 1] == [0, 0, 7.0]).all()
    record.stop()
    simulation.run(25 * step)
    assert len(record) == 14


def test_record_of_every_step_of_chosen_grains_and_bodies(double):
    simulation = double.simulate(dropped())
    simulation.run(3 * simulation.time_step)
    record = simulation.record(fields=("velocity", "body_orientation"), particles=[2, 0])
    simulation.run(10 * simulation.time_step)
    np.testing.assert_allclose(record["time"], simulation.time_step * np.arange(3, 14), rtol=1e-12)
    assert record["velocity"].shape == (11, 2, 3)
    assert record["body_orientation"].shape == (11, 2, 4)
    assert (record["velocity"][-1] == simulation.snapshot()["velocity"][[2, 0]]).all()


def test_record_of_a_world(double):
    simulation = double.simulate([dropped(), dropped(1.62)])
    moon = simulation.record(1e-3, ("velocity",), world=1)
    simulation.run(5e-3)
    np.testing.assert_allclose(moon["velocity"][:, 0, 2], -1.62 * moon["time"], atol=1e-12)


def test_record_rejects_what_it_does_not_know(double):
    simulation = double.simulate(dropped())
    with pytest.raises(dem.ConfigError, match="the field 'speed', must be one of position"):
        simulation.record(fields=["speed"])
    with pytest.raises(dem.ConfigError, match="from 0 to 3, there are 3"):
        simulation.record(particles=[0, 3])
    with pytest.raises(dem.ConfigError, match="must be ids"):
        simulation.record(particles=[0.5])
    with pytest.raises(dem.ConfigError, match="every got interval 0"):
        simulation.record(0.0)
    with pytest.raises(dem.StateError, match="no 'force', it has time, velocity"):
        simulation.record(fields=["velocity"])["force"]
    assert len(simulation.triggers) == 1


def piled(world: int = 0) -> dem.Model:
    """A grain on the floor, one on top of it, and one that touches it across the periodic face of x."""
    builder = dem.ModelBuilder(gravity=(0, 0, 0), contact=dem.ContactLaws(twisting=dem.TwistingSpring()))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE, **TWIST))
    floor = builder.add_body("floor", 1.0, (1, 1, 1), (0, 0, -0.1), motion=dem.Motion.fixed())
    builder.set_domain((0, -1, -1), (0.1, 1, 1), (True, False, False))
    low, near = 0.999 * RADIUS, 2 * RADIUS - 2e-5
    position = [[0.005, 0, low], [0.005, 0, low + near], [0.105 - near, 0, low + 5e-6]]
    builder.add_particles(position, RADIUS, sand, velocity=[[0, 0, 0], [0.01, 0, 0], [0, 0, 0]])
    builder.add_plane((0, 0, 0.1), (0, 0, 1), sand, body=floor)
    return builder.finalize()


@pytest.mark.parametrize("world", [0, 1])
def test_contacts_say_who_touches_where_and_how(double, world):
    simulation = double.simulate([piled()] * 2)
    simulation.run(4 * simulation.time_step)
    found, snapshot = simulation.contacts(world), simulation.snapshot(world)
    assert found["first"].tolist() == [0, 0, 0, 2]
    assert found["second"].tolist() == [-1, 1, 2, -1]
    assert found["shape"].tolist() == [0, -1, -1, 0]
    assert found["body"].tolist() == [1, -1, -1, 1]
    np.testing.assert_allclose(found["normal"], [[0, 0, 1], [0, 0, -1], [1, 0, 0], [0, 0, 1]], atol=2e-3)
    np.testing.assert_allclose(found["depth"], found["overlap"], rtol=1e-9)
    np.testing.assert_allclose(found["overlap"], [1e-5, 2e-5, 2e-5, 5e-6], atol=4e-6)
    lever = (RADIUS - 0.5 * found["depth"])[:, None] * found["normal"]
    np.testing.assert_allclose(found["point"], snapshot["position"][found["first"]] - lever, atol=1e-12)
    force, torque = np.zeros((3, 3)), np.zeros((3, 3))
    np.add.at(force, found["first"], found["force"])
    np.add.at(torque, found["first"], found["torque_first"])
    pairs = found["second"] >= 0
    np.add.at(force, found["second"][pairs], -found["force"][pairs])
    np.add.at(torque, found["second"][pairs], found["torque_second"][pairs])
    np.testing.assert_allclose(force, snapshot["force"], atol=1e-12)
    np.testing.assert_allclose(torque, snapshot["torque"], atol=1e-14)
    np.testing.assert_allclose(snapshot["body_force"][1], -found["force"][found["body"] == 1].sum(axis=0), atol=1e-12)
    assert {"tangential_displacement", "rolling_displacement", "twisting_angle"} <= set(found)
    assert np.abs(found["tangential_displacement"][1, 0]) > 0
