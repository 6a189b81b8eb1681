"""Twisting about the normal, and friction that is viscous: spheres at rest on a plane under gravity, spun or pushed.

slides     w' = -M/I,  M the cap of the moment
holds      swings with sqrt(k/I) sqrt(1 - z^2), falls by exp(-2 pi z/sqrt(1 - z^2)) a period, z = gamma / 2 sqrt(k I)
viscous    the contact point slows by u' = -7/2 F/m, F = min(gamma u, mu m g)
"""

import math

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.cases.rebounds import LINEAR, NO_FORCE
from dem.verify.scene import Solid, spheres_on_plane

SECTION = "sliding and rolling"
RADIUS, EARTH = 0.01, 9.81
LEVEL = (0.0, 0.0, -EARTH)
STIFFNESS = 1e5  # [N/m] of LINEAR
SPUN = 30.0  # [rad/s], enough to go on sliding
NUDGED = 1e-3  # [rad/s], little enough to hold


def soft(friction: float = 0.0, **more: float) -> Solid:
    """A solid with some damping."""
    return Solid(1e7, 0.3, 2500, friction, 0.5, 0.0, NO_FORCE | more)


MASS = soft().mass(RADIUS)
INERTIA = 0.4 * MASS * RADIUS**2


def spin_on_plane(report: CaseReport, solids: list[Solid], laws: dem.ContactLaws, sag: float, spin: float, **options):
    """A simulation of spheres that rest on the plane and spin about its normal [rad/s]."""
    spins = np.repeat([[0.0, 0.0, spin]], len(solids), axis=0)
    still = np.zeros_like(spins)
    model = spheres_on_plane(RADIUS, solids, range(len(solids)), still, spins, LEVEL, laws, height=-sag)
    return report.simulate(model, **options)


def compare_sliding(report: CaseReport, simulation: dem.Simulation, moments: np.ndarray) -> None:
    """Row of spins that are braked by constant moments [N m]."""
    simulation.run(0.02)
    before, begun = simulation.state.snapshot()["angular_velocity"][: len(moments), 2], simulation.time
    simulation.run(0.1)
    after = simulation.state.snapshot()["angular_velocity"][: len(moments), 2]
    report.compare_all(
        "spin lost while it slides", -moments / INERTIA, (after - before) / (simulation.time - begun), 1e-3, "rad/s2"
    )


def compare_swing(report: CaseReport, simulation: dem.Simulation, stiffness: float, damping: float) -> None:
    """Rows of a spin that a spring [N m/rad] and dashpot [N m s/rad] hold."""
    frequency = math.sqrt(stiffness / INERTIA)
    ratio = damping / (2 * math.sqrt(stiffness * INERTIA))
    damped = frequency * math.sqrt(1 - ratio**2)
    period = 2 * math.pi / damped
    times, spin = record(simulation, 4 * period, lambda found: found["angular_velocity"][0, 2], period / 200)
    decay = np.exp(-ratio * frequency * times)
    exact = NUDGED * decay * (np.cos(damped * times) - ratio / math.sqrt(1 - ratio**2) * np.sin(damped * times))
    report.compare_all("spin while it holds", exact, spin, 1e-2, "rad/s")
    crossings = np.flatnonzero(np.diff(np.signbit(spin)))
    at = times[crossings] + spin[crossings] / (spin[crossings] - spin[crossings + 1]) * np.diff(times)[0]
    report.compare("frequency", damped, math.pi / np.diff(at).mean(), 2e-3, "rad/s")
    report.show(Curve("nudged", "time [s]", "spin [rad/s]", times, spin, times[::10], exact[::10], "closed form"))


