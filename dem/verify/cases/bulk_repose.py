"""The angle of repose: what stays of a bed of sand when its gate is lifted at the edge of a ledge."""

import math
from dataclasses import dataclass, replace

import numpy as np

import dem
from dem.measure.heaps import angle_of_repose, surface_profile
from dem.verify.bed import moving
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport
from dem.verify.sand import RIGHT, UP, Sand, add_gate, rows_of_grains

SECTION = "bulk"
ZHOU = "Zhou, Xu, Yu & Zulli, Powder Technol. 125 (2002) 45"
MOON, EARTH = 1.62, 9.81
SAND = Sand(gravity=MOON, rolling=0.1)
MODULUS = 1e5 * SAND.density * MOON * SAND.diameter  # Young's [Pa]
LENGTH, WIDTH, HEIGHT, PIT = (count * SAND.diameter for count in (18.0, 4.2, 14.0, 12.0))  # [m]
FLANK = (3 * SAND.diameter, LENGTH - 2 * SAND.diameter)  # the part of the ledge whose slope is read
SETTLING, DRAINING, LIFT = 10.0, 30.0, 6.0  # [sqrt(d/g)], [sqrt(d/g)], [sqrt(g d)]
COARSE = 1.5  # times the diameter


@dataclass(frozen=True)
class Ledge:
    """Sand on a rough ledge, held by a gate over its edge; in front a pit for what falls."""

    sand: Sand = SAND
    modulus: float = MODULUS
    seed: int = 1

    def build(self) -> dem.Model:
        """The loose sand behind its gate."""
        sand = self.sand
        builder = sand.start(laws=dem.ContactLaws(), modulus=self.modulus)
        position, radius = sand.fill((LENGTH, WIDTH, HEIGHT), self.seed)
        position[:, 2] += 0.5 * sand.diameter
        builder.add_particles(position, radius, 0, velocity=sand.random_velocities(len(radius), self.seed + 100))
        rough = rows_of_grains((LENGTH, WIDTH), sand.diameter)
        builder.add_particles(rough, sand.diameter / 2, 0, fixed=True)
        builder.add_plane((0.0, 0.0, 0.0), RIGHT, 2)
        builder.add_plane((0.0, 0.0, -PIT), UP, 1)
        add_gate(builder, sand, LENGTH)
        builder.set_domain((-np.inf, 0.0, -np.inf), (np.inf, WIDTH, np.inf), (False, True, False))
        return builder.finalize()


def varied(**numbers: float) -> Ledge:
    """The usual ledge with other numbers of its sand."""
    return Ledge(replace(SAND, **numbers))


LEDGES = {
    "usual": Ledge(),
    "second": Ledge(seed=2),
    "third": Ledge(seed=3),
    "mu_s 0.1": varied(friction=0.1),
    "mu_r 0": varied(rolling=0.0),
    "mu_r 0.4": varied(rolling=0.4),
    "4 rho": varied(density=4 * SAND.density),
    "e 0.8": varied(restitution=0.8),
    "Earth": varied(gravity=EARTH),
    "1.5 d": varied(diameter=COARSE * SAND.diameter, rolling=SAND.rolling / COARSE),
}


def slope(simulation: dem.Simulation, world: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Surface of a world's sand on the ledge, x and height [m], and its angle [deg]."""
    found, free = simulation.snapshot(world), ~simulation.worlds.models[world].particles["fixed"]
    x = np.arange(0.25, LENGTH / SAND.diameter, 0.5) * SAND.diameter
    height = surface_profile(found["position"][free], found["radius"][free], x, WIDTH)
    return x, height, math.degrees(angle_of_repose(x, height, *FLANK))


def drain(report: CaseReport) -> dict[str, float]:
    """Angles [deg] of all ledges once they have drained, by name; shows the usual one's surface."""
    simulation = report.simulate(
        [ledge.build() for ledge in LEDGES.values()],
        time_step_fraction=0.5,
        skin=0.125 * SAND.diameter,
        max_overlap=0.5,
    )
    simulation.run(SETTLING * SAND.time)
    for world in range(len(LEDGES)):
        simulation.set_motion(1, moving((0.0, 0.0, LIFT * SAND.speed)), world)
    simulation.run(DRAINING * SAND.time)
    found = [slope(simulation, world) for world in range(len(LEDGES))]
    x, height, angle = found[0]
    flank = np.array(FLANK)
    middle = height[(x >= flank[0]) & (x <= flank[1])].mean()
    line = middle - math.tan(math.radians(angle)) * (flank - flank.mean())
    labels = "Surface of the usual sand", "x / d", "height / d"
    ends = flank / SAND.diameter, line / SAND.diameter, f"{angle:.1f} deg"
    report.show(Curve(*labels, x / SAND.diameter, height / SAND.diameter, *ends))
    return dict(zip(LEDGES, (angle for _, _, angle in found), strict=True))


@case("angle of repose", SECTION, ZHOU, slow=True)
def rest_on_ledge(report: CaseReport) -> None:
    """The angle rises with both frictions, falls with the size; density, modulus, restitution and gravity drop out.

    Sand drains off a rough ledge 18 grains long, periodic across. Specimens of the same sand differ by one to two deg,
    one standard deviation, which is what the limits are made of. All grains have the same modulus, so on Earth, or of
    four times the density, they are that much softer for their weight: E / (rho g d) is the one number that E, rho and
    g enter by. Zhou's rolling friction is a length, so coarser grains roll better; with mu_r R as here, size would act
    by the apparatus alone. Grains 1.5 times coarser should then lie about a degree flatter, which this scene is too
    small to tell: that row only says that they do not lie steeper.
    """
    angle = drain(report)
    specimens = np.array([angle["usual"], angle["second"], angle["third"]])
    usual = specimens.mean()
    report.compare_range("three specimens: mean", 22.0, 32.0, usual, "deg")
    report.compare_range("three specimens: standard deviation", 0.0, 3.5, specimens.std(ddof=1), "deg")
    report.compare_range("rise from mu_s 0.1 to 0.5", 4.0, 20.0, usual - angle["mu_s 0.1"], "deg")
    report.compare_range("rise from mu_r 0 to 0.4", 4.0, 20.0, angle["mu_r 0.4"] - angle["mu_r 0"], "deg")
    report.compare_range("fall to grains 1.5 times coarser", -3.5, 8.0, usual - angle["1.5 d"], "deg")
    for name in ("4 rho", "e 0.8", "Earth"):
        report.compare_absolute(name, usual, angle[name], 3.5, "deg")
    sliding, rolling = np.array([0.1, 0.5]), np.array([0.0, 0.1, 0.4])
    by_rolling = rolling, np.array([angle["mu_r 0"], usual, angle["mu_r 0.4"]]), "by mu_r, at mu_s = 0.5"
    labels = "Angle by friction", "mu_s; mu_r", "angle of repose [deg]"
    report.show(Curve(*labels, sliding, np.array([angle["mu_s 0.1"], usual]), *by_rolling))
