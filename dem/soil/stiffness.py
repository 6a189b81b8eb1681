"""How soft grains may be: stiff enough that the load presses them into each other by no more than a set fraction.

A pressure P is carried by about one contact per grain cross-section, F = P (2R)^2. Hertz between equal spheres,
F = 4/3 E* sqrt(R/2) (eta R)^1.5, then gives the modulus that keeps the overlap at eta R: E* = 3 sqrt(2) P / eta^1.5.
Below that the soil's answer depends on the grains' stiffness; above it only the time step does (Roux & Combe, C. R.
Phys. 3 (2002) 131, on the stiffness number of granular matter).
"""

import math

from dem.soil.contacts import tensile_strength
from dem.soil.spec import SoilSpec
from dem.spec import SolverSpec

STANDING_BLADES = 2  # grousers that bear a standing wheel


def grain_modulus(solver: SolverSpec, soil: SoilSpec, pressure: float) -> float:
    """Young's modulus of the grains in a run [Pa]: as given, or scaled down to the target overlap.

    Args:
        solver: `young_modulus` and `overlap_target`.
        soil: its own modulus is the most; its cohesion presses grains together beside the load.
        pressure: largest of the load on the grains [Pa].
    """
    if solver.young_modulus != "auto":
        return float(solver.young_modulus)
    pressed = pressure + tensile_strength(soil)
    return min(modulus_for_pressure(pressed, solver.overlap_target, soil.poisson_ratio), soil.young_modulus)


def modulus_for_pressure(pressure: float, overlap_target: float, poisson_ratio: float) -> float:
    """Young modulus [Pa] at which `pressure` [Pa] makes grains overlap by `overlap_target` of their radius."""
    effective = 3 * math.sqrt(2) * pressure / overlap_target**1.5
    return 2 * (1 - poisson_ratio**2) * effective


def wheel_pressure(load: float, radius: float, width: float) -> float:
    """Mean pressure [Pa] under a wheel that stands on a patch half a radius long, as on sand."""
    return load / (0.5 * radius * width)


def blade_pressure(load: float, width: float, thickness: float, diameter: float) -> float:
    """Mean pressure [Pa] under a wheel that stands on the tips of its grousers.

    A blade bears on a strip about a grain wider than it is, see docs/soil_lab.md.

    Args:
        load: of the wheel [N].
        width: of the wheel [m].
        thickness: of a grouser [m].
        diameter: of the grains at the surface [m].
    """
    return load / (STANDING_BLADES * width * (thickness + diameter))


def overlap_under_pressure(pressure: float, young_modulus: float, poisson_ratio: float) -> float:
    """Overlap over radius [-] of grains of `young_modulus` [Pa] under `pressure` [Pa]; inverse of the above."""
    effective = young_modulus / (2 * (1 - poisson_ratio**2))
    return (3 * math.sqrt(2) * pressure / effective) ** (2 / 3)


def stiffness_number(pressure: float, young_modulus: float, poisson_ratio: float) -> float:
    """(E*/P)^(2/3) [-]: about the inverse of the overlap in grain diameters; beyond some hundreds grains act as rigid.

    Roux & Combe, C. R. Phys. 3 (2002) 131; E* as of two like grains.
    """
    return (young_modulus / (2 * (1 - poisson_ratio**2)) / pressure) ** (2 / 3)
