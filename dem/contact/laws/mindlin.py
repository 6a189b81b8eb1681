"""Tangential force: Mindlin's stiffness, a spring that remembers, a dashpot and Coulomb's cap.

    F_t = -(S_t xi + gamma_t v_t),  |F_t| <= mu_s |F_n|        S_t = 8 G* sqrt(R* delta)
    gamma_t = 2 sqrt(5/6) beta sqrt(S_t m*)

The no-slip stiffness is Mindlin's, J. Appl. Mech. 16 (1949) 259. The spring's history xi is kept per contact, turned
with the contact's normal, and scaled with the contact radius when that shrinks (Thornton, Cummins & Cleary, Powder
Technol. 233 (2013) 30), so that unloading gives back no more energy than loading stored. The cap acts on the whole
normal force; while the contact slides the spring holds the cap's force and the dashpot is off.

Codes differ in all of this, and the law's options say how. What they do to xi as the contact radius goes from a to a':

    history         unloading     a' > a     a' < a     LAMMPS calls it
    displacement    rescaled      1          a'/a       mindlin_rescale
    displacement    kept          1          1          mindlin (LIGGGHTS: hertz with tangential history)
    force           rescaled      a/a'       1          mindlin_rescale/force
    force           kept          a/a'       a/a'       mindlin/force

"force" sums increments S_t dxi, each at the stiffness of its moment, and xi = -F/S_t.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.hertz import DAMPINGS, dashpot_strength
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import TangentialLaw
from dem.contact.laws.slider import (
    CAP_CONVENTIONS,
    DAMPED_BY,
    FRICTION_LOADS,
    SLIDERS,
    check_choice,
    check_share,
    spring_energy,
)
from dem.errors import ConfigError
from dem.maths import rotate_history


@ti.func
def mindlin_stiffness(law, contact):
    """Spring [N/m] and dashpot [N s/m]."""
    stiffness = 8.0 * law.shear_modulus_eff * ti.sqrt(contact.radius_eff * contact.overlap)
    return stiffness, law.damping_factor * ti.sqrt(stiffness * contact.mass_eff)


@ti.func
def rescale_on_unloading(contact):
    """Scale of xi^2 as a quotient: (a'/a)^2 as the contact radius shrinks; 0/0 where there is no xi yet."""
    return ti.min(contact.overlap, contact.previous_overlap), contact.previous_overlap


@ti.func
def keep_displacement(contact):
    """Scale 1: the displacement is kept."""
    return 1.0, 1.0


@ti.func
def rescale_on_loading(contact):
    """Scale (a/a')^2 as the contact radius grows, which keeps the force, and 1 as it shrinks."""
    return ti.min(contact.overlap, contact.previous_overlap), contact.overlap


@ti.func
def keep_force(contact):
    """Scale (a/a')^2: the force is kept."""
    return contact.previous_overlap, contact.overlap


HISTORIES = ("displacement", "force")
UNLOADINGS = ("rescaled", "kept")
SCALES = {
    ("displacement", "rescaled"): rescale_on_unloading,
    ("displacement", "kept"): keep_displacement,
    ("force", "rescaled"): rescale_on_loading,
    ("force", "kept"): keep_force,
}


@cache
def mindlin_force(history: str, unloading: str, sliding: str, load_seen: str) -> Callable:
    """The force function of a choice of conventions."""
    scale, slide, friction_load = SCALES[history, unloading], SLIDERS[sliding], FRICTION_LOADS[load_seen]

    @ti.func
    def force(law, contact, displacement, load):
        """Tangential force on the first partner [N], and the new displacement [m]."""
        stiffness, damping = mindlin_stiffness(law, contact)
        shrunk, whole = scale(contact)
        stretched = rotate_history(displacement, contact.normal, shrunk, whole)
        stretched += contact.tangential_velocity * contact.time_step
        cap = law.sliding_friction * friction_load(contact, load)
        return slide(stiffness, damping, stretched, contact.tangential_velocity, cap)

    return force


@ti.func
def mindlin_energy(law, contact, displacement):
    """Energy stored, S_t xi^2 / 2 [J]."""
    stiffness, _ = mindlin_stiffness(law, contact)
    return spring_energy(stiffness, displacement)


@dataclass(frozen=True)
class Mindlin(TangentialLaw):
    """Mindlin tangential spring with history, dashpot and Coulomb cap.

    Attributes:
        unloading: "rescaled" with the contact radius as it shrinks, or "kept".
        history: "displacement", or "force" for a sum of increments.
        sliding: "dashpot_off", "dashpot_kept" or "spring_capped", see dem/contact/laws/slider.py.
        damping: "closed_form" or "tsuji", as Hertz.damping.
        load: "pushing", "magnitude" or "elastic" part of the normal force, likewise.
        damping_from: "tangential" for S_t in the formula of gamma_t, "normal" for S_n: then gamma_t = gamma.
        damping_share: times that, 0 for no dashpot; LAMMPS' x_gammat is a share of the "normal" one.
        stiffness_share: of Mindlin's 8 G* a; 0.5 is the 4 G* a that some codes have.
    """

    unloading: str = "rescaled"
    history: str = "displacement"
    sliding: str = "dashpot_off"
    load: str = "pushing"
    damping: str = "closed_form"
    damping_from: str = "tangential"
    damping_share: float = 1.0
    stiffness_share: float = 1.0
    pair_numbers: ClassVar = ("restitution", "sliding_friction")
    members: ClassVar = ("shear_modulus_eff", "damping_factor", "sliding_friction")
    conventions: ClassVar = CAP_CONVENTIONS
    stiffness = staticmethod(mindlin_stiffness)
    energy = staticmethod(mindlin_energy)

    def __post_init__(self) -> None:
        check_choice("Mindlin.unloading", self.unloading, UNLOADINGS)
        check_choice("Mindlin.history", self.history, HISTORIES)
        check_choice("Mindlin.sliding", self.sliding, SLIDERS)
        check_choice("Mindlin.load", self.load, FRICTION_LOADS)
        check_choice("Mindlin.damping", self.damping, DAMPINGS)
        check_choice("Mindlin.damping_from", self.damping_from, DAMPED_BY)
        check_share("Mindlin.damping_share", self.damping_share)
        if not 0 < self.stiffness_share <= 2:
            raise ConfigError(f"Mindlin.stiffness_share is {self.stiffness_share}, must lie in (0, 2]; use 1")

    @property
    def force(self) -> Callable:
        """The force function of these conventions."""
        return mindlin_force(*self.built_in)

    @property
    def built_in(self) -> tuple:
        """What kernels have built in of these conventions."""
        return self.history, self.unloading, self.sliding, self.load

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        shear = self.stiffness_share * pair.shear_modulus_eff
        # gamma = alpha sqrt(2/3 S m*), with S_t for S, or S_n = S_t E* / 4 G*.
        factor = self.damping_share * math.sqrt(2.0 / 3.0) * dashpot_strength(pair, self.damping)
        if self.damping_from == "normal":
            factor *= math.sqrt(pair.young_modulus_eff / (4.0 * shear))
        return {
            "shear_modulus_eff": shear,
            "damping_factor": factor,
            "sliding_friction": pair.numbers["sliding_friction"],
        }
