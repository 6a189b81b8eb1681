"""Twisting resistance: Marshall's, from the tangential part (J. Comput. Phys. 228 (2009) 1541, eqs. 30-32).

    M = -(k_Q theta + eta_Q omega_n),  |M| <= 2/3 a mu_s |F_n|        k_Q = k_t a^2 / 2        eta_Q = eta_t a^2 / 2

theta is the relative turn about the normal since the contact began and a = sqrt(R* delta) the contact radius: a disc of
tangential springs, each of which slides at Coulomb's limit. As for sliding, the dashpot is off while the cap holds.
"""

from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.part import TwistingLaw
from dem.contact.laws.twist_slider import SLIDING_DASHPOT, limit_twist


@ti.func
def marshall_moment(law, contact, angle, load, stiffness, damping):
    """Moment on the first partner along the normal [N m], and the new angle [rad]."""
    square = contact.radius_eff * contact.overlap
    turned = angle + contact.twisting_velocity * contact.time_step
    cap = (2.0 / 3.0) * ti.sqrt(square) * law.sliding_friction * load
    return limit_twist(0.5 * stiffness * square, 0.5 * damping * square, turned, contact.twisting_velocity, cap)


@ti.func
def marshall_energy(law, contact, angle, stiffness):
    """Energy stored, k_Q theta^2 / 2 [J]."""
    return 0.25 * stiffness * contact.radius_eff * contact.overlap * angle * angle


@dataclass(frozen=True)
class MarshallTwisting(TwistingLaw):
    """Twisting spring, dashpot and slider on the contact disc; reads `sliding_friction`."""

    pair_numbers: ClassVar = ("sliding_friction",)
    members: ClassVar = ("sliding_friction",)
    conventions: ClassVar = {"cap": "2/3 a mu_s N", "sliding_dashpot": SLIDING_DASHPOT}
    moment = staticmethod(marshall_moment)
    energy = staticmethod(marshall_energy)
