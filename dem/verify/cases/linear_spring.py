"""The linear spring and dashpot: the MFIX-DEM verification suite, cases DEM01 to DEM04."""

import math

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.closed_forms import SoftBounce, crossing_time, damping_ratio, parabola_peak
from dem.verify.references import read_table
from dem.verify.scene import DOWN, SITES, UP, Solid, add_by_material, place_sites, spheres_on_plane, start_scene

SECTION = "linear spring"
MFIX = "MFIX-DEM verification suite"
GRAVITY = 9.80665
OF_THE_SUITE = dem.LinearTangential(stiffness_ratio=None, sliding="dashpot_off")
LAWS = dem.ContactLaws(dem.LinearSpring(), OF_THE_SUITE, rolling=None)
BALL, DROP = 0.1, 0.5  # radius and height of the centre at the start, DEM01 and DEM02 [m]


def springy(density: float, stiffness: float, restitution: float, friction: float = 0.0) -> Solid:
    """A solid of one stiffness, normal and tangential [N/m]."""
    more = {"normal_stiffness": stiffness, "tangential_stiffness": stiffness}
    return Solid(1e9, 0.3, density, friction, restitution, 0.0, more)


def drop_balls(stiffness: float, restitutions: np.ndarray) -> dem.Model:
    """Balls of DEM01 and DEM02, one for each restitution."""
    solids = [springy(2600, stiffness, restitution) for restitution in restitutions]
    still = np.zeros((len(solids), 3))
    gravity = (0.0, 0.0, -GRAVITY)
    return spheres_on_plane(BALL, solids, range(len(solids)), still, gravity=gravity, laws=LAWS, height=DROP - BALL)


@case("DEM01 free fall", SECTION, f"{MFIX}, DEM01, closed form")
def fall_and_rebound(report: CaseReport) -> None:
    """A ball falls on a spring and dashpot: its path in contact, when and how fast it leaves."""
    for stiffness in (1e4, 2.5e4, 5e4, 1e5):
        table = read_table("mfix_dem01", stiffness=stiffness)
        frequency = math.sqrt(stiffness / springy(2600, stiffness, 1.0).mass(BALL))
        simulation = report.simulate(
            drop_balls(stiffness, table["restitution"]), time_step=1e-3 / frequency, max_overlap=1.5
        )
        simulation.run(float(table["contact_time"][0]) - 0.01 / frequency)
        left = float(table["rebound_time"].max()) + 0.05 / frequency - simulation.time
        times, path = record(simulation, left, _read_falling, 10 * simulation.time_step)
        _compare_rebounds(report, f"k = {stiffness:g} N/m", table, frequency, times, path)


def _read_falling(found: dict) -> np.ndarray:
    return np.stack([found["position"][:, 2], found["velocity"][:, 2]])


def _compare_rebounds(
    report: CaseReport, name: str, table: dict, frequency: float, times: np.ndarray, path: np.ndarray
) -> None:
    fall = math.sqrt(2 * (DROP - BALL) / GRAVITY)
    leaving, speeds, heights = [], [], []
    for index, restitution in enumerate(table["restitution"]):
        bounce = SoftBounce(frequency, damping_ratio(restitution), GRAVITY * fall, GRAVITY)
        leaving.append(crossing_time(times, path[:, 0, index] - BALL))
        speeds.append(np.interp(leaving[-1], times, path[:, 1, index]))
        within = (times > fall) & (times < leaving[-1])
        heights.append(np.abs(path[within, 0, index] - BALL - bounce.height(times[within] - fall)).max())
        if index == 0:
            exact = BALL + bounce.height(times[within] - fall)
            labels = f"{name}, e = {restitution}", "time [s]", "height of the centre [m]"
            report.show(Curve(*labels, times, path[:, 0, 0], times[within][::20], exact[::20], "closed form"))
    report.compare_all(f"{name}: time of rebound", table["rebound_time"], np.array(leaving), 1e-4, "s")
    report.compare_all(f"{name}: speed of rebound", table["rebound_speed"], np.array(speeds), 1e-3, "m/s")
    report.compare_absolute(f"{name}: departure from the path in contact / R", 0.0, max(heights) / BALL, 1e-3)


def bounce_heights(stiffness: float, restitution: float, count: int) -> np.ndarray:
    """Heights [m] of the centre at the tops of the first bounces, exact for the soft ball, until it leaves no more."""
    frequency = math.sqrt(stiffness / springy(2600, stiffness, 1.0).mass(BALL))
    speed, heights = math.sqrt(2 * GRAVITY * (DROP - BALL)), []
    for _ in range(count):
        landing = SoftBounce(frequency, damping_ratio(restitution), speed, GRAVITY)
        if not landing.leaves:
            break
        speed = landing.rebound()[1]
        heights.append(BALL + speed**2 / (2 * GRAVITY))
    return np.array(heights)


