"""Surfaces of revolution as meshes: a profile swept about the z axis, such as a cone, a rod or a tube."""

from collections.abc import Sequence

import numpy as np

from dem.errors import ConfigError
from dem.shapes.mesh import TriangleMesh

LEAST_FACETS = 3


def surface_of_revolution(profile: Sequence[Sequence[float]], facets: int) -> TriangleMesh:
    """The closed surface that a closed profile sweeps about the z axis.

    The polygon inscribed in each circle has the circle's area: its corners lie a little outside, its flanks inside.

    Args:
        profile: corners (r, z) [m], shape (n, 2), going round the solid with it on the left; the last joins the first.
            A side that lies on the axis sweeps nothing.
        facets: around the axis.

    Raises:
        ConfigError: too few facets, or a profile that is none.
    """
    corners = np.asarray(profile, float)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3 or (corners[:, 0] < 0).any():
        raise ConfigError(
            f"surface_of_revolution got a profile of shape {corners.shape}, must be (n >= 3, 2) with r >= 0; fix it"
        )
    if facets < LEAST_FACETS:
        raise ConfigError(
            f"surface_of_revolution got {facets} facets, must be at least {LEAST_FACETS}; give a count such as 32"
        )
    step = 2 * np.pi / facets
    angle = step * np.arange(facets)
    reach = corners[:, 0] * np.sqrt(step / np.sin(step))  # facets r^2 sin(step) / 2 = pi r^2
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    points = np.concatenate(
        [np.column_stack([r * ring, np.full(facets, z)]) for r, z in zip(reach, corners[:, 1], strict=True)]
    )
    triangles = []
    for one in range(len(corners)):
        other = (one + 1) % len(corners)
        a, b = one * facets + np.arange(facets), other * facets + np.arange(facets)
        following = np.roll(np.arange(facets), -1)
        c, d = one * facets + following, other * facets + following
        if corners[one, 0] > 0:
            triangles.append(np.column_stack([a, c, b] if corners[other, 0] == 0 else [a, c, d]))
        if corners[other, 0] > 0:
            triangles.append(np.column_stack([a, d, b]))
    return TriangleMesh(points, np.concatenate(triangles))
