"""The neighbour list holds every pair: of any mixture of sizes, across periodic faces, and if it was made too small."""

import numpy as np
import pytest

import dem
from dem import state, worlds
from dem.backend import types
from dem.neighbors import grid


def mixture(seed: int, count: int, ratio: float, periodic: bool) -> dem.Model:
    """Grains of radii over `ratio`, at random in a box, many of them touching."""
    random = np.random.default_rng(seed)
    radius = 0.01 * ratio ** -random.uniform(0.0, 1.0, count)
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e4, 0.3))
    builder.set_pair(sand, sand, restitution=0.5, sliding_friction=0.3, rolling_friction=0.1)
    box = np.array([0.1, 0.08, 0.09])
    builder.add_particles(random.uniform(0, 1, (count, 3)) * box, radius, sand)
    builder.add_plane((0, 0, -0.02), (0, 0, 1), sand)
    builder.set_domain((0, 0, -1.0), (box[0], box[1], 1.0), periodic=(periodic, periodic, False))
    return builder.finalize()


def brute_force_pairs(model: dem.Model) -> set[tuple[int, int]]:
    position, radius = model.particles["position"], model.particles["radius"]
    apart = position[:, None] - position[None]
    period = np.where(model.domain.periodic, model.domain.upper - model.domain.lower, np.inf)
    with np.errstate(invalid="ignore"):
        apart -= np.nan_to_num(np.round(apart / period) * period)
    touching = np.linalg.norm(apart, axis=-1) < radius[:, None] + radius[None]
    return {(int(i), int(j)) for i, j in np.argwhere(touching) if i < j}


def listed_pairs(simulation: dem.Simulation) -> set[tuple[int, int]]:
    contacts = simulation.state.contact_arrays()
    grains = contacts["second"] >= 0
    return set(zip(contacts["first"][grains].tolist(), contacts["second"][grains].tolist(), strict=True))


@pytest.mark.parametrize("periodic", [False, True])  # the box with more cells first: the other fits into its arrays
@pytest.mark.parametrize("ratio", [1.0, 3.0, 10.0])
def test_every_pair_is_listed(ratio, periodic, double):
    model = mixture(1, 400, ratio, periodic)
    simulation = double.simulate(model, max_overlap=100.0)
    pairs = brute_force_pairs(model)
    assert len(pairs) > 100
    assert listed_pairs(simulation) == pairs


def test_a_list_too_small_grows_and_changes_nothing(double, monkeypatch):
    model = mixture(2, 300, 2.0, True)
    roomy = dem.Simulation(model, max_overlap=100.0, track_energy=True)
    monkeypatch.setattr(worlds, "CONTACTS_PER_PARTICLE", 0)
    monkeypatch.setattr(grid, "_row_capacities", lambda model, skin: np.full(model.particle_count, 2))
    tight = dem.Simulation(model, max_overlap=100.0, track_energy=True)
    before = tight.state.contacts.capacity
    for simulation in (roomy, tight):
        simulation.run(50 * simulation.time_step)
    assert before > model.particle_count  # it grew at once
    found, expected = tight.snapshot(), roomy.snapshot()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    assert tight.energy() == roomy.energy()


def test_bundles_of_any_width_give_the_same_bits(double, device, monkeypatch):
    if device != "cpu":
        pytest.skip("wide bundles, and stretches of grains a thread, are for the vector registers of a CPU")
    model = mixture(3, 300, 2.0, True)
    snapshots = []
    for width in (1, 16):
        monkeypatch.setattr(state, "SERIAL_BELOW", 0)  # small scenes take one contact at a time
        monkeypatch.setattr(types, "lanes", width)
        simulation = dem.Simulation(model, max_overlap=100.0, track_energy=True)
        simulation.run(100 * simulation.time_step)
        snapshots.append(simulation.snapshot() | simulation.energy())
    for name, values in snapshots[0].items():
        np.testing.assert_array_equal(snapshots[1][name], values, err_msg=name)


@pytest.mark.parametrize("steps", [300.3, 20.4, 32.6, 64.5, 65.5, 97.2, 130.9])  # widest first
def test_looks_grow_rarer_without_missing_a_search(steps, double):
    """Two grains part at a steady speed and use up the skin just as the looks become rarer: no fault, and searches."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e4, 0.3))
    builder.set_pair(sand, sand, restitution=0.5, sliding_friction=0.3, rolling_friction=0.1)
    builder.add_particles([[0, 0, 0], [0.1, 0, 0]], 0.01, sand, velocity=[[-1, 0, 0], [1, 0, 0]])
    time_step = 1e-5
    simulation = double.simulate(builder.finalize(), time_step=time_step, skin=2 * steps * time_step)
    simulation.run(800 * time_step)
    moved = simulation.state.particles.position_at_search.to_numpy()[:, 0] - [0.0, 0.1]
    assert np.abs(moved).min() > 0.5 * 800 * time_step
