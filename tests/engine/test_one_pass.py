"""Contacts and motion in one pass, by chunks of grains, give what they give one after the other."""

import numpy as np
import pytest

import dem
from dem import state
from dem.memory import read

STEPS = 120
COUNT = 4000  # several chunks of 512 grains, which share work among threads


def falling_grains(fast: int = 0) -> dem.Model:
    """Grains in a deep periodic box that fall on each other and a floor, `fast` of them shot through the others."""
    random = np.random.default_rng(4)
    side, deep = 10, COUNT // 100
    place = np.stack(np.meshgrid(np.arange(side), np.arange(side), np.arange(deep), indexing="ij"), -1).reshape(-1, 3)
    radius = random.uniform(0.0047, 0.0051, COUNT)
    velocity = random.normal(0.0, 0.05, (COUNT, 3))
    velocity[random.choice(COUNT, fast, replace=False)] *= 100.0
    builder = dem.ModelBuilder(gravity=(2.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3))
    builder.set_pair(sand, sand, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    builder.add_particles(
        (place + 0.5) * 0.01 + random.uniform(-3e-4, 3e-4, (COUNT, 3)), radius, sand, velocity=velocity
    )
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.set_domain((0, 0, -1.0), (side * 0.01, side * 0.01, 3.0), periodic=(True, True, False))
    return builder.finalize()


def run_of(simulation: dem.Simulation, pieces: int) -> dict[str, np.ndarray]:
    for _ in range(pieces):
        simulation.run(STEPS / pieces * simulation.time_step)
    return simulation.snapshot()


def assert_same_bits(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


@pytest.fixture(scope="module")
def looked_at():
    """The grains after as many runs of one step."""
    with dem.start(device="cpu", threads=1):
        found = run_of(dem.Simulation(falling_grains(), track_energy=True, max_overlap=0.5), STEPS)
    assert (found["contact_count"] > 0).mean() > 0.3
    return found


@pytest.mark.parametrize(("threads", "chunks"), [(1, 1), (2, 1), (2, 2), (3, 4)])
def test_a_step_in_one_pass_has_the_bits_of_one_that_is_looked_at(threads, chunks, looked_at, monkeypatch):
    monkeypatch.setattr(state, "CHUNKS_PER_THREAD", chunks)
    with dem.start(device="cpu", threads=threads):
        found = run_of(dem.Simulation(falling_grains(), track_energy=True, max_overlap=0.5), 1)
    assert_same_bits(found, looked_at)


def test_groups_know_how_far_they_reach():
    with dem.start(device="cpu", threads=2):
        simulation = dem.Simulation(falling_grains(), max_overlap=0.5)
        simulation.run(STEPS * simulation.time_step)
        grid, own = simulation.context.grid, simulation.state
        contacts, rows = own.contacts, simulation.context.tables.laws.rows
        count = int(read(contacts.count))
        first, second = read(contacts.first, slice(count)), read(contacts.second, slice(count))
        grains = read(contacts.key, slice(count)) < COUNT
        low, high = read(grid.first_partner), read(grid.last_partner)
    for one, other in ((first[grains], second[grains]), (second[grains], first[grains])):
        assert (low[one // rows] <= other).all()
        assert (high[one // rows] >= other).all()
    assert (high[: COUNT // rows] - low[: COUNT // rows]).min() < COUNT / 2  # else nothing moves in the pass


@pytest.mark.parametrize("skin", [2e-4, 4e-3])
def test_leeway_for_fast_grains_misses_no_contact(skin):
    """A wide skin lists all that a narrow one with extra_skin must find in time."""
    with dem.start(device="cpu", threads=2):
        simulation = dem.Simulation(falling_grains(fast=10), skin=1e-3, max_overlap=0.5)
        expected = run_of(simulation, 1)
        extra_skin = read(simulation.state.particles.extra_skin, slice(COUNT))
    assert 0 < (extra_skin > 0).sum() < COUNT / 10
    assert extra_skin.max() <= 0.5e-3 * (1 + 1e-6)
    with dem.start(device="cpu", threads=2):
        assert_same_bits(run_of(dem.Simulation(falling_grains(fast=10), skin=skin, max_overlap=0.5), 1), expected)
