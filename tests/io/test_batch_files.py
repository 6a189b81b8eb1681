"""A batch writes one file a world, equal to that of the world run alone; a world that fails closes its own."""

import h5py
import numpy as np
import pytest

import dem
from dem.io import BatchWriter, RunReader, Series

TIME_STEP = 1e-4
SERIES = {"fastest": Series("m/s", "speed of the fastest grain"), "pushed": Series("N s", "impulse on the ball")}

LOADS = {"grain_arrays": ("contact_force", "stress"), "contacts": True}


def heap(gravity: float, count: int) -> dem.Model:
    """Grains falling on a floor under a box that falls too."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -gravity))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, 0.3, 0.5, 0.1))
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    place = np.random.default_rng(count).uniform(-0.002, 0.002, (count, 3))
    place += np.stack([0.026 * np.arange(count), np.zeros(count), np.full(count, 0.012)], axis=1)
    builder.add_particles(place, 0.01, sand)
    box = builder.add_body("box", 0.03, (1e-5, 1e-5, 1e-5), (0.04, 0.0, 0.036), velocity=(0, 0, -0.3))
    builder.add_shape(dem.Box((0.05, 0.02, 0.02)), sand, box)
    return builder.finalize()


MODELS = [heap(9.81, 4), heap(1.62, 5), heap(3.71, 4)]


def row(simulation, world):
    found = simulation.snapshot(world, ["velocity"])["velocity"]
    pushed = simulation.take_impulses(world)[1, 2]
    return {"fastest": float(np.linalg.norm(found, axis=1).max()), "pushed": float(pushed)}


def write(simulation, folder, action=lambda simulation: None, **options):
    """0.06 s of every world, `action` half way; returns the paths."""
    paths = [folder / f"world_{world}.vtkhdf" for world in range(simulation.world_count)]
    with BatchWriter(
        simulation, paths, frame_interval=0.01, sample_interval=0.002, series=SERIES, sample=row, **LOADS, **options
    ) as files:
        simulation.run(0.03)
        action(simulation)
        simulation.run(0.03)
        assert set(files.open_worlds) == {*range(len(paths))} - {*simulation.failures}
    return paths


def arrays(path):
    """All arrays of a file, by name."""
    found = {}
    with h5py.File(path, "r", locking=False) as file:
        file.visititems(lambda name, node: found.update({name: node[()]}) if isinstance(node, h5py.Dataset) else None)
    return {name: values for name, values in found.items() if not name.startswith(("config", "provenance"))}


def same(one, other):
    one, other = arrays(one), arrays(other)
    assert set(one) == set(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


@pytest.fixture(scope="module")
def alone(double, tmp_path_factory):
    """The files of each world run alone."""
    folders = [tmp_path_factory.mktemp(f"alone_{world}") for world in range(len(MODELS))]
    return [
        write(double.simulate(model, time_step=TIME_STEP), folder)[0]
        for model, folder in zip(MODELS, folders, strict=True)
    ]


def test_files_are_those_of_the_worlds_alone(double, alone, tmp_path):
    simulation = double.simulate(MODELS, time_step=TIME_STEP)
    for path, own in zip(write(simulation, tmp_path), alone, strict=True):
        same(path, own)
        reader = RunReader(path)
        assert (reader.status, reader.frame_count) == ("complete", 7)
        assert reader.frame(-1).bodies["box"].shape == (8, 3)
        assert reader.series("pushed").any()
    assert simulation.triggers == []


def break_second(simulation):
    slots = simulation.state.slot_of_id.to_numpy()
    simulation.state.particles.velocity[slots[4]] = [float("nan"), 0.0, 0.0]


def test_world_that_fails_closes_its_file(double, alone, tmp_path):
    paths = write(double.simulate(MODELS, time_step=TIME_STEP), tmp_path, break_second)
    same(paths[0], alone[0])
    same(paths[2], alone[2])
    reader = RunReader(paths[1])
    assert reader.status.startswith("failed: a position or velocity is no longer a number")
    assert reader.attributes["failure"] == reader.status.removeprefix("failed: ")
    assert 0.03 < reader.attributes["failure_time"] <= 0.032 + 1e-9
    assert reader.frame_count == 4
    np.testing.assert_array_equal(reader.frame(3).soil["position"], RunReader(alone[1]).frame(3).soil["position"])


def test_batch_goes_on_after_a_stop(double, alone, tmp_path):
    simulation = double.simulate(MODELS, time_step=TIME_STEP)
    paths = [tmp_path / f"world_{world}.vtkhdf" for world in range(3)]
    options = {"frame_interval": 0.01, "sample_interval": 0.002, "series": SERIES, "sample": row}
    with BatchWriter(simulation, paths, **LOADS, **options) as files:
        simulation.run(0.025)
        break_second(simulation)
        simulation.run(0.01)
        written, due = files.sync(), [trigger.due_step for trigger in simulation.triggers]
        simulation.save(tmp_path / "batch.h5")
        simulation.run(0.01)
    assert [*written] == [0, 2]
    failed = arrays(paths[1])
    simulation.load(MODELS, time_step=TIME_STEP)
    simulation.restore(tmp_path / "batch.h5")
    with BatchWriter(simulation, paths, **LOADS, **options, written=written) as files:
        for trigger, step in zip(simulation.triggers, due, strict=True):
            trigger.due_step = step
        simulation.run(0.025)
        assert files.open_worlds == [0, 2]
    same(paths[0], alone[0])
    same(paths[2], alone[2])
    assert all(np.array_equal(failed[name], values) for name, values in arrays(paths[1]).items())


def test_wrong_numbers_of_files_are_rejected(double, tmp_path):
    simulation = double.simulate(MODELS, time_step=TIME_STEP)
    with pytest.raises(dem.ConfigError, match="BatchWriter got 1 paths, must be 3; give one a world"):
        BatchWriter(simulation, [tmp_path / "one.vtkhdf"], frame_interval=0.01)
