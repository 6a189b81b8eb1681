"""A surface of triangles, from arrays or from a file.

Each triangle is an element. A mesh need not be closed: where every edge has two triangles that agree on what is
outside, grains feel it from the side its normals point to (inwards for a container), else from both sides. Grains feel
a flat surface once, see dem/shapes/triangle.py; a crease that bends by less than about 6 degrees is felt as one contact
too, see dem/contact/meshes.py. Facets remain: a round thing of n facets across lies pi^2/2n^2 of its radius too low
between their edges.
"""

import io
import logging
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from dem.errors import ConfigError
from dem.mesh_tables import MESH_KIND
from dem.shapes.mesh_count import require_whole
from dem.shapes.mesh_parts import MeshParts, derive_parts

log = logging.getLogger(__name__)

FILE_TYPES = ("stl", "obj", "ply")  # others may name files of their own
FARTHEST = 1e6  # [m]; beyond it grains of millimetres are rounding, and squares of lengths soon none
LONGEST_REASON = 200  # characters of what a reader says
THINNEST = 1e-9  # height over longest edge; a thinner triangle has no normal worth the name


@dataclass(frozen=True, eq=False)
class TriangleMesh:
    """A surface of triangles.

    Points that coincide are merged, triangles without an area dropped.

    Attributes:
        points: in the body's frame (V, 3) [m].
        triangles: numbers of their corners (T, 3), counter-clockwise seen from outside.
    """

    points: np.ndarray
    triangles: np.ndarray
    kind: ClassVar[int] = MESH_KIND

    def __post_init__(self) -> None:
        points, triangles = _checked_points(self.points), np.asarray(self.triangles)
        _check_triangles(triangles, len(points))
        merged, number = np.unique(points, axis=0, return_inverse=True)
        triangles = number.reshape(-1)[triangles.astype(np.int64)]
        sound = _thinness(merged[triangles]) > THINNEST
        if not sound.any():
            raise ConfigError("TriangleMesh.triangles all have no area, one at least must have some; correct the mesh")
        if not sound.all():
            log.warning("mesh: %d of %d triangles have no area, dropped", (~sound).sum(), len(sound))
        object.__setattr__(self, "points", merged)
        object.__setattr__(self, "triangles", triangles[sound])
        if not self.is_closed:
            log.warning("mesh of %d triangles is not watertight: grains feel it from both sides", self.element_count)
        elif self.volume < 0:
            log.warning("mesh of %d triangles is inside out: grains feel it as a container", self.element_count)

    @classmethod
    def from_file(cls, path: str | Path, scale: float = 1.0) -> "TriangleMesh":
        """Read an STL, OBJ or PLY file.

        Args:
            path: of the file.
            scale: metres per unit of the file, 1e-3 for millimetres.

        Raises:
            ConfigError: there is no such file, or no triangles in it.
        """
        if not (scale > 0 and math.isfinite(scale)):
            raise ConfigError(
                f"TriangleMesh.from_file got scale {scale}, must be a number above 0 m per unit; use 1e-3 for mm"
            )
        path = Path(path)
        points, triangles = _read_mesh(path)
        try:
            mesh = cls(points * scale, triangles)
        except ConfigError as error:
            raise ConfigError(f"TriangleMesh.from_file got {str(path)!r}: {error}") from error
        log.info("mesh %s: %d triangles, farthest point %.4g m", path, mesh.element_count, mesh.extent)
        return mesh

    def to_file(self, path: str | Path) -> None:
        """Write an STL, OBJ or PLY file, in metres; an STL's numbers have 32 bits.

        Raises:
            ConfigError: the name ends otherwise, or nothing can be written there.
        """
        import trimesh

        suffix = Path(path).suffix.lower().removeprefix(".")
        if suffix not in FILE_TYPES:
            raise ConfigError(f"mesh file {str(path)!r} must end in .{', .'.join(FILE_TYPES)}; rename it")
        written = trimesh.Trimesh(self.points, self.triangles, process=False).export(file_type=suffix)
        try:
            Path(path).write_bytes(written.encode() if isinstance(written, str) else written)
        except OSError as error:
            raise ConfigError(f"mesh file {str(path)!r} cannot be written: {error.strerror}; give another") from error

    def mirrored(self) -> "TriangleMesh":
        """The mirror image across y = 0, its normals on the side that they were on."""
        return TriangleMesh(self.points * [1.0, -1.0, 1.0], self.triangles[:, ::-1])

    @property
    def element_count(self) -> int:
        """Number of triangles."""
        return len(self.triangles)

    @property
    def is_closed(self) -> bool:
        """Whether every edge has two triangles that agree on what is outside."""
        return self.parts.is_closed

    @property
    def volume(self) -> float:
        """Volume that a closed surface encloses [m3], below 0 where its normals point inwards."""
        a, b, c = (self.points[self.triangles[:, k]] - self.points[0] for k in range(3))
        return float((a * np.cross(b, c)).sum() / 6)

    @cached_property
    def extent(self) -> float:
        """Farthest surface point from the body's centre [m]."""
        return float(np.linalg.norm(self.points[self.triangles], axis=2).max())

    @cached_property
    def normals(self) -> np.ndarray:
        """Unit normals (T, 3)."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        across = np.cross(b - a, c - a)
        return across / np.linalg.norm(across, axis=1, keepdims=True)

    @cached_property
    def parts(self) -> MeshParts:
        """Faces, edges and corners, and how the surface goes on from each."""
        return derive_parts(self.points, self.triangles, self.normals)

    def parameters(self) -> list[float]:
        """What `bound_mesh` reads: centre and half sizes of the box around the triangles."""
        corners = self.points[self.triangles].reshape(-1, 3)
        lower, upper = corners.min(axis=0), corners.max(axis=0)
        return [*((lower + upper) / 2).tolist(), *((upper - lower) / 2).tolist()]

    def surface_mesh(self) -> tuple[np.ndarray, np.ndarray]:
        """Points (V, 3) [m] in the body frame and triangles (T, 3)."""
        return self.points, self.triangles


def _read_mesh(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Points (V, 3) in the file's unit and triangles (T, 3); of its bytes alone: it may name no other file."""
    import trimesh  # reads files only: the engine does without it

    if path.suffix.lower().removeprefix(".") not in FILE_TYPES:
        raise ConfigError(
            f"TriangleMesh.from_file got {str(path)!r}, must end in .{', .'.join(FILE_TYPES)}; export the mesh as one"
        )
    if not path.is_file():
        raise ConfigError(f"TriangleMesh.from_file got {str(path)!r}, there is no such file; correct the path")
    kind = path.suffix.lower().removeprefix(".")
    try:
        found = trimesh.load_mesh(io.BytesIO(path.read_bytes()), file_type=kind, process=False)
        points, triangles = np.asarray(found.vertices, float), np.asarray(found.faces)
    except Exception as error:  # readers of damaged files raise whatever they come across
        said = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
        raise ConfigError(
            f"TriangleMesh.from_file cannot read {str(path)!r}: {said}; give an STL, OBJ or PLY file"
        ) from error
    require_whole(str(path), kind, path.read_bytes(), len(triangles), len(points))
    if wrong := int((~np.isfinite(points).all(axis=1)).sum()) if points.ndim == 2 else 0:
        raise ConfigError(
            f"TriangleMesh.from_file found {wrong} of {len(points)} points in {str(path)!r} that are no numbers; "
            "export the mesh again"
        )
    if not len(triangles):
        raise ConfigError(f"TriangleMesh.from_file found no triangles in {str(path)!r}; export a surface mesh")
    return points, triangles


