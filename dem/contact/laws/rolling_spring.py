"""Rolling resistance: elastic-plastic spring and dashpot, model C of Ai et al., Powder Technol. 206 (2011) 269.

    M = -(k_r theta + C_r theta'),  |k_r theta| <= mu_r R* F_n        k_r = 2.25 k_n mu_r^2 R*^2   (eqs. 9-14)
    C_r = 2 eta_r sqrt(I_r k_r), off while the spring is fully mobilised

k_n is the secant stiffness F_n/delta of the elastic normal force, 1/I_r = 1/(I_1 + m_1 R_1^2) + 1/(I_2 + m_2 R_2^2).
The history is kept as a displacement R* theta [m]. A heap can so come to rest, where a constant torque would jitter.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import RollingLaw
from dem.errors import ConfigError
from dem.maths import rotate_history


@ti.func
def rolling_spring_moment(law, contact, displacement, load):
    """Rolling moment on the first partner [N m], and the new rolling displacement [m]."""
    reach = law.rolling_friction * contact.radius_eff
    arm = 2.25 * contact.secant_stiffness * law.rolling_friction * reach  # stiffness / R*
    cap = reach * ti.max(load, 0.0)
    rolled = rotate_history(displacement, contact.normal, 1.0, 1.0) + contact.rolling_velocity * (
        contact.radius_eff * contact.time_step
    )
    moment = -arm * rolled
    square = moment.norm_sqr()
    if square > cap * cap:
        excess = cap / ti.sqrt(square)
        moment *= excess
        rolled *= excess
    else:
        critical = ti.sqrt(contact.inertia_eff * arm * contact.radius_eff)
        moment -= 2.0 * law.damping_ratio * critical * contact.rolling_velocity
    return moment, rolled


@ti.func
def rolling_spring_energy(law, contact, displacement):
    """Energy stored, k_r theta^2 / 2 [J]."""
    lean = 1.5 * law.rolling_friction * displacement.norm()  # sqrt(2.25) mu_r R* theta
    return 0.5 * contact.secant_stiffness * lean * lean


@dataclass(frozen=True)
class RollingSpring(RollingLaw):
    """Elastic-plastic rolling spring.

    Attributes:
        damping_ratio: eta_r; 0.3 is the value of Ai et al. for quasi-static heaps.
    """

    damping_ratio: float = 0.3
    pair_numbers: ClassVar = ("rolling_friction",)
    members: ClassVar = ("rolling_friction", "damping_ratio")
    conventions: ClassVar = {
        "coefficient": "dimensionless: |M| <= mu_r R* N",
        "stiffness": "2.25 k_n mu_r^2 R*^2 with the secant k_n",
    }
    moment = staticmethod(rolling_spring_moment)
    energy = staticmethod(rolling_spring_energy)

    def __post_init__(self) -> None:
        if not 0.0 <= self.damping_ratio <= 1.0:
            raise ConfigError(f"RollingSpring.damping_ratio is {self.damping_ratio}, must lie in [0, 1]; use 0.3")

    def frequency_ratio(self, pair: Pair) -> float:
        """Frequency sqrt(k_r / I_r) over sqrt(k_n / m) of a sphere on a wall, I_r = 7/5 m R^2 about the contact."""
        return math.sqrt(2.25 / 1.4) * pair.numbers["rolling_friction"]

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {"rolling_friction": pair.numbers["rolling_friction"], "damping_ratio": self.damping_ratio}
