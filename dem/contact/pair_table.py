"""The pairs of materials that can touch, with all parameters of their contacts: checked, and reported in results."""

import math
from typing import Any

from dem.contact.contact_laws import touching_materials
from dem.contact.laws.pair import Pair
from dem.model import Model

GIVEN, MIXED = "given for the pair", "geometric mean of the materials'"


def derive_pairs(model: Model) -> dict[tuple[int, int], tuple[Pair, dict[str, float]]]:
    """Pairs by material, each with the row that the laws derive, by role and name.

    Raises:
        ConfigError: a number that a law reads is missing or out of its range, or both materials are rigid.
    """
    found = {}
    for first, second in touching_materials(model):
        pair = model.contact.pair(model, first, second)
        rows = {role: part.derive(pair) for role, part in model.contact.parts.items()}
        derived = {f"{role}.{name}": value for role, row in rows.items() for name, value in row.items()}
        found[first, second] = pair, derived
    return found


def describe_contacts(model: Model) -> dict[str, Any]:
    """What decides the forces of a model's contacts, for results files.

    Returns:
        `laws`, as `ContactLaws.describe()` gives them; `materials`, moduli and densities in the order added; `pairs`,
        each with the indices of its `materials`, its effective moduli [Pa], its surface `numbers`, a `rule` for each of
        them, and what the laws have `derived`.
    """
    materials = [
        {
            "density": material.density,
            "young_modulus": material.young_modulus if math.isfinite(material.young_modulus) else "rigid",
            "poisson_ratio": material.poisson_ratio,
        }
        for material in model.materials
    ]
    return {
        "laws": model.contact.describe(),
        "materials": materials,
        "pairs": [_describe_pair(pair, *entry) for pair, entry in derive_pairs(model).items()],
    }


def _describe_pair(materials: tuple[int, int], pair: Pair, derived: dict[str, float]) -> dict[str, Any]:
    return {
        "materials": list(materials),
        "young_modulus_eff": pair.young_modulus_eff,
        "shear_modulus_eff": pair.shear_modulus_eff,
        "numbers": dict(pair.numbers),
        "rule": {name: GIVEN if name in pair.given else MIXED for name in pair.numbers},
        "derived": derived,
    }
