"""Cohesion: a constant pull while grains touch, in newtons, or by Derjaguin, Muller & Toporov from the surface energy.

    F = F_c (given)        or        F = 4 pi gamma R*

DMT: J. Colloid Interface Sci. 53 (1975) 314, eq. 24, with the work of adhesion 2 gamma. It holds for small, stiff
    grains, where adhesion deforms nothing. The pull is there as long as the overlap is above 0 and is the pull-off
    force.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.friction_weight import CONVENTIONS, check_friction_weight
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import CohesionLaw


@ti.func
def constant_pull(law, contact):
    """Attraction [N], and the pull-off force [N]."""
    pull = law.force + law.force_by_radius * contact.radius_eff
    return pull, pull


@ti.func
def constant_pull_energy(law, contact):
    """Energy stored, -F delta [J]: 0 where the surfaces touch."""
    pull, _ = constant_pull(law, contact)
    return -pull * contact.overlap


@dataclass(frozen=True)
class ConstantPullOff(CohesionLaw):
    """The pair's `pull_off_force` [N], whatever the grains' size.

    Attributes:
        friction_weight: of the pull-off force in the load that the friction caps see; 0 for none.
    """

    friction_weight: float = 1.0
    pair_numbers: ClassVar = ("pull_off_force",)
    members: ClassVar = ("force", "force_by_radius")
    conventions: ClassVar = CONVENTIONS
    attraction = staticmethod(constant_pull)
    energy = staticmethod(constant_pull_energy)

    def __post_init__(self) -> None:
        check_friction_weight("ConstantPullOff", self.friction_weight)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {"force": pair.numbers["pull_off_force"], "force_by_radius": 0.0}


@dataclass(frozen=True)
class DMT(CohesionLaw):
    """4 pi gamma R* from the pair's `surface_energy` gamma [J/m2].

    Attributes:
        friction_weight: of the pull-off force in the load that the friction caps see; 0 for none.
    """

    friction_weight: float = 1.0
    pair_numbers: ClassVar = ("surface_energy",)
    members: ClassVar = ("force", "force_by_radius")
    conventions: ClassVar = {**CONVENTIONS, "surface_energy": "of one surface; the work of adhesion is twice it"}
    attraction = staticmethod(constant_pull)
    energy = staticmethod(constant_pull_energy)

    def __post_init__(self) -> None:
        check_friction_weight("DMT", self.friction_weight)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {"force": 0.0, "force_by_radius": 4.0 * math.pi * pair.numbers["surface_energy"]}
