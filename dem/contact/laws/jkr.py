"""Cohesion: Johnson, Kendall & Roberts, with the neck that holds across a gap (Proc. R. Soc. A 324 (1971) 301).

    F = 4 E* a^3 / (3 R*) - 4 sqrt(pi gamma E* a^3)        delta = a^2/R* - 2 sqrt(pi gamma a / E*)

gamma is the energy of one surface, the work of adhesion 2 gamma, as in LAMMPS: at delta = 0 the force is -8/3 pi gamma
R*, the largest pull is 3 pi gamma R*. The contact forms at delta = 0 and breaks where the pull is largest, at negative
overlap; what the neck has stored is then lost. With a0 = (9 pi gamma R*^2 / E*)^(1/3), the radius
without load, and s = a/a0,

    delta R* / a0^2 = s^2 - 2/3 sqrt(s)        breaks at s = (1/4)^(1/3)

which is convex, so that Newton's method from the right converges. The first term of F is Hertz's force at the overlap
a^2/R*: every other part is given that overlap, so stiffness, damping, friction and rolling follow the real contact
disc, and `overlap` in results is a^2/R* too.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.backend import ti, types
from dem.contact.laws.friction_weight import CONVENTIONS, check_friction_weight
from dem.contact.laws.pair import Pair
from dem.contact.laws.part import CohesionLaw
from dem.maths import cube_root, to_real

NEWTON_STEPS = 7  # from s = 1 at the far end of the neck, 1e-16 after six
BREAKING = 0.5 ** (2.0 / 3.0)  # s where the pull is largest
WIDEST = 2.0 / 3.0 * math.sqrt(BREAKING) - BREAKING**2  # gap there, in a0^2/R*: 0.132


@ti.func
def jkr_length(law, radius_eff):
    """Length scale of the neck, a0^2 / R* [m]."""
    return law.length_factor * cube_root(radius_eff)


@ti.func
def jkr_gap(law, radius_eff):
    """The gap at which a contact breaks [m]."""
    return ti.static(WIDEST) * jkr_length(law, radius_eff)


@ti.func
def jkr_indentation(law, contact):
    """Indentation a^2 / R* [m] at the true overlap, on the stable branch."""
    length = ti.cast(jkr_length(law, contact.radius_eff), types.position)
    found = contact.overlap
    if length > 0.0:
        depth = contact.overlap / length
        s = 1.0 + ti.sqrt(ti.max(depth, 0.0))
        for _ in ti.static(range(NEWTON_STEPS)):
            root = ti.sqrt(s)
            s -= (s * s - ti.static(2.0 / 3.0) * root - depth) / (2.0 * s - ti.static(1.0 / 3.0) / root)
        found = to_real(length * s * s)
    return found


@ti.func
def jkr_attraction(law, contact):
    """4 sqrt(pi gamma E* a^3) [N], and the pull-off force 3 pi gamma R* [N]."""
    square = contact.radius_eff * contact.overlap
    cube = square * ti.sqrt(square)
    return law.pull_factor * ti.sqrt(cube), law.pull_off_factor * contact.radius_eff


@ti.func
def jkr_energy(law, contact):
    """What the adhesive part stores [J], with Hertz's share 0 in all where the surfaces first touch.

    The integral of F over delta is 8/15 E* a^5/R*^2 - 8/3 sqrt(pi gamma E*) a^(7/2)/R* + 2 pi gamma a^2; at delta = 0,
    where a^3 = 4 pi gamma R*^2/E*, that is -6/5 pi gamma a^2.
    """
    square = contact.radius_eff * contact.overlap
    pull, pull_off = jkr_attraction(law, contact)
    touching = jkr_length(law, contact.radius_eff) * contact.radius_eff * ti.static((4.0 / 9.0) ** (2.0 / 3.0))
    surface = pull_off / (3.0 * contact.radius_eff)  # pi gamma
    return -ti.static(2.0 / 3.0) * pull * contact.overlap + surface * (2.0 * square + 1.2 * touching)


@dataclass(frozen=True)
class JKR(CohesionLaw):
    """JKR adhesion on a Hertz contact, from the pair's `surface_energy` gamma [J/m2].

    Attributes:
        friction_weight: of the pull-off force in the load that the friction caps see; 0 for none.
    """

    friction_weight: float = 1.0
    pair_numbers: ClassVar = ("surface_energy",)
    members: ClassVar = ("length_factor", "pull_factor", "pull_off_factor")
    conventions: ClassVar = {
        **CONVENTIONS,
        "surface_energy": "of one surface; the work of adhesion is twice it",
        "breaks": "at the largest pull, 3 pi gamma R*",
        "overlap": "a^2/R*, of the contact disc",
    }
    has_neck: ClassVar = True
    attraction = staticmethod(jkr_attraction)
    energy = staticmethod(jkr_energy)
    indentation = staticmethod(jkr_indentation)
    gap = staticmethod(jkr_gap)

    def __post_init__(self) -> None:
        check_friction_weight("JKR", self.friction_weight)

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials."""
        surface = math.pi * pair.numbers["surface_energy"]
        return {
            "length_factor": (9.0 * surface / pair.young_modulus_eff) ** (2.0 / 3.0),
            "pull_factor": 4.0 * math.sqrt(surface * pair.young_modulus_eff),
            "pull_off_factor": 3.0 * surface,
        }

    def reach(self, pair: Pair, radius: float) -> float:
        """Widest gap [m] that a contact of effective radius up to `radius` [m] holds across."""
        return WIDEST * self.derive(pair)["length_factor"] * radius ** (1.0 / 3.0)
