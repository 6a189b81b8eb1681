"""Energy out of nothing stops a run, and says where: a law that gives energy, a step too long; sound runs pass."""

from dataclasses import dataclass

import pytest
from pouring import RADIUS, builder_of_grains

import dem
import dem.simulation as loop
from dem.diagnostics import energy_watch
from dem.diagnostics.energy_watch import energy_gain
from dem.errors import NumericalError

SAID = (
    r"stopped at [0-9.e-]+ s: energy grows that nobody put in: .* J, .* of all turned over, more than "
    r"solver.max_energy_gain, 0.05; lower solver.time_step_fraction .*; the worst is grain \d+ at "
    r"\(.*, .*, .*\) m, with a speed of .* m/s and an overlap of .* of the radius"
)


@dataclass(frozen=True)
class Trampoline(dem.LinearSpring):
    """A spring whose dashpot pushes."""

    def derive(self, pair) -> dict[str, float]:
        """Table row of one pair, the dashpot's sign turned."""
        row = super().derive(pair)
        return row | {"damping_factor": -0.1 * row["damping_factor"]}


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(energy_watch, "WATCH_EVERY", 1)
    monkeypatch.setattr(loop, "INSPECT_EVERY", 10)


@pytest.fixture(scope="module")
def trampolines(double):
    """A simulation, and its model."""
    model = builder_of_grains(dem.ContactLaws(normal=Trampoline(normal_stiffness=1e4)), 4, 3).finalize()
    return dem.Simulation(model, max_overlap=1.5, track_energy=True), model


def test_a_law_that_gives_energy_is_stopped(trampolines):
    simulation, model = trampolines
    simulation.load(model, max_overlap=1.5)
    with pytest.raises(NumericalError, match=SAID):
        simulation.run(0.5)
    assert simulation.failures[0].time < 0.5


def test_with_a_wide_limit_it_goes_on(trampolines):
    simulation, model = trampolines
    simulation.load(model, max_overlap=1.5, max_energy_gain=1e6)
    simulation.run(0.06)
    gain, share = energy_gain(simulation.energy())
    assert gain > 0
    assert 0.05 < share < 1.5


def test_a_step_too_long_is_stopped(double):
    """Twice the Rayleigh time: springs overshoot by more than dashpots take."""
    model = builder_of_grains(dem.ContactLaws(), 4, 3).finalize()
    simulation = dem.Simulation(model, time_step_fraction=2.0, max_overlap=1.5, track_energy=True)
    with pytest.raises(NumericalError, match=SAID):
        simulation.run(0.5)


def test_grains_at_rest_have_room_for_rounding():
    still = dict.fromkeys(("kinetic", "elastic", "body_work", "gravity_work"), 0.0)
    still |= {f"dissipated_{name}": 0.0 for name in ("normal", "sliding", "rolling", "twisting")}
    assert energy_gain({**still, "gravitational": 1.0, "balance_error": 1e-6}) == (1e-6, pytest.approx(1e-3))
    assert energy_gain({**still, "gravitational": 0.0, "balance_error": 0.0}) == (0.0, 0.0)
    assert energy_gain({**still, "gravitational": 1.0, "balance_error": -1.0}) == (0.0, 0.0)


def test_a_drop_goes_its_way(double):
    """One grain that falls onto a floor, from long before it has turned anything over."""
    builder = dem.ModelBuilder(gravity=(0, 0, -9.81))
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, 0.5, 0.4, 0.1))
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.add_particles([[0, 0, 1.05 * RADIUS]], RADIUS, sand)
    simulation = dem.Simulation(builder.finalize(), track_energy=True)
    simulation.run(0.05)
    assert simulation.failures == {}
