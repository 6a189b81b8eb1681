"""Tangential force: Mindlin's stiffness, a spring that remembers, a dashpot and Coulomb's cap.

    F_t = -(S_t xi + gamma_t v_t),  |F_t| <= mu_s |F_n|        S_t = 8 G* sqrt(R* delta)
    gamma_t = 2 sqrt(5/6) beta sqrt(S_t m*)

The no-slip stiffness is Mindlin's, J. Appl. Mech. 16 (1949) 259. The spring's history xi is kept per contact, turned
with the contact's normal, and scaled with the contact radius when that shrinks (Thornton, Cummins & Cleary, Powder
Technol. 233 (2013) 30), so that unloading gives back no more energy than loading stored. The cap acts on the whole
normal force; while the contact slides the spring holds the cap's force and the dashpot is off.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.pair import Pair
from dem.contact.part import TangentialLaw
from dem.contact.slider import CAP_CONVENTIONS, slide, spring_energy
from dem.maths import carry_over


@ti.func
def mindlin_stiffness(law, contact):
    """Spring [N/m] and dashpot [N s/m]."""
    contact_radius = ti.sqrt(contact.radius_eff * contact.overlap)
    return 8.0 * law.shear_modulus_eff * contact_radius, law.damping_factor * ti.sqrt(contact_radius * contact.mass_eff)


@ti.func
def mindlin_force(law, contact, displacement, load):
    """Tangential force on the first partner [N], and the new displacement [m]."""
    stiffness, damping = mindlin_stiffness(law, contact)
    # For a new contact this is 0/0, which has nothing to scale.
    shrink = ti.min(contact.overlap, contact.previous_overlap) / contact.previous_overlap
    stretched = carry_over(displacement, contact.normal, shrink) + contact.tangential_velocity * contact.time_step
    return slide(stiffness, damping, stretched, contact.tangential_velocity, law.sliding_friction * load)


@ti.func
def mindlin_energy(law, contact, displacement):
    """S_t xi^2 / 2 [J]."""
    stiffness, _ = mindlin_stiffness(law, contact)
    return spring_energy(stiffness, displacement)


@dataclass(frozen=True)
class Mindlin(TangentialLaw):
    """Mindlin tangential spring with history, dashpot and Coulomb cap."""

    pair_numbers: ClassVar = ("restitution", "sliding_friction")
    members: ClassVar = ("shear_modulus_eff", "damping_factor", "sliding_friction")
    conventions: ClassVar = {
        **CAP_CONVENTIONS,
        "unloading": "displacement scaled with the contact radius as it shrinks",
    }
    stiffness = staticmethod(mindlin_stiffness)
    force = staticmethod(mindlin_force)
    energy = staticmethod(mindlin_energy)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        return {
            "shear_modulus_eff": pair.shear_modulus_eff,
            "damping_factor": 2.0 * math.sqrt(5.0 / 6.0 * 8.0 * pair.shear_modulus_eff) * pair.damping_ratio,
            "sliding_friction": pair.numbers["sliding_friction"],
        }