def bounce(report: CaseReport, stiffness: float, steps: int) -> None:
    """Five bounces of balls of all restitutions, at `steps` steps a contact."""
    restitutions = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])
    frequency = math.sqrt(stiffness / springy(2600, stiffness, 1.0).mass(BALL))
    simulation = report.simulate(
        drop_balls(stiffness, restitutions), time_step=math.pi / frequency / steps, max_overlap=1.5
    )
    times, height = record(simulation, 3.7, lambda found: found["position"][:6, 2].copy(), 0.004)
    for index, restitution in enumerate(restitutions):
        exact = bounce_heights(stiffness, restitution, 5)
        tops = find_tops(height[:, index], len(exact))
        name = f"k = {stiffness:g} N/m, e = {restitution}"
        report.compare_all(f"{name}: heights, exact for the soft ball", exact, tops, 3e-3, "m")
        bounces = np.arange(1, len(exact) + 1)
        hard = BALL + (DROP - BALL) * restitution ** (2 * bounces)
        table = read_table("mfix_dem02", stiffness=stiffness, restitution=restitution)
        first = slice(1, len(exact) + 1)
        report.compare_all(f"{name}: heights, MFIX", table["height_mfix"][first], tops, 0.02, "m")
        if restitution in (0.9, 0.7):
            report.show(Curve(name, "bounce", "height [m]", bounces, tops, bounces, hard, "hard sphere"))


def find_tops(height: np.ndarray, count: int) -> np.ndarray:
    """Heights of the first `count` tops after the start, each by a parabola."""
    tops = np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]) & (height[1:-1] > BALL)) + 1
    return np.array([parabola_peak(height[top - 1 : top + 2]) for top in tops[:count]])


@case("DEM02 bouncing", SECTION, f"{MFIX}, DEM02; exact chain of bounces")
def bounce_soft(report: CaseReport) -> None:
    """Heights of five bounces on soft springs."""
    bounce(report, 5e4, 400)


@case("DEM02 bouncing, stiff", SECTION, f"{MFIX}, DEM02; exact chain of bounces", slow=True)
def bounce_stiff(report: CaseReport) -> None:
    """Heights of five bounces on stiffer springs: the departure from hard spheres falls with the stiffness."""
    bounce(report, 5e5, 400)
    bounce(report, 5e6, 200)


@case("DEM03 two stacked particles", SECTION, f"{MFIX}, DEM03, Runge-Kutta 4 and MFIX")
def stack_two(report: CaseReport) -> None:
    """Two compressed balls between a floor and a ceiling, both heavy and light."""
    radius, restitutions = 5e-4, (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
    solids = [springy(density, 1000.0, e) for e in restitutions for density in (20000, 10000)]
    builder, wall = start_scene(solids, (0.0, 0.0, -GRAVITY), LAWS)
    count = SITES // 2
    column = np.minimum(np.arange(count), len(restitutions) - 1)
    position = np.repeat(place_sites(radius, count), 2, axis=0)
    position[0::2, 2], position[1::2, 2] = 4.5e-4, 1.35e-3
    solid_of = np.stack([2 * column, 2 * column + 1], axis=1).ravel()
    add_by_material(builder, solid_of, position, radius, np.zeros((SITES, 3)), np.zeros((SITES, 3)))
    builder.add_plane((0.0, 0.0, 0.0), UP, wall)
    builder.add_plane((0.0, 0.0, 1.8e-3), DOWN, wall)
    simulation = report.simulate(builder.finalize(), time_step=2e-7, max_overlap=0.5)
    times, height = record(simulation, 1e-3, lambda found: found["position"][:12, 2].copy(), 1e-6)
    for index, e in enumerate(restitutions):
        table = read_table("mfix_dem03", restitution=e)
        for row, ball in enumerate(("lower", "upper")):
            got = np.interp(table["time"], times, height[:, 2 * index + row])
            report.compare_all(f"e = {e}: {ball} ball, Runge-Kutta 4", table[f"{ball}_rk4"], got, 3e-4, "m")
            if e in (1.0, 0.5):
                labels = f"e = {e}: {ball} ball", "time [s]", "height [m]"
                given = table["time"], table[f"{ball}_mfix"], "MFIX"
                report.show(Curve(*labels, times, height[:, 2 * index + row], *given))


@case("DEM04 slipping ball", SECTION, f"{MFIX}, DEM04, closed form")
def slip_and_roll(report: CaseReport) -> None:
    """A sliding ball comes to roll at t = 2 u0 / (7 mu g) with 5/7 u0."""
    radius, speed = 5e-4, 0.1
    frictions = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
    solids = [springy(1e4, 1e4, 1.0, friction) for friction in frictions]
    sag = solids[0].mass(radius) * GRAVITY / 1e4
    velocity = np.repeat([[speed, 0.0, 0.0]], len(solids), axis=0)
    gravity = (0.0, 0.0, -GRAVITY)
    model = spheres_on_plane(radius, solids, range(5), velocity, gravity=gravity, laws=LAWS, height=-sag)
    simulation = report.simulate(model, time_step=2e-6)
    times, found = record(
        simulation,
        0.02,
        lambda snapshot: np.stack([snapshot["velocity"][:5, 0], radius * snapshot["angular_velocity"][:5, 1]]),
        2e-5,
    )
    exact = 2 * speed / (7 * frictions * GRAVITY)
    ends = [times[np.argmax(slip <= 0)] for slip in (found[:, 0] - found[:, 1]).T]
    report.compare_all("time at which slip ends", exact, np.array(ends), 1e-2, "s")
    rolling = found[times > 0.016].mean(axis=0)
    report.compare_all("speed while rolling", np.full(5, 5 / 7 * speed), rolling[0], 1e-3, "m/s")
    report.compare_all("R w while rolling", np.full(5, 5 / 7 * speed), rolling[1], 1e-3, "m/s")
    line = speed - 0.2 * GRAVITY * times
    given = times[::40], np.maximum(line, 5 / 7 * speed)[::40], "closed form"
    report.show(Curve("mu = 0.2", "time [s]", "speed [m/s]", times, found[:, 0, 0], *given))
