"""Grains in scenes: mixed sizes, box walls, periodic faces, order of snapshots, gravity in time, triggers."""

import numpy as np
import pytest

import dem

SURFACE = {"restitution": 0.3, "sliding_friction": 0.4, "rolling_friction": 0.05}
COUNT = 125


def boxed(seed: int = 1, largest: float = 0.008, gravity=(0.0, 0.0, -9.81), periodic: bool = False) -> dem.Model:
    """125 grains of 4 to 8 mm above the floor of a box, its sides walls or periodic faces."""
    random = np.random.default_rng(seed)
    builder = dem.ModelBuilder(gravity=gravity)
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    index = np.stack(np.meshgrid(*[np.arange(5)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    position = (index - [2, 2, -0.5]) * 2.1 * largest + random.uniform(-0.05, 0.05, (COUNT, 3)) * largest
    radius = random.uniform(0.5, 1.0, COUNT) * largest
    radius[:2] = largest, 0.5 * largest
    builder.add_particles(position, radius, sand)
    half = 5.25 * largest
    lower, upper = (-half, -half, 0.0), (half, half, 1.0)
    if periodic:
        builder.set_domain((-half, -half, -1.0), (half, half, 2.0), (True, True, False))
        lower, upper = (-1e3, -1e3, 0.0), (1e3, 1e3, 1.0)  # the side walls out of the way
    builder.add_box_walls(lower, upper, sand)
    return builder.finalize()


@pytest.fixture(scope="module")
def settled(double):
    """Snapshot and model of a settled box of mixed sizes."""
    model = boxed()
    simulation = double.simulate(model)
    simulation.run(1.0)
    return simulation.state.snapshot(), model, simulation.state.contact_arrays()


def test_mixed_sizes_settle_inside_the_walls(settled):
    found, model, _ = settled
    radius, half = model.particles["radius"], 5.25 * 0.008
    assert np.abs(found["velocity"]).max() < 0.02
    assert (found["position"][:, 2] > 0.9 * radius).all()
    assert (np.abs(found["position"][:, :2]) < half - 0.9 * radius[:, None]).all()
    assert 3.0 < found["contact_count"].mean() < 8.0


def test_mixed_sizes_pack(settled):
    found, model, _ = settled
    volume = (4 / 3 * np.pi * model.particles["radius"] ** 3).sum()
    height = np.quantile(found["position"][:, 2], 0.95)
    assert 0.4 < volume / ((2 * 5.25 * 0.008) ** 2 * height) < 0.75


def test_walls_carry_the_weight(settled):
    found, model, _ = settled
    weight = model.particles["mass"].sum() * 9.81
    assert found["body_force"][0, 2] == pytest.approx(-weight, rel=0.01)


def test_snapshot_is_in_the_order_of_adding(settled):
    found, model, _ = settled
    assert np.array_equal(found["radius"], model.particles["radius"])
    assert np.array_equal(found["mass"], model.particles["mass"])


def test_contacts_explain_the_forces(settled):
    found, _, contacts = settled
    force = np.zeros((COUNT, 3))
    np.add.at(force, contacts["first"], contacts["force"])
    grains = contacts["second"] >= 0
    np.add.at(force, contacts["second"][grains], -contacts["force"][grains])
    np.testing.assert_allclose(force, found["force"], atol=1e-12)
    assert (contacts["overlap"] > 0).all()
    assert (contacts["first"] != contacts["second"]).all()


def test_periodic_faces_keep_grains_and_count_boxes(double):
    simulation = double.simulate(boxed(gravity=(6.0, 0.0, -9.81), periodic=True))
    simulation.run(1.0)
    found, half = simulation.state.snapshot(), 5.25 * 0.008
    assert (np.abs(found["position"][:, :2]) <= half * (1 + 1e-3)).all()
    assert found["image"][:, 0].max() > 0
    assert np.isfinite(found["velocity"]).all()


def test_gravity_as_a_function_of_time(double):
    model = boxed(gravity=lambda time: (4.0 * time, 0.0, 0.0))
    simulation = double.simulate(model)
    simulation.run(0.004)
    moved = simulation.state.snapshot()["velocity"][:, 0]
    assert moved == pytest.approx(2.0 * simulation.time**2, rel=0.1)


def test_set_gravity_takes_hold(double):
    simulation = double.simulate(boxed(gravity=(0.0, 0.0, 0.0)))
    simulation.run(0.001)
    simulation.set_gravity((0.0, 0.0, 5.0))
    start = simulation.time
    simulation.run(0.002)
    assert simulation.state.snapshot()["velocity"][:, 2] == pytest.approx(5.0 * (simulation.time - start), rel=1e-9)


def test_set_gravity_leaves_the_model_as_it_is(double):
    model = boxed(gravity=(0.0, 0.0, -1.0))
    simulation = double.simulate(model)
    simulation.set_gravity(lambda time: (0.0, 0.0, 5.0 + time))
    simulation.run(0.001)
    assert model.gravity == (0.0, 0.0, -1.0)
    second = double.simulate(model)
    second.run(0.001)
    assert second.snapshot()["velocity"][:, 2] == pytest.approx(-second.time, rel=1e-9)


def test_worlds_of_one_model_have_gravities_of_their_own(double):
    batch = double.simulate([boxed(gravity=(0.0, 0.0, 0.0))] * 2)
    batch.set_gravity((0.0, 0.0, 5.0), world=1)
    batch.run(0.001)
    assert batch.gravity == [(0.0, 0.0, 0.0), (0.0, 0.0, 5.0)]
    assert not batch.snapshot(0)["velocity"].any()
    assert batch.snapshot(1)["velocity"][:, 2] == pytest.approx(5.0 * batch.time, rel=1e-9)


def test_triggers_fire_at_their_interval_until_cancelled(double):
    simulation, times = double.simulate(boxed()), []
    trigger = simulation.every(10 * simulation.time_step, lambda running: times.append(running.step_count))
    simulation.run(30 * simulation.time_step)
    simulation.cancel(trigger)
    simulation.run(20 * simulation.time_step)
    assert times == [0, 10, 20, 30]


def test_fixed_grains_keep_their_velocity(double):
    builder = dem.ModelBuilder()
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    builder.add_particles([[0, 0, 0], [0.0195, 0, 0]], 0.01, sand, velocity=(0.25, 0, 0), fixed=[True, False])
    simulation = double.simulate(builder.finalize())
    simulation.run(0.05)
    found = simulation.state.snapshot()
    assert found["velocity"][0].tolist() == [0.25, 0.0, 0.0]
    assert found["position"][0, 0] == pytest.approx(0.25 * simulation.time, rel=1e-12)
    assert found["velocity"][1, 0] > 0.25
