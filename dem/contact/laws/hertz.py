"""Normal force: Hertz's elastic spheres with a dashpot that gives a set restitution.

    F = 4/3 E* sqrt(R* delta^3) - gamma v_n        S_n = 2 E* sqrt(R* delta)
    gamma = 2 sqrt(5/6) beta sqrt(S_n m*)          beta = -ln e / sqrt(ln^2 e + pi^2)

The damping is that of Tsuji, Tanaka & Ishida, Powder Technol. 71 (1992) 239, eq. 11, gamma = alpha sqrt(m* F/delta), in
the closed form of Antypov & Elliott, EPL 94 (2011) 50004, eq. 17, alpha = sqrt(5) beta: with it e_out = e for any
impact speed, if the attractive tail of the dashpot is kept. `damping="tsuji"` takes the polynomial alpha(e) that other
codes use, a fit to Tsuji's curve (Marshall, J. Comput. Phys. 228 (2009) 1541, eq. 11); it ends at alpha(0) = 1.8,
e_out = 0.014, where the closed form is critically damped and the grain never quite leaves.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair, rayleigh_time_step
from dem.contact.laws.part import NormalLaw
from dem.errors import ConfigError

DAMPINGS = ("closed_form", "tsuji")
# alpha / sqrt(2) by powers of e: the fit is for the particle's mass, where the effective one is half of it.
TSUJI = (1.2728, -4.2783, 11.087, -22.348, 27.467, -18.022, 4.8218)


@ti.func
def hertz_force(law, contact):
    """Elastic force [N], damping coefficient [N s/m] and tangent stiffness [N/m] of a touching contact."""
    contact_radius = ti.sqrt(contact.radius_eff * contact.overlap)
    stiffness = 2.0 * law.young_modulus_eff * contact_radius
    elastic = stiffness * contact.overlap * (2.0 / 3.0)
    damping = law.damping_factor * ti.sqrt(stiffness * contact.mass_eff)
    return elastic, damping, stiffness


@ti.func
def hertz_energy(law, contact):
    """Energy stored, 8/15 E* sqrt(R*) delta^(5/2) [J]."""
    elastic, _, _ = hertz_force(law, contact)
    return 0.4 * elastic * contact.overlap


def dashpot_strength(pair: Pair, damping: str) -> float:
    """Dashpot factor alpha of gamma = alpha sqrt(m* F/delta), by one of `DAMPINGS`."""
    if damping == "tsuji":
        restitution = pair.numbers["restitution"]
        return math.sqrt(2.0) * sum(factor * restitution**power for power, factor in enumerate(TSUJI))
    return math.sqrt(5.0) * pair.damping_ratio


@dataclass(frozen=True)
class Hertz(NormalLaw):
    """Hertz contact with restitution.

    Attributes:
        clamp_tension: cut the attractive tail of the dashpot; e_out is then a little above e.
        damping: "closed_form", or "tsuji" for the polynomial.
    """

    clamp_tension: bool = False
    damping: str = "closed_form"
    pair_numbers: ClassVar = ("restitution",)
    members: ClassVar = ("young_modulus_eff", "damping_factor")
    conventions: ClassVar = {"wall_stiffness": "E* of both materials; a rigid one adds nothing to 1/E*"}
    force = staticmethod(hertz_force)
    energy = staticmethod(hertz_energy)

    def __post_init__(self) -> None:
        if self.damping not in DAMPINGS:
            raise ConfigError(
                f"Hertz.damping is {self.damping!r}, must be one of {', '.join(DAMPINGS)}; use 'closed_form'"
            )

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        alpha = dashpot_strength(pair, self.damping)
        # gamma = alpha sqrt(m* F/delta), and F/delta = 2/3 S_n.
        return {"young_modulus_eff": pair.young_modulus_eff, "damping_factor": math.sqrt(2.0 / 3.0) * alpha}

    def time_scale(self, pair: Pair, radius: float, density: float) -> tuple[float, str]:
        """Time a surface wave takes over the smallest grain [s], and its name."""
        return rayleigh_time_step(pair.shear_modulus_grain, pair.poisson_ratio_grain, radius, density), "Rayleigh"

    def stiffness(self, pair: Pair, radius_eff: float, overlap: float) -> float:
        """Tangent stiffness [N/m] at `overlap` [m]."""
        return 2.0 * pair.young_modulus_eff * math.sqrt(radius_eff * overlap)
