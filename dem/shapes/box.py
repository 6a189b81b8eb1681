"""A solid box, centred on its body and aligned with its body's axes; also the form of a grouser."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dem.backend import ti
from dem.errors import ConfigError

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
FACES = np.array(
    [
        [0, 1, 3],
        [0, 3, 2],
        [4, 6, 7],
        [4, 7, 5],
        [0, 4, 5],
        [0, 5, 1],
        [2, 3, 7],
        [2, 7, 6],
        [0, 2, 6],
        [0, 6, 4],
        [1, 5, 7],
        [1, 7, 3],
    ]
)  # corner numbers, counter-clockwise seen from outside


@ti.func
def measure_centred_box(half, point):
    """Distance [m] from `point` to a box of half sizes `half`, and the outward normal; inside, of the nearest face."""
    beyond = ti.abs(point) - half
    outside = ti.max(beyond, 0.0)
    distance = outside.norm()
    side = ti.Vector([1.0 if point[0] >= 0 else -1.0, 1.0 if point[1] >= 0 else -1.0, 1.0 if point[2] >= 0 else -1.0])
    normal = side * outside
    if distance > 0.0:
        normal /= distance
    else:
        distance = beyond.max()
        chosen = 0
        for axis in ti.static(range(3)):
            if beyond[axis] == distance:
                chosen = axis
        for axis in ti.static(range(3)):
            normal[axis] = side[axis] if chosen == axis else 0.0
    return distance, normal


@ti.func
def measure_box(parameters, point):
    """Distance [m] from a body-frame point to the box, and the outward normal."""
    return measure_centred_box(ti.Vector([parameters[0], parameters[1], parameters[2]]), point)


@dataclass(frozen=True)
class Box:
    """A solid box.

    Attributes:
        size: edge lengths (3,) [m].
    """

    size: tuple[float, float, float]
    kind: ClassVar[int] = 1
    element_count: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not min(self.size) > 0:
            raise ConfigError(f"Box.size is {self.size}, every edge must be above 0 m; correct the size")

    @property
    def extent(self) -> float:
        """Farthest surface point from the body's centre [m]."""
        return float(np.linalg.norm(self.size) / 2)

    def parameters(self) -> list[float]:
        """What `measure_box` reads."""
        return [edge / 2 for edge in self.size]

    def surface_mesh(self) -> tuple[np.ndarray, np.ndarray]:
        """Points (8, 3) [m] in the body frame and triangles (12, 3)."""
        return CORNERS * (np.asarray(self.size) / 2), FACES
