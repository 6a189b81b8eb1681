"""Normal laws by what they give back: a clamped dashpot, Tsuji's polynomial, Walton & Braun's springs."""

import math

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.closed_forms import hertz_impact
from dem.verify.rebounds import (
    clamped_hertz_restitution,
    clamped_linear_restitution,
    hysteretic_path,
    tsuji_restitution,
)
from dem.verify.scene import SLIDING, Solid, spheres_on_plane

SECTION = "normal impact"
RADIUS, SPEED = 0.01, 0.5
RESTITUTIONS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
# One composition for all cases with a linear spring, so that it is compiled once.
LINEAR = dem.ContactLaws(dem.LinearSpring(1e5, clamp_tension=True), dem.ViscousTangential(), None, dem.TwistingSpring())
NO_FORCE = {
    "tangential_damping": 0.0,
    "twisting_stiffness": 1.0,
    "twisting_damping": 0.0,
    "twisting_friction": 0.0,
    "normal_stiffness": 1e5,
}


def elastic(restitution: float, modulus: float = 1e9, **more: float) -> Solid:
    """A smooth elastic solid."""
    return Solid(modulus, 0.3, 2500, 0.0, restitution, 0.0, NO_FORCE | more)


def rebound(
    report: CaseReport, solids: list[Solid], laws: dem.ContactLaws, duration: float, speeds=SPEED
) -> np.ndarray:
    """Speed out over speed in of spheres on a rigid plane, at 1000 steps of the elastic contact's `duration` [s]."""
    velocity = np.zeros((len(solids), 3))
    velocity[:, 2] = -np.broadcast_to(speeds, len(solids))
    model = spheres_on_plane(RADIUS, solids, range(len(solids)), velocity, laws=laws)
    simulation = report.simulate(model, time_step=duration / 1000)
    simulation.run(8 * duration)
    return simulation.state.snapshot()["velocity"][: len(solids), 2] / np.broadcast_to(speeds, len(solids))


def compare_rebounds(report: CaseReport, name: str, exact: list[float], found: np.ndarray, limit: float = 1e-3) -> None:
    """Rows and a curve of restitutions over those that were set."""
    for set_to, expected, got in zip(RESTITUTIONS, exact, found, strict=True):
        report.compare_absolute(f"{name}, e = {set_to}: speed out / speed in", expected, got, limit)
    given = np.array(RESTITUTIONS)
    report.show(Curve(name, "set restitution", "speed out / speed in", given, found, given, np.array(exact), "exact"))


def hertz_duration(solid: Solid) -> float:
    """Duration of the elastic contact [s]."""
    return hertz_impact(solid.plane_modulus, RADIUS, solid.mass(RADIUS), SPEED).duration


@case("clamped linear dashpot", SECTION, "Schwager & Poeschel, Granular Matter 9 (2007) 465")
def clamp_linear(report: CaseReport) -> None:
    """A linear spring and dashpot that may not pull gives back more than the restitution that was set."""
    solids = [elastic(restitution) for restitution in RESTITUTIONS]
    found = rebound(report, solids, LINEAR, math.pi * math.sqrt(solids[0].mass(RADIUS) / 1e5))
    exact = [clamped_linear_restitution(restitution) for restitution in RESTITUTIONS]
    compare_rebounds(report, "linear spring, clamped", exact, found)


@case("clamped Hertz dashpot", SECTION, "impulse of the pushing part, Runge-Kutta 4", slow=True)
def clamp_hertz(report: CaseReport) -> None:
    """Hertz with a dashpot that may not pull; with its tail kept, the restitution is the one that was set."""
    solids = [elastic(restitution) for restitution in RESTITUTIONS]
    clamped = dem.ContactLaws(dem.Hertz(clamp_tension=True), rolling=None)
    found = rebound(report, solids, clamped, hertz_duration(solids[0]))
    exact = [clamped_hertz_restitution(restitution) for restitution in RESTITUTIONS]
    compare_rebounds(report, "Hertz, clamped", exact, found)
    kept = rebound(report, solids, SLIDING, hertz_duration(solids[0]))
    compare_rebounds(report, "Hertz, tail kept", list(RESTITUTIONS), kept)


@case(
    "Tsuji's polynomial", SECTION, "Tsuji et al., Powder Technol. 71 (1992) 239; Marshall (2009), eq. 11; Runge-Kutta 4"
)
def damp_by_polynomial(report: CaseReport) -> None:
    """The dashpot of other codes: what it gives back is near the restitution that was set, not equal to it."""
    solids = [elastic(restitution) for restitution in RESTITUTIONS]
    laws = dem.ContactLaws(dem.Hertz(damping="tsuji"), rolling=None)
    found = rebound(report, solids, laws, hertz_duration(solids[0]))
    exact = [tsuji_restitution(restitution) for restitution in RESTITUTIONS]
    compare_rebounds(report, "Tsuji", exact, found)


@case("Walton and Braun's springs", SECTION, "Walton & Braun, J. Rheol. 30 (1986) 949, eqs. 4 to 6", slow=True)
def dent(report: CaseReport) -> None:
    """Stiffer out than in: restitution whatever the speed, the path of the force, the overlap that remains."""
    laws = dem.ContactLaws(dem.WaltonBraun(), rolling=None)
    solids = [elastic(restitution) for restitution in RESTITUTIONS]
    frequency = math.sqrt(1e5 / solids[0].mass(RADIUS))
    for speed in (0.05, 0.5, 2.0):
        found = rebound(report, solids, laws, math.pi / frequency, speed)
        report.compare_all(f"{speed} m/s: speed out / speed in", np.array(RESTITUTIONS), found, 1e-4, mixed=1e-3)
    velocity = np.array([[0.0, 0.0, -SPEED]])
    model = spheres_on_plane(RADIUS, [elastic(0.6)], [0], velocity, laws=laws)
    simulation = report.simulate(model, time_step=math.pi / frequency / 2000)

    def read(found: dict) -> np.ndarray:
        return np.array([float(found["radius"][0]) - found["position"][0, 2], found["force"][0, 2]])

    times, path = record(simulation, 1.2 * math.pi / frequency, read)
    overlap, force = hysteretic_path(times, SPEED, frequency, 0.6)
    report.compare_all("e = 0.6: overlap", overlap, np.maximum(path[:, 0], 0), 1e-5, "m", mixed=1e-4)
    report.compare_all("e = 0.6: force", force * solids[0].mass(RADIUS), path[:, 1], 1e-4, "N", mixed=1e-3)
    remains = path[path[:, 1] > 0, 0][-1]
    report.compare("e = 0.6: overlap where the force ends", 0.64 * SPEED / frequency, remains, 1e-2, "m")
    labels = "e = 0.6", "overlap [m]", "force [N]"
    exact = overlap[::40], (force * solids[0].mass(RADIUS))[::40], "closed form"
    report.show(Curve(*labels, path[:, 0], path[:, 1], *exact))
