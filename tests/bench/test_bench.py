"""`drawbar bench`: what it measures is there and sane, its scenes weigh what they should."""

import argparse
import json
import math
from functools import partial

import numpy as np
import pytest

import dem
from dem import solver
from dem.bench import SCENES, Plan, make_scene, measure
from dem.bench.chute import CHUTE, chute_model
from dem.bench.command import add_options, cases_of
from dem.bench.phases import PhaseClock
from dem.bench.report import inside_table, phases_of, speed_table
from dem.bench.scenes import DIAMETER, GRAVITY
from dem.bench.tiles import Tile, loose_lattice, mixed_lattice

POSITIVE = (
    "particle_steps_per_second", "contacts_per_second", "contacts_touching", "pairs_listed", "scene_seconds",
    "compile_seconds", "copy_bandwidth", "bandwidth_fraction_estimate", "field_bytes", "field_bytes_per_particle",
    "resident_bytes_peak", "kinetic_energy", "threads",
)  # fmt: skip


@pytest.fixture(scope="module")
def measured(lattice_cache):
    with dem.start(device="cpu", threads=1):
        return measure(partial(make_scene, "bed", 1000, folder=lattice_cache), Plan(repeats=3, steps=20, warm_up=20))


def test_all_that_is_measured_is_there_and_positive(measured):
    assert {name: measured[name] for name in POSITIVE if not measured[name] > 0} == {}
    assert measured["particle_count"] == 1000
    assert measured["range"][0] <= measured["particle_steps_per_second"] <= measured["range"][1]
    assert {"commit", "device", "versions"} <= measured.keys()
    json.dumps(measured)


def test_shares_of_the_phases_are_all_of_the_time(measured):
    assert sum(measured["phase_shares"].values()) == pytest.approx(1.0, abs=0.05)
    assert phases_of(measured["phase_shares"])["forces"] > 0


def test_bytes_are_those_of_the_arrays(measured):
    moved = measured["bytes_per_particle_step_estimate"]
    assert moved["total"] == pytest.approx(sum(moved.values()) - moved["total"])
    assert 100 < moved["total"] < measured["field_bytes_per_particle"]


def test_tables_hold_the_case(measured):
    for table in (speed_table([measured]), inside_table([measured])):
        assert table.row_count == 1


def test_clock_puts_the_functions_back():
    before = dict(vars(solver))
    with dem.start(device="cpu", threads=1), PhaseClock():
        assert solver.run_force_pass is not before["run_force_pass"]
    assert vars(solver) == before


def test_bed_weighs_its_grains(lattice_cache):
    scene = make_scene("bed", 3000, folder=lattice_cache)
    (model,) = scene.models
    grain = 2500.0 * math.pi / 6 * DIAMETER**3
    assert scene.particle_count == 3000
    assert model.particles["mass"].sum() == pytest.approx(3000 * grain)
    assert np.linalg.norm(model.gravity) == pytest.approx(GRAVITY)
    assert math.degrees(math.atan2(model.gravity[0], -model.gravity[2])) == pytest.approx(26.0)
    assert scene.skin == pytest.approx(0.1 * DIAMETER)


def test_batch_has_its_worlds(lattice_cache):
    scene = make_scene("batch", 1000, worlds=3, folder=lattice_cache)
    assert [model.particle_count for model in scene.models] == [1000] * 3
    assert len({tuple(model.gravity) for model in scene.models}) == 3


def test_wheel_starts_on_the_bed(lattice_cache):
    (model,) = make_scene("wheel", 1000, folder=lattice_cache).models
    wheel, top = model.bodies[1], model.particles["position"][:, 2].max() + DIAMETER / 2
    assert top - 2 * DIAMETER < wheel.position[2] - 12 * DIAMETER <= top + 0.01 * DIAMETER
    assert wheel.motion.prescribed["ry"] > 0


def test_chute_damps_as_lammps_does():
    """2 beta sqrt(m* k_n) = m* gamma_n, for a contact of two free grains and of one with a frozen one."""
    tile = Tile(np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 1.5], [0.5, 0.5, 2.5]]), np.full(3, 0.5), np.array([5.0, 5.0]))
    model = chute_model(tile)
    for pair, mass_eff in (((1, 1), CHUTE.mass / 2), ((0, 1), CHUTE.mass)):
        restitution = model.pairs[pair]["restitution"]
        beta = -math.log(restitution) / math.hypot(math.log(restitution), math.pi)
        assert 2 * beta * math.sqrt(CHUTE.normal_stiffness * mass_eff) == pytest.approx(50.0 * mass_eff)
    assert model.particles["fixed"].tolist() == [True, False, False]


@pytest.mark.parametrize(
    "tile", [loose_lattice(200, 0.06, np.full(200, 0.005)), mixed_lattice(5, 400, (0.02, 0.005), 0.1)]
)
def test_lattices_do_not_touch(tile):
    apart = np.abs(tile.position[:, None] - tile.position[None])
    apart[..., :2] = np.minimum(apart[..., :2], tile.size - apart[..., :2])
    gap = np.linalg.norm(apart, axis=2) - tile.radius[:, None] - tile.radius[None]
    assert gap[~np.eye(tile.count, dtype=bool)].min() > 0


def test_tiles_lie_side_by_side():
    tile = loose_lattice(200, 0.06, np.full(200, 0.005)).lay(1200)
    assert tile.count == 1200
    assert sorted(tile.size) == pytest.approx([0.12, 0.18])
    assert (tile.position[:, :2] < tile.size).all()


def test_options_make_every_case():
    parser = argparse.ArgumentParser()
    add_options(parser)
    cases = cases_of(parser.parse_args(["bed", "chute", "--grains", "1000", "2000", "--threads", "1", "2"]))
    assert len(cases) == 8
    assert {case.scene for case in cases} <= set(SCENES)


def test_unknown_scene_is_a_sentence():
    with pytest.raises(dem.ConfigError, match="must be one of bed, chute"):
        make_scene("slide")
