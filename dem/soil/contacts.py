"""How the grains of a soil touch, in every scenario: the laws, and the numbers of a pair.

A cohesive soil, `soil.grain_cohesion` above 0, has a constant pull-off force between grains, by Rumpf's estimate for
the grain diameter at hand: coarser grains pull harder, so that the bulk cohesion stays. Wheels do not pull.
"""

import math

from dem.contact.contact_laws import ContactLaws
from dem.contact.laws.pull_off import ConstantPullOff
from dem.contact.laws.regolith import cohesion_to_pull_off
from dem.soil.spec import SoilSpec

SURFACE = ("restitution", "sliding_friction", "rolling_friction")
# What Rumpf's estimate is told of a sheared bed of these spheres, measured in the shear box (docs/soil_lab.md): at
# failure it has lost contacts, and cohesion acts through friction at constant volume only. The rest of a dense soil's
# strength is work against the load while it dilates, and a pull that ends as contacts part does not add to that.
SHEARED_COORDINATION = 4.4
STEADY_ANGLE = math.radians(30.0)


def soil_laws(soil: SoilSpec) -> ContactLaws:
    """The laws of a soil's contacts."""
    return ContactLaws(cohesion=ConstantPullOff() if soil.grain_cohesion > 0 else None)


def grain_numbers(soil: SoilSpec, grain_diameter: float) -> dict[str, float]:
    """Surface numbers of grain on grain, for `set_pair`.

    Args:
        soil: whose.
        grain_diameter: mean [m].
    """
    numbers = {name: getattr(soil, name) for name in SURFACE}
    return numbers | _pull(soil, pull_off_force(soil, grain_diameter))


def dry_numbers(soil: SoilSpec, **instead: float) -> dict[str, float]:
    """Surface numbers without cohesion, as of grains on walls, or while a bed is made; `instead` replaces some."""
    return {name: getattr(soil, name) for name in SURFACE} | _pull(soil, 0.0) | instead


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


def _pull(soil: SoilSpec, force: float) -> dict[str, float]:
    """The number that only the laws of a cohesive soil read."""
    return {"pull_off_force": force} if soil.grain_cohesion > 0 else {}