def _checked_points(points: np.ndarray) -> np.ndarray:
    points = np.asarray(points, float)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise ConfigError(
            f"TriangleMesh.points has shape {points.shape}, must be finite and (V, 3) in metres; correct the points"
        )
    if np.abs(points).max(initial=0.0) > FARTHEST:
        raise ConfigError(
            f"TriangleMesh.points reach {np.abs(points).max():.3g} m, must stay within {FARTHEST:g} m; correct the "
            "points, or the scale"
        )
    return points + 0.0  # -0 and 0 are one place


def _check_triangles(triangles: np.ndarray, point_count: int) -> None:
    if triangles.ndim != 2 or triangles.shape[1] != 3 or not len(triangles) or triangles.dtype.kind not in "iu":
        raise ConfigError(
            f"TriangleMesh.triangles has shape {triangles.shape} of {triangles.dtype}, must be whole numbers (T, 3) "
            "with T above 0; give three point numbers for each"
        )
    if triangles.min() < 0 or triangles.max() >= point_count:
        raise ConfigError(
            f"TriangleMesh.triangles names points {triangles.min()} to {triangles.max()}, must lie in "
            f"[0, {point_count - 1}]; correct the numbers"
        )


def _thinness(corners: np.ndarray) -> np.ndarray:
    """Height over the longest edge, (T,)."""
    edges = corners - np.roll(corners, 1, axis=1)
    double_area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    longest = (edges**2).sum(axis=2).max(axis=1)
    return double_area / np.where(longest > 0, longest, 1.0)
