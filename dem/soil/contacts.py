"""How the grains of a soil touch, in every scenario: the laws, and the numbers of a pair.

Which laws is the config's `contact` (dem/soil/contact_spec.py). Under `cohesion: auto` a cohesive soil,
`soil.grain_cohesion` above 0, has a constant pull-off force between grains, by Rumpf's estimate for the grain diameter
at hand: coarser grains pull harder, so that the bulk cohesion stays. Wheels do not pull.
"""

import math

from dem.contact.contact_laws import ContactLaws
from dem.contact.laws.pair import Pair
from dem.contact.laws.regolith import cohesion_to_pull_off
from dem.errors import ConfigError
from dem.soil.contact_spec import AUTO, SURFACE, ContactSpec
from dem.soil.spec import SoilSpec

# What Rumpf's estimate is told of a sheared bed of these spheres, measured in the shear box (docs/soil_lab.md): at
# failure it has lost contacts, and cohesion acts through friction at constant volume only. The rest of a dense soil's
# strength is work against the load while it dilates, and a pull that ends as contacts part does not add to that.
SHEARED_COORDINATION = 4.4
STEADY_ANGLE = math.radians(30.0)


def soil_laws(soil: SoilSpec, contact: ContactSpec, grain_diameter: float) -> ContactLaws:
    """The laws of a soil's contacts.

    Args:
        soil: whose.
        contact: which laws.
        grain_diameter: mean [m].
    """
    derived = {"grain_diameter": grain_diameter, "grain_density": soil.particle_density}
    return contact.laws(derived, soil.grain_cohesion > 0)


def check_contact(soil: SoilSpec, contact: ContactSpec) -> None:
    """Reject laws that a soil's numbers do not suit.

    Raises:
        ConfigError: a cohesion that nobody reads, or a number that a law cannot take.
    """
    if soil.grain_cohesion > 0 and contact.cohesion != AUTO:
        raise ConfigError(
            f"contact.cohesion is {contact.cohesion}, but soil.grain_cohesion is {soil.grain_cohesion:g} Pa, which "
            "only auto reads; set soil.grain_cohesion=0 or contact.cohesion=auto"
        )
    laws = soil_laws(soil, contact, 1.0)
    for key, restitution in (("soil.", soil.restitution), ("soil.wheel_", soil.wheel_restitution)):
        numbers = grain_numbers(soil, contact, 1.0, restitution=restitution)
        try:
            for part in laws.parts.values():
                part.derive(Pair(1.0, 1.0, 1.0, soil.poisson_ratio, numbers))
        except ConfigError as error:
            raise ConfigError(f"{key}{error}") from error


def grain_numbers(soil: SoilSpec, contact: ContactSpec, grain_diameter: float, **instead: float) -> dict[str, float]:
    """Surface numbers of grain on grain that the laws read, for `set_pair`.

    Args:
        soil: whose.
        contact: which laws.
        grain_diameter: mean [m].
        **instead: numbers in place of the soil's.
    """
    laws = soil_laws(soil, contact, grain_diameter)
    given = {name: getattr(soil, name) for name in SURFACE} | dict(contact.numbers)
    if soil.grain_cohesion > 0:
        given["pull_off_force"] = pull_off_force(soil, grain_diameter)
    return {name: float(value) for name, value in (given | instead).items() if name in laws.pair_numbers}


def dry_numbers(soil: SoilSpec, contact: ContactSpec, grain_diameter: float, **instead: float) -> dict[str, float]:
    """As `grain_numbers`, without cohesion: of grains on walls, or while a bed is made."""
    cohesion = soil_laws(soil, contact, grain_diameter).cohesion
    without = dict.fromkeys(cohesion.pair_numbers, 0.0) if cohesion is not None else {}
    return grain_numbers(soil, contact, grain_diameter, **without, **instead)


def pull_off_force(soil: SoilSpec, grain_diameter: float) -> float:
    """Pull-off force between two grains [N]; 0 without cohesion."""
    return cohesion_to_pull_off(
        soil.grain_cohesion,
        grain_diameter,
        coordination_number=SHEARED_COORDINATION,
        internal_friction_angle=STEADY_ANGLE,
    )


def tensile_strength(soil: SoilSpec) -> float:
    """Tensile strength of the bulk [Pa]: what cohesion presses grains together with."""
    return soil.grain_cohesion / math.tan(STEADY_ANGLE)
