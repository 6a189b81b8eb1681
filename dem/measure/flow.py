"""Flow of grains: how much has passed a level, at what rate; speeds over depth. NumPy on the arrays of a snapshot."""

import math

import numpy as np

from dem.measure.statistics import LEAST_BLOCKS


def fallen_mass(
    position: np.ndarray, mass: np.ndarray, level: float, image: np.ndarray | None = None, period: float = math.inf
) -> float:
    """Mass below a level [kg]; where z is periodic, what has fallen through it, as often as it came by.

    Args:
        position: [m], shape (n, 3); mass: [kg], shape (n,).
        level: z of the level [m]; where z is periodic, within the first box.
        image: periodic boxes crossed, shape (n, 3); period: of the scene along z [m]; both or neither.
    """
    if image is None:
        return float(mass[position[:, 2] < level].sum())
    return float(-(mass * np.floor((position[:, 2] + image[:, 2] * period - level) / period)).sum())


def mass_flow(time: np.ndarray, passed: np.ndarray, blocks: int = 8) -> tuple[float, float]:
    """Rate of a steady flow [kg/s], and its standard error from the rates of equal parts of the time.

    Args:
        time: increasing [s], shape (n,); passed: mass that has passed by then [kg], shape (n,).
        blocks: how many parts.
    """
    if len(time) < 2:
        return math.nan, math.nan
    rate = float((passed[-1] - passed[0]) / (time[-1] - time[0]))
    edges = np.linspace(time[0], time[-1], blocks + 1)
    parts = np.diff(np.interp(edges, time, passed)) / np.diff(edges)
    error = float(parts.std(ddof=1) / math.sqrt(blocks)) if blocks >= LEAST_BLOCKS else math.nan
    return rate, error


def velocity_profile(
    height: np.ndarray, velocity: np.ndarray, mass: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean velocity over height [m/s], weighted by mass, and the mass [kg], in layers; both of shape (len(edges) - 1,).

    Args:
        height: [m], shape (n,); velocity: one component [m/s], shape (n,); mass: [kg], shape (n,).
        edges: of the layers, increasing [m]; the velocity is NaN where a layer is empty.
    """
    total = np.histogram(height, edges, weights=mass)[0]
    momentum = np.histogram(height, edges, weights=mass * velocity)[0]
    return np.divide(momentum, total, out=np.full(len(total), np.nan), where=total > 0), total
