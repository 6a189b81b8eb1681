"""The frames of a world in a batch are those of the world run alone: grains, bodies, forces, stress and contacts."""

import h5py
import numpy as np
import pytest

import dem
from dem.io import RunReader, RunWriter
from dem.io.world_frames import body_meshes, mesh_poses, read_frame

TIME_STEP = 1e-4


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


def write(simulation, folder):
    """0.06 s of every world, a frame each 0.01 s; returns the paths."""
    paths = [folder / f"world_{world}.vtkhdf" for world in range(simulation.world_count)]
    models = simulation.worlds.models
    meshes = [body_meshes(model) for model in models]
    files = [
        RunWriter(path, soil={"radius": model.particles["radius"]}, bodies=list(own.values()))
        for path, model, own in zip(paths, models, meshes, strict=True)
    ]

    def write_frames(simulation):
        for world, file in enumerate(files):
            soil, found, contacts = read_frame(simulation, world, ("contact_force", "stress"), True)
            file.write_frame(simulation.time, soil, mesh_poses(meshes[world], found), None, contacts)

    trigger = simulation.every(0.01, write_frames)
    simulation.run(0.06)
    simulation.cancel(trigger)
    for file in files:
        file.close()
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


@pytest.mark.parametrize("world", range(len(MODELS)))
def test_frames_are_those_of_the_world_alone(double, in_a_batch, world, tmp_path):
    alone = double.simulate(MODELS[world], time_step=TIME_STEP)
    same(in_a_batch[world], *write(alone, tmp_path))


def test_frames_hold_grains_bodies_and_contacts(in_a_batch):
    reader = RunReader(in_a_batch[0])
    assert (reader.status, reader.frame_count) == ("complete", 7)
    last = reader.frame(-1)
    assert last.bodies["box"].shape == (8, 3)
    assert {"position", "velocity", "contact_force", "stress"} <= set(last.soil)
    assert len(reader.contacts(-1)["first"])


@pytest.fixture(scope="module")
def in_a_batch(double, tmp_path_factory):
    """The files of the worlds, run side by side."""
    return write(double.simulate(MODELS, time_step=TIME_STEP), tmp_path_factory.mktemp("batch"))
