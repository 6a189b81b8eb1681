"""Cohesion: a grain that hangs from a ceiling, pull-off forces, the neck of JKR. And a constant rolling torque.

DMT pulls with 4 pi gamma R*; JKR with 8/3 pi gamma R* at zero overlap and up to 3 pi gamma R* (Johnson, Kendall &
Roberts, Proc. R. Soc. A 324 (1971) 301, in LAMMPS' convention: gamma is the energy of one surface).
"""

import math

import numpy as np

import dem
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport, record
from dem.verify.cases.rolling import EARTH, RADIUS, STIFF, compare_resisted
from dem.verify.closed_forms import jkr_force
from dem.verify.scene import DOWN, FAR_ABOVE, FAR_BELOW, SITES, UP, Solid, place_sites, spheres_on_plane, start_scene

SECTION = "cohesion"
SURFACE_ENERGY = 0.05  # [J/m2]
GRAIN = Solid(1e7, 0.3, 2500, 0.5, 1.0, 0.0, {"surface_energy": SURFACE_ENERGY})
ADHESION = math.pi * SURFACE_ENERGY * RADIUS / 2  # pi gamma R* of two equal grains [N]


@case(
    "constant rolling torque",
    "sliding and rolling",
    "rigid-body mechanics; Zhou et al., Physica A 269 (1999) 536",
    slow=True,
)
def resist_by_torque(report: CaseReport) -> None:
    """Rolling against a constant torque; without sliding friction it brakes a spin by 2.5 mu_r g / R."""
    laws = dem.ContactLaws(rolling=dem.ConstantRollingTorque())
    compare_resisted(report, laws, 1e-3)
    resistances = np.array([0.05, 0.1, 0.2, 0.4])
    solids = [Solid(**STIFF, restitution=0.5, rolling_friction=resistance) for resistance in resistances]
    still, spin = np.zeros((4, 3)), np.repeat([[0.0, 400.0, 0.0]], 4, axis=0)
    sag = solids[0].resting_overlap(RADIUS, solids[0].mass(RADIUS) * EARTH)
    gravity = (0.0, 0.0, -EARTH)
    model = spheres_on_plane(RADIUS, solids, range(4), still, spin, gravity=gravity, laws=laws, height=-sag)
    simulation = report.simulate(model, time_step="auto")
    simulation.run(0.2)
    lost = (simulation.state.snapshot()["angular_velocity"][:4, 1] - 400.0) / simulation.time
    report.compare_all("spin lost without sliding friction", -2.5 * resistances * EARTH / RADIUS, lost, 1e-3, "rad/s2")


@case("hanging grain", SECTION, "statics: a pull of 10 N holds 1 kg up to 10 m/s2", slow=True)
def hang(report: CaseReport) -> None:
    """1 kg under a ceiling that pulls with 10 N hangs at g = 8 m/s2 and falls at 10.1 m/s2."""
    radius = 0.05
    density = 1.0 / (4 / 3 * math.pi * radius**3)
    solid = Solid(1e8, 0.3, density, 0.5, 0.3, 0.0, {"pull_off_force": 10.0})
    laws = dem.ContactLaws(rolling=None, cohesion=dem.ConstantPullOff())
    for gravity, falls in ((8.0, False), (10.1, True)):
        builder, wall = start_scene([solid], (0.0, 0.0, -gravity), laws)
        builder.add_particles(place_sites(radius, SITES) + [0.0, 0.0, 1.0 - radius + 1e-7], radius, 0)
        builder.add_plane(FAR_BELOW, UP, wall)
        builder.add_plane((0.0, 0.0, 1.0), DOWN, wall)
        simulation = report.simulate(builder.finalize(), time_step="auto")
        simulation.run(0.3)
        drop = 1.0 - radius - simulation.state.snapshot()["position"][0, 2]
        if falls:
            report.compare("g = 10.1: fallen in 0.3 s", 0.5 * gravity * 0.3**2, drop, 0.02, "m")
        else:
            report.compare_absolute("g = 8: fallen in 0.3 s", 0.0, drop, 1e-4, "m")


def pull_apart(report: CaseReport, cohesion, solid: Solid = GRAIN) -> tuple[np.ndarray, np.ndarray]:
    """Overlap [m] and force [N] of two grains pulled apart at a constant speed, from overlapping to well apart."""
    indent, apart, steps = 3e-6, 1.5e-6, 450
    laws = dem.ContactLaws(rolling=None, cohesion=cohesion)
    builder, wall = start_scene([solid], (0.0, 0.0, 0.0), laws)
    count, time_step = SITES // 2, 1e-4
    sites = place_sites(RADIUS, count)
    velocity = np.array([(indent + apart) / (steps * time_step), 0.0, 0.0])
    builder.add_particles(sites, RADIUS, 0, fixed=True)
    builder.add_particles(sites + [2 * RADIUS - indent, 0.0, 0.0], RADIUS, 0, velocity=velocity, fixed=True)
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane(FAR_ABOVE, DOWN, wall)
    simulation = report.simulate(builder.finalize(), time_step=time_step)

    def read(found: dict) -> np.ndarray:
        return np.array([2.0 * float(found["radius"][0]) - found["position"][count, 0], found["force"][count, 0]])

    _, path = record(simulation, steps * time_step, read)
    return path[:, 0], path[:, 1]


def curve_of(name: str, overlap: np.ndarray, force: np.ndarray, exact: np.ndarray) -> Curve:
    """Computed force over the exact one."""
    return Curve(name, "overlap [m]", "force [N]", overlap, force, overlap[::15], exact[::15], "closed form")


@case("DMT pull-off", SECTION, "Derjaguin, Muller & Toporov, J. Colloid Interface Sci. 53 (1975) 314", slow=True)
def pull_off_dmt(report: CaseReport) -> None:
    """Two grains pulled apart: Hertz less 4 pi gamma R*, nothing once apart."""
    overlap, force = pull_apart(report, dem.DMT())
    hertz = 4 / 3 * GRAIN.plane_modulus / 2 * math.sqrt(RADIUS / 2) * np.maximum(overlap, 0) ** 1.5
    exact = np.where(overlap > 0, hertz - 4 * ADHESION, 0.0)
    sure = np.abs(overlap) > 1e-9  # at a step from a pull to nothing, rounding decides which
    report.compare_all("force over the whole path", exact[sure], force[sure], 1e-6, "N", mixed=1e-3)
    report.compare("pull-off force", -4 * ADHESION, force.min(), 1e-3, "N")
    report.show(curve_of("DMT", overlap, force, exact))


@case("JKR pull-off", SECTION, "Johnson, Kendall & Roberts, Proc. R. Soc. A 324 (1971) 301, eqs. 22 and 25")
def pull_off_jkr(report: CaseReport) -> None:
    """Two grains pulled apart: the neck holds to 3 pi gamma R*, beyond the touch."""
    overlap, force = pull_apart(report, dem.JKR())
    exact, gap = jkr_force(overlap, GRAIN.plane_modulus / 2, RADIUS / 2, SURFACE_ENERGY)
    report.compare_all("force over the whole path", exact, force, 1e-5, "N", mixed=1e-3)
    report.compare("largest pull, 3 pi gamma R*", -3 * ADHESION, force.min(), 1e-3, "N")
    touching = float(np.interp(0.0, overlap[::-1], force[::-1]))
    report.compare("pull where the surfaces touch, 8/3 pi gamma R*", -8 / 3 * ADHESION, touching, 1e-3, "N")
    report.compare("gap at which the neck breaks", gap, -overlap[force != 0].min(), 0.02, "m")
    report.show(curve_of("JKR", overlap, force, exact))
