"""Bekker's parameters over the specimens, by the jackknife, and what a plate test may be doubted for."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dem.experiment import jackknifed
from dem.measure.sinkage import BekkerFit, PowerFit

Plates = list[tuple[np.ndarray, np.ndarray]]  # sinkage [m] and pressure [Pa] of each plate

LEAST_ROOM = 2.0  # widths from the widest plate to a wall
DOUBTS: dict[str, tuple[Callable[[float], bool], str]] = {
    "goodness": (
        lambda value: value < 0.9,
        "goodness is {:.2f}: pressure is no power of sinkage with one n and one k_c/b + k_phi for all plates",
    ),
    "grains_across": (
        lambda value: value < 8,
        "only {:.3g} grains fit across the narrowest plate: single grains show, and it acts about one grain wider",
    ),
    "depth_over_width": (
        lambda value: value > 1,
        "sinkage reaches {:.2g} widths of the narrowest plate: soil then flows round it, not up to the surface",
    ),
    "walls": (
        lambda value: value < LEAST_ROOM,
        "walls stand {:.2g} widths from the widest plate and hold back the wedge it pushes out",
    ),
    "floor": (lambda value: value < 1, "the floor lies {:.2g} widths below the widest plate and bears with it"),
    "exponents": (
        lambda value: value > 0.2,
        "the plates' exponents differ by {:.2g} of their mean: one n does not serve both",
    ),
    "negative_k_c": (
        lambda value: value < 0,
        "k_c is {:.3g}, below 0, which no cohesion can be: in sand pressure also grows with width "
        "(gamma b N_gamma / 2), and k_c/b is the equation's only term with b",
    ),
}


def bekker_numbers(fits: list[BekkerFit]) -> dict[str, Any]:
    """Bekker's parameters, of the mean over all specimens and of that without each."""
    return {
        "sinkage_exponent": jackknifed([fit.exponent for fit in fits]),
        "cohesive_modulus": jackknifed([fit.cohesive_modulus for fit in fits], "N/m^(n+1)"),
        "frictional_modulus": jackknifed([fit.frictional_modulus for fit in fits], "N/m^(n+2)"),
        "goodness": jackknifed([fit.goodness for fit in fits]),
    }


def plate_numbers(widths: list[float], single: list[list[PowerFit]]) -> dict[str, Any]:
    """Each plate's own power law, likewise."""
    return {
        f"plate_{width * 1e3:g}mm": {
            "sinkage_exponent": jackknifed([fit.exponent for fit in fits]),
            "modulus": jackknifed([fit.modulus for fit in fits], "N/m^(n+2)"),
            "goodness": jackknifed([fit.goodness for fit in fits]),
        }
        for width, fits in zip(widths, single, strict=True)
    }


def mean_curves(curves: Sequence[Plates]) -> Plates:
    """Sinkage [m] and pressure [Pa] of each plate, the mean over specimens where all have been.

    Moduli of specimens with other exponents have other units: so curves are averaged and fitted, not fits averaged.
    """
    found = []
    for plates in zip(*curves, strict=True):
        low, high = max(sinkage[0] for sinkage, _ in plates), min(sinkage[-1] for sinkage, _ in plates)
        sinkage = np.linspace(low, high, max(len(plates[0][0]), 2))
        found.append((sinkage, np.mean([np.interp(sinkage, *plate) for plate in plates], axis=0)))
    return found


def leave_one_out(curves: Sequence[Plates]) -> list[Sequence[Plates]]:
    """All specimens but one, for each; none where there is one."""
    count = len(curves)
    return [[*curves[:left], *curves[left + 1 :]] for left in range(count if count > 1 else 0)]


def last_mean(sinkage: np.ndarray, pressure: np.ndarray) -> tuple[float, float]:
    """Means over the deepest fifth: single samples scatter."""
    count = max(len(sinkage) // 5, 1)
    return float(sinkage[-count:].mean()), float(pressure[-count:].mean())
