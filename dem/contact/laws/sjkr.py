"""Cohesion: an energy density times the contact area, known from LIGGGHTS as simplified JKR (SJKR).

    F = k A,  k in J/m3        A = 2 pi R* delta   "overlap_circle": where two spheres cut each other (LIGGGHTS sjkr)
                               A = pi R* delta     "contact_disc": Hertz's
                               A = 4 pi R* delta   "doubled": LIGGGHTS sjkr2

For equal spheres the circle of intersection is 2 pi R* delta (1 - delta/4R), for a sphere at a plane the same with
delta/2R; what is above leading order is left out. The pull grows with the overlap and vanishes with it, so a contact
has no pull-off force of its own: the pull of the moment counts as such in the load of friction.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.friction_weight import CONVENTIONS, check_friction_weight
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import CohesionLaw
from dem.errors import ConfigError

AREAS = {"contact_disc": math.pi, "overlap_circle": 2.0 * math.pi, "doubled": 4.0 * math.pi}  # of R* delta


@ti.func
def area_pull(law, contact):
    """Attraction [N], twice: as the pull-off force too."""
    pull = law.density_factor * contact.radius_eff * contact.overlap
    return pull, pull


@ti.func
def area_pull_energy(law, contact):
    """Energy stored, -k A delta / 2 [J]."""
    pull, _ = area_pull(law, contact)
    return -0.5 * pull * contact.overlap


@dataclass(frozen=True)
class SJKR(CohesionLaw):
    """Linear cohesion from the pair's `cohesion_energy_density` [J/m3].

    Attributes:
        area: "overlap_circle", "contact_disc" or "doubled".
        friction_weight: of the pull in the load that the friction caps see; 0 for none.
    """

    area: str = "overlap_circle"
    friction_weight: float = 1.0
    pair_numbers: ClassVar = ("cohesion_energy_density",)
    members: ClassVar = ("density_factor",)
    conventions: ClassVar = CONVENTIONS
    attraction = staticmethod(area_pull)
    energy = staticmethod(area_pull_energy)

    def __post_init__(self) -> None:
        check_friction_weight("SJKR", self.friction_weight)
        if self.area not in AREAS:
            raise ConfigError(f"SJKR.area is {self.area!r}, must be one of {', '.join(AREAS)}; use 'overlap_circle'")

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {"density_factor": AREAS[self.area] * pair.numbers["cohesion_energy_density"]}
