"""Collisions: restitution, Newton's third law, hysteresis."""

import math

import numpy as np
import pytest

import dem
from dem.time_step import choose_time_step

RESTITUTION = [0.3, 0.5, 0.7, 0.9, 1.0]
RADIUS = 0.01


def collide(contact: dem.ContactLaws, stiffness: float | None = None) -> tuple[dem.Simulation, list]:
    """Pairs of every restitution meet head-on along x, and spin; returns the run and the first force on each grain."""
    builder = dem.ModelBuilder(gravity=(0, 0, 0), contact=contact)
    more = {} if stiffness is None else {"normal_stiffness": stiffness}
    for row, restitution in enumerate(RESTITUTION):
        material = builder.add_material(dem.Material(2500.0, 1e8, 0.3, restitution, 0.3, 0.0, **more))
        for other in range(row):
            builder.set_pair(other, material, restitution=0.5)
        position = [[-1.01 * RADIUS, row * 0.1, 0], [1.01 * RADIUS, row * 0.1, 0]]
        velocity = [[0.5, 0, 0], [-0.5, 0, 0]]
        builder.add_particles(position, RADIUS, material, velocity, angular_velocity=[[0, 0, 3.0], [0, 0, 3.0]])
    simulation = dem.Simulation(builder.finalize(), time_step_fraction=0.04, max_overlap=0.5)
    forces = []
    simulation.every(20 * simulation.time_step, lambda run: forces.append(run.state.snapshot()["force"]))
    simulation.run(0.012)
    return simulation, forces


@pytest.mark.parametrize(
    ("contact", "stiffness"),
    [
        (dem.ContactLaws(rolling=None), None),
        (dem.ContactLaws(dem.LinearSpring(), dem.LinearTangential(), rolling=None), 1e5),
        (dem.ContactLaws(dem.WaltonBraun(), dem.LinearTangential(), rolling=None), 1e5),
    ],
    ids=["hertz", "linear", "walton_braun"],
)
def test_restitution_and_third_law(double, contact, stiffness):
    simulation, forces = collide(contact, stiffness=stiffness)
    velocity = simulation.state.snapshot()["velocity"]
    found = (velocity[1::2, 0] - velocity[::2, 0]) / 1.0
    np.testing.assert_allclose(found, RESTITUTION, atol=6e-3)
    for force in forces:
        assert (force[::2] == -force[1::2]).all()
    assert max(np.abs(force).max() for force in forces) > 1.0
    assert (simulation.state.snapshot()["contact_count"] == 0).all()


def test_a_stiff_rolling_spring_shortens_the_step():
    """Grains that rock faster than they bounce gained a fifth of all energy in a shear box whose platens grip."""

    def step(rolling_friction: float) -> float:
        builder = dem.ModelBuilder()
        material = builder.add_material(dem.Material(2500.0, 1e8, 0.3, 0.5, 0.3, rolling_friction))
        builder.add_particles(np.zeros((1, 3)), RADIUS, material)
        return choose_time_step(builder.finalize(), "auto")

    assert step(0.3) == step(0.0)
    assert step(2.0) == pytest.approx(step(0.0) / (2.0 * math.sqrt(2.25 / 1.4)))


def test_time_scale_of_the_linear_spring():
    law = dem.LinearSpring(normal_stiffness=1e4)
    builder = dem.ModelBuilder(contact=dem.ContactLaws(law))
    material = builder.add_material(dem.Material(2500.0, 1e8, 0.3, 0.5, 0.3, 0.1))
    builder.add_particles(np.zeros((1, 3)), RADIUS, material)
    mass = 2500.0 * 4 / 3 * math.pi * RADIUS**3
    duration = math.pi * math.sqrt(mass / 2 / 1e4)
    assert choose_time_step(builder.finalize(), "auto") == pytest.approx(duration / 20)
    with pytest.raises(dem.ConfigError, match="quarter contact"):
        choose_time_step(builder.finalize(), duration / 7)
