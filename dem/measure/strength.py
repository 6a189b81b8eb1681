"""Strength of a soil from what a shear test measured: Mohr-Coulomb's line, Janosi and Hanamoto's curve, dilation.

    tau = c + sigma tan(phi)        tau = tau_max (1 - exp(-j / K))        tan(psi) = dh / dj

Janosi & Hanamoto, Proc. 1st Int. Conf. Mechanics of Soil-Vehicle Systems (1961) 707. NumPy only.
"""

import math
from dataclasses import dataclass

import numpy as np

from dem.errors import StateError


@dataclass(frozen=True)
class MohrCoulomb:
    """A Mohr-Coulomb line of strength.

    Attributes:
        friction_angle: phi [rad]; cohesion: c [Pa].
        residual: largest distance of a point from the line over its shear stress [-].
    """

    friction_angle: float
    cohesion: float
    residual: float

    def strength(self, normal_stress: np.ndarray) -> np.ndarray:
        """Shear stress on the line [Pa]."""
        return self.cohesion + math.tan(self.friction_angle) * np.asarray(normal_stress, float)


def fit_mohr_coulomb(normal_stress: np.ndarray, shear_stress: np.ndarray) -> MohrCoulomb:
    """The line nearest to strengths measured at several stresses, all with the same relative error.

    A test's scatter grows with its stress, so each distance counts relative to the normal stress: with equal weights
    the largest stress alone would decide.

    Args:
        normal_stress: sigma [Pa], shape (n,), at least two that differ.
        shear_stress: tau at failure [Pa], shape (n,).

    Raises:
        StateError: a stress is not above 0, or all are the same.
    """
    sigma, tau = np.asarray(normal_stress, float), np.asarray(shear_stress, float)
    if sigma.min() <= 0 or np.ptp(sigma) <= 1e-6 * sigma.max():
        raise StateError(f"a line of strength needs two normal stresses above 0 Pa that differ, got {sigma.tolist()}")
    rows = np.column_stack([1 / sigma, np.ones(len(sigma))])
    (cohesion, slope), *_ = np.linalg.lstsq(rows, tau / sigma, rcond=None)
    residual = np.abs(tau - cohesion - slope * sigma) / np.abs(tau)
    return MohrCoulomb(math.atan(slope), float(cohesion), float(residual.max()))


def fit_janosi(displacement: np.ndarray, shear_stress: np.ndarray) -> tuple[float, float]:
    """Shear strength tau_max [Pa] and shear deformation modulus K [m] of the rise to the peak.

    Args:
        displacement: j [m], shape (n,), from 0 up to the peak and not beyond: the curve knows no softening.
        shear_stress: tau [Pa], shape (n,).
    """
    longest = float(displacement.max())
    moduli = np.geomspace(1e-3, 3.0, 400) * longest  # outside them the curve is a step, or a straight line
    shapes = 1 - np.exp(-displacement[None, :] / moduli[:, None])
    strengths = shapes @ shear_stress / (shapes**2).sum(axis=1)
    errors = ((strengths[:, None] * shapes - shear_stress[None, :]) ** 2).sum(axis=1)
    best = int(errors.argmin())
    return float(strengths[best]), float(moduli[best])


def running_mean(displacement: np.ndarray, values: np.ndarray, window: float) -> np.ndarray:
    """Mean of a series (n,) over a window of displacement [m] centred on each point, cut short at both ends alike."""
    half = np.minimum(window / 2, np.minimum(displacement - displacement[0], displacement[-1] - displacement))
    near = np.abs(displacement[None, :] - displacement[:, None]) <= half[:, None] * (1 + 1e-9)
    return near @ values / near.sum(axis=1)


def local_slope(displacement: np.ndarray, values: np.ndarray, window: float) -> np.ndarray:
    """Slope of a series (n,) by least squares over a window of displacement [m] around each point."""
    near = (np.abs(displacement[None, :] - displacement[:, None]) <= window / 2).astype(float)
    count = near.sum(axis=1)
    mean_x, mean_y = near @ displacement / count, near @ values / count
    covariance = near @ (displacement * values) / count - mean_x * mean_y
    return covariance / (near @ displacement**2 / count - mean_x**2)


def dilation_angle(displacement: np.ndarray, height: np.ndarray, window: float) -> float:
    """Largest angle [rad] at which a sample rises while it is sheared.

    Args:
        displacement: along the shear plane [m], increasing, shape (n,).
        height: of the sample [m], shape (n,).
        window: of displacement over which a slope is taken [m].
    """
    return math.atan(float(local_slope(displacement, height, window).max()))


def fit_principal_stresses(least_stress: np.ndarray, greatest_stress: np.ndarray) -> MohrCoulomb:
    """Mohr-Coulomb's law from principal stresses at failure, sigma_1 = N sigma_3 + 2 c sqrt(N), all in proportion.

    N = (1 + sin phi) / (1 - sin phi). Distances from the line count relative to sigma_3, as in `fit_mohr_coulomb`.

    Args:
        least_stress: sigma_3 [Pa], shape (n,), at least two that differ.
        greatest_stress: sigma_1 at failure [Pa], shape (n,).
    """
    line = fit_mohr_coulomb(least_stress, greatest_stress)
    ratio = math.tan(line.friction_angle)
    return MohrCoulomb(math.asin((ratio - 1) / (ratio + 1)), line.cohesion / (2 * math.sqrt(ratio)), line.residual)


def triaxial_dilation_angle(axial_strain: np.ndarray, volume_strain: np.ndarray, window: float) -> float:
    """Largest dilation angle [rad] under axial symmetry: sin psi = r / (2 + r), r = d(growth) / d(axial strain).

    Vermeer & de Borst, Heron 29 (1984) no. 3, eq. 3.11.

    Args:
        axial_strain: shortening, increasing, shape (n,); volume_strain: growth, shape (n,).
        window: of axial strain over which a slope is taken.
    """
    rate = float(local_slope(axial_strain, volume_strain, window).max())
    return math.asin(rate / (2 + rate))


def secant_modulus(axial_strain: np.ndarray, deviator: np.ndarray) -> float:
    """E50 [Pa]: half the largest deviator stress [Pa] (n,) over the axial strain (n,) at which it is reached first."""
    half = 0.5 * float(deviator.max())
    first = int(np.argmax(deviator >= half))
    before = max(first - 1, 0)
    strain = np.interp(half, deviator[[before, first]], axial_strain[[before, first]])
    return half / float(strain)
