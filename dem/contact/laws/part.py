"""What every law says of itself. A law is a frozen dataclass below one of these, in a file of its own.

A class attribute that a law leaves out has the plainest value: no numbers, no history, no energy of its own. How to add
a law stands in docs/adding_a_contact_law.md.
"""

from typing import ClassVar

from dem.backend import ti
from dem.contact.laws.pair import Pair
from dem.records import Memory


@ti.func
def no_energy(law, contact, history):
    """A part that stores nothing [J]."""
    return 0.0 * contact.overlap


class Part:
    """A part of a contact: what it reads of a pair of materials, and its row in the pair table.

    Attributes:
        members: columns of its pair table.
        memory: what each contact remembers for it; None for nothing. A law may name its own, of as many numbers as it
            likes: it is given them, as a number or a vector, and gives the new ones.
        conventions: what decides whether two codes agree, by name, for the results file.
        gaining: values of options by which it gains energy, by name of the option: there to compare with codes that
            have them, and rejected in a config.
    """

    members: ClassVar[tuple[str, ...]] = ()
    conventions: ClassVar[dict[str, str]] = {}
    gaining: ClassVar[dict[str, tuple[str, ...]]] = {}
    memory: ClassVar[Memory | None] = None

    @property
    def built_in(self) -> tuple:
        """Values of options that choose its functions, and so what is compiled."""
        return ()

    @property
    def pair_numbers(self) -> tuple[str, ...]:
        """Names of the surface numbers it needs of a pair."""
        return ()

    def derive(self, pair: Pair) -> dict[str, float]:
        """Table row of one pair of materials: the numbers it reads, unless a law says otherwise."""
        return {name: pair.numbers[name] for name in self.members}


class NormalLaw(Part):
    """The normal part of a contact.

    `force(law, contact)` gives the elastic force [N], the dashpot's coefficient [N s/m] and the tangent stiffness
    [N/m]; `energy(law, contact)` what is stored [J]. Of `time_scale` a step takes 0.2, and may take 0.5.

    Attributes:
        is_plastic: whether the elastic force itself dissipates.
        memory: if there is one, it is `contact.memory`, and `remember(law, contact)` gives the new one before `force`
            is called.
    """

    is_plastic: ClassVar[bool] = False

    @property
    def clamp_tension(self) -> bool:
        """Whether elastic force and dashpot together may not pull."""
        return False

    def time_scale(self, pair: Pair, radius: float, density: float) -> tuple[float, str]:
        """The time [s] that a step must resolve for grains of a radius [m] and density [kg/m3], and its name."""
        raise NotImplementedError

    def stiffness(self, pair: Pair, radius_eff: float, overlap: float) -> float:
        """Tangent stiffness [N/m] at `overlap` [m]."""
        raise NotImplementedError


class TangentialLaw(Part):
    """The tangential part of a contact.

    `force(law, contact, displacement, load)` gives the force on the first partner [N] and the new displacement [m],
    `load` being the force that presses the partners together; `stiffness(law, contact)` the spring [N/m] and the
    dashpot [N s/m]; `energy(law, contact, displacement)` what is stored [J]. The displacement is its memory.
    """

    memory: ClassVar[Memory] = Memory("tangential_displacement", 3)  # [m], in the tangent plane


class RollingLaw(Part):
    """The rolling part of a contact.

    `moment(law, contact, displacement, load)` gives the moment on the first partner [N m] and the new rolling
    displacement [m], its memory; `energy(law, contact, displacement)` what is stored [J].
    """

    memory: ClassVar[Memory] = Memory("rolling_displacement", 3)  # [m], in the tangent plane
    energy = staticmethod(no_energy)

    def frequency_ratio(self, pair: Pair) -> float:
        """Frequency of a grain rocking on its contact over that of one bouncing [-]; above 1 it limits the step."""
        return 0.0


class TwistingLaw(Part):
    """A twisting part: `moment(law, contact, angle, load, stiffness, damping)` gives the moment along the normal on the
    first partner [N m] and the new angle [rad], its memory, from the tangential part's spring and dashpot;
    `energy(law, contact, angle, stiffness)` what is stored [J]."""

    memory: ClassVar[Memory] = Memory("twisting_angle", 1)  # [rad]


class CohesionLaw(Part):
    """The cohesive part of a contact.

    `attraction(law, contact)` gives the pull [N] and the pull-off force [N] that presses the partners together for
    friction; `energy(law, contact)` what is stored [J].

    Attributes:
        memory: none; it acts by what a contact is now.
        friction_weight: of the pull-off force in the load that the friction caps see; 0 for none.
        has_neck: whether contacts hold on across a gap: then `indentation(law, contact)` gives the overlap [m] that
            would make as large a Hertz contact, `gap(law, radius_eff)` the widest gap [m].
    """

    friction_weight: float
    has_neck: ClassVar[bool] = False

    def reach(self, pair: Pair, radius: float) -> float:
        """Widest gap [m] that a contact of effective radius up to `radius` [m] holds across."""
        return 0.0
