"""How the grains of a soil touch: the laws, and the numbers of a pair of grains, the same in every scenario."""

import dem
from dem.soil.spec import SoilSpec


def soil_laws() -> dem.ContactLaws:
    """The laws of a soil's contacts."""
    return dem.ContactLaws()


def grain_numbers(soil: SoilSpec, **instead: float) -> dict[str, float]:
    """Surface numbers of grain on grain, for `set_pair`; `instead` replaces some, as while a bed is made."""
    numbers = ("restitution", "sliding_friction", "rolling_friction")
    return {name: getattr(soil, name) for name in numbers} | instead
