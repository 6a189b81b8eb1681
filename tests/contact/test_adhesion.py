"""Cohesion in motion: pulled apart, hanging, walls and grains apart."""

import math

import numpy as np
import pytest

import dem

RADIUS, GAMMA = 1e-3, 0.05


def pull_apart(cohesion: dem.JKR) -> tuple[np.ndarray, np.ndarray, dem.Simulation]:
    """Two held grains are drawn apart from an overlap; overlaps [m] and forces [N] along the way."""
    builder = dem.ModelBuilder(gravity=(0, 0, 0), contact=dem.ContactLaws(rolling=None, cohesion=cohesion))
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, 1.0, 0.3, surface_energy=GAMMA))
    position = np.array([[0, 0, 0], [2 * RADIUS - 4e-6, 0, 0]])
    builder.add_particles(position, RADIUS, sand, [[0, 0, 0], [1e-3, 0, 0]], fixed=True)
    simulation = dem.Simulation(builder.finalize(), time_step_fraction=0.05, track_energy=True)
    found = []

    def look(run: dem.Simulation) -> None:
        state = run.state.snapshot()
        found.append((2 * RADIUS - state["position"][1, 0] + state["position"][0, 0], -state["force"][0, 0]))

    simulation.every(3 * simulation.time_step, look)
    simulation.run(6e-3)
    overlap, force = np.array(found).T
    return overlap, force, simulation


def test_jkr_neck_holds_until_the_largest_pull(double):
    overlap, force, simulation = pull_apart(dem.JKR())
    radius_eff = RADIUS / 2
    modulus = 1e7 / (2 * (1 - 0.3**2))
    pull_off = 3 * math.pi * GAMMA * radius_eff
    length = (9 * math.pi * GAMMA * radius_eff**2 / modulus) ** (2 / 3) / radius_eff
    gap = 0.1322835 * length
    assert force.min() == pytest.approx(-pull_off, rel=2e-3)
    holding = overlap[force != 0.0]
    assert -holding.min() == pytest.approx(gap, abs=4e-2 * gap)
    assert np.interp(0.0, overlap[::-1], force[::-1]) == pytest.approx(-8 / 3 * math.pi * GAMMA * radius_eff, rel=1e-3)
    energy = simulation.energy()
    assert energy["elastic"] == 0.0
    assert energy["dissipated_normal"] > 0.0  # the broken neck
    assert abs(energy["balance_error"]) < 0.01 * energy["dissipated_normal"]


def test_hangs_or_falls_and_walls_stick_apart_from_grains(double):
    """10 N on 1 kg: hangs at g = 8, falls at 10.1; a wall pair of its own without adhesion holds nothing."""
    radius = (3 / (4 * math.pi * 1000.0)) ** (1 / 3)
    for gravity, held in ((8.0, [True, False]), (10.1, [False, False])):
        builder = dem.ModelBuilder(gravity=(0, 0, -gravity), contact=dem.ContactLaws(cohesion=dem.ConstantPullOff()))
        surface = {"restitution": 0.5, "sliding_friction": 0.3, "rolling_friction": 0.0}
        sticky = builder.add_material(dem.Material(1000.0, 1e7, 0.3, **surface, pull_off_force=10.0))
        plain = builder.add_material(dem.Material(1000.0, 1e7, 0.3, **surface, pull_off_force=10.0))
        builder.set_pair(sticky, plain, pull_off_force=0.0)
        builder.add_plane((0, 0, 1), (0, 0, -1), sticky)
        builder.add_particles([[0, 0, 1 - radius + 1e-6]], radius, sticky)
        builder.add_particles([[1, 0, 1 - radius + 1e-6]], radius, plain)
        if gravity == 8.0:
            simulation = dem.Simulation(builder.finalize())
        else:
            simulation.load(builder.finalize())
        simulation.run(0.1)
        height = simulation.state.snapshot()["position"][:, 2]
        assert ((height > 1 - radius - 1e-4) == held).all()
