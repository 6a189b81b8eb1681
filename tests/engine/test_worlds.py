"""A batch of worlds: each moves as it does alone, bit for bit, whatever differs between them; faults name theirs."""

import numpy as np
import pytest

import dem
from dem import solver
from dem.checkpoint import pack_worlds, unpack_worlds
from dem.time_step import choose_time_step
from dem.worlds import Worlds

RADIUS = 0.01
TIME_STEP = 1e-4
STEPS = 400
SHARES = [
    {"gravity": (0.0, 0.0, -9.81), "friction": 0.5, "across": 5, "speed": 3.0},
    {"gravity": (0.5, 0.0, -3.71), "friction": 0.1, "across": 5, "speed": -1.0, "grousers": 5, "finest": 0.95},
    {"gravity": (0.0, 0.0, -1.62), "friction": 0.9, "across": 4, "speed": 2.0, "spare": True},
]


def driven(gravity, friction, across, speed, grousers=8, finest=0.9, spare=False) -> dem.Model:
    """A bed `across` x 4 x 3 grains on a floor, periodic sideways, under a wheel pressed onto it as it spins up."""
    builder = dem.ModelBuilder(gravity=gravity)
    if spare:
        builder.add_material(dem.Material(1000, 1e6, 0.3))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, restitution=0.3, rolling_friction=0.1))
    builder.set_pair(sand, sand, sliding_friction=friction)
    random = np.random.default_rng(across)
    index = np.stack(np.meshgrid(np.arange(across), np.arange(4), np.arange(3), indexing="ij"), -1).reshape(-1, 3)
    position = (2.05 * index + [1.0, 1.0, 1.0] + random.uniform(-0.02, 0.02, index.shape)) * RADIUS
    builder.set_domain((0.0, 0.0, -1.0), (0.12, 0.09, 1.0), periodic=(True, True, False))
    builder.add_particles(position, RADIUS * random.uniform(finest, 1.0, len(index)), sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    spin = {"ry": lambda time: speed * (1 + 20 * time), "y": 0.0, "rx": 0.0, "rz": 0.0}
    motion = dem.Motion(prescribed=spin, applied={"z": -2.0})
    wheel = builder.add_body("wheel", 0.1 + 0.1 * friction, (1e-4, 1e-4, 1e-4), (0.05, 0.04, 0.1), motion=motion)
    builder.add_shape(dem.GrouserWheel(0.04, 0.05, 0.005, 0.003, grousers), sand, wheel)
    return builder.finalize()


def differing(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> list[str]:
    """Names of arrays that are not equal to the last bit."""
    return [name for name in one if not np.array_equal(one[name], other[name])]


@pytest.fixture(scope="module")
def alone(double):
    """Per world: snapshot, contacts, impulses and energy of its own run; the first two share what is compiled."""
    models, found = [driven(**share) for share in SHARES], []
    simulation = dem.Simulation(models[0], time_step=TIME_STEP, track_energy=True)
    for world, model in enumerate(models):
        if world == 1:
            simulation.load(model, time_step=TIME_STEP)
        elif world == 2:
            simulation = dem.Simulation(model, time_step=TIME_STEP, track_energy=True)
        simulation.run(STEPS * TIME_STEP)
        arrays = simulation.snapshot(), simulation.state.contact_arrays(), simulation.take_impulses()
        found.append((*arrays, simulation.energy()))
    return found


@pytest.fixture(scope="module")
def compiled(double):
    """The same worlds at once."""
    return dem.Simulation([driven(**share) for share in SHARES], time_step=TIME_STEP, track_energy=True)


@pytest.fixture
def batch(compiled):
    """The same worlds at once, at their start."""
    compiled.load([driven(**share) for share in SHARES], time_step=TIME_STEP)
    return compiled


def test_worlds_touch_and_differ(alone):
    pushed = [impulse[1, 2] for _, _, impulse, _ in alone]
    assert min(pushed) > 0
    assert len({*pushed}) == len(SHARES)
    assert [len(snapshot["radius"]) for snapshot, *_ in alone] == [60, 60, 48]


def test_each_world_moves_as_alone(alone, batch):
    batch.run(STEPS * TIME_STEP)
    for world, (snapshot, contacts, impulse, energy) in enumerate(alone):
        assert differing(snapshot, batch.snapshot(world)) == []
        assert differing(contacts, batch.state.contact_arrays(world)) == []
        assert np.array_equal(impulse, batch.take_impulses(world))
        assert not batch.take_impulses(world).any()
        assert batch.energy(world) == pytest.approx(energy, rel=1e-9, abs=1e-12)


def test_batch_goes_on_from_a_checkpoint(alone, batch, tmp_path):
    batch.run(STEPS // 2 * TIME_STEP)
    batch.save(tmp_path / "batch.h5")
    batch.run(10 * TIME_STEP)
    batch.restore(tmp_path / "batch.h5")
    batch.run((STEPS - batch.step_count) * TIME_STEP)
    for world, (snapshot, _, impulse, energy) in enumerate(alone):
        assert differing(snapshot, batch.snapshot(world)) == []
        assert np.array_equal(impulse, batch.take_impulses(world))
        assert batch.energy(world) == pytest.approx(energy, rel=1e-9, abs=1e-12)


def test_worlds_go_on_from_what_each_packed_in_any_order(alone, batch):
    batch.run(STEPS // 2 * TIME_STEP)
    parts = pack_worlds(batch)
    order = [1, 0, 2]
    batch.load([driven(**SHARES[world]) for world in order], time_step=TIME_STEP)
    with pytest.raises(dem.StateError, match="another model"):
        unpack_worlds(batch, parts)
    unpack_worlds(batch, [parts[world] for world in order])
    batch.run((STEPS - batch.step_count) * TIME_STEP)
    for place, world in enumerate(order):
        snapshot, contacts, impulse, energy = alone[world]
        assert differing(snapshot, batch.snapshot(place)) == []
        assert differing(contacts, batch.state.contact_arrays(place)) == []
        assert np.array_equal(impulse, batch.take_impulses(place))
        assert batch.energy(place) == pytest.approx(energy, rel=1e-9, abs=1e-12)


def test_retired_world_rests_and_the_others_go_on(alone, batch):
    batch.run(50 * TIME_STEP)
    batch.retire(0)
    before = batch.snapshot(0)
    batch.run((STEPS - batch.step_count) * TIME_STEP)
    assert batch.going == [1, 2]
    assert differing(before, batch.snapshot(0)) == ["contact_count"]
    assert not batch.snapshot(0)["contact_count"].any()
    assert differing(alone[1][0], batch.snapshot(1)) == []
    assert batch.failures == {}
    for world in (1, 2):
        batch.state.particles.velocity[batch.state.slot_of_id.to_numpy()[batch.worlds.particles(world).start]] = [
            np.nan
        ] * 3
    with pytest.raises(dem.NumericalError, match="world 1: stopped at .*; world 2: stopped at"):
        batch.run(10 * TIME_STEP)


def test_commands_are_given_by_world(alone, batch):
    batch.set_gravity(lambda time: (0.0, 0.0, -1.62 - 10 * time), world=2)
    batch.set_motion(1, dem.Motion.fixed(), world=1)
    batch.run(STEPS * TIME_STEP)
    assert differing(alone[0][0], batch.snapshot()) == []
    assert not batch.snapshot(1)["body_velocity"].any()
    assert batch.energy(2)["gravity_work"] != 0 == batch.energy(1)["gravity_work"]
    assert "position" in differing(alone[2][0], batch.snapshot(2))


def test_faults_name_their_worlds(batch):
    slots = batch.state.slot_of_id.to_numpy()
    batch.state.particles.velocity[slots[60]] = [0.0, float("nan"), 0.0]
    batch.state.particles.velocity[slots[121]] = [0.0, 0.0, -100.0]
    batch.run(10 * TIME_STEP)
    assert "no longer a number" in batch.failures[1].reason
    assert batch.failures[2].reason.startswith("grains overlap by more than")
    batch.state.particles.velocity[batch.state.slot_of_id.to_numpy()[0]] = [0.0, 0.0, float("inf")]
    said = r"world 0: stopped at 0.002 s: .* no longer .*; world 1: stopped at 0.001 s: .*; world 2: stopped at .*"
    with pytest.raises(dem.NumericalError, match=said):
        batch.run(10 * TIME_STEP)


BLOWS = {
    "no longer a number": ("velocity", [0.0, float("nan"), 0.0]),
    "overlap by more than": ("velocity", [0.0, 0.0, -100.0]),
    "left the domain": ("position", [0.0, 0.0, 2.0]),
}


@pytest.mark.parametrize("said", BLOWS)
def test_others_go_on_as_alone_where_one_fails(alone, batch, said, caplog):
    batch.run(50 * TIME_STEP)
    slot = batch.state.slot_of_id.to_numpy()[batch.worlds.particles(1).start + 30]
    name, value = BLOWS[said]
    getattr(batch.state.particles, name)[slot] = value
    failed = []
    batch.on_failure = failed.append
    batch.run((STEPS - batch.step_count) * TIME_STEP)
    assert failed == [1] == [*batch.failures]
    assert said in batch.failures[1].reason
    assert 50 * TIME_STEP < batch.failures[1].time < STEPS * TIME_STEP
    assert [record.levelname for record in caplog.records if "world 1: stopped" in record.message] == ["WARNING"]
    for world in (0, 2):
        assert differing(alone[world][0], batch.snapshot(world)) == []
        assert differing(alone[world][1], batch.state.contact_arrays(world)) == []
        assert np.array_equal(alone[world][2], batch.take_impulses(world))
    assert batch.largest_overlap < batch.max_overlap
    assert np.isfinite(batch.largest_speed)


def test_world_that_failed_stays_as_it_was(batch, tmp_path):
    batch.state.particles.velocity[batch.state.slot_of_id.to_numpy()[70]] = [0.0, float("nan"), 0.0]
    batch.run(10 * TIME_STEP)
    before = batch.snapshot(1)
    batch.save(tmp_path / "batch.h5")
    batch.run(10 * TIME_STEP)
    after, others = batch.snapshot(1), batch.snapshot(2)
    assert [name for name in before if not np.array_equal(before[name], after[name], equal_nan=True)] == []
    assert len(batch.state.contact_arrays(1)["first"]) == 0
    batch.load([driven(**share) for share in SHARES], time_step=TIME_STEP)
    assert batch.failures == {}
    batch.restore(tmp_path / "batch.h5")
    assert [*batch.failures] == [1]
    batch.run(10 * TIME_STEP)
    assert differing(others, batch.snapshot(2)) == []
    assert np.array_equal(after["position"], batch.snapshot(1)["position"], equal_nan=True)


def test_frozen_world_asks_for_no_search(batch, monkeypatch):
    slots = batch.state.slot_of_id.to_numpy()[batch.worlds.particles(1)]
    batch.state.particles.velocity[slots[0]] = [0.0, float("nan"), 0.0]
    batch.run(10 * TIME_STEP)
    for slot in batch.state.slot_of_id.to_numpy()[batch.worlds.particles(1)]:
        batch.state.particles.velocity[slot] = [1e3, 0.0, 0.0]
    searches, search = [], solver.search
    monkeypatch.setattr(solver, "search", lambda context: searches.append(search(context)))
    batch.run(50 * TIME_STEP)
    assert len(searches) < 10
    assert batch.largest_speed < 100


def test_crowd_that_is_no_number_does_not_slow_the_search(batch):
    batch.state.particles.velocity.fill(float("nan"))
    with pytest.raises(dem.NumericalError, match="world 2: stopped at"):
        batch.run(10 * TIME_STEP)
    solver.search(batch.context)
    assert np.diff(batch.context.grid.cell_start.to_numpy()).max() < 4


def test_time_step_is_the_smallest(batch):
    models = [driven(**share) for share in SHARES]
    batch.load(models)
    assert batch.time_step == min(choose_time_step(model, "auto") for model in models)
    assert (batch.world_count, batch.model.particle_count) == (3, 168)


def altered(**changes) -> dem.Model:
    """The first world, with other laws or another domain."""
    model = driven(**SHARES[0])
    for name, value in changes.items():
        holder = model if name == "contact" else model.domain
        setattr(holder, name, value if name == "contact" else np.array(value))
    return model


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"upper": [5.0, 1, 2]}, r"world 1: the domain's upper bounds are \[5.0, 1.0, 2.0\], must be those of world 0"),
        ({"periodic": [True, False, False]}, r"world 1: the periodic flags are \[True, False, False\], .* world 0"),
        ({"contact": dem.ContactLaws(rolling=None)}, r"world 1: the contact laws are .*, must be .*'RollingSpring'"),
    ],
)
def test_what_must_be_alike_is(changes, said):
    with pytest.raises(dem.ConfigError, match=said):
        Worlds([altered(), altered(**changes)])


def test_complaints_about_one_world_name_it(batch):
    with pytest.raises(dem.ConfigError, match=r"world 0: solver.time_step is 0.01 s, must be at most"):
        batch.load([driven(**share) for share in SHARES], time_step=0.01)
    with pytest.raises(dem.ConfigError, match="world 1: there is no body 7, there are 2"):
        batch.set_motion(7, dem.Motion(), world=1)
    for call in (batch.snapshot, batch.take_impulses, lambda world: batch.set_gravity((0, 0, 0), world)):
        with pytest.raises(dem.ConfigError, match="no world 3, there are 3"):
            call(3)
    with pytest.raises(dem.ConfigError, match="no models"):
        Worlds([])
