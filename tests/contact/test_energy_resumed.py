"""Energies follow from the state alone: when somebody measured, saved or restored before changes no bit of them."""

import pytest
from pouring import RADIUS, builder_of_grains

import dem
from dem import state
from dem.checkpoint import pack_worlds, unpack_worlds
from dem.diagnostics import energy

TIME_STEP = 4e-5  # [s]
SAMPLES, EVERY = 8, 125  # samples of a run, and steps between two of them
HALF = SAMPLES // 2
DRIVE = {"x": 0.2, "y": 0.0, "z": -0.3, "rx": 0.0, "ry": 8.0, "rz": 0.0}
Samples = list[dict[str, float]]


def pour(strength: float = 9.81) -> dem.Model:
    """Grains that fall onto the floor and onto a held grain, under a wheel and gravity that grows; (N,) is 161."""
    builder = builder_of_grains(dem.ContactLaws(twisting=dem.MarshallTwisting(), cohesion=dem.JKR()), 5, 6)
    builder.gravity = lambda time: (1.0, 0.5, -strength * min(1.0, 0.5 + 20.0 * time))
    builder.add_particles([[3 * RADIUS, 3 * RADIUS, 0.4 * RADIUS]], RADIUS, 0, fixed=True)
    wheel = dem.GrouserWheel(0.012, 0.01, grouser_height=0.002, grouser_thickness=0.001, grouser_count=8)
    middle = 7.2 * RADIUS
    body = builder.add_body("wheel", 1.0, (1, 1, 1), (middle, middle, 0.04), motion=dem.Motion(prescribed=DRIVE))
    builder.add_shape(wheel, 0, body)
    return builder.finalize()


def simulate(*models: dem.Model) -> dem.Simulation:
    """Worlds that stand still at their beginning."""
    given = models if len(models) > 1 else models[0]
    return dem.Simulation(given, time_step=TIME_STEP, max_overlap=1.5, track_energy=True, max_energy_gain=1e9)


def sample(simulation: dem.Simulation, count: int, look_every: int = 0, world: int = 0) -> Samples:
    """Energies of the next samples; somebody looks in between."""
    found, seen = [], []
    look = simulation.every(look_every * TIME_STEP, lambda run: seen.append(run.energy(world))) if look_every else None
    for _ in range(count):
        simulation.run(EVERY * TIME_STEP)
        found.append(simulation.energy(world))
    if look:
        simulation.cancel(look)
        assert len(seen) > count
    return found


@pytest.fixture(scope="module", params=["serial", "parallel"])
def poured(mixed, request):
    """A simulation, its model, and what an undisturbed run measures; on the path of few grains, and of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "SERIAL_BELOW", 2000 if request.param == "serial" else 0)
        model = pour()
        simulation = simulate(model)
    return simulation, model, sample(simulation, SAMPLES)


def restart(poured: tuple) -> tuple[dem.Simulation, Samples]:
    """The simulation at its beginning again, and what it must measure."""
    simulation, model, expected = poured
    simulation.load(model, time_step=TIME_STEP, max_overlap=1.5, max_energy_gain=1e9)
    return simulation, expected


def test_the_run_is_worth_looking_at(poured):
    last = poured[2][-1]
    assert min(abs(last[name]) for name in last if name != "balance_error") > 0
    assert abs(last["balance_error"]) < 0.02 * last["body_work"]


@pytest.mark.parametrize("look_every", [1, 7, 60])
def test_looks_change_nothing(poured, look_every):
    simulation, expected = restart(poured)
    assert sample(simulation, SAMPLES, look_every) == expected


def test_a_checkpoint_that_is_written_changes_nothing(poured, tmp_path):
    simulation, expected = restart(poured)
    found = []
    for number in range(SAMPLES):
        found += sample(simulation, 1)
        simulation.save(tmp_path / f"{number}.h5")
    assert found == expected


@pytest.mark.parametrize("early", [0, 1, 31])
def test_a_restored_run_measures_the_same(poured, tmp_path, early):
    """Saved some steps before a sample, in another simulation of the same laws, whose own run is forgotten."""
    simulation, expected = restart(poured)
    found = sample(simulation, HALF)
    simulation.run((EVERY - early) * TIME_STEP)
    simulation.save(tmp_path / "state.h5")
    simulation.run(0.5 * EVERY * TIME_STEP)
    simulation, _ = restart(poured)
    simulation.run(3 * TIME_STEP)
    simulation.restore(tmp_path / "state.h5")
    simulation.run(early * TIME_STEP)
    found.append(simulation.energy())
    assert found + sample(simulation, SAMPLES - HALF - 1, look_every=9) == expected


def test_sums_on_the_device_are_pure_too(poured, tmp_path, monkeypatch):
    monkeypatch.setattr(energy, "is_in_place", lambda: False)
    simulation, _ = restart(poured)
    expected = sample(simulation, SAMPLES)
    simulation, _ = restart(poured)
    found = sample(simulation, HALF, look_every=7)
    simulation.save(tmp_path / "state.h5")
    simulation, _ = restart(poured)
    simulation.restore(tmp_path / "state.h5")
    assert found + sample(simulation, SAMPLES - HALF) == expected


def test_worlds_measure_as_alone_and_in_other_company(mixed):
    models = [pour(9.81), pour(1.62), pour(9.81)]
    alone = simulate(models[0])
    expected = sample(alone, SAMPLES)
    batch = simulate(*models)
    assert sample(batch, HALF, look_every=7, world=2) == expected[:HALF]
    packed = pack_worlds(batch)
    batch.load([models[0], models[2], models[1]], time_step=TIME_STEP, max_overlap=1.5, max_energy_gain=1e9)
    unpack_worlds(batch, [packed[0], packed[2], packed[1]])
    assert [batch.energy(world) for world in (0, 1)] == [expected[HALF - 1]] * 2
    assert sample(batch, SAMPLES - HALF, world=1) == expected[HALF:]
    alone.load(models[0], time_step=TIME_STEP, max_overlap=1.5, max_energy_gain=1e9)
    unpack_worlds(alone, packed[2:])
    assert sample(alone, SAMPLES - HALF) == expected[HALF:]
