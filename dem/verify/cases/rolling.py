"""Sliding and rolling on an incline and on the level; the elastic-plastic rolling spring at rest; a column of spheres.

rolls      a = 5/7 g sin th,  with rolling friction 5/7 g (sin th - mu_r cos th), at rest if mu_r >= tan th
slips      where tan th > 3.5 mu:  a = g (sin th - mu cos th), R w' = 2.5 mu g cos th
"""

import math
from typing import Any

import numpy as np

import dem
from dem.verify.case import DOUBLE, Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.scene import SLIDING, Solid, place_sites, repeat_last, spheres_on_plane, start_scene

SECTION = "sliding and rolling"
TEXTBOOK = "rigid-body mechanics"
AI = "Ai, Chen, Rotter & Ooi, Powder Technol. 206 (2011) 269"
SPRING = dem.ContactLaws()
EARTH = 9.81
RADIUS = 0.01
STIFF: dict[str, Any] = {"young_modulus": 2e8, "poisson_ratio": 0.3, "density": 2500}
SLOPE = math.radians(30)


def tilted(slope: float) -> tuple[float, float, float]:
    """Gravity [m/s2] on an incline that falls towards +x at `slope` [rad]."""
    return (EARTH * math.sin(slope), 0.0, -EARTH * math.cos(slope))


def resting_model(solids: list[Solid], gravity: tuple, laws: dem.ContactLaws, velocity=None, spin=None) -> dem.Model:
    """Spheres that rest on the plane under the gravity's normal part."""
    count = len(solids)
    still = np.zeros((count, 3))
    sag = solids[0].resting_overlap(RADIUS, -solids[0].mass(RADIUS) * gravity[2])
    velocity = still if velocity is None else velocity
    return spheres_on_plane(RADIUS, solids, range(count), velocity, spin, gravity=gravity, laws=laws, height=-sag)


def accelerations(
    report: CaseReport, model: dem.Model, count: int, start: float, stop: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean acceleration along x [m/s2] and R w' [m/s2] of the first spheres between two times."""
    simulation = report.simulate(model, time_step="auto")
    simulation.run(start)
    before, begun = simulation.state.snapshot(), simulation.time
    simulation.run(stop - start)
    after, passed = simulation.state.snapshot(), simulation.time - begun
    linear = (after["velocity"] - before["velocity"])[:count, 0] / passed
    turning = (after["angular_velocity"] - before["angular_velocity"])[:count, 1] * RADIUS / passed
    return linear, turning


@case("incline, rolling or slipping", SECTION, TEXTBOOK)
def descend(report: CaseReport) -> None:
    """Spheres of rising friction go down 30 degrees: below mu = tan th / 3.5 they slip, above they roll."""
    frictions = np.array([0.02, 0.05, 0.1, 0.15, 0.18, 0.25, 0.4, 0.8])
    solids = [Solid(**STIFF, sliding_friction=friction, restitution=0.5) for friction in frictions]
    linear, turning = accelerations(report, resting_model(solids, tilted(SLOPE), SLIDING), len(solids), 0.05, 0.25)
    slips = math.tan(SLOPE) > 3.5 * frictions
    fall, press = EARTH * math.sin(SLOPE), EARTH * math.cos(SLOPE)
    exact = np.where(slips, fall - frictions * press, 5 / 7 * fall)
    report.compare_all("acceleration, slipping", exact[slips], linear[slips], 1e-4, "m/s2", mixed=1e-3)
    report.compare_all("acceleration, rolling", exact[~slips], linear[~slips], 1e-3, "m/s2")
    exact_turning = np.where(slips, 2.5 * frictions * press, 5 / 7 * fall)
    report.compare_all("R w', slipping", exact_turning[slips], turning[slips], 1e-3, "m/s2")
    report.compare_all("R w', rolling", exact_turning[~slips], turning[~slips], 1e-3, "m/s2")
    fine = np.linspace(0, 0.8, 41)
    line = np.where(math.tan(SLOPE) > 3.5 * fine, fall - fine * press, 5 / 7 * fall)
    given = fine, line, "rigid-body mechanics"
    report.show(Curve("down 30 degrees", "sliding friction [-]", "acceleration [m/s2]", frictions, linear, *given))


def compare_resisted(report: CaseReport, laws: dem.ContactLaws, holds: float) -> None:
    """Rows of rolling against rolling friction, on an incline and on the level; below `holds` [m/s2] it rests."""
    resistances = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.65, 0.8])
    solids = [
        Solid(**STIFF, sliding_friction=1.5, restitution=0.5, rolling_friction=resistance) for resistance in resistances
    ]
    linear, _ = accelerations(report, resting_model(solids, tilted(SLOPE), laws), len(solids), 0.1, 0.3)
    rolls = resistances < math.tan(SLOPE)
    exact = 5 / 7 * EARTH * (math.sin(SLOPE) - resistances * math.cos(SLOPE))
    report.compare_all("down 30 degrees: acceleration", exact[rolls], linear[rolls], 1e-3, "m/s2")
    report.compare_absolute("down 30 degrees: mu_r >= tan th stays", 0.0, np.abs(linear[~rolls]).max(), holds, "m/s2")
    speed = np.repeat([[1.5, 0.0, 0.0]], len(solids), axis=0)
    spin = np.repeat([[0.0, 1.5 / RADIUS, 0.0]], len(solids), axis=0)
    flat = (0.0, 0.0, -EARTH)
    linear, _ = accelerations(report, resting_model(solids, flat, laws, speed, spin), len(solids), 0.05, 0.2)
    report.compare_all("level: deceleration", -5 / 7 * EARTH * resistances, linear, 1e-3, "m/s2")


