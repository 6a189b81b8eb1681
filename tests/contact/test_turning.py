"""Rolling and twisting: oscillation, decay, rest."""

import math

import numpy as np
import pytest

import dem

RADIUS, DENSITY, GRAVITY = 0.01, 2500.0, 9.81
MASS = DENSITY * 4 / 3 * math.pi * RADIUS**3
STIFFNESS = 1e4  # [N/m]
OVERLAP = MASS * GRAVITY / STIFFNESS


def on_plane(rolling, twisting=None, spins=((0.0, 0.0, 0.0),), speed=0.0, numbers=None, **options):
    """Spheres at rest on a plane, with spins [rad/s] and a speed along x; `numbers` are those of the twisting law."""
    contact = dem.ContactLaws(dem.LinearSpring(STIFFNESS), dem.LinearTangential(1.0), rolling, twisting)
    builder = dem.ModelBuilder(gravity=(0, 0, -GRAVITY), contact=contact)
    material = builder.add_material(dem.Material(DENSITY, 1e8, 0.3, 0.2, 0.8, 0.1, **(numbers or {})))
    builder.add_plane((0, 0, 0), (0, 0, 1), material)
    position = [[0.1 * row, 0, RADIUS - OVERLAP] for row in range(len(spins))]
    builder.add_particles(position, RADIUS, material, (speed, 0, 0), np.array(spins))
    return dem.Simulation(builder.finalize(), **options)


def record(simulation: dem.Simulation, duration: float, steps: int) -> np.ndarray:
    """Spins (times, N, 3) [rad/s]."""
    spins = []
    simulation.every(steps * simulation.time_step, lambda run: spins.append(run.state.snapshot()["angular_velocity"]))
    simulation.run(duration)
    return np.array(spins)


def test_rolling_spring_oscillates_and_comes_to_rest(double):
    """Ai et al.: frequency sqrt(k_r/I_r), log-decrement 2 pi eta/sqrt(1 - eta^2), while the spring is not mobilised."""
    damping_ratio = 0.05
    stiffness = 2.25 * STIFFNESS * (0.1 * RADIUS) ** 2
    inertia = 1.4 * MASS * RADIUS**2
    frequency = math.sqrt(stiffness / inertia)
    spin = 0.2 * 0.1 * RADIUS * MASS * GRAVITY / math.sqrt(stiffness * inertia)  # a fifth of what mobilises it
    simulation = on_plane(dem.RollingSpring(damping_ratio), spins=((0, spin, 0),), speed=spin * RADIUS)
    period = 2 * math.pi / (frequency * math.sqrt(1 - damping_ratio**2))
    spins = record(simulation, 8 * period, 8)[:, 0, 1]
    time = 8 * simulation.time_step * np.arange(len(spins))
    peaks = np.flatnonzero((spins[1:-1] > spins[:-2]) & (spins[1:-1] >= spins[2:])) + 1
    peaks = peaks[np.argsort(-spins[peaks])][:5]
    peaks.sort()
    assert np.diff(time[peaks]).mean() == pytest.approx(period, rel=0.02)
    decrement = np.log(spins[peaks][:-1] / spins[peaks][1:]).mean()
    assert decrement == pytest.approx(2 * math.pi * damping_ratio / math.sqrt(1 - damping_ratio**2), rel=0.1)
    assert abs(spins[-20:]).max() < 0.2 * spin


def test_constant_torque_stops_a_rolling_grain(double):
    """u' = -5/7 mu_r g with friction; then at rest, not shaking."""
    simulation = on_plane(dem.ConstantRollingTorque(), spins=((0, 5.0, 0),), speed=5.0 * RADIUS, track_energy=True)
    stop = 5.0 * RADIUS / (5 / 7 * 0.1 * GRAVITY)
    spins = record(simulation, 1.5 * stop, 10)[:, 0, 1]
    time = 10 * simulation.time_step * np.arange(len(spins))
    moving = time < 0.9 * stop
    slope = np.polyfit(time[moving], spins[moving], 1)[0]
    assert slope == pytest.approx(-5.0 / stop, rel=0.01)
    assert abs(spins[time > 1.2 * stop]).max() < 1e-3
    energy = simulation.energy()
    assert energy["dissipated_rolling"] == pytest.approx(0.7 * MASS * (5.0 * RADIUS) ** 2, rel=0.02)
    assert abs(energy["balance_error"]) < 0.01 * energy["dissipated_rolling"]


