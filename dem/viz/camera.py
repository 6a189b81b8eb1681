"""Where to stand: the nearest place from which a set of points fills the picture."""

from dataclasses import dataclass

import numpy as np

THREE_QUARTER = (-0.46, -0.86, 0.48)
"""From behind and beside the wheel, a little above: the rut runs up to it."""

SECTION = (-0.12, -1.0, 0.22)
"""Almost square on a cut face."""

VIEW_ANGLE = 24.0
"""Vertical, degrees: like a short telephoto lens, so that the wheel keeps its shape."""

FRAME = (-0.93, 0.90, -0.74, 0.74)
"""Left, right, bottom, top of the picture that the points may fill, -1 to 1: leaves room for texts and colour scale."""


@dataclass(frozen=True)
class View:
    """A camera: position and focal point [m], both (3,); z is up."""

    position: np.ndarray
    focal_point: np.ndarray


def fit_view(points: np.ndarray, direction: tuple[float, float, float], aspect: float) -> View:
    """Stand as near as `FRAME` allows.

    Args:
        points: What must be seen [m], (points, 3).
        direction: From the points to the camera, any length.
        aspect: Width over height of the picture.

    Returns:
        The view.
    """
    back = np.asarray(direction) / np.linalg.norm(direction)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    tangent = np.tan(np.radians(VIEW_ANGLE / 2))
    sides = [(right, tangent * aspect, FRAME[:2]), (up, tangent, FRAME[2:])]
    distance = max(_nearest(*_bounds(points, axis, back, scale, limits)) for axis, scale, limits in sides)
    offset = sum(axis * _shift(distance, *_bounds(points, axis, back, scale, limits)) for axis, scale, limits in sides)
    focal_point = offset + back * float(np.mean(points @ back))
    return View(offset + back * distance, focal_point)


Bounds = tuple[float, float, float, float]


def _bounds(
    points: np.ndarray, axis: np.ndarray, back: np.ndarray, scale: float, limits: tuple[float, float]
) -> Bounds:
    """Of one axis of the picture: the tightest points at both ends, and the slopes they count with.

    With the camera at distance d along `back` and shifted by s along `axis`, a point p is in the picture when
    low * (d - p.back) <= p.axis - s <= high * (d - p.back).
    """
    low, high = (limit * scale for limit in limits)
    side, near = points @ axis, points @ back
    return float((side + low * near).min()), float((side + high * near).max()), low, high


def _nearest(lower: float, upper: float, low: float, high: float) -> float:
    return (upper - lower) / (high - low)


def _shift(distance: float, lower: float, upper: float, low: float, high: float) -> float:
    """Midway between the shifts that the two ends allow."""
    return ((upper - high * distance) + (lower - low * distance)) / 2
