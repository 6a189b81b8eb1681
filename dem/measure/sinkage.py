"""Pressure under plates and cones pushed into soil: the fits an engineer of vehicles makes of them. NumPy only.

Bekker's equation, p = (k_c / b + k_phi) z^n, by Wong's weighted least squares: the departures of ln p are weighted by
p^2, so that a fit through logarithms is fair to the pressures themselves (Wong, J. Terramech. 17 (1980) 5;
Terramechanics and Off-Road Vehicle Engineering, 2nd ed., ch. 4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PowerFit:
    """One plate: p = modulus z^exponent.

    Attributes:
        exponent: n [-].
        modulus: k_eq [N/m^(n+2)].
        goodness: Wong's 1 - rms departure / mean pressure [-]; 1 is perfect.
    """

    exponent: float
    modulus: float
    goodness: float

    def pressure(self, sinkage: np.ndarray) -> np.ndarray:
        """Pressure of the fit [Pa] at a sinkage [m]."""
        return self.modulus * np.asarray(sinkage) ** self.exponent


@dataclass(frozen=True)
class BekkerFit:
    """Several plates: p = (k_c / b + k_phi) z^n.

    Attributes:
        exponent: n, the mean of the plates' own [-].
        cohesive_modulus: k_c [N/m^(n+1)]; frictional_modulus: k_phi [N/m^(n+2)].
        goodness: as in `PowerFit`, over all plates.
    """

    exponent: float
    cohesive_modulus: float
    frictional_modulus: float
    goodness: float

    def pressure(self, width: float, sinkage: np.ndarray) -> np.ndarray:
        """Pressure of the fit [Pa] under a plate of smaller side `width` [m] at a sinkage [m]."""
        return (self.cohesive_modulus / width + self.frictional_modulus) * np.asarray(sinkage) ** self.exponent


def fit_plate(sinkage: np.ndarray, pressure: np.ndarray, exponent: float | None = None) -> PowerFit:
    """Fit a power of the sinkage to one plate's pressures.

    Args:
        sinkage: above 0 [m], shape (n,); pressure: [Pa], shape (n,); those that are not positive have no weight.
        exponent: taken as given, if it is.
    """
    weight = np.maximum(pressure, 0.0) ** 2
    depth, height = np.log(sinkage), np.log(np.where(pressure > 0, pressure, 1.0))
    total = weight.sum()
    mean_depth, mean_height = (weight * depth).sum() / total, (weight * height).sum() / total
    if exponent is None:
        spread = depth - mean_depth
        exponent = float((weight * spread * height).sum() / (weight * spread**2).sum())
    fit = PowerFit(exponent, math.exp(mean_height - exponent * mean_depth), math.nan)
    return PowerFit(fit.exponent, fit.modulus, goodness_of_fit(pressure, fit.pressure(sinkage)))


def fit_bekker(widths: Sequence[float], sinkages: Sequence[np.ndarray], pressures: Sequence[np.ndarray]) -> BekkerFit:
    """Fit Bekker's equation to two plates or more.

    Args:
        widths: smaller side of each plate, b [m].
        sinkages, pressures: of each plate [m], [Pa], shape (n,) each.
    """
    plates = list(zip(sinkages, pressures, strict=True))
    exponent = float(np.mean([fit_plate(*plate).exponent for plate in plates]))
    moduli = [fit_plate(*plate, exponent).modulus for plate in plates]
    cohesive, frictional = np.polyfit(1 / np.asarray(widths, float), moduli, 1)
    fit = BekkerFit(exponent, float(cohesive), float(frictional), math.nan)
    fitted = [fit.pressure(width, sinkage) for width, sinkage in zip(widths, sinkages, strict=True)]
    goodness = goodness_of_fit(np.concatenate(pressures), np.concatenate(fitted))
    return BekkerFit(exponent, fit.cohesive_modulus, fit.frictional_modulus, goodness)


def sliding_mean(x: np.ndarray, values: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Means over a window that slides along x, where it fits in whole: x (m,) and values (m,).

    What single grains bear comes and goes with every grain diameter of sinkage, and weights p^2 would favour the peaks.

    Args:
        x: evenly spaced, shape (n,); values: shape (n,).
        width: of the window, in the unit of x; at most the whole of x is taken.
    """
    count = min(max(round(width / (x[1] - x[0])), 1), len(x)) if len(x) > 1 else 1
    window = np.full(count, 1 / count)
    return np.convolve(x, window, "valid"), np.convolve(values, window, "valid")


def goodness_of_fit(measured: np.ndarray, fitted: np.ndarray) -> float:
    """Wong's goodness [-]: 1 - sqrt(sum (measured - fitted)^2 / (n - 2)) / mean measured."""
    rms = math.sqrt(float(((measured - fitted) ** 2).sum()) / max(len(measured) - 2, 1))
    return 1 - rms / float(np.mean(measured))


@dataclass(frozen=True)
class GradientFit:
    """A cone: resistance = intercept + gradient z.

    Attributes:
        gradient: of the resistance with depth, G [Pa/m].
        intercept: at depth 0 [Pa].
        goodness: as in `PowerFit`.
    """

    gradient: float
    intercept: float
    goodness: float

    def resistance(self, depth: np.ndarray) -> np.ndarray:
        """Resistance of the fit [Pa] at a depth [m]."""
        return self.intercept + self.gradient * np.asarray(depth)


def fit_gradient(depth: np.ndarray, resistance: np.ndarray) -> GradientFit:
    """Fit a straight line to a cone's resistance [Pa] over its depth [m], shape (n,) each."""
    gradient, intercept = np.polyfit(depth, resistance, 1)
    fit = GradientFit(float(gradient), float(intercept), math.nan)
    return GradientFit(fit.gradient, fit.intercept, goodness_of_fit(resistance, fit.resistance(depth)))


def bearing_pressure(unit_weight: float, width: float, depth: float, friction_angle: float) -> float:
    """What a rough strip bears in sand [Pa]: surcharge and weight, by Prandtl-Reissner and Vesic.

    q = gamma z N_q + gamma b N_gamma / 2, N_q = e^(pi tan phi) tan^2(45 deg + phi/2), N_gamma = 2 (N_q + 1) tan phi
    (Vesic, J. Soil Mech. Found. Div. ASCE 99 (1973) 45).

    Args:
        unit_weight: of the soil [N/m3].
        width: of the strip [m]; depth: of its base [m].
        friction_angle: of the soil [rad].
    """
    slope = math.tan(friction_angle)
    surcharge = math.exp(math.pi * slope) * math.tan(math.pi / 4 + friction_angle / 2) ** 2
    return unit_weight * (depth * surcharge + width * (surcharge + 1) * slope)


def inertial_number(rate: float, diameter: float, density: float, pressure: float) -> float:
    """How far from quasi-static a flow of grains is [-]: rate d / sqrt(p / rho); below 0.01 rate hardly matters.

    GDR MiDi, Eur. Phys. J. E 14 (2004) 341.

    Args:
        rate: of shear [1/s]; diameter: of the grains [m]; density: of a grain [kg/m3]; pressure: [Pa].
    """
    return rate * diameter / math.sqrt(max(pressure, 1e-300) / density)
