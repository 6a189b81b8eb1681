"""Normal force: Hertz's elastic spheres with a dashpot that gives a set restitution.

    F = 4/3 E* sqrt(R* delta^3) - gamma v_n        S_n = 2 E* sqrt(R* delta)
    gamma = 2 sqrt(5/6) beta sqrt(S_n m*)          beta = -ln e / sqrt(ln^2 e + pi^2)

The damping is that of Tsuji, Tanaka & Ishida, Powder Technol. 71 (1992) 239, in the closed form of Antypov & Elliott,
EPL 94 (2011) 50004, eq. 17: with it e_out = e for any impact speed, if the attractive tail of the dashpot is kept.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.pair import Pair, rayleigh_time_step


@ti.func
def hertz_force(law, contact):
    """Elastic force [N], damping coefficient [N s/m] and tangent stiffness [N/m] of a touching contact."""
    contact_radius = ti.sqrt(contact.radius_eff * contact.overlap)
    stiffness = 2.0 * law.young_modulus_eff * contact_radius
    elastic = stiffness * contact.overlap * (2.0 / 3.0)
    damping = law.damping_factor * ti.sqrt(stiffness * contact.mass_eff)
    return elastic, damping, stiffness


@dataclass(frozen=True)
class Hertz:
    """Hertz contact with restitution.

    Attributes:
        clamp_tension: cut the attractive tail of the dashpot; e_out is then a little above e.
    """

    clamp_tension: bool = False
    pair_numbers: ClassVar = ("restitution",)
    members: ClassVar = ("young_modulus_eff", "damping_factor")
    force = staticmethod(hertz_force)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {
            "young_modulus_eff": pair.young_modulus_eff,
            "damping_factor": 2.0 * math.sqrt(5.0 / 6.0) * pair.damping_ratio,
        }

    def time_scale(self, pair: Pair, radius: float, density: float) -> tuple[float, str]:
        """Time a surface wave takes over the smallest grain [s], and its name."""
        return rayleigh_time_step(pair.shear_modulus_grain, pair.poisson_ratio_grain, radius, density), "Rayleigh"

    def stiffness(self, pair: Pair, radius_eff: float, overlap: float) -> float:
        """Tangent stiffness [N/m] at `overlap` [m]."""
        return 2.0 * pair.young_modulus_eff * math.sqrt(radius_eff * overlap)
