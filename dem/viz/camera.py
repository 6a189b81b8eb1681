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

BARE_FRAME = (-0.96, 0.96, -0.80, 0.84)
"""Of a picture without texts: leaves room for the length of the scale bar, and for a line that a page lays over it."""

MARGIN = 0.25
"""Around a followed wheel: shows the bow wave and the rut beside it."""

STEEPEST = np.radians(89.0)


@dataclass(frozen=True)
class View:
    """A camera: position and focal point [m], both (3,); z is up."""

    position: np.ndarray
    focal_point: np.ndarray


def fit_view(
    points: np.ndarray,
    direction: tuple[float, float, float],
    aspect: float,
    frame: tuple[float, float, float, float] = FRAME,
) -> View:
    """Stand as near as `frame` allows.

    Args:
        points: What must be seen [m], (points, 3).
        direction: From the points to the camera, any length.
        aspect: Width over height of the picture.
        frame: Part of the picture to fill, as `FRAME`.

    Returns:
        The view.
    """
    back = np.asarray(direction) / np.linalg.norm(direction)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    tangent = np.tan(np.radians(VIEW_ANGLE / 2))
    sides = [(right, tangent * aspect, frame[:2]), (up, tangent, frame[2:])]
    distance = max(_nearest(*_bounds(points, axis, back, scale, limits)) for axis, scale, limits in sides)
    offset = sum(axis * _shift(distance, *_bounds(points, axis, back, scale, limits)) for axis, scale, limits in sides)
    focal_point = offset + back * float(np.mean(points @ back))
    return View(offset + back * distance, focal_point)


def around(points: np.ndarray, margin: float = MARGIN) -> np.ndarray:
    """Corners of the box of `points` made larger by `margin` of its longest side, (8, 3) [m]."""
    box = np.array([points.min(axis=0), points.max(axis=0)], dtype=np.float64)
    box += np.array([[-1.0], [1.0]]) * margin * (box[1] - box[0]).max()
    return np.stack(np.meshgrid(*box.T, indexing="ij"), axis=-1).reshape(-1, 3)


def orbit(view: View, turn: float, rise: float) -> View:
    """Go round the focal point; z stays up.

    Args:
        view: Where the camera stands.
        turn: About z, to the right of the camera [rad].
        rise: Up [rad]; stops short of straight above and below.
    """
    arm = view.position - view.focal_point
    distance = float(np.linalg.norm(arm))
    azimuth = np.arctan2(arm[1], arm[0]) + turn
    height = np.clip(np.arcsin(arm[2] / distance) + rise, -STEEPEST, STEEPEST)
    direction = [np.cos(height) * np.cos(azimuth), np.cos(height) * np.sin(azimuth), np.sin(height)]
    return View(view.focal_point + distance * np.array(direction), view.focal_point)


def pan(view: View, right: float, up: float) -> View:
    """Move sideways with what is looked at; 1 is the height of the picture."""
    arm = view.position - view.focal_point
    back = arm / np.linalg.norm(arm)
    across = np.cross([0.0, 0.0, 1.0], back)
    across /= np.linalg.norm(across)
    height = 2 * np.tan(np.radians(VIEW_ANGLE / 2)) * np.linalg.norm(arm)
    shift = height * (right * across + up * np.cross(back, across))
    return View(view.position + shift, view.focal_point + shift)


def zoom(view: View, factor: float) -> View:
    """Go nearer, for a `factor` above 1, or away."""
    return View(view.focal_point + (view.position - view.focal_point) / factor, view.focal_point)


Bounds = tuple[float, float, float, float]


def _bounds(
    points: np.ndarray, axis: np.ndarray, back: np.ndarray, scale: float, limits: tuple[float, float]
) -> Bounds:
    """Bounds along one axis of the picture: the tightest points at both ends, and the slopes they count with.

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
