"""Sand that runs out of a hopper's slot."""

from dataclasses import dataclass, replace

import numpy as np

import dem
from dem.measure.flow import fallen_mass, mass_flow
from dem.measure.statistics import power_law
from dem.verify.bed import moving
from dem.verify.case import Curve, case
from dem.verify.case_report import CaseReport
from dem.verify.sand import UP, Sand

SECTION = "bulk"
BEVERLOO = "Beverloo, Leniger & van de Velde, Chem. Eng. Sci. 15 (1961) 260, in its form for slots"
SAND = Sand(gravity=1.62, hardness=4e4)
LENGTH, WIDTH, DEPTH, PIT = (value * SAND.diameter for value in (22.0, 3.5, 18.0, 14.0))  # [m]
GRAVITIES = (1.0, 3.71 / 1.62, 9.81 / 1.62)  # Moon, Mars, Earth, in units of the first
SLOTS = (4.5, 5.5, 6.5, 8.0)  # diameters
TYPICAL = 6.5  # the slot in which gravity is changed
SETTLING, RUN = 9.0, 16.0  # before and after the slot opens [sqrt(d/g)]
START, SHARE = 2.0, 0.45  # the flow is steady from then on [sqrt(d/g)], until this share has run out
LID = 1  # the body
BLOCKED, CONSTANT, PACKED = 1.4, 1.03, 0.6  # k, C and the solid fraction that the formula takes


@dataclass(frozen=True)
class Hopper:
    """A flat floor with a slot [diameters] across, under a gravity in units of the first; the springs stay the same."""

    slot: float
    pull: float = 1.0

    @property
    def sand(self) -> Sand:
        """The sand in the hopper."""
        return replace(SAND, gravity=SAND.gravity * self.pull, hardness=SAND.hardness / self.pull)

    def build(self) -> dem.Model:
        """Loose sand above the floor, whose slot is shut by a lid, above a pit; periodic sides."""
        sand = self.sand
        builder = sand.start()
        position, radius = sand.fill((LENGTH, WIDTH, DEPTH), seed=1)
        builder.add_particles(position, radius, 0, velocity=sand.random_velocities(len(radius), seed=2))
        slot, thick = self.slot * sand.diameter, 2 * sand.diameter
        self._add_slab(builder, "lid", LENGTH / 2, slot, thick)
        for name, side in (("left", -1.0), ("right", 1.0)):  # wide enough to meet across the periodic face
            self._add_slab(builder, name, LENGTH / 2 + side * (slot + LENGTH) / 2, LENGTH, thick)
        builder.add_plane((0.0, 0.0, -PIT - thick), UP, 1)
        builder.set_domain((0.0, 0.0, -np.inf), (LENGTH, WIDTH, np.inf), (True, True, False))
        return builder.finalize()

    @staticmethod
    def _add_slab(builder: dem.ModelBuilder, name: str, x: float, length: float, thick: float) -> None:
        centre = (x, WIDTH / 2, -thick / 2)
        body = builder.add_body(name, 1.0, (1.0, 1.0, 1.0), centre, motion=dem.Motion.fixed())
        builder.add_shape(dem.Box((length, 10 * WIDTH, thick)), 1, body)

    def rate(self, time: np.ndarray, passed: np.ndarray) -> float:
        """Steady rate [rho_s sqrt(g d) d^2], by length of the slot, from mass [kg] over time since it opened [s]."""
        whole = 0.6 * LENGTH * WIDTH * DEPTH * self.sand.density
        steady = (time >= START * self.sand.time) & (passed <= SHARE * whole)
        flow, _ = mass_flow(time[steady], passed[steady])
        return flow / (self.sand.density * self.sand.speed * self.sand.diameter * WIDTH)


HOPPERS = (*[Hopper(slot) for slot in SLOTS], *[Hopper(TYPICAL, pull) for pull in GRAVITIES[1:]])


def run_out_of_slots(report: CaseReport) -> np.ndarray:
    """Rates of the hoppers (n,) [rho_s sqrt(g d) d^2 a length of slot]."""
    simulation = report.simulate(
        [hopper.build() for hopper in HOPPERS], time_step_fraction=0.5, skin=0.25 * SAND.diameter, max_overlap=0.5
    )
    simulation.run(SETTLING * SAND.time)
    opened, times, passed = simulation.time, [], []
    for world, hopper in enumerate(HOPPERS):
        simulation.set_motion(LID, moving((0.0, 0.0, -4.0 * hopper.sand.speed)), world)

    def take(running: dem.Simulation) -> None:
        times.append(running.time - opened)
        found = [running.snapshot(world) for world in range(len(HOPPERS))]
        passed.append([fallen_mass(now["position"], now["mass"], -3 * SAND.diameter) for now in found])

    simulation.every(0.5 * SAND.time, take)
    simulation.run(RUN * SAND.time)
    return np.array([h.rate(np.array(times), column) for h, column in zip(HOPPERS, np.array(passed).T, strict=True)])


@case("hopper", SECTION, BEVERLOO, slow=True)
def empty_hopper(report: CaseReport) -> None:
    """The rate grows with the square root of gravity, and with the slot as Beverloo's formula has it.

    Per length of slot W = C rho_b sqrt(g) (D - k d)^1.5, with C = 1.03 and k = 1.4 for spheres and slots (Nedderman,
    Statics and Kinematics of Granular Materials, 1992, sect. 10.2), rho_b = 0.6 rho_s taken for the flowing sand.
    Rates are means over some hundred grains, which is 5 % of scatter; the bed is three to five slots wide.
    The constant depends on the friction of grains and floor, 0.5 here, and the density of what flows: hence its limit.
    """
    rates = run_out_of_slots(report)
    slots, slotted = np.array(SLOTS), rates[: len(SLOTS)]
    pulled = rates[[SLOTS.index(TYPICAL), *range(len(SLOTS), len(HOPPERS))]]  # in units of sqrt(g)
    exponent = 0.5 + power_law(np.array(GRAVITIES), pulled)[0]
    report.compare_absolute("exponent of gravity", 0.5, exponent, 0.05)
    exponent = power_law(slots - BLOCKED, slotted)[0]
    report.compare_absolute("exponent of D - 1.4 d", 1.5, exponent, 0.2)
    constants = rates / (PACKED * (np.array([hopper.slot for hopper in HOPPERS]) - BLOCKED) ** 1.5)
    report.compare("Beverloo's constant, mean", CONSTANT, constants.mean(), 0.25)
    formula = CONSTANT * PACKED * (slots - BLOCKED) ** 1.5
    labels = "Rate by slot", "D / d", "rate [rho_s sqrt(g d) d^2 a length]"
    report.show(Curve(*labels, slots, slotted, slots, formula, "Beverloo"))
    gravity = np.array(GRAVITIES)
    labels = "Rate by gravity", "g / g_Moon", "rate [that on the Moon]"
    report.show(Curve(*labels, gravity, pulled / pulled[0] * gravity**0.5, gravity, gravity**0.5, "sqrt(g)"))
