"""A layer of Hooke spheres on a rough incline: rest, steady flow, and acceleration."""

import math
from dataclasses import replace

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport
from dem.verify.sand import UP, Sand

SECTION = "bulk"
SILBERT = "Silbert, Ertas, Grest, Halsey, Levine & Plimpton, Phys. Rev. E 64 (2001) 051302, figs. 1, 3"
HOOKE = Sand(spread=0.0, hardness=2e4, friction=0.5, restitution=0.88)
LENGTH, WIDTH, DEPTH = 9.0, 5.0, 12.0  # diameters along and across, and of sand above the base
ANGLES = (18.0, 24.0, 26.0, 30.0)  # [deg]
SPEEDS = (2.5, 2.5, 4.7, 4.7)  # of the surface at the start [sqrt(g d)]
RUN, WINDOW = 60.0, 20.0  # length of the run, and of the parts compared [sqrt(d/g)]


def rough_base(report: CaseReport) -> tuple[np.ndarray, np.ndarray]:
    """A slice 1.2 diameters thick out of a poured bed: centres (n, 3) [m] below z = 0, radii (n,) [m]."""
    sand = replace(HOOKE, restitution=0.5)
    size = np.array([LENGTH, WIDTH, 6.0]) * sand.diameter
    builder = sand.start()
    position, radius = sand.fill(size, seed=5)
    builder.add_particles(position, radius, 0, velocity=sand.random_velocities(len(radius), seed=6))
    builder.add_plane((0.0, 0.0, 0.0), UP, 1)
    builder.set_domain((0.0, 0.0, -np.inf), (*size[:2], np.inf), (True, True, False))
    simulation = report.simulate(builder.finalize(), time_step_fraction=0.4)
    simulation.run(15 * sand.time)
    position = simulation.snapshot()["position"] - [0.0, 0.0, 3.6 * sand.diameter]
    inside = (position[:, 2] < 0.0) & (position[:, 2] > -1.2 * sand.diameter)
    return position[inside], radius[inside]


def chute(angle: float, speed: float, base: tuple[np.ndarray, np.ndarray]) -> dem.Model:
    """Loose grains above a base of held ones, periodic along and across, gravity tilted by an angle [deg].

    They flow already, by Bagnold's profile with a surface speed [sqrt(g d)].
    """
    size = np.array([LENGTH, WIDTH, DEPTH]) * HOOKE.diameter
    builder = HOOKE.start(tilt=math.radians(angle))
    position, radius = HOOKE.fill(size, seed=1)
    velocity = HOOKE.random_velocities(len(radius), seed=2)
    depth = 1 - position[:, 2] / position[:, 2].max()
    velocity[:, 0] += speed * HOOKE.speed * (1 - depth**1.5)
    builder.add_particles(position + [0.0, 0.0, HOOKE.diameter], radius, 0, velocity=velocity)
    builder.add_particles(*base, 0, fixed=True)
    builder.set_domain((0.0, 0.0, -np.inf), (*size[:2], np.inf), (True, True, False))
    return builder.finalize()


@case("inclined chute", SECTION, SILBERT, slow=True)
def flow_down_chute(report: CaseReport) -> None:
    """Spheres of mu = 0.5, e = 0.88, k_t = 2/7 k_n on a rough incline rest, flow steadily or accelerate, by the angle.

    As in the paper but for the stiffness, 2e4 m g / d instead of 2e5, at the same restitution (its gamma_n = 50
    sqrt(g/d) is e = 0.88 there), which it found not to matter, and the depth, 12 diameters instead of 40. From rest
    such a layer takes more than 100 sqrt(d/g) to reach its speed, so it starts flowing, at 24 and 26 deg near the speed
    that runs from rest tend to: a steady flow keeps it, and what has none stops or speeds up.
    """
    base = rough_base(report)
    simulation = report.simulate(
        [chute(angle, speed, base) for angle, speed in zip(ANGLES, SPEEDS, strict=True)], time_step_fraction=0.4
    )
    moving = slice(0, -len(base[1]))
    times, energy = [], []

    def take(running: dem.Simulation) -> None:
        speeds = [running.snapshot(world)["velocity"][moving] / HOOKE.speed for world in range(len(ANGLES))]
        times.append(running.time / HOOKE.time)
        energy.append([0.5 * (speed**2).sum(axis=1).mean() for speed in speeds])

    simulation.every(2 * HOOKE.time, take)
    simulation.run(RUN * HOOKE.time)
    judge_flows(report, np.array(times), np.array(energy))


def judge_flows(report: CaseReport, times: np.ndarray, energy: np.ndarray) -> None:
    """Compare mean kinetic energies [m g d], shape (times, angles), over [sqrt(d/g)]: what rests, holds, grows."""
    before, after = ((times > begin) & (times <= begin + WINDOW) for begin in (RUN - 2 * WINDOW, RUN - WINDOW))
    for column, angle in zip(energy.T, ANGLES, strict=True):
        name = f"{angle:g} deg: kinetic energy"
        ratio = column[after].mean() / max(column[before].mean(), 1e-12)
        if angle < 20:
            report.compare_absolute(f"{name} at the end / m g d", 0.0, column[-1], 1e-3)
        elif angle < 28:
            report.compare(f"{name}, last {WINDOW:g} sqrt(d/g) over those before", 1.0, ratio, 0.15)
            report.compare_range(f"{name} at the end / m g d", 0.05, 20.0, column[-1])
        else:
            report.compare_range(f"{name}, last {WINDOW:g} sqrt(d/g) over those before", 1.25, 3.0, ratio)
        level = np.full(2, column[after].mean())
        labels = f"{angle:g} deg", "time [sqrt(d/g)]", "kinetic energy a grain [m g d]"
        report.show(Curve(*labels, times, column, times[[0, -1]], level, "mean of the last part"))
