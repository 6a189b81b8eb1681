"""Cohesion of a soil: a pull-off force by Bond number, and what bulk cohesion in pascals means for it.

    F_c = Bo m g R*/(d/4)        sigma_t = phi Z F_c / (pi d^2)        c = sigma_t tan(phi_i)

Bo is the pull-off force of two mean grains over their weight at a REFERENCE gravity (Castellanos, Adv. Phys. 54 (2005)
263): the force belongs to the grains, so a gravity sweep shows what cohesion does. It grows with R* as van der Waals
forces do. sigma_t is the tensile strength of a random packing with solid fraction phi and Z contacts a grain (Rumpf,
Chem. Ing. Tech. 42 (1970) 538), and Mohr-Coulomb's law makes it a cohesion (Richefeu, El Youssoufi & Radjai, Phys. Rev.
E 73 (2006) 051304).
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.contact.laws.friction_weight import CONVENTIONS, check_friction_weight
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import CohesionLaw
from dem.contact.laws.pull_off import constant_pull, constant_pull_energy
from dem.errors import ConfigError

EARTH = 9.81  # [m/s2], the gravity at which Bond numbers are mostly quoted


def cohesion_to_pull_off(
    cohesion: float,
    grain_diameter: float,
    solid_fraction: float = 0.60,
    coordination_number: float = 5.0,
    internal_friction_angle: float = math.radians(35.0),
) -> float:
    """Pull-off force [N] of two grains that gives a packing of them a bulk cohesion.

    An estimate from mean values: test the soil for the cohesion that it has.

    Args:
        cohesion: c [Pa].
        grain_diameter: [m].
        solid_fraction: phi [-].
        coordination_number: Z [-].
        internal_friction_angle: of the packing [rad].
    """
    positive = {"grain_diameter": grain_diameter, "coordination_number": coordination_number}
    for name, value in positive.items():
        if not value > 0:
            raise ConfigError(f"cohesion_to_pull_off got {name} {value}, must be above 0; correct it")
    if not cohesion >= 0 or not 0 < solid_fraction < 1 or not 0 < internal_friction_angle < math.pi / 2:
        raise ConfigError(
            f"cohesion_to_pull_off got cohesion {cohesion} Pa, solid_fraction {solid_fraction} and internal friction "
            f"angle {internal_friction_angle} rad; they must lie in [0, inf), (0, 1) and (0, pi/2)"
        )
    strength = cohesion / math.tan(internal_friction_angle)
    return strength * math.pi * grain_diameter**2 / (solid_fraction * coordination_number)


@dataclass(frozen=True)
class RegolithCohesion(CohesionLaw):
    """A pull-off force from the pair's `bond_number` [-]; a wall's own may be 0 or differ.

    Attributes:
        grain_diameter: of the mean grain [m].
        grain_density: [kg/m3].
        reference_gravity: at which the Bond number holds [m/s2], not that of the run.
        friction_weight: of the pull-off force in the load that the friction caps see; 0 for none.
    """

    grain_diameter: float
    grain_density: float
    reference_gravity: float = EARTH
    friction_weight: float = 1.0
    pair_numbers: ClassVar = ("bond_number",)
    members: ClassVar = ("force", "force_by_radius")
    conventions: ClassVar = {**CONVENTIONS, "bond_number": "pull-off of two mean grains / weight at reference_gravity"}
    attraction = staticmethod(constant_pull)
    energy = staticmethod(constant_pull_energy)

    def __post_init__(self) -> None:
        check_friction_weight("RegolithCohesion", self.friction_weight)
        for name in ("grain_diameter", "grain_density", "reference_gravity"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"RegolithCohesion.{name} is {getattr(self, name)}, must be above 0; correct it")

    @property
    def grain_weight(self) -> float:
        """Weight of the mean grain at the reference gravity [N]."""
        return self.grain_density * math.pi / 6 * self.grain_diameter**3 * self.reference_gravity

    def bond_number(self, pull_off_force: float) -> float:
        """Bond number of a pull-off force [N] of two mean grains."""
        return pull_off_force / self.grain_weight

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        force = pair.numbers["bond_number"] * self.grain_weight
        return {"force": 0.0, "force_by_radius": force / (0.25 * self.grain_diameter)}