def test_twisting_slows_a_top(double):
    """w' = -2/3 a mu N / I; the spring then holds it."""
    twisting = dem.MarshallTwisting()
    simulation = on_plane(None, twisting, spins=((0, 0, 20.0), (0, 0, -20.0)), track_energy=True)
    radius = math.sqrt(RADIUS * OVERLAP)
    rate = 2 / 3 * radius * 0.8 * MASS * GRAVITY / (0.4 * MASS * RADIUS**2)
    spins = record(simulation, 1.5 * 20.0 / rate, 10)[:, :, 2]
    assert (spins[:, 0] == -spins[:, 1]).all()
    time = 10 * simulation.time_step * np.arange(len(spins))
    moving = (time > 4.0 / rate) & (time < 0.8 * 20.0 / rate)
    assert np.polyfit(time[moving], spins[moving, 0], 1)[0] == pytest.approx(-rate, rel=0.01)
    assert abs(spins[-20:]).max() < 2.0
    energy = simulation.energy()
    spun = 2 * 0.5 * 0.4 * MASS * RADIUS**2 * 400.0
    assert energy["dissipated_twisting"] == pytest.approx(spun, rel=0.02)
    assert abs(energy["balance_error"]) < 0.01 * spun


def twisting_spring(slider: float) -> dict[str, float]:
    """Numbers of a twisting spring of 100 Hz, damped to a tenth of critical, that slides at `slider`."""
    inertia = 0.4 * MASS * RADIUS**2
    stiffness = (2 * math.pi * 100.0) ** 2 * inertia
    return {
        "twisting_stiffness": stiffness,
        "twisting_damping": 2 * 0.1 * math.sqrt(stiffness * inertia),
        "twisting_friction": slider,
    }


def test_twisting_spring_slides_at_its_own_coefficient(double):
    """w' = -mu_tw R N / I, whatever the sliding friction; the spring then holds it; the energy balance closes."""
    numbers = twisting_spring(0.05)
    spins = ((0, 0, 40.0), (0, 0, -40.0))
    simulation = on_plane(None, dem.TwistingSpring(), spins=spins, numbers=numbers, track_energy=True)
    rate = 0.05 * RADIUS * MASS * GRAVITY / (0.4 * MASS * RADIUS**2)
    found = record(simulation, 1.5 * 40.0 / rate, 10)[:, :, 2]
    assert (found[:, 0] == -found[:, 1]).all()
    time = 10 * simulation.time_step * np.arange(len(found))
    moving = (time > 4.0 / rate) & (time < 0.8 * 40.0 / rate)
    assert np.polyfit(time[moving], found[moving, 0], 1)[0] == pytest.approx(-rate, rel=1e-3)
    assert abs(found[-20:]).max() < 0.01
    energy = simulation.energy()
    spun = 2 * 0.5 * 0.4 * MASS * RADIUS**2 * 1600.0
    assert energy["dissipated_twisting"] == pytest.approx(spun, rel=5e-3)
    assert abs(energy["balance_error"]) < 1e-3 * spun


def test_twisting_spring_swings_and_dies_away(double):
    """Frequency sqrt(k/I) sqrt(1 - eta^2), log-decrement 2 pi eta/sqrt(1 - eta^2), well below its cap."""
    simulation = on_plane(None, dem.TwistingSpring(), spins=((0, 0, 1e-3),), numbers=twisting_spring(0.5))
    found = record(simulation, 0.05, 4)[:, 0, 2]
    time = 4 * simulation.time_step * np.arange(len(found))
    crossings = np.flatnonzero(np.diff(np.signbit(found)))
    at = time[crossings] + found[crossings] / (found[crossings] - found[crossings + 1]) * time[1]
    assert np.diff(at).mean() == pytest.approx(0.5 / (100.0 * math.sqrt(1 - 0.1**2)), rel=5e-3)
    tops = np.array([abs(found[a:b]).max() for a, b in zip(crossings[:-1], crossings[1:], strict=True)])
    decrement = 2 * np.log(tops[:-1] / tops[1:]).mean()
    assert decrement == pytest.approx(2 * math.pi * 0.1 / math.sqrt(1 - 0.1**2), rel=0.03)
