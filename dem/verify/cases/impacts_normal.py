"""Normal impacts: Hertz's peak, duration and convergence, restitution. Chung & Ooi (2011), tests 1, 2, 3 and 9."""

import math
from dataclasses import replace

import numpy as np

import dem
from dem.verify.case import DOUBLE, Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.closed_forms import (
    HertzImpact,
    crossing_time,
    damped_impact,
    hertz_impact,
    parabola_peak,
)
from dem.verify.scene import (
    DOWN,
    FAR_ABOVE,
    FAR_BELOW,
    SITES,
    SLIDING,
    UP,
    Solid,
    pairs_of_spheres,
    place_sites,
    spheres_on_plane,
    start_scene,
)

SECTION = "normal impact"
CHUNG_OOI = "Chung & Ooi, Granular Matter 13 (2011) 643"
GLASS = Solid(4.8e10, 0.20, 2800, 0.35)
LIMESTONE = Solid(2.0e10, 0.25, 2500, 0.35)
MAGNESIUM = Solid(4.0e10, 0.35, 1800)
ALUMINIUM = Solid(7.0e10, 0.33, 2699)
OXIDE = Solid(3.8e11, 0.23, 4000)
RESTITUTIONS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def pair_impact(solid: Solid, radius: float, speed: float) -> HertzImpact:
    """Closed form of two equal spheres that each come at `speed`."""
    return hertz_impact(solid.plane_modulus / 2, radius / 2, solid.mass(radius) / 2, 2 * speed)


def plane_impact(solid: Solid, radius: float, speed: float) -> HertzImpact:
    """Closed form of a sphere on a rigid plane."""
    return hertz_impact(solid.plane_modulus, radius, solid.mass(radius), speed)


