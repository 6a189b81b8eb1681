"""Tangential force: viscous up to Coulomb's cap, without memory.

    F_t = -min(gamma_t |v_t|, mu_s |F_n|) v_t/|v_t|

Haff & Werner, Powder Technol. 48 (1986) 239, eq. 4. Nothing rests on it: a loaded contact creeps. gamma_t is held below
2/7 m*/dt, the rate that would stop the contact point of a solid sphere within one step.
"""

from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.part import TangentialLaw
from dem.contact.laws.slider import CAP_CONVENTIONS


@ti.func
def viscous_stiffness(law, contact):
    """No spring, and the dashpot [N s/m]."""
    damping = law.tangential_damping
    stopping = (2.0 / 7.0) * contact.mass_eff
    if damping * contact.time_step > stopping:
        damping = stopping / contact.time_step
    return 0.0 * damping, damping


@ti.func
def viscous_force(law, contact, displacement, load):
    """Tangential force on the first partner [N]; the displacement stays as it is."""
    _, damping = viscous_stiffness(law, contact)
    force = -damping * contact.tangential_velocity
    cap = law.sliding_friction * ti.max(load, 0.0)
    size = force.norm()
    if size > cap:
        force *= cap / size
    return force, displacement


@ti.func
def viscous_energy(law, contact, displacement):
    """Energy stored [J]: none."""
    return 0.0 * contact.overlap


@dataclass(frozen=True)
class ViscousTangential(TangentialLaw):
    """Viscous tangential force with Coulomb cap and no history; `tangential_damping` [N s/m] by pair."""

    pair_numbers: ClassVar = ("sliding_friction", "tangential_damping")
    members: ClassVar = ("sliding_friction", "tangential_damping")
    conventions: ClassVar = {"coulomb_cap": CAP_CONVENTIONS["coulomb_cap"]}
    stiffness = staticmethod(viscous_stiffness)
    force = staticmethod(viscous_force)
    energy = staticmethod(viscous_energy)
