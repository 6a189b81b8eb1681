"""Turned meshes are closed, face outwards, and have the volume of what they stand for."""

import math

import numpy as np
import pytest

import dem
from dem.shapes.revolved import surface_of_revolution

CONE = [(0.0, -2.0), (1.0, 0.0), (0.0, 0.0)]
ROD = [(0.0, 0.0), (0.5, 0.0), (0.5, 3.0), (0.0, 3.0)]
TUBE = [(1.0, 0.0), (1.2, 0.0), (1.2, 3.0), (1.0, 3.0)]


@pytest.mark.parametrize(
    ("profile", "volume"),
    [(CONE, math.pi * 2 / 3), (ROD, math.pi * 0.25 * 3), (TUBE, math.pi * (1.2**2 - 1.0) * 3)],
)
@pytest.mark.parametrize("facets", [3, 16, 64])
def test_mesh_is_closed_and_holds_its_volume(profile, volume, facets):
    mesh = surface_of_revolution(profile, facets)
    corners = mesh.points[mesh.triangles]
    signed = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert mesh.is_closed
    assert signed == pytest.approx(volume)  # positive: normals point outwards


@pytest.mark.parametrize(("profile", "facets"), [(CONE, 2), ([(0.0, 0.0), (1.0, 0.0)], 8), ([(-1.0, 0.0)] * 3, 8)])
def test_what_cannot_be_turned_is_rejected(profile, facets):
    with pytest.raises(dem.ConfigError, match="surface_of_revolution got"):
        surface_of_revolution(profile, facets)
