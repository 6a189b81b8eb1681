"""Heaps of sand: profile, angle of repose, run-out of a collapse. NumPy on the arrays of a snapshot."""

import math

import numpy as np

from dem.measure.packing import surface_heights

SAMPLES_PER_DIAMETER = 2.0  # of a profile across y: half a mean grain apart, as the surface of a bed


def surface_profile(position: np.ndarray, radius: np.ndarray, x: np.ndarray, width: float) -> np.ndarray:
    """Height of the surface along x [m], shape (len(x),): the topmost grains, averaged across y; 0 over bare ground.

    Args:
        position: [m], shape (n, 3); y within [0, width), z from the ground.
        radius: [m], shape (n,).
        x: increasing [m].
        width: across y, periodic [m].
    """
    count = max(round(SAMPLES_PER_DIAMETER * width / (2 * radius.mean())), 1) if len(radius) else 1
    y = (np.arange(count) + 0.5) * width / count
    heights = surface_heights(position, radius, x, y, period_y=width)
    return np.where(np.isnan(heights), 0.0, np.maximum(heights, 0.0)).mean(axis=1)


def angle_of_repose(x: np.ndarray, height: np.ndarray, low: float = -math.inf, high: float = math.inf) -> float:
    """Angle of a flank from the horizontal [rad], by a straight line through its profile; never negative.

    Args:
        x: [m], shape (n,); height: of the surface [m], shape (n,); NaN where there is none.
        low, high: the part of x that is the flank, without crest, toe and what touches a wall [m].
    """
    chosen = (x >= low) & (x <= high) & np.isfinite(height)
    if chosen.sum() < 2:
        return math.nan
    return abs(math.atan(float(np.polyfit(x[chosen], height[chosen], 1)[0])))


def deposit_front(x: np.ndarray, height: np.ndarray, least: float) -> float:
    """Where a deposit that starts at the first x ends [m]: where its profile first falls below `least`.

    Grains that rolled ahead on their own do not count, as in Lube et al., Phys. Rev. E 72 (2005) 041301.

    Args:
        x: increasing [m], shape (n,); height: [m], shape (n,).
        least: height that still is a deposit [m]; a grain diameter.
    """
    below = np.flatnonzero(height < least)
    if not len(below):
        return float(x[-1])
    end = int(below[0])
    if end == 0:
        return float(x[0])
    step = (height[end - 1] - least) / (height[end - 1] - height[end])
    return float(x[end - 1] + step * (x[end] - x[end - 1]))


def spread_front(x: np.ndarray, mass: np.ndarray, share: float = 0.01) -> float:
    """How far a deposit reaches [m]: beyond it lies only a share of its mass.

    Less tied to single grains than `deposit_front` where a deposit is few grains thick.

    Args:
        x: of the grains [m], shape (n,); mass: [kg], shape (n,).
        share: of the mass [-].
    """
    order = np.argsort(x)
    behind = np.cumsum(mass[order])
    return float(np.interp((1 - share) * behind[-1], behind, x[order]))


def run_out(front: float, start: float) -> float:
    """Normalised run-out of a collapse, (r - r0)/r0 [-].

    Args:
        front: end of the deposit from the back of the column, r [m]; start: length of the column, r0 [m].
    """
    return (front - start) / start
