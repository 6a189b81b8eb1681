"""Normal force: a linear spring and dashpot.

    F = k delta - eta v_n        eta = 2 beta sqrt(m* k)        beta = -ln e / sqrt(ln^2 e + pi^2)

Cundall & Strack, Geotechnique 29 (1979) 47; the dashpot as in Schwager & Poeschel, Granular Matter 9 (2007) 465, eq. 6:
with it e_out = e if the attractive tail is kept. A contact lasts pi sqrt(m*/k) / sqrt(1 - beta^2), whatever the speed.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import NormalLaw
from dem.errors import ConfigError

# A step takes 0.2 of the time scale and may take 0.5: of a quarter of the contact duration that is 1/20, where a
# collision keeps its restitution to 1 %, and 1/8, below the 1/pi of the spring and the 1/6 of a tangential spring as
# stiff as it.
DURATION_FRACTION = 0.25


@ti.func
def linear_force(law, contact):
    """Elastic force [N], damping coefficient [N s/m] and stiffness [N/m] of a touching contact."""
    damping = law.damping_factor * ti.sqrt(law.normal_stiffness * contact.mass_eff)
    return law.normal_stiffness * contact.overlap, damping, law.normal_stiffness


@ti.func
def linear_energy(law, contact):
    """Energy stored, k delta^2 / 2 [J]."""
    return 0.5 * law.normal_stiffness * contact.overlap * contact.overlap


@dataclass(frozen=True)
class LinearSpring(NormalLaw):
    """Linear spring and dashpot with restitution.

    Attributes:
        normal_stiffness: k [N/m] for every pair; None takes it from the pairs and materials.
        clamp_tension: cut the attractive tail of the dashpot; e_out is then a little above e.
    """

    normal_stiffness: float | None = None
    clamp_tension: bool = False
    members: ClassVar = ("normal_stiffness", "damping_factor")
    conventions: ClassVar = {"wall_stiffness": "the pair's own; materials mix by the geometric mean"}
    force = staticmethod(linear_force)
    energy = staticmethod(linear_energy)

    def __post_init__(self) -> None:
        if self.normal_stiffness is not None and not 0 < self.normal_stiffness < math.inf:
            raise ConfigError(
                f"LinearSpring.normal_stiffness is {self.normal_stiffness}, must be above 0 N/m; sand has 1e3 to 1e6"
            )

    @property
    def pair_numbers(self) -> tuple[str, ...]:
        """Surface numbers it needs."""
        return ("restitution",) if self.normal_stiffness is not None else ("restitution", "normal_stiffness")

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {"normal_stiffness": self._stiffness(pair), "damping_factor": 2.0 * pair.damping_ratio}

    def time_scale(self, pair: Pair, radius: float, density: float) -> tuple[float, str]:
        """A quarter of the undamped contact of two of the smallest grains [s], and its name."""
        mass_eff = 0.5 * density * (4 / 3) * math.pi * radius**3
        duration = math.pi * math.sqrt(mass_eff / self._stiffness(pair))
        return DURATION_FRACTION * duration, "quarter contact"

    def stiffness(self, pair: Pair, radius_eff: float, overlap: float) -> float:
        """Stiffness [N/m], the same at any overlap."""
        return self._stiffness(pair)

    def _stiffness(self, pair: Pair) -> float:
        if self.normal_stiffness is not None:
            return self.normal_stiffness
        return pair.numbers["normal_stiffness"]
