"""Tangential force: a linear spring that remembers, a dashpot and Coulomb's cap.

    F_t = -(k_t xi + eta_t v_t),  |F_t| <= mu_s |F_n|        eta_t = 2 beta sqrt(k_t m*)

Cundall & Strack, Geotechnique 29 (1979) 47. k_t is the pair's own, or a ratio of the normal tangent stiffness: 2/7
makes the two oscillations of a solid sphere equally long (Schaefer, Dippel & Wolf, J. Phys. I France 6 (1996) 5).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from dem.backend import ti
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
def linear_stiffness(law, contact):
    """Spring [N/m] and dashpot [N s/m]."""
    stiffness = law.tangential_stiffness + law.stiffness_ratio * contact.normal_stiffness
    return stiffness, law.damping_factor * ti.sqrt(stiffness * contact.mass_eff)


@cache
def linear_tangential_force(sliding: str, load_seen: str) -> Callable:
    """The force function of a choice of conventions."""
    slide, friction_load = SLIDERS[sliding], FRICTION_LOADS[load_seen]

    @ti.func
    def force(law, contact, displacement, load):
        """Tangential force on the first partner [N], and the new displacement [m]."""
        stiffness, damping = linear_stiffness(law, contact)
        stretched = (
            rotate_history(displacement, contact.normal, 1.0, 1.0) + contact.tangential_velocity * contact.time_step
        )
        cap = law.sliding_friction * friction_load(contact, load)
        return slide(stiffness, damping, stretched, contact.tangential_velocity, cap)

    return force


@ti.func
def linear_tangential_energy(law, contact, displacement):
    """Energy stored, k_t xi^2 / 2 [J]."""
    stiffness, _ = linear_stiffness(law, contact)
    return spring_energy(stiffness, displacement)


@dataclass(frozen=True)
class LinearTangential(TangentialLaw):
    """Linear tangential spring with history, dashpot and Coulomb cap.

    Attributes:
        stiffness_ratio: k_t / k_n [-]; None takes `tangential_stiffness` [N/m] from the pairs and materials.
        sliding: "dashpot_kept", "spring_capped" or, to compare with codes that have it, "dashpot_off", which gains
            energy in oblique hits; see dem/contact/laws/slider.py.
        load: "pushing", "magnitude" or "elastic" part of the normal force, likewise.
        damping_from: "tangential" for k_t in the formula of eta_t, "normal" for k_n: then eta_t = eta, if a
            `stiffness_ratio` is given.
        damping_share: times that, 0 for no dashpot; LAMMPS' x_gammat is a share of the "normal" one.
    """

    stiffness_ratio: float | None = 2.0 / 7.0
    sliding: str = "dashpot_kept"
    load: str = "pushing"
    damping_from: str = "tangential"
    damping_share: float = 1.0
    members: ClassVar = ("tangential_stiffness", "stiffness_ratio", "damping_factor", "sliding_friction")
    conventions: ClassVar = {**CAP_CONVENTIONS, "unloading": "displacement kept"}
    gaining: ClassVar = {"sliding": ("dashpot_off",)}
    stiffness = staticmethod(linear_stiffness)
    energy = staticmethod(linear_tangential_energy)

    def __post_init__(self) -> None:
        if self.stiffness_ratio is not None and not 0 < self.stiffness_ratio <= 2:
            raise ConfigError(
                f"LinearTangential.stiffness_ratio is {self.stiffness_ratio}, must lie in (0, 2]; use 2/7, or None to "
                "give tangential_stiffness by pair"
            )
        check_choice("LinearTangential.sliding", self.sliding, SLIDERS)
        check_choice("LinearTangential.load", self.load, FRICTION_LOADS)
        check_choice("LinearTangential.damping_from", self.damping_from, DAMPED_BY)
        check_share("LinearTangential.damping_share", self.damping_share)
        if self.damping_from == "normal" and self.stiffness_ratio is None:
            raise ConfigError("LinearTangential.damping_from is 'normal', which needs k_t / k_n; give stiffness_ratio")

    @property
    def force(self) -> Callable:
        """The force function of this convention."""
        return linear_tangential_force(*self.built_in)

    @property
    def built_in(self) -> tuple:
        """What kernels have built in of it."""
        return self.sliding, self.load

    @property
    def pair_numbers(self) -> tuple[str, ...]:
        """Surface numbers it needs."""
        needed = ("restitution", "sliding_friction")
        return needed if self.stiffness_ratio is not None else (*needed, "tangential_stiffness")

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        share = self.damping_share
        if self.damping_from == "normal" and self.stiffness_ratio is not None:  # k_n = k_t / ratio
            share /= math.sqrt(self.stiffness_ratio)
        return {
            "tangential_stiffness": pair.numbers["tangential_stiffness"] if self.stiffness_ratio is None else 0.0,
            "stiffness_ratio": self.stiffness_ratio or 0.0,
            "damping_factor": 2.0 * share * pair.damping_ratio,
            "sliding_friction": pair.numbers["sliding_friction"],
        }
