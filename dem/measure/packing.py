"""Packing of a bed: solid fraction in a slab, surface height, rattlers, coordination."""

import numpy as np


def slab_solid_fraction(position: np.ndarray, radius: np.ndarray, area: float, low: float, high: float) -> float:
    """Volume of grains between two heights over the volume of the slab; each sphere is cut exactly by both planes.

    Args:
        position: [m], shape (n, 3).
        radius: [m], shape (n,).
        area: of the bed, from wall to wall or over one period [m2].
        low: lower height [m].
        high: upper height [m].
    """
    volume = _volume_below(high - position[:, 2], radius) - _volume_below(low - position[:, 2], radius)
    return float(volume.sum() / (area * (high - low)))


def _volume_below(height: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Volume [m3] of spheres below a plane `height` [m] above their centres: pi (R + h)^2 (2 R - h) / 3."""
    cut = np.clip(height, -radius, radius)
    return np.pi * (radius + cut) ** 2 * (2 * radius - cut) / 3


def box_solid_fraction(
    position: np.ndarray, radius: np.ndarray, lower: np.ndarray, upper: np.ndarray, step: float
) -> float:
    """Share of a grid's points in a box that lie in grains: cut at every face, an overlap counted once.

    Args:
        position: [m], shape (n, 3); of a periodic box with the images that reach into it.
        radius: [m], shape (n,).
        lower, upper: corners of the box [m], shape (3,).
        step: about the distance of the points [m]; a twelfth of a diameter is good to 0.002.
    """
    low, size = lower, upper - lower
    counts = np.maximum(np.round(size / step).astype(int), 1)
    axes = [low[k] + (np.arange(counts[k]) + 0.5) * size[k] / counts[k] for k in range(3)]
    filled = np.zeros(counts, bool)
    for centre, own in zip(position, radius, strict=True):
        part = tuple(slice(*np.searchsorted(axes[k], (centre[k] - own, centre[k] + own))) for k in range(3))
        x, y, z = (axes[k][part[k]] - centre[k] for k in range(3))
        filled[part] |= x[:, None, None] ** 2 + y[None, :, None] ** 2 + z[None, None, :] ** 2 <= own**2
    return float(filled.mean())


def surface_heights(
    position: np.ndarray, radius: np.ndarray, x: np.ndarray, y: np.ndarray, period_y: float = np.inf
) -> np.ndarray:
    """Height of the topmost grain over each point of a grid [m], shape (len(x), len(y)); NaN where there is none.

    Args:
        position: [m], shape (n, 3).
        radius: [m], shape (n,).
        x: increasing, evenly spaced [m].
        y: likewise.
        period_y: length of a periodic box across y [m].
    """
    heights = np.full((len(x), len(y)), -np.inf)
    reach = radius.max() if len(radius) else 0.0
    for i, value in enumerate(x):
        near = np.flatnonzero(np.abs(position[:, 0] - value) < reach)
        across = np.abs(position[near, 1][:, None] - y[None, :])
        across = np.minimum(across, period_y - across)
        gap = radius[near][:, None] ** 2 - (position[near, 0] - value)[:, None] ** 2 - across**2
        tops = np.where(gap > 0, position[near, 2][:, None] + np.sqrt(np.maximum(gap, 0)), -np.inf)
        heights[i] = tops.max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(heights), heights, np.nan)


def coordination_number(contact_count: np.ndarray) -> float:
    """Mean number of contacts of the grains that carry load; rattlers, with fewer than two, are left out."""
    bearing = contact_count[contact_count >= 2]
    return float(bearing.mean()) if len(bearing) else 0.0


def count_contacts(first: np.ndarray, second: np.ndarray, count: int) -> np.ndarray:
    """Contacts of each grain, shape (count,).

    Args:
        first: id of the first grain of each touching contact, shape (c,).
        second: of the second; -1 where it is a shape, as `State.contact_arrays` gives them.
        count: number of grains.
    """
    return np.bincount(np.concatenate([first, second[second >= 0]]), minlength=count)


def bearing_grains(first: np.ndarray, second: np.ndarray, count: int, least: int) -> np.ndarray:
    """Grains that bear load, a mask (count,): rattlers are taken out, and what they leave loose, until none is left.

    Args:
        first, second, count: as in `count_contacts`.
        least: contacts that hold a grain: 4 without friction, 2 with it; 3 is usual for friction too. Under gravity
            a loose grain rests on others, on 3 without friction, so only `least` above that finds it.
    """
    bearing = np.ones(count, bool)
    while True:
        held = bearing[first] & ((second < 0) | bearing[second])
        loose = bearing & (count_contacts(first[held], second[held], count) < least)
        if not loose.any():
            return bearing
        bearing &= ~loose


def backbone_coordination(first: np.ndarray, second: np.ndarray, chosen: np.ndarray, least: int) -> tuple[float, float]:
    """Coordination number of the bearing grains [-], by contacts among themselves, and the share of rattlers [-].

    Args:
        first, second, least: as in `bearing_grains`.
        chosen: grains to average over, away from surface and walls, shape (n,); all others may bear too.
    """
    bearing = bearing_grains(first, second, len(chosen), least)
    held = bearing[first] & ((second < 0) | bearing[second])
    counts = count_contacts(first[held], second[held], len(chosen))
    if not (chosen & bearing).any():
        return 0.0, 1.0
    return float(counts[chosen & bearing].mean()), float(1.0 - bearing[chosen].mean())
