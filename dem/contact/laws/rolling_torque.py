"""Rolling resistance: a constant torque against the relative rolling (Zhou et al., Physica A 269 (1999) 536).

    M = -mu_r R* |F_n| omega_r / |omega_r|

This is model A of Ai, Chen, Rotter & Ooi, Powder Technol. 206 (2011) 269, eq. 1. In a finite step such a torque can
overshoot rest, turn the spin round and so shake a heap for ever. Here a contact takes at most `stopping_share` of the
relative spin away in one step: the torque never feeds a spin, and a grain on a slope creeps by less than the step
instead of jittering.
"""

from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import RollingLaw
from dem.errors import ConfigError

SPIN_INERTIA = 2.0 / 7.0  # of the inertia about the contact point: a sphere's about its centre


@ti.func
def constant_torque(law, contact, displacement, load):
    """Rolling moment on the first partner [N m]; it remembers nothing."""
    spin = contact.rolling_velocity.norm()
    size = law.rolling_friction * contact.radius_eff * ti.max(load, 0.0)
    stopping = law.stopping_share * contact.inertia_eff * spin
    if size * contact.time_step > stopping:
        size = stopping / contact.time_step
    moment = 0.0 * contact.rolling_velocity
    if spin > 0.0:
        moment = contact.rolling_velocity * (-size / spin)
    return moment, displacement


@dataclass(frozen=True)
class ConstantRollingTorque(RollingLaw):
    """Constant directional rolling torque.

    Attributes:
        stopping_share: most of the relative spin that one contact takes away in a step [-]; 1/6, since up to twelve
            equal neighbours brake a grain at once, each with half its inertia.
    """

    stopping_share: float = 1.0 / 6.0
    pair_numbers: ClassVar = ("rolling_friction",)
    members: ClassVar = ("rolling_friction", "stopping_share")
    conventions: ClassVar = {"coefficient": "dimensionless: |M| = mu_r R* N"}
    moment = staticmethod(constant_torque)

    def __post_init__(self) -> None:
        if not 0 < self.stopping_share <= 1:
            raise ConfigError(
                f"ConstantRollingTorque.stopping_share is {self.stopping_share}, must lie in (0, 1]; use 1/6 in a bed"
            )

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {
            "rolling_friction": pair.numbers["rolling_friction"],
            "stopping_share": SPIN_INERTIA * self.stopping_share,
        }
