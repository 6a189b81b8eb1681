"""Launches ahead of the host's looks, as on a GPU: the same bits as looking before each, with few looks."""

import numpy as np
import pytest

import dem
from dem import solver
from dem.state import State

COUNT, STEPS = 300, 200


class RunsAhead(State):
    """A state whose launches a host may give ahead, on any device: scenes this small run launch by launch."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.runs_ahead = True


def colliding(fast: float = 1.0, gravity=(0.0, 0.0, -9.81)) -> dem.Model:
    """Grains thrown about in a periodic box over a floor that a plate moves in."""
    random = np.random.default_rng(5)
    builder = dem.ModelBuilder(gravity=gravity)
    sand = builder.add_material(
        dem.Material(2500, 1e6, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    )
    place = np.stack(np.unravel_index(np.arange(COUNT), (7, 7, 7)), axis=1) * 0.011 + 0.005
    builder.add_particles(place, 0.005, sand, velocity=fast * random.normal(0, 0.4, (COUNT, 3)))
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    motion = dem.Motion({"x": lambda time: 0.3 + 20 * time, "y": 0.0, "z": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0})
    plate = builder.add_body("plate", 1.0, (1e-3, 1e-3, 1e-3), (0.03, 0.04, 0.1), motion=motion)
    builder.add_shape(dem.Box((0.005, 0.02, 0.02)), sand, plate)
    builder.set_domain((0, 0, -1), (0.077, 0.077, 2), periodic=(True, True, False))
    return builder.finalize()


def ended(model, monkeypatch, ahead: bool, commanded: bool = True, **options):
    """Arrays at the end, and how often the host looked and searched."""
    counts = {"looks": 0, "searches": 0, "launches": 0}

    def counted(name, function):
        def call(*arguments):
            counts[name] += 1
            return function(*arguments)

        return call

    with dem.start("cpu", threads=1), monkeypatch.context() as patch:
        if ahead:
            patch.setattr(solver, "State", RunsAhead)
        simulation = dem.Simulation(model, max_overlap=0.9, **options)
        if not commanded:
            simulation.set_motion(1, dem.Motion({axis: 0.0 for axis in ("x", "y", "z", "rx", "ry", "rz")}))
        for name, function in (("looks", "_stale"), ("searches", "search"), ("launches", "run_force_pass")):
            patch.setattr(solver, function, counted(name, getattr(solver, function)))
        simulation.run(STEPS * simulation.time_step)
        found = simulation.snapshot()
        if options.get("track_energy"):
            found |= {f"energy_{name}": np.array(value) for name, value in simulation.energy().items()}
        return found, counts


def assert_same(found, expected):
    """Bit for bit, but for energies, whose sums are begun anew at each search."""
    for name, values in expected.items():
        tolerance = 1e-14 if name.startswith("energy_") else 0.0
        np.testing.assert_allclose(found[name], values, rtol=0.0, atol=tolerance, err_msg=name)


CASES = {
    "nobody commands": {"commanded": False},
    "a body is commanded in each step": {},
    "with energies": {"track_energy": True},
    "a narrow skin": {"skin": 2e-4, "commanded": False},
}


@pytest.mark.parametrize("case", CASES)
def test_launches_ahead_have_the_bits_of_launches_one_by_one(case, monkeypatch):
    expected, one_by_one = ended(colliding(), monkeypatch, False, **CASES[case])
    found, ahead = ended(colliding(), monkeypatch, True, **CASES[case])
    assert_same(found, expected)
    assert one_by_one["searches"] > 2
    assert ahead["looks"] < one_by_one["looks"]


def test_quiet_grains_are_looked_at_once_in_thirty_two_steps(monkeypatch):
    _, counts = ended(colliding(fast=0.0, gravity=(0, 0, -1e-3)), monkeypatch, True, commanded=False)
    assert counts["looks"] <= STEPS / solver.RUN_AHEAD + 1
    assert counts["launches"] == STEPS


def test_a_list_that_is_too_short_is_made_longer_after_launches_in_vain(monkeypatch):
    expected, _ = ended(colliding(), monkeypatch, False)
    monkeypatch.setattr("dem.worlds._contact_capacity", lambda model: COUNT + 1)
    found, _ = ended(colliding(), monkeypatch, True)
    assert_same(found, expected)


def test_a_changing_gravity_keeps_its_energy_balance(monkeypatch):
    model = colliding(gravity=lambda time: (0.0, 0.0, -9.81 - 100 * time))
    expected, _ = ended(model, monkeypatch, False, track_energy=True)
    found, _ = ended(model, monkeypatch, True, track_energy=True)
    assert_same(found, expected)
