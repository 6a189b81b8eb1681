"""Normal force: Walton & Braun's hysteretic springs, stiffer out than in (J. Rheol. 30 (1986) 949, eqs. 4-6).

    loading     F = k_1 delta
    otherwise   F = k_2 (delta - delta_0), no less than 0        delta_0 = (1 - e^2) delta_max        k_2 = k_1 / e^2

There is no dashpot. The path out begins at the largest overlap, delta_max, that the contact has seen; e = sqrt(k_1/k_2)
whatever the speed. What lies between the paths is dissipated by plastic flow: a bed stays dented.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import NormalLaw
from dem.errors import ConfigError
from dem.records import Memory

LOWEST_RESTITUTION = 0.05  # k_2 = 400 k_1, and a time step 20 times shorter
DURATION_FRACTION = 0.25  # as for the linear spring, of a contact of the stiffer spring


@ti.func
def largest_overlap(law, contact):
    """Largest overlap so far, delta_max [m]: the contact's memory."""
    return ti.max(contact.memory, contact.overlap)


@ti.func
def hysteretic_force(law, contact):
    """Force [N], no damping, and the stiffness of loading [N/m]."""
    remaining = contact.overlap - law.plastic_share * contact.memory
    force = ti.max(ti.min(law.unloading_stiffness * remaining, law.normal_stiffness * contact.overlap), 0.0)
    return force, 0.0 * force, law.normal_stiffness


@ti.func
def hysteretic_energy(law, contact):
    """Energy stored, F^2 / 2 k_2 [J]: what unloading would give back."""
    force, _, _ = hysteretic_force(law, contact)
    return 0.5 * force * force / law.unloading_stiffness


@dataclass(frozen=True)
class WaltonBraun(NormalLaw):
    """Hysteretic linear springs from the pair's `normal_stiffness` k_1 [N/m] and restitution."""

    pair_numbers: ClassVar = ("restitution", "normal_stiffness")
    members: ClassVar = ("normal_stiffness", "unloading_stiffness", "plastic_share")
    is_plastic: ClassVar = True
    memory: ClassVar = Memory("normal_memory", 1)  # [m], the largest overlap
    force = staticmethod(hysteretic_force)
    energy = staticmethod(hysteretic_energy)
    remember = staticmethod(largest_overlap)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        loading, restitution = pair.numbers["normal_stiffness"], pair.numbers["restitution"]
        if restitution < LOWEST_RESTITUTION:
            raise ConfigError(
                f"restitution is {restitution}, must be at least {LOWEST_RESTITUTION} for WaltonBraun; raise it"
            )
        return {
            "normal_stiffness": loading,
            "unloading_stiffness": loading / restitution**2,
            "plastic_share": 1.0 - restitution**2,
        }

    def time_scale(self, pair: Pair, radius: float, density: float) -> tuple[float, str]:
        """A quarter of a contact of two of the smallest grains on the stiffer spring [s], and its name."""
        mass_eff = 0.5 * density * (4 / 3) * math.pi * radius**3
        duration = math.pi * math.sqrt(mass_eff / self.derive(pair)["unloading_stiffness"])
        return DURATION_FRACTION * duration, "quarter contact"

    def stiffness(self, pair: Pair, radius_eff: float, overlap: float) -> float:
        """Stiffness of loading [N/m]."""
        return pair.numbers["normal_stiffness"]
