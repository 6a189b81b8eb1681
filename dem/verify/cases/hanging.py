"""Cohesion that a grain hangs by: SJKR's area, a soil's Bond number, walls that stick otherwise than grains.

SJKR       F = 2 pi k R* delta: two grains rest at delta = (3 pi k sqrt(R*) / 2 E*)^2; the largest net pull is
           2/3 pi^3 k^3 R*^2 / E*^2, at 4/9 of that overlap
regolith   F = Bo m g_ref R*/(d/4): under another grain of the mean size a grain hangs as long as g < Bo g_ref
"""

import math

import numpy as np

import dem
from dem.verify.case import case
from dem.verify.case_report import CaseReport
from dem.verify.cases.cohesion import SECTION, pull_apart
from dem.verify.scene import DOWN, FAR_BELOW, SITES, UP, Solid, place_sites, repeat_last, start_scene

RADIUS, EARTH = 0.01, 9.81
DENSITY = 2500
WEIGHTS = np.array([0.3, 0.6, 0.9, 0.97, 1.03, 1.1])  # of what the contact can hold
REGOLITH = dem.RegolithCohesion(grain_diameter=2 * RADIUS, grain_density=DENSITY)
GRAVITIES = np.array([1.62, 3.71, 0.99 * EARTH, 1.01 * EARTH, 2 * EARTH])  # [m/s2]


def sticky(**more: float) -> Solid:
    """A grain that damps what swings."""
    return Solid(1e7, 0.3, DENSITY, 0.5, 0.3, 0.0, more)


MASS = sticky().mass(RADIUS)
MODULUS = sticky().plane_modulus  # E* against a rigid wall [Pa]


def hang_under_ceiling(solids: list[Solid], laws: dem.ContactLaws, indent: np.ndarray) -> dem.ModelBuilder:
    """A builder with a ceiling at z = 0 and a grain of each solid under it, `indent` [m] into it; the ground is far."""
    builder, wall = start_scene(solids, (0.0, 0.0, -EARTH), laws)
    position = place_sites(RADIUS, SITES) - [0.0, 0.0, RADIUS]
    position[:, 2] += repeat_last(indent, SITES)
    for site, solid in enumerate(repeat_last(np.arange(len(solids)), SITES)):
        builder.add_particles(position[site : site + 1], RADIUS, int(solid))
    builder.add_plane((0.0, 0.0, 0.0), DOWN, wall)
    builder.add_plane(FAR_BELOW, UP, wall)
    return builder


def net_pull(overlap: np.ndarray, density: np.ndarray) -> np.ndarray:
    """SJKR's pull [N] of a grain on a rigid wall, less Hertz's push."""
    return 2 * math.pi * density * RADIUS * overlap - 4 / 3 * MODULUS * math.sqrt(RADIUS) * overlap**1.5


def hanging_overlap(density: np.ndarray, load: float) -> np.ndarray:
    """Overlap [m] at which SJKR's net pull is `load` [N], on the stable side of its largest, by bisection."""
    low, high = (math.pi * density * math.sqrt(RADIUS) / MODULUS) ** 2, np.full_like(density, RADIUS)
    for _ in range(100):
        middle = 0.5 * (low + high)
        holds = net_pull(middle, density) > load
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return high


@case("SJKR hanging grain", SECTION, "statics: 2 pi k R delta = Hertz + m g", slow=True)
def hang_by_area(report: CaseReport) -> None:
    """Grains hang where pull, push and weight balance; those whose largest net pull is below their weight fall."""
    largest = 2 / 3 * math.pi**3 * RADIUS**2 / MODULUS**2  # net pull over k^3
    densities = (MASS * EARTH / (WEIGHTS * largest)) ** (1 / 3)
    solids = [sticky(cohesion_energy_density=density) for density in densities]
    hangs = WEIGHTS < 1
    rests = np.where(hangs, hanging_overlap(densities, MASS * EARTH), 0.0)
    begins = np.where(hangs, 1.02 * rests, (math.pi * densities * math.sqrt(RADIUS) / MODULUS) ** 2)
    laws = dem.ContactLaws(rolling=None, cohesion=dem.SJKR())
    simulation = report.simulate(hang_under_ceiling(solids, laws, begins).finalize(), time_step="auto")
    simulation.run(1.0)
    overlap = simulation.state.snapshot()["position"][: len(solids), 2] + RADIUS
    report.compare_all("overlap of those that hang", rests[hangs], overlap[hangs], 1e-4, "m", mixed=1e-3)
    falls = int((overlap < 0).sum())
    report.compare_absolute("number that fall", float((~hangs).sum()), falls, 0)


