"""What two materials make of each other: effective moduli, mixed surface numbers.

    1/E* = sum (1 - nu^2)/E        1/G* = sum (2 - nu)/G        G = E / 2(1 + nu)

Surface numbers (restitution, frictions) come from the pair if it was set, else as the geometric mean of the two
materials' own; a number that a law needs and nobody gave is an error, never 0.
"""

import math
from dataclasses import dataclass

from dem.errors import ConfigError
from dem.model import Model


@dataclass(frozen=True)
class Pair:
    """Effective properties of a pair of materials.

    Attributes:
        young_modulus_eff: E* [Pa].
        shear_modulus_eff: G* [Pa].
        shear_modulus_grain: G of the first, elastic material [Pa].
        poisson_ratio_grain: of the same.
        numbers: mixed surface numbers by name.
        given: names of those that were set for the pair, not mixed from the materials'.
    """

    young_modulus_eff: float
    shear_modulus_eff: float
    shear_modulus_grain: float
    poisson_ratio_grain: float
    numbers: dict[str, float]
    given: frozenset[str] = frozenset()

    @property
    def damping_ratio(self) -> float:
        """Damping ratio beta = -ln e / sqrt(ln^2 e + pi^2); 1 for e = 0."""
        restitution = self.numbers["restitution"]
        if restitution == 0.0:
            return 1.0
        logarithm = math.log(restitution)
        return -logarithm / math.sqrt(logarithm**2 + math.pi**2)


def rayleigh_time_step(shear_modulus: float, poisson_ratio: float, radius: float, density: float) -> float:
    """Rayleigh time step [s]: pi R sqrt(rho/G) / (0.1631 nu + 0.8766), Thornton & Randall 1988."""
    return math.pi * radius * math.sqrt(density / shear_modulus) / (0.1631 * poisson_ratio + 0.8766)


def derive_pair(model: Model, first: int, second: int, needed: set[str]) -> Pair:
    """Effective properties of materials `first` and `second`.

    Raises:
        ConfigError: a needed number is missing, or both materials are rigid.
    """
    a, b = model.materials[first], model.materials[second]
    compliance = (1 - a.poisson_ratio**2) / a.young_modulus + (1 - b.poisson_ratio**2) / b.young_modulus
    if compliance == 0.0:
        raise ConfigError(f"materials {first} and {second} are both rigid; give one of them a finite young_modulus")
    shear_compliance = (2 - a.poisson_ratio) / a.shear_modulus + (2 - b.poisson_ratio) / b.shear_modulus
    grain = a if math.isfinite(a.young_modulus) else b
    numbers = {name: _mix(model, first, second, name) for name in sorted(needed)}
    given = frozenset(_given(model, first, second)) & numbers.keys()
    return Pair(1 / compliance, 1 / shear_compliance, grain.shear_modulus, grain.poisson_ratio, numbers, given)


def _given(model: Model, first: int, second: int) -> dict[str, float]:
    return model.pairs.get((min(first, second), max(first, second)), {})


def _mix(model: Model, first: int, second: int, name: str) -> float:
    given = _given(model, first, second)
    if name in given:
        return given[name]
    one, other = (getattr(model.materials[index], name, None) for index in (first, second))
    if one is None or other is None:
        raise ConfigError(
            f"{name} is missing for materials {first} and {second}; give it with "
            f"set_pair({first}, {second}, {name}=...) or on both materials"
        )
    return math.sqrt(one * other)
