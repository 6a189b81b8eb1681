"""A half-space: everything on the side its normal points away from is solid."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dem.backend import ti
from dem.errors import ConfigError


@ti.func
def measure_plane(parameters, point):
    """Distance [m] from a body-frame point to the plane, and the plane's normal."""
    origin = ti.Vector([parameters[0], parameters[1], parameters[2]])
    normal = ti.Vector([parameters[3], parameters[4], parameters[5]])
    return (point - origin).dot(normal), normal


@dataclass(frozen=True)
class Plane:
    """An infinite plane.

    Attributes:
        point: any point on it (3,) [m].
        normal: towards the free side (3,), any length but 0.
    """

    point: tuple[float, float, float] = (0.0, 0.0, 0.0)
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0)
    kind: ClassVar[int] = 0
    element_count: ClassVar[int] = 1
    extent: ClassVar[float] = 0.0

    def __post_init__(self) -> None:
        length = math.dist(self.normal, (0, 0, 0))
        if not length > 0:
            raise ConfigError(f"Plane.normal is {self.normal}, must not be zero; use (0, 0, 1) for a floor")
        if abs(length - 1) > 1e-15:
            object.__setattr__(self, "normal", tuple(component / length for component in self.normal))

    def parameters(self) -> list[float]:
        """What `measure_plane` reads."""
        return [*self.point, *self.normal]

    def surface_mesh(self) -> tuple[np.ndarray, np.ndarray]:
        """An infinite plane has no mesh: empty points (0, 3) and triangles (0, 3)."""
        return np.zeros((0, 3)), np.zeros((0, 3), int)