@case("SJKR pair at rest", SECTION, "statics: 2 pi k R* delta = Hertz", slow=True)
def rest_by_area(report: CaseReport) -> None:
    """Pairs without weight pull themselves to the overlap where cohesion and Hertz balance."""
    densities = np.array([2e4, 4e4, 8e4])
    solids = [sticky(cohesion_energy_density=density) for density in densities]
    laws = dem.ContactLaws(rolling=None, cohesion=dem.SJKR())
    exact = (1.5 * math.pi * densities * math.sqrt(RADIUS / 2) / (MODULUS / 2)) ** 2
    builder, wall = start_scene(solids, (0.0, 0.0, 0.0), laws)
    sites = place_sites(RADIUS, SITES // 2)
    for site, solid in enumerate(repeat_last(np.arange(3), SITES // 2)):
        apart = 2 * RADIUS - 0.9 * exact[solid]
        builder.add_particles(sites[site] + [[0.0, 0.0, 0.0], [0.0, 0.0, apart]], RADIUS, int(solid))
    builder.add_plane(FAR_BELOW, UP, wall)
    builder.add_plane((0.0, 0.0, 1e6), DOWN, wall)
    simulation = report.simulate(builder.finalize(), time_step="auto")
    simulation.run(0.5)
    height = simulation.state.snapshot()["position"][:6, 2]
    report.compare_all("overlap", exact, 2 * RADIUS - (height[1::2] - height[::2]), 1e-4, "m", mixed=1e-3)


def hanging_pair(gravity: float, laws: dem.ContactLaws) -> dem.Model:
    """A held grain and a free one that touches it from below; and one that touches the ceiling, of half the number."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -gravity), contact=laws)
    sand = builder.add_material(dem.Material(DENSITY, 1e7, 0.3, 0.3, 0.5))
    ceiling = builder.add_material(dem.Material.rigid(restitution=0.3, sliding_friction=0.5))
    builder.set_pair(sand, sand, bond_number=1.0)
    builder.set_pair(sand, ceiling, bond_number=0.5)  # R* is twice that of two grains
    touching = 1e-9
    builder.add_particles([[0.0, 0.0, -4 * RADIUS]], RADIUS, sand, fixed=True)
    builder.add_particles([[0.0, 0.0, -6 * RADIUS + touching]], RADIUS, sand)
    builder.add_particles([[6 * RADIUS, 0.0, -RADIUS + touching]], RADIUS, sand)
    builder.add_plane((0.0, 0.0, 0.0), DOWN, ceiling)
    return builder.finalize()


@case("regolith in a gravity sweep", SECTION, "Castellanos, Adv. Phys. 54 (2005) 263: Bond number", slow=True)
def hang_by_bond_number(report: CaseReport) -> None:
    """At a Bond number of 1 on Earth, a grain hangs under another, or a ceiling, up to 9.81 m/s2 and falls beyond."""
    laws = dem.ContactLaws(rolling=None, cohesion=REGOLITH)
    simulation = report.simulate([hanging_pair(gravity, laws) for gravity in GRAVITIES], time_step="auto")
    duration, hangs = 0.2, GRAVITIES < EARTH
    simulation.run(duration)
    heights = np.array([simulation.snapshot(world)["position"][1:, 2] for world in range(len(GRAVITIES))])
    fallen = np.array([-6 * RADIUS, -RADIUS]) - heights
    load = MASS * (EARTH - GRAVITIES[hangs])  # left to press the contact
    beneath = (0.75 * load / (MODULUS / 2 * math.sqrt(RADIUS / 2))) ** (2 / 3)
    at_ceiling = (0.75 * load / (MODULUS * math.sqrt(RADIUS))) ** (2 / 3)
    report.compare_all("overlap under a grain", beneath, -fallen[hangs, 0], 1e-3, "m", mixed=2e-3)
    report.compare_all("overlap under a ceiling", at_ceiling, -fallen[hangs, 1], 1e-3, "m", mixed=2e-3)
    for name, column in (("a grain", 0), ("a ceiling", 1)):
        free = 0.5 * GRAVITIES[~hangs] * simulation.time**2
        report.compare_all(f"fallen from {name}", free, fallen[~hangs, column], 0.01, "m")


@case("regolith of a cohesion in pascals", SECTION, "Rumpf, Chem. Ing. Tech. 42 (1970) 538; Mohr-Coulomb", slow=True)
def pull_off_regolith(report: CaseReport) -> None:
    """Grains of a soil of 500 Pa are pulled apart: the force is sigma_t pi d^2 / (phi Z), sigma_t = c / tan phi_i."""
    force = dem.cohesion_to_pull_off(500.0, 2 * RADIUS, 0.6, 5.0, math.radians(35))
    exact = 500.0 / math.tan(math.radians(35)) * math.pi * (2 * RADIUS) ** 2 / (0.6 * 5.0)
    solid = sticky(bond_number=REGOLITH.bond_number(force))
    _, found = pull_apart(report, REGOLITH, solid)
    report.compare("pull-off force", -exact, found.min(), 1e-3, "N")
    report.compare("Bond number", exact / (MASS * EARTH), REGOLITH.bond_number(force), 1e-9)


@case("wall adhesion apart from grains'", SECTION, "Derjaguin, Muller & Toporov (1975); statics", slow=True)
def stick_to_walls(report: CaseReport) -> None:
    """A ceiling's own surface energy, whatever the grains': the force at the touch, and whether a grain hangs."""
    needed = MASS * EARTH / (4 * math.pi * RADIUS)  # [J/m2] at a wall
    laws, touching = dem.ContactLaws(rolling=None, cohesion=dem.DMT()), np.array([1e-9])
    for share, falls in ((0.0, True), (0.98, True), (1.02, False)):
        builder = hang_under_ceiling([sticky(surface_energy=5 * needed)], laws, touching)
        builder.set_pair(0, len(builder.materials) - 1, surface_energy=share * needed)
        simulation = report.simulate(builder.finalize(), time_step="auto")
        force = float(simulation.state.snapshot()["force"][0, 2])
        report.compare_absolute(f"wall of {share}: force at the touch / weight", share, force / (MASS * EARTH), 1e-5)
        simulation.run(0.2)
        drop = -RADIUS - simulation.state.snapshot()["position"][0, 2]
        if falls:
            net = 0.5 * EARTH * simulation.time**2
            report.compare(f"wall of {share}: fallen", net, drop, 0.01, "m")
        else:
            rest = (0.75 * 0.02 * MASS * EARTH / (MODULUS * math.sqrt(RADIUS))) ** (2 / 3)
            report.compare(f"wall of {share}: overlap at rest", rest, -drop, 2e-3, "m", mixed=5e-3)
