"""Heaps of sand: profile, angle of repose, run-out of a collapse. NumPy on the arrays of a snapshot."""

import math
from dataclasses import dataclass

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
    return abs(surface_slope(x, height, low, high))


def surface_slope(x: np.ndarray, height: np.ndarray, low: float = -math.inf, high: float = math.inf) -> float:
    """Angle of a surface from the horizontal [rad], positive where it rises with x; arguments as `angle_of_repose`."""
    chosen = (x >= low) & (x <= high) & np.isfinite(height)
    if chosen.sum() < 2:
        return math.nan
    return math.atan(float(np.polyfit(x[chosen], height[chosen], 1)[0]))


@dataclass(frozen=True)
class ConeFlank:
    """The flank of a heap round an axis.

    Attributes:
        angles: of the flank in each sector of azimuth [rad], shape (sectors,).
        radius: of the profile's points [m], shape (n,); height: of the surface there, mean over azimuth [m], (n,).
        foot: where the mean profile falls below a grain's diameter [m].
    """

    angles: np.ndarray
    radius: np.ndarray
    height: np.ndarray
    foot: float


def cone_flank(
    position: np.ndarray, radius: np.ndarray, sectors: int, low: float = 0.2, high: float = 0.75
) -> ConeFlank:
    """Flank of a heap that stands on z = 0 about the z axis, by the topmost grains in sectors of azimuth.

    Args:
        position: [m], shape (n, 3); radius: [m], shape (n,).
        sectors: of azimuth.
        low, high: the part between crest and toe that is the flank, as shares of the foot's radius [-].
    """
    size = 2 * float(radius.mean())
    reach = float(np.hypot(position[:, 0], position[:, 1]).max()) + size
    grid = np.arange(-reach, reach, size / 2)
    heights = np.nan_to_num(surface_heights(position, radius, grid, grid)).ravel()
    x, y = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    out, sector = np.hypot(x, y), ((np.arctan2(y, x) / (2 * math.pi) + 1) % 1 * sectors).astype(int)
    ring = (out / (size / 2)).astype(int)
    count = np.maximum(np.bincount(ring), 1)
    profile = np.bincount(ring, weights=heights) / count
    middle = (np.arange(len(profile)) + 0.5) * size / 2
    foot = deposit_front(middle, profile, size)
    angles = [
        -surface_slope(out[sector == one], heights[sector == one], low * foot, high * foot) for one in range(sectors)
    ]
    return ConeFlank(np.array(angles), middle, profile, foot)


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
