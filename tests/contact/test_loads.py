"""What contacts load grains with, against what the list of contacts says and against equilibrium."""

import numpy as np
import pytest

import dem

RADIUS = 0.01
SURFACE = {"restitution": 0.3, "sliding_friction": 0.5, "rolling_friction": 0.1}


def heap(count: int = 60, **options) -> dem.Simulation:
    """Grains of two sizes that fall into a periodic pit with a floor, a model of many kinds of contacts."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(2500, 1e6, 0.3, **SURFACE))
    builder.set_domain((0, 0, -0.05), (0.06, 0.06, 0.5), periodic=(True, True, False))
    builder.add_shape(dem.Plane((0, 0, 0), (0, 0, 1)), sand)
    grid = np.stack(np.meshgrid(*[np.arange(3)] * 2, np.arange(7), indexing="ij"), axis=-1).reshape(-1, 3)
    place = (grid[:count] + 0.5) * 0.02 + np.random.default_rng(2).uniform(-1e-3, 1e-3, (count, 3))
    radius = np.where(np.arange(count) % 2, 0.8, 0.95) * RADIUS
    builder.add_particles(place, radius, sand)
    return dem.Simulation(builder.finalize(), **options)


@pytest.fixture(scope="module")
def settled(double):
    simulation = heap(max_overlap=0.3)
    simulation.run(1.0)
    return simulation


def test_forces_and_stress_are_those_of_the_listed_contacts(settled):
    found, listed = settled.snapshot(0, ("position", "radius", "contact_force", "stress")), settled.contacts()
    normal_force = np.einsum("ij,ij->i", listed["force"], listed["normal"])
    grains = listed["second"] >= 0
    count = len(found["radius"])
    expected = np.bincount(listed["first"], np.abs(normal_force), count)
    expected += np.bincount(listed["second"][grains], np.abs(normal_force[grains]), count)
    np.testing.assert_allclose(found["contact_force"], expected, rtol=1e-9)
    outer = np.zeros((count, 3, 3))
    for partner, side in (("first", 1.0), ("second", -1.0)):
        rows = listed[partner] >= 0
        ids = listed[partner][rows]
        lever = found["radius"][ids] - 0.5 * listed["depth"][rows]
        branch = -side * lever[:, None] * listed["normal"][rows]
        np.add.at(outer, ids, -side * listed["force"][rows][:, :, None] * branch[:, None, :])
    sigma = 0.5 * (outer + outer.transpose(0, 2, 1)) / (4 / 3 * np.pi * found["radius"] ** 3)[:, None, None]
    six = np.stack([sigma[:, a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (1, 2), (0, 2))], axis=1)
    np.testing.assert_allclose(found["stress"], six, rtol=1e-8, atol=1e-9 * np.abs(six).max())


def test_the_vertical_stress_holds_what_lies_above(settled):
    """In a column, the integral of sigma_zz is that of the weight above: sum of V sigma_zz = sum of m g z over it."""
    found = settled.snapshot(0, ("position", "radius", "mass", "stress"))
    volume = 4 / 3 * np.pi * found["radius"] ** 3
    held = float((volume * found["stress"][:, 2]).sum())
    assert held == pytest.approx(9.81 * float((found["mass"] * found["position"][:, 2]).sum()), rel=0.01)


def test_pairs_are_the_listed_contacts(settled):
    pairs, listed = settled.contact_pairs(), settled.contacts()
    on_shape = listed["second"] < 0
    order = np.lexsort((np.where(on_shape, 10**6, listed["second"]), listed["first"]))
    np.testing.assert_array_equal(pairs["first"], listed["first"][order])
    np.testing.assert_array_equal(pairs["second"], listed["second"][order])
    normal_force = np.einsum("ij,ij->i", listed["force"], listed["normal"])[order]
    np.testing.assert_allclose(pairs["normal_force"], normal_force, rtol=1e-9)
    assert 0 < on_shape.sum() < len(on_shape)


def test_worlds_of_a_batch_and_grains_that_touch_nothing(double):
    alone = heap(max_overlap=0.3)
    alone.run(0.2)
    model, other = heap().model, heap().model
    batch = dem.Simulation([other, model], max_overlap=0.3, time_step=alone.time_step)
    batch.run(0.2)
    for world in (0, 1):
        found = batch.snapshot(world, ("contact_force", "stress"))
        expected = alone.snapshot(0, ("contact_force", "stress"))
        for name, values in found.items():
            np.testing.assert_array_equal(values, expected[name])
        for name, values in batch.contact_pairs(world).items():
            np.testing.assert_array_equal(values, alone.contact_pairs()[name])
    fresh = heap(1)
    assert not fresh.snapshot(0, ("stress",))["stress"].any()
    assert len(fresh.contact_pairs()["first"]) == 0
