"""Runs that go wrong stop, and say which key to change; steps that are too long are rejected."""

import numpy as np
import pytest

import dem

RADIUS = 0.01
SURFACE = {"restitution": 0.5, "sliding_friction": 0.5, "rolling_friction": 0.1}


def three_grains(velocity=((0.0, 0, 0),) * 3, apart: float = 3.0, **bounds) -> dem.Model:
    """Three grains in a row along x, without gravity."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    position = np.array([[0.0, 0, 0], [apart, 0, 0], [2 * apart, 0, 0]]) * RADIUS
    if bounds:
        builder.set_domain(**bounds)
    builder.add_particles(position, RADIUS, sand, velocity=np.array(velocity))
    return builder.finalize()


def test_number_that_is_none_stops_the_run(double):
    simulation = double.simulate(three_grains())
    simulation.state.particles.velocity[1] = [0.0, float("nan"), 0.0]
    with pytest.raises(dem.NumericalError, match=r"no longer a number; lower solver.time_step; the worst is grain \d"):
        simulation.run(0.01)


def test_body_that_is_nowhere_stops_the_run(double):
    """No grain touches a thing whose place is no number: nothing else would tell."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    builder.add_particles([[0, 0, 1.5 * RADIUS]], RADIUS, sand)
    plate = builder.add_body("plate", 1.0, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    builder.add_plane((0, 0, 0), (0, 0, 1), sand, plate)
    simulation = double.simulate(builder.finalize())
    simulation.state.bodies.velocity[plate] = [0.0, 0.0, float("nan")]
    with pytest.raises(dem.NumericalError, match=r"no longer a number; .*no grain is to blame but body 'plate'"):
        simulation.run(0.01)


def test_grain_that_leaves_stops_the_run(double):
    bounds = {"lower": (-0.1, -0.1, -0.1), "upper": (0.2, 0.1, 0.1)}
    simulation = double.simulate(three_grains(((0, 0, 3.0), (0, 0, 0), (0, 0, 0)), **bounds))
    with pytest.raises(
        dem.NumericalError,
        match=r"left the domain .*; widen it or add a wall; the worst is grain 0 at \(0, 0, 0\.1\d+\) m",
    ):
        simulation.run(0.1)


def test_overlap_too_large_stops_the_run(double):
    simulation = double.simulate(three_grains(((30.0, 0, 0), (0, 0, 0), (0, 0, 0))))
    with pytest.raises(
        dem.NumericalError,
        match=r"stopped at .* more than solver.max_overlap, 0.1 .* \(by [0-9.]+\); raise .* worst is grain 0",
    ):
        simulation.run(0.1)


def test_overlap_at_the_start_is_an_error(double):
    with pytest.raises(dem.NumericalError, match=r"solver.max_overlap"):
        double.simulate(three_grains(apart=1.5))


def test_crowd_grows_the_list_and_stops_for_its_overlap(double):
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, 0.0))
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    crowd = np.random.default_rng(1).uniform(0, RADIUS, (300, 3))
    builder.add_particles(crowd, RADIUS, sand)
    with pytest.raises(dem.NumericalError, match=r"solver.max_overlap"):
        dem.Simulation(builder.finalize(), max_overlap=0.5)


@pytest.mark.parametrize(
    ("time_step", "said"),
    [
        (1e-2, r"solver.time_step is 0.01 s, must be at most .* 0.5 of the Rayleigh time .* use 'auto' for"),
        (-1.0, r"solver.time_step is -1.0, must be above 0 s"),
        ("fast", r"solver.time_step is 'fast'"),
    ],
)
def test_time_step_is_rejected(time_step, said, double):
    with pytest.raises(dem.ConfigError, match=said):
        double.simulate(three_grains(), time_step=time_step)


def test_bad_durations_and_intervals_are_rejected(double):
    simulation = double.simulate(three_grains())
    with pytest.raises(dem.ConfigError, match="run got duration -1"):
        simulation.run(-1)
    with pytest.raises(dem.ConfigError, match="every got interval 0"):
        simulation.every(0, print)


def test_second_session_is_rejected(double):
    with pytest.raises(dem.StateError, match="stop"):
        dem.start(device="cpu")


def test_load_rejects_another_make_up(double):
    simulation = double.simulate(three_grains())
    builder = dem.ModelBuilder()
    sand = builder.add_material(dem.Material(2500, 1e7, 0.3, **SURFACE))
    builder.add_particles([[0, 0, 0]], RADIUS, sand)
    with pytest.raises(dem.StateError, match="another compatibility signature"):
        simulation.load(builder.finalize())
    assert simulation.model.particle_count == 3