@case("Marshall's twisting", SECTION, "Marshall, J. Comput. Phys. 228 (2009) 1541, eqs. 30 to 32", slow=True)
def twist_by_marshall(report: CaseReport) -> None:
    """A sphere spins about the normal: braked by 2/3 a mu N, or held by the springs of the contact's disc."""
    laws = dem.ContactLaws(rolling=None, twisting=dem.MarshallTwisting())
    frictions = np.array([0.1, 0.2, 0.4, 0.8])
    solids = [soft(friction) for friction in frictions]
    load = MASS * EARTH
    sag = solids[0].resting_overlap(RADIUS, load)
    disc = math.sqrt(RADIUS * sag)
    simulation = spin_on_plane(report, solids, laws, sag, SPUN, time_step="auto")
    compare_sliding(report, simulation, 2 / 3 * disc * frictions * load)
    tangential = 8 * solids[0].young_modulus / (2 * 1.3) / (2 - 0.3) * disc  # 8 G* a on a rigid plane
    ratio = -math.log(0.5) / math.hypot(math.log(0.5), math.pi)
    dashpot = 2 * math.sqrt(5 / 6) * ratio * math.sqrt(tangential * MASS)
    simulation = spin_on_plane(report, [solids[-1]], laws, sag, NUDGED, time_step="auto")
    compare_swing(report, simulation, tangential * disc**2 / 2, dashpot * disc**2 / 2)


@case("twisting spring", SECTION, "Luding, Granular Matter 10 (2008) 235; rigid-body mechanics")
def twist_by_spring(report: CaseReport) -> None:
    """A sphere spins about the normal: braked by mu_tw R N, or held by the pair's own spring and dashpot."""
    sliders, sag = np.array([0.01, 0.02, 0.05, 0.1]), MASS * EARTH / STIFFNESS
    stiffness = (2 * math.pi * 50.0) ** 2 * INERTIA
    damping = 2 * 0.05 * math.sqrt(stiffness * INERTIA)
    numbers = {"twisting_stiffness": stiffness, "twisting_damping": damping}
    solids = [soft(twisting_friction=slider, **numbers) for slider in sliders]
    simulation = spin_on_plane(report, solids, LINEAR, sag, SPUN, time_step="auto")
    compare_sliding(report, simulation, sliders * RADIUS * MASS * EARTH)
    simulation = spin_on_plane(report, [solids[-1]], LINEAR, sag, NUDGED, time_step="auto")
    compare_swing(report, simulation, stiffness, damping)


@case("viscous friction", SECTION, "Haff & Werner, Powder Technol. 48 (1986) 239, eq. 4; rigid-body mechanics")
def slow_by_viscosity(report: CaseReport) -> None:
    """A pushed sphere: its contact point slows exponentially, or at Coulomb's limit; on an incline it creeps."""
    sag, speed, dampings = MASS * EARTH / STIFFNESS, 0.1, np.array([0.02, 0.05, 0.1])
    solids = [soft(5.0, tangential_damping=damping) for damping in dampings]
    solids += [soft(friction, tangential_damping=10.0) for friction in (0.05, 0.1)]
    pushed = np.repeat([[speed, 0.0, 0.0]], 5, axis=0)
    tilted = (0.3 * EARTH, 0.0, -EARTH)

    def read(found: dict) -> np.ndarray:
        return found["velocity"][:5, 0] - (RADIUS - sag / 2) * found["angular_velocity"][:5, 1]

    model = spheres_on_plane(RADIUS, solids, range(5), pushed, gravity=LEVEL, laws=LINEAR, height=-sag)
    simulation = report.simulate(model, time_step="auto")
    times, slip = record(simulation, 0.02, read, 2e-4)
    viscous = speed * np.exp(-3.5 * np.outer(times, dampings) / MASS)
    report.compare_all("slip, viscous", viscous, slip[:, :3], 2e-3, "m/s")
    sliding = speed - 3.5 * np.outer(times, [0.05, 0.1]) * EARTH
    report.compare_all("slip, at Coulomb's limit", sliding, slip[:, 3:], 2e-3, "m/s")
    labels = "viscous friction", "time [s]", "slip [m/s]"
    report.show(Curve(*labels, times, slip[:, 1], times, viscous[:, 1], "closed form"))
    model = spheres_on_plane(RADIUS, solids, range(5), 0 * pushed, gravity=tilted, laws=LINEAR, height=-sag)
    simulation = report.simulate(model, time_step="auto")
    simulation.run(1.0)
    creeping = read(simulation.state.snapshot())[:3]
    report.compare_all("slip, creeping down a slope", 2 / 7 * MASS * 0.3 * EARTH / dampings, creeping, 2e-3, "m/s")
