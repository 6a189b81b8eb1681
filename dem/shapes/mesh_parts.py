"""How the triangles of a mesh hang together: their faces, edges and corners, and how the surface goes on from each.

An edge's cone holds, for each triangle at it, the direction at right angles to the edge into that triangle; a corner's
cone the directions of its edges; a face has none. A part's outward normal is the sum of its faces' normals, at a corner
weighted by their angles: its sign tells inside from outside (Baerentzen & Aanaes, IEEE TVCG 11 (2005) 243).
"""

from dataclasses import dataclass

import numpy as np

SIDES = ((0, 1), (1, 2), (2, 0))  # corners of a triangle's edges ab, bc, ca


@dataclass(frozen=True)
class MeshParts:
    """Faces, edges and corners of a mesh.

    Attributes:
        part: numbers of each triangle's face, edges and corners (T, 7).
        outward: normal of each part (P, 3), of any length; zero where both sides are free.
        cone_start: where each part's directions begin in `cone` (P + 1,); cone: unit directions (C, 3).
        is_closed: every edge has two triangles that agree on what is outside.
    """

    part: np.ndarray
    outward: np.ndarray
    cone_start: np.ndarray
    cone: np.ndarray
    is_closed: bool


def derive_parts(points: np.ndarray, triangles: np.ndarray, normals: np.ndarray) -> MeshParts:
    """Parts of a mesh of points (V, 3), triangles (T, 3) and unit normals (T, 3)."""
    count = len(triangles)
    directed = np.concatenate([triangles[:, side] for side in SIDES])
    edges, edge = np.unique(np.sort(directed, axis=1), axis=0, return_inverse=True)
    edge = edge.reshape(-1)
    first_corner = count + len(edges)
    corner = triangles.T.reshape(-1)
    part = np.concatenate([[np.arange(count)], count + edge.reshape(3, count), first_corner + triangles.T]).T
    forward = directed[:, 0] < directed[:, 1]
    is_closed = bool(
        (np.bincount(edge) == 2).all() and (np.bincount(edge, weights=np.where(forward, 1, -1)) == 0).all()
    )
    outward = np.zeros((first_corner + len(points), 3))
    if is_closed:
        outward[:count] = normals
        np.add.at(outward, count + edge, np.tile(normals, (3, 1)))
        angles = _corner_angles(points[triangles]).T.reshape(-1, 1)
        np.add.at(outward, first_corner + corner, angles * np.tile(normals, (3, 1)))
    along = _unit(points[edges[:, 1]] - points[edges[:, 0]])
    owner = np.concatenate([count + edge, first_corner + edges[:, 0], first_corner + edges[:, 1]])
    cone = np.concatenate([_inward(points[triangles]), along, -along])
    order = np.argsort(owner, kind="stable")
    cone_start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(outward)))])
    return MeshParts(part, outward, cone_start, cone[order], is_closed)


def _inward(corners: np.ndarray) -> np.ndarray:
    """Directions (3 T, 3) from each edge into its triangle, edge by edge."""
    found = []
    for near, far in SIDES:
        along = _unit(corners[:, far] - corners[:, near])
        across = corners[:, 3 - near - far] - corners[:, near]
        found.append(_unit(across - (across * along).sum(axis=1, keepdims=True) * along))
    return np.concatenate(found)


def _corner_angles(corners: np.ndarray) -> np.ndarray:
    """Angles (T, 3) [rad] at each corner."""
    found = []
    for k in range(3):
        one, other = (_unit(corners[:, (k + shift) % 3] - corners[:, k]) for shift in (1, 2))
        found.append(np.arccos(np.clip((one * other).sum(axis=1), -1.0, 1.0)))
    return np.stack(found, axis=1)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