def pair_overlap(found: dict) -> np.ndarray:
    """Overlap of the first pair [m] and the force on it [N]."""
    apart = found["position"][SITES // 2, 0] - found["position"][0, 0]
    return np.array([2.0 * float(found["radius"][0]) - apart, abs(found["force"][0, 0])])


def plane_overlap(found: dict) -> np.ndarray:
    """Overlap of the first sphere with the plane [m] and the force on it [N]."""
    return np.array([float(found["radius"][0]) - found["position"][0, 2], abs(found["force"][0, 2])])


def follow_impact(report: CaseReport, model, exact: HertzImpact, read, steps: int) -> tuple[float, float, float]:
    """Largest overlap [m] and force [N], duration [s], of an impact resolved by `steps` steps."""
    simulation = report.simulate(model, time_step=exact.duration / steps)
    simulation.run(0.46 * exact.duration)
    _, middle = record(simulation, 0.08 * exact.duration, read)
    simulation.run(0.43 * exact.duration)
    times, end = record(simulation, 0.06 * exact.duration, read)
    return parabola_peak(middle[:, 0]), parabola_peak(middle[:, 1]), crossing_time(times, end[:, 0])


def compare_impact(report: CaseReport, name: str, exact: HertzImpact, found: tuple[float, float, float]) -> None:
    """Rows of one Hertz impact."""
    report.compare(f"{name}: largest overlap", exact.overlap, found[0], 1e-6, "m", mixed=2e-5)
    report.compare(f"{name}: largest force", exact.force, found[1], 2e-6, "N", mixed=5e-5)
    report.compare(f"{name}: contact time", exact.duration, found[2], 1e-5, "s", mixed=5e-5)


@case("CO1 two spheres", SECTION, f"{CHUNG_OOI}, test 1; Hertz")
def meet_head_on(report: CaseReport) -> None:
    """Two equal elastic spheres head-on, 1000 steps through the contact."""
    for name, solid in (("glass", GLASS), ("limestone", LIMESTONE)):
        exact = pair_impact(solid, 0.01, 10.0)
        model = pairs_of_spheres(0.01, [solid], [0], 10.0)
        found = follow_impact(report, model, exact, pair_overlap, 1000)
        compare_impact(report, name, exact, found)


def meet_unequal(solid: Solid, radii: tuple[float, float], speed: float) -> dem.Model:
    """Pairs of unequal spheres that meet along x, the small one at `speed` [m/s], the large one at rest."""
    builder, wall = start_scene([solid], (0.0, 0.0, 0.0), SLIDING)
    middle = place_sites(max(radii), SITES // 2)
    for radius, side, velocity in ((radii[0], -1.0, speed), (radii[1], 1.0, 0.0)):
        builder.add_particles(middle + [side * radius, 0.0, 0.0], radius, 0, velocity=[velocity, 0.0, 0.0])
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    return builder.finalize()


@case("unequal spheres", SECTION, "Hertz, for a size ratio of 1:10 as between the layers of a bed")
def meet_a_large_one(report: CaseReport) -> None:
    """A sphere hits one of ten times its size head-on, elastically and with a restitution of 0.5."""
    small, large, speed = 0.002, 0.02, 1.0
    masses = GLASS.mass(small), GLASS.mass(large)
    reduced = masses[0] * masses[1] / (masses[0] + masses[1])
    exact = hertz_impact(GLASS.plane_modulus / 2, small * large / (small + large), reduced, speed)

    def overlap(found: dict) -> np.ndarray:
        apart = found["position"][SITES // 2, 0] - found["position"][0, 0]
        return np.array([small + large - apart, abs(found["force"][0, 0])])

    found = follow_impact(report, meet_unequal(GLASS, (small, large), speed), exact, overlap, 1000)
    compare_impact(report, "1:10", exact, found)
    damped = replace(GLASS, restitution=0.5)
    simulation = report.simulate(meet_unequal(damped, (small, large), speed), time_step=exact.duration / 1000)
    simulation.run(2 * exact.duration)
    velocity = simulation.snapshot()["velocity"][:, 0]
    report.compare("restitution of 0.5", 0.5, (velocity[SITES // 2] - velocity[0]) / speed, 1e-3)
    momentum = masses[0] * velocity[0] + masses[1] * velocity[SITES // 2]
    report.compare("momentum", masses[0] * speed, momentum, 1e-9, "kg m/s", mixed=1e-5)


@case("CO2 sphere on plane", SECTION, f"{CHUNG_OOI}, test 2; Hertz")
def meet_plane(report: CaseReport) -> None:
    """An elastic sphere on a rigid plane, 1000 steps through the contact."""
    for name, solid in (("magnesium alloy", MAGNESIUM), ("aluminium alloy", ALUMINIUM)):
        exact = plane_impact(solid, 0.1, 0.2)
        model = spheres_on_plane(0.1, [solid], [0], np.array([[0.0, 0.0, -0.2]]))
        found = follow_impact(report, model, exact, plane_overlap, 1000)
        compare_impact(report, name, exact, found)


@case(
    "Hertz convergence",
    SECTION,
    "velocity Verlet is of order 2: Swope et al., J. Chem. Phys. 76 (1982) 637",
    precisions=DOUBLE,
)
def converge(report: CaseReport) -> None:
    """The error of the largest overlap falls with the square of the time step."""
    exact = pair_impact(GLASS, 0.01, 10.0)
    steps = np.array([50, 100, 200, 400])
    errors = []
    for count in steps:
        model = pairs_of_spheres(0.01, [GLASS], [0], 10.0)
        found = follow_impact(report, model, exact, pair_overlap, int(count))
        errors.append(abs(found[0] / exact.overlap - 1))
    for index in range(len(steps) - 1):
        order = math.log2(errors[index] / errors[index + 1])
        report.compare_absolute(f"order between {steps[index]} and {steps[index + 1]} steps", 2.0, order, 0.1)
    label = "relative error of largest overlap"
    given = steps, errors[0] * (50 / steps) ** 2, "order 2"
    report.show(Curve("Hertz peak", "steps per contact", label, steps, np.array(errors), *given))


def compare_restitution(report: CaseReport, speeds_out: np.ndarray) -> None:
    """Rows of a sweep of restitution; speeds as fractions of the approach."""
    for restitution, got in zip(RESTITUTIONS, speeds_out, strict=True):
        report.compare_absolute(f"e = {restitution}: speed out / speed in", restitution, got, 1e-3)


def restitution_curve(speeds_out: np.ndarray) -> Curve:
    """Speed out over set restitution."""
    set_to = np.array(RESTITUTIONS)
    return Curve(
        "restitution", "set restitution", "speed out / speed in", set_to, speeds_out, set_to, set_to, "e_out = e"
    )


@case("CO3 restitution on plane", SECTION, f"{CHUNG_OOI}, test 3")
def lose_speed_on_plane(report: CaseReport) -> None:
    """A sphere leaves a rigid plane with e times its speed; its overlap is that of the damped equation of motion."""
    solids = [Solid(3.8e11, 0.23, 4000, 0.0, restitution) for restitution in RESTITUTIONS]
    exact = plane_impact(OXIDE, 0.0025, 3.9)
    velocity = np.repeat([[0.0, 0.0, -3.9]], len(solids), axis=0)
    model = spheres_on_plane(0.0025, solids, range(len(solids)), velocity)
    simulation = report.simulate(model, time_step=exact.duration / 1000)
    times, height = record(simulation, exact.duration, lambda found: found["position"][:6, 2], exact.duration / 250)
    simulation.run(9 * exact.duration)
    out = simulation.state.snapshot()["velocity"][: len(solids), 2] / 3.9
    compare_restitution(report, out)
    report.show(restitution_curve(out))
    overlap = parabola_peak(0.0025 - height[:, 3])
    damped = damped_impact(0.6).overlap / damped_impact(1.0).overlap * exact.overlap
    report.compare("e = 0.6: largest overlap", damped, overlap, 1e-3, "m")


@case("CO9 restitution of two spheres", SECTION, f"{CHUNG_OOI}, restitution swept between equal spheres")
def lose_speed_between(report: CaseReport) -> None:
    """Two equal spheres part with e times the speed of their approach."""
    solids = [Solid(2.0e10, 0.25, 2500, 0.35, restitution) for restitution in RESTITUTIONS]
    exact = pair_impact(LIMESTONE, 0.01, 10.0)
    model = pairs_of_spheres(0.01, solids, range(len(solids)), 10.0)
    simulation = report.simulate(model, time_step=exact.duration / 1000)
    simulation.run(10 * exact.duration)
    velocity = simulation.state.snapshot()["velocity"][:, 0]
    out = (velocity[SITES // 2 :] - velocity[: SITES // 2])[: len(solids)] / 20.0
    compare_restitution(report, out)
    report.show(restitution_curve(out))
