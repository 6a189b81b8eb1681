"""Shapes that soil touches: each a spec with a surface mesh, and a `@ti.func` that measures the distance to it."""

from dem.shapes.box import Box
from dem.shapes.mesh import TriangleMesh
from dem.shapes.plane import Plane
from dem.shapes.wheel import GrouserWheel

__all__ = ["Box", "GrouserWheel", "Plane", "TriangleMesh"]
