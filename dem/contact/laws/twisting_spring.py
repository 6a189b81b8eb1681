"""Twisting resistance: a spring, a dashpot and a slider with numbers of their own (LAMMPS: `twisting sds`).

    M = -(k theta + gamma omega_n),  |M| <= mu_tw R* |F_n|

The form is that of Luding, Granular Matter 10 (2008) 235: theta is the relative turn about the normal since the contact
began; at the cap the spring holds the cap's moment and the dashpot is off. mu_tw is dimensionless as the rolling
coefficient is, where LAMMPS takes the length mu_tw R*. The spring swings with sqrt(k/I), 1/I = 1/I_1 + 1/I_2, I_i = 2/5
m_i R_i^2: keep the time step below 0.3 sqrt(I/k) and 0.5 I/gamma.
"""

from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.part import TwistingLaw
from dem.contact.laws.twist_slider import SLIDING_DASHPOT, limit_twist


@ti.func
def twisting_spring_moment(law, contact, angle, load, stiffness, damping):
    """Moment on the first partner along the normal [N m], and the new angle [rad]."""
    turned = angle + contact.twisting_velocity * contact.time_step
    cap = law.twisting_friction * contact.radius_eff * load
    return limit_twist(law.twisting_stiffness, law.twisting_damping, turned, contact.twisting_velocity, cap)


@ti.func
def twisting_spring_energy(law, contact, angle, stiffness):
    """Energy stored, k theta^2 / 2 [J]."""
    return 0.5 * law.twisting_stiffness * angle * angle


@dataclass(frozen=True)
class TwistingSpring(TwistingLaw):
    """Twisting spring, dashpot and slider.

    The pair gives `twisting_stiffness` k [N m/rad], `twisting_damping` gamma [N m s/rad] and `twisting_friction` mu_tw.
    """

    pair_numbers: ClassVar = ("twisting_stiffness", "twisting_damping", "twisting_friction")
    members: ClassVar = pair_numbers
    conventions: ClassVar = {
        "coefficient": "dimensionless: |M| <= mu_tw R* N",
        "sliding_dashpot": SLIDING_DASHPOT,
    }
    moment = staticmethod(twisting_spring_moment)
    energy = staticmethod(twisting_spring_energy)
