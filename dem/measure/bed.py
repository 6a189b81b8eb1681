"""Quality of a prepared bed: density inside and over the depth, relief of its surface, what still moves."""

import math

import numpy as np

from dem.measure.packing import surface_heights


def block_solid_fraction(
    position: np.ndarray, radius: np.ndarray, lower: np.ndarray, upper: np.ndarray, period_y: float = math.inf
) -> float:
    """Volume of grains in a block over its volume.

    A sphere that one face cuts is counted exactly. One cut by an edge or a corner counts with the product of its shares
    between the pairs of faces, which is right on the mean over all places of the edge.

    Args:
        position: [m], shape (n, 3).
        radius: [m], shape (n,).
        lower, upper: corners of the block [m], shape (3,).
        period_y: a block that spans it is not cut across y [m].
    """
    share = np.ones(len(radius))
    for axis in range(3):
        if axis == 1 and upper[1] - lower[1] >= period_y:
            continue
        share *= share_between(position[:, axis], radius, lower[axis], upper[axis])
    return float((4 / 3 * np.pi * radius**3 * share).sum() / np.prod(np.asarray(upper) - np.asarray(lower)))


def share_between(center: np.ndarray, radius: np.ndarray, low: float, high: float) -> np.ndarray:
    """Share of each sphere's volume between two heights [m], (n,); below u R lies (1 + u)^2 (2 - u) / 4."""
    below = [np.clip((plane - center) / radius, -1, 1) for plane in (low, high)]
    under_low, under_high = ((1 + u) ** 2 * (2 - u) / 4 for u in below)
    return under_high - under_low


def density_profile(
    position: np.ndarray,
    radius: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    count: int,
    period_y: float = math.inf,
) -> dict[str, list[float]]:
    """Solid fraction of `count` slabs of a block, from the lowest up.

    Args:
        position, radius, lower, upper, period_y: as in `block_solid_fraction`.
        count: of slabs.

    Returns:
        height: of the slabs' middles [m]; solid_fraction [-].
    """
    edges = np.linspace(lower[2], upper[2], count + 1)
    found = []
    for low, high in zip(edges, edges[1:], strict=False):
        slab = np.array([*lower[:2], low]), np.array([*upper[:2], high])
        found.append(block_solid_fraction(position, radius, *slab, period_y))
    return {"height": ((edges[1:] + edges[:-1]) / 2).tolist(), "solid_fraction": found}


def surface_error(heights: np.ndarray, requested: np.ndarray) -> tuple[float, float]:
    """Mean of a surface above the one wanted [m], and what is left about that mean: its roughness [m].

    Args:
        heights: from `surface_heights`, NaN where there is no grain, shape (m, n).
        wanted: likewise, or one number.
    """
    apart = heights - requested
    return float(np.nanmean(apart)), float(np.nanstd(apart))


def footprint_height(
    position: np.ndarray, radius: np.ndarray, x: tuple[float, float], y: tuple[float, float], step: float
) -> float:
    """Mean height of the surface under a rectangle [m].

    Args:
        position, radius: as in `surface_heights`.
        x, y: from and to [m].
        step: between the points it is taken at [m].
    """
    along, across = np.arange(x[0], x[1] + step / 2, step), np.arange(y[0], y[1] + step / 2, step)
    return float(np.nanmean(surface_heights(position, radius, along, across)))


def residual_speeds(velocity: np.ndarray, diameter: float, gravity: float) -> tuple[float, float]:
    """Largest and 99th percentile of the grains' speeds over sqrt(g d) [-].

    Args:
        velocity: [m/s], shape (n, 3).
        diameter: [m].
        gravity: [m/s2].
    """
    speed = np.linalg.norm(velocity, axis=1) / math.sqrt(gravity * diameter)
    return float(speed.max()), float(np.percentile(speed, 99))
