"""Triangle meshes on the device: all shapes' triangles in one array, each with what bounds it.

A triangle has seven parts: its face, its edges ab, bc, ca and its corners a, b, c. Edges and corners are shared with
neighbours. A part knows its cone, the directions in which the surface goes on from there: a point's nearest part is
one from which no direction of the cone leads nearer. That is the part's Voronoi region, written as a polar cone.
"""

from typing import Any

import numpy as np

from dem.backend import integer_field, position_vectors
from dem.memory import write

MESH_KIND = 3  # of the shape that is a mesh
CONTACTS_PER_ELEMENT = 32
CONTACTS_PER_TRIANGLE = 4  # candidates of a triangle much smaller than a grain; a larger one adds those on its area
PARTS = 7  # of a triangle: face, edges, corners


class MeshTables:
    """Fields of all meshes of a model.

    `first_triangle` per shape; per triangle `corner` (T, 3) [m], `normal` and the numbers of its parts, `part`
    (T, 7); per part `outward`, zero where both sides are free, and `cone_start` into the directions of `cone`.
    """

    def __init__(self, entries: list[Any]) -> None:
        triangles, parts, directions = mesh_sizes(entries)
        self.present = triangles > 0
        self.first_triangle = integer_field(max(len(entries), 1))
        self.corner = position_vectors((max(triangles, 1), 3))  # [m], in the frame of the body
        self.normal = position_vectors(max(triangles, 1))
        self.part = integer_field((max(triangles, 1), PARTS))
        self.outward = position_vectors(max(parts, 1))
        self.cone_start = integer_field(parts + 1)
        self.cone = position_vectors(max(directions, 1))

    def fill(self, entries: list[Any]) -> None:
        """Take the meshes of shapes with as many triangles, parts and directions."""
        meshes = [entry.shape for entry in entries if is_mesh(entry.shape)]
        if not meshes:
            return
        all_parts = [mesh.parts for mesh in meshes]
        counts = np.cumsum([0, *(mesh.element_count if is_mesh(mesh) else 0 for mesh in _shapes(entries))])
        write(self.first_triangle, counts[:-1])
        write(self.corner, np.concatenate([mesh.points[mesh.triangles] for mesh in meshes]))
        write(self.normal, np.concatenate([mesh.normals for mesh in meshes]))
        parts = np.cumsum([0, *(len(found.outward) for found in all_parts)])
        cones = np.cumsum([0, *(len(found.cone) for found in all_parts)])
        shifted = [found.part + first for found, first in zip(all_parts, parts[:-1], strict=True)]
        write(self.part, np.concatenate(shifted))
        write(self.outward, np.concatenate([found.outward for found in all_parts]))
        starts = [found.cone_start[:-1] + first for found, first in zip(all_parts, cones[:-1], strict=True)]
        write(self.cone_start, np.concatenate([*starts, cones[-1:]]))
        write(self.cone, np.concatenate([found.cone for found in all_parts]))


def is_mesh(shape: Any) -> bool:
    """Whether a shape is made of triangles."""
    return shape.kind == MESH_KIND


def has_mesh(entries: list[Any]) -> bool:
    """Whether any shape is made of triangles."""
    return any(is_mesh(entry.shape) for entry in entries)


def shape_contact_capacity(entries: list[Any], radius: np.ndarray) -> int:
    """Candidate contacts to make room for at all shapes: a full list is a fault, so on the safe side."""
    capacity = 0.0
    for entry in entries:
        capacity += 0 if is_mesh(entry.shape) else CONTACTS_PER_ELEMENT * entry.shape.element_count
        if is_mesh(entry.shape) and len(radius):
            a, b, c = (entry.shape.points[entry.shape.triangles[:, k]] for k in range(3))
            areas = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
            # A bed of grains has less than one on each R^2 of a surface, and two layers may be within reach.
            most = np.minimum(CONTACTS_PER_TRIANGLE + 2.0 * areas / float(radius.min()) ** 2, len(radius))
            capacity += float(most.sum())
    return int(capacity)


def mesh_sizes(entries: list[Any]) -> tuple[int, int, int]:
    """Triangles, parts and cone directions of all meshes."""
    meshes = [shape for shape in _shapes(entries) if is_mesh(shape)]
    return (
        sum(mesh.element_count for mesh in meshes),
        sum(len(mesh.parts.outward) for mesh in meshes),
        sum(len(mesh.parts.cone) for mesh in meshes),
    )


def _shapes(entries: list[Any]) -> list[Any]:
    return [entry.shape for entry in entries]
