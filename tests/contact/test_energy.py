"""The energy balance closes: a pour, gravity that changes, a held grain that is dragged."""

import math

import numpy as np
import pytest
from pouring import RADIUS, builder_of_grains, turnover

import dem
from dem.diagnostics import energy

KEYS = {"kinetic", "gravitational", "elastic", "body_work", "gravity_work", "balance_error"}


def test_a_pour_closes(double):
    contact = dem.ContactLaws(twisting=dem.MarshallTwisting(), cohesion=dem.JKR())
    simulation = dem.Simulation(builder_of_grains(contact, 8, 5).finalize(), track_energy=True)
    before = simulation.energy()
    spent = []
    simulation.every(0.01, lambda run: spent.append(turnover(run.energy())))
    simulation.run(0.2)
    after = simulation.energy()
    assert set(after) - KEYS == {f"dissipated_{name}" for name in ("normal", "sliding", "rolling", "twisting")}
    assert abs(after["balance_error"]) < 0.01 * turnover(after)
    assert turnover(after) == pytest.approx(before["gravitational"] - after["gravitational"], rel=0.05)
    assert (np.diff(spent) > -1e-3 * spent[-1]).all()
    assert min(after[name] for name in after if name.startswith("dissipated")) > 0
    simulation.set_gravity((0, 0, -1.62))
    simulation.run(0.01)
    later = simulation.energy()
    assert later["gravity_work"] < 0
    assert abs(later["balance_error"]) < 0.01 * turnover(later)


def test_sums_taken_on_the_device_are_those_taken_on_the_host(double, monkeypatch):
    builder = dem.ModelBuilder(gravity=(3.0, 1.0, -9.81))
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, 0.5, 0.4, 0.1))
    place = np.stack(np.unravel_index(np.arange(100), (5, 5, 4)), axis=1)
    builder.add_particles((2.1 * place + 1.05) * RADIUS, RADIUS, sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.set_domain((0, 0, -1), (10.5 * RADIUS, 10.5 * RADIUS, 1), periodic=(True, True, False))
    simulation = dem.Simulation(builder.finalize(), track_energy=True)
    simulation.run(0.1)
    assert simulation.snapshot()["image"].any()
    found = []
    for in_place in (True, False):
        monkeypatch.setattr(energy, "is_in_place", lambda answer=in_place: answer)
        found.append(simulation.energy())
    for name, value in found[0].items():
        assert found[1][name] == pytest.approx(value, rel=1e-12, abs=1e-15), name
    assert found[0]["elastic"] > 0


def test_work_of_held_grains(double):
    """A held grain dragged over a held grain's neighbour: friction takes what the drag gives."""
    builder = dem.ModelBuilder(gravity=(0, 0, -9.81), contact=dem.ContactLaws())
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, 0.5, 0.4, 0.1))
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.add_particles([[0, 0, RADIUS * 0.999]], RADIUS, sand, (0.1, 0, 0), fixed=True)
    simulation = dem.Simulation(builder.finalize(), track_energy=True)
    simulation.run(0.05)
    energies = simulation.energy()
    force = math.hypot(*simulation.state.snapshot()["force"][0, :2])
    assert energies["body_work"] == pytest.approx(force * 0.1 * 0.05, rel=0.02)
    assert abs(energies["balance_error"]) < 0.01 * energies["body_work"]