@case("rolling resistance, spring", SECTION, f"{TEXTBOOK}; {AI}, model C")
def resist_by_spring(report: CaseReport) -> None:
    """Rolling against the elastic-plastic rolling spring."""
    compare_resisted(report, SPRING, 1e-4)


@case("rolling sphere of Kratos", SECTION, "Kratos Multiphysics DEM benchmarks; angular momentum", slow=True)
def roll_to_rest(report: CaseReport) -> None:
    """A sphere is thrown without spin: it slips, rolls, and stops at v0 / (mu_r g) to lie dead still."""
    radius, resistance, speed = 0.0026, 0.2, 0.15
    solid = Solid(2.6e7, 0.203, 1.0, 0.8, 0.5, resistance)
    sag = solid.resting_overlap(radius, solid.mass(radius) * EARTH)
    velocity, gravity = np.array([[speed, 0.0, 0.0]]), (0.0, 0.0, -EARTH)
    model = spheres_on_plane(radius, [solid], [0], velocity, gravity=gravity, laws=SPRING, height=-sag)
    simulation = report.simulate(model, time_step=1e-6)
    times, spin = record(simulation, 0.1, lambda found: found["angular_velocity"][0, 1], 2e-4)
    falling = (times > 0.02) & (times < 0.07)
    slope = np.polyfit(times[falling], spin[falling], 1)[0]
    report.compare("spin lost in rolling", -539.011, slope, 1e-3, "rad/s2")
    report.compare("time at which it stops", speed / (resistance * EARTH), times[spin > 0.01].max(), 1e-2, "s")
    report.compare_absolute("spin afterwards", 0.0, np.abs(spin[times > 0.085]).max(), 1e-3, "rad/s", mixed=1e-2)
    labels = "thrown sphere", "time [s]", "spin [rad/s]"
    line = 539.011 * np.maximum(speed / (resistance * EARTH) - times, 0)
    report.show(Curve(*labels, times, spin, times[20::10], line[20::10], "539.011 rad/s2 to rest"))


@case("rolling spring at rest", SECTION, f"{AI}, eqs. 9 to 14", precisions=DOUBLE)
def swing_at_rest(report: CaseReport) -> None:
    """A sphere at rest is nudged: it swings at sqrt(k_r / I_r) sqrt(1 - eta^2), decays by eta, and stops."""
    resistance, damping = 0.02, 0.1
    solid = Solid(**STIFF, sliding_friction=1.0, rolling_friction=resistance)
    laws = dem.ContactLaws(rolling=dem.RollingSpring(damping_ratio=damping))
    load = solid.mass(RADIUS) * EARTH
    sag = solid.resting_overlap(RADIUS, load)
    frequency = math.sqrt(2.25 * load / sag * resistance**2 / (1.4 * solid.mass(RADIUS)))
    nudge = 0.2 * load / (2.25 * load / sag * resistance * RADIUS) * frequency  # a fifth of what the spring can hold
    spin = np.array([[0.0, nudge, 0.0]])
    model = resting_model([solid], (0.0, 0.0, -EARTH), laws, RADIUS * spin[:, [1, 0, 2]], spin)
    simulation = report.simulate(model, time_step="auto")
    period = 2 * math.pi / frequency
    times, found = record(simulation, 4 * period, lambda snapshot: snapshot["angular_velocity"][0, 1], period / 200)
    crossings = np.flatnonzero(np.diff(np.signbit(found)))
    at = times[crossings] + found[crossings] / (found[crossings] - found[crossings + 1]) * np.diff(times)[0]
    measured = math.pi / np.diff(at).mean()
    report.compare("frequency", frequency * math.sqrt(1 - damping**2), measured, 5e-3, "rad/s")
    tops = np.array([np.abs(found[a:b]).max() for a, b in zip(crossings[:-1], crossings[1:], strict=True)])
    decrement = 2 * np.log(tops[:-1] / tops[1:]).mean()
    report.compare("logarithmic decrement", 2 * math.pi * damping / math.sqrt(1 - damping**2), decrement, 2e-2)
    report.show(Curve("nudged sphere", "time [s]", "spin [rad/s]", times, found, at, 0 * at, "crossings"))
    simulation.run(10 * period)
    left = abs(simulation.state.snapshot()["angular_velocity"][0, 1]) / nudge
    report.compare_absolute("spin left / first spin", 0.0, left, 1e-3)


@case("column of five spheres", SECTION, "symmetry")
def stand_in_column(report: CaseReport) -> None:
    """Five equal spheres stacked on a plane stay a column: nothing pushes them aside or turns them."""
    solid = Solid(1e7, 0.3, 2500, 0.5, 0.3, 0.1)
    builder, wall = start_scene([solid], (0.0, 0.0, -EARTH), SPRING)
    column = np.zeros((5, 3))
    column[:, 2] = RADIUS * (1 + 2 * np.arange(5))
    aside = place_sites(RADIUS, 61)[1:60] + [0.0, 0.0, RADIUS]  # the other sites hold single spheres
    builder.add_particles(repeat_last(np.concatenate([column, aside]), 64), RADIUS, 0)
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), wall)
    builder.add_plane((0.0, 0.0, 1e6), (0.0, 0.0, -1.0), wall)
    simulation = report.simulate(builder.finalize(), time_step="auto")
    simulation.run(0.5)
    found = simulation.state.snapshot()
    report.compare_absolute("largest |x| or |y|", 0.0, np.abs(found["position"][:5, :2]).max(), 1e-6, "m")
    report.compare_absolute("largest spin", 0.0, np.abs(found["angular_velocity"][:5]).max(), 1e-6, "rad/s")
    weight = solid.mass(RADIUS) * EARTH
    floor = found["body_force"][0, 2]
    report.compare("weight on the floor", -64 * weight, floor, 1e-3, "N")
