"""What every law says of itself. A law is a frozen dataclass below one of these, in a file of its own.

A class attribute that a law leaves out has the plainest value: no numbers, no history, no energy of its own. How to add
a law stands in docs/adding_a_contact_law.md.
"""

from typing import ClassVar

from dem.backend import ti
from dem.contact.pair import Pair


@ti.func
def no_energy(law, contact, history):
    """A part that stores nothing [J]."""
    return 0.0 * contact.overlap


class Part:
    """A part of a contact: what it reads of a pair of materials, and its row in the pair table.

    Attributes:
        pair_numbers: names of the surface numbers it needs of a pair.
        members: columns of its pair table.
        conventions: what decides whether two codes agree, by name, for the results file.
        built_in: values of options that choose its functions, and so what is compiled.
    """

    pair_numbers: ClassVar[tuple[str, ...]] = ()
    members: ClassVar[tuple[str, ...]] = ()
    conventions: ClassVar[dict[str, str]] = {}
    built_in: ClassVar[tuple] = ()

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials: the numbers it reads, unless a law says otherwise."""
        return {name: pair.numbers[name] for name in self.members}


class NormalLaw(Part):
    """A normal part.

    `force(law, contact)` gives the elastic force [N], the dashpot's coefficient [N s/m] and the tangent stiffness
    [N/m]; `energy(law, contact)` what is stored [J]. In Python, `time_scale(pair, radius, density)` gives the time [s]
    that a step must resolve (0.2 of it is taken, 0.5 allowed) and its name, `stiffness(pair, radius_eff, overlap)` the
    tangent [N/m].

    Attributes:
        clamp_tension: whether elastic force and dashpot together may not pull.
        is_plastic: whether the elastic force itself dissipates.
        has_memory: whether `remember(law, contact)` gives a number to be kept with the contact, `contact.memory`.
    """

    clamp_tension: ClassVar[bool] = False
    is_plastic: ClassVar[bool] = False
    has_memory: ClassVar[bool] = False


class TangentialLaw(Part):
    """A tangential part.

    `force(law, contact, displacement, load)` gives the force on the first partner [N] and the new displacement [m],
    `load` being the force that presses the partners together; `stiffness(law, contact)` the spring [N/m] and the
    dashpot [N s/m]; `energy(law, contact, displacement)` what is stored [J].
    """


class RollingLaw(Part):
    """A rolling part.

    `moment(law, contact, displacement, load)` gives the moment on the first partner [N m] and the new rolling
    displacement [m]; `energy(law, contact, displacement)` what is stored [J].
    """

    energy = staticmethod(no_energy)


class TwistingLaw(Part):
    """A twisting part: `moment(law, contact, angle, load, stiffness, damping)` gives the moment along the normal on the
    first partner [N m] and the new angle [rad], from the tangential part's spring and dashpot; `energy(law, contact,
    angle, stiffness)` what is stored [J]."""


class CohesionLaw(Part):
    """A cohesive part.

    `attraction(law, contact)` gives the pull [N] and the pull-off force [N] that presses the partners together for
    friction; `energy(law, contact)` what is stored [J].

    Attributes:
        has_neck: whether contacts hold on across a gap: then `indentation(law, contact)` gives the overlap [m] that
            would make as large a Hertz contact, `gap(law, radius_eff)` the widest gap [m], and in Python `reach(pair,
            radius)`.
    """

    has_neck: ClassVar[bool] = False
