"""A wheel with straight grousers: a solid rim about the body's y axis and a row of radial plates on it.

Feature 0 is the rim, element 1 + k the plate at angle 2 pi k / grouser_count from body x towards body z. A grain may
touch several elements at once, each a contact with a history of its own.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dem.backend import ti
from dem.errors import ConfigError
from dem.maths import cosine, sine
from dem.shapes.box import CORNERS, FACES, measure_centred_box

RIM_SEGMENTS = 120  # of the drawn rim; the contact rim is exactly round


@ti.func
def measure_cylinder(radius, half_width, point):
    """Distance [m] from `point` to a solid cylinder about y, and the outward normal; inside, of the nearest face."""
    across = ti.sqrt(point[0] * point[0] + point[2] * point[2])
    radial = ti.Vector([1.0, 0.0, 0.0])
    if across > 0.0:
        radial = ti.Vector([point[0] / across, 0.0, point[2] / across])
    axial = ti.Vector([0.0, 1.0 if point[1] >= 0 else -1.0, 0.0])
    beyond_rim, beyond_side = across - radius, ti.abs(point[1]) - half_width
    distance, normal = beyond_rim, radial
    if beyond_rim > 0.0 and beyond_side > 0.0:
        distance = ti.sqrt(beyond_rim * beyond_rim + beyond_side * beyond_side)
        normal = (beyond_rim * radial + beyond_side * axial) / distance
    elif beyond_side > beyond_rim:
        distance, normal = beyond_side, axial
    return distance, normal


@ti.func
def measure_wheel(parameters, element, point):
    """Distance [m] from a body-frame point to one element of the wheel, and the outward normal."""
    radius, half_width, height, half_thickness = parameters[0], parameters[1], parameters[2], parameters[3]
    distance, normal = measure_cylinder(radius, half_width, point)
    if element > 0:
        angle = parameters[4] * (element - 1)
        c, s = cosine(angle), sine(angle)
        # The plate reaches one height into the rim, so that no gap opens between its flat foot and the round rim.
        local = ti.Vector([c * point[0] + s * point[2] - radius, point[1], c * point[2] - s * point[0]])
        distance, turned = measure_centred_box(ti.Vector([height, half_width, half_thickness]), local)
        normal = ti.Vector([c * turned[0] - s * turned[2], turned[1], s * turned[0] + c * turned[2]])
    return distance, normal


@ti.func
def bound_wheel(parameters, point):
    """A lower bound [m] of the distance to any element: that to the cylinder through the grouser tips' corners."""
    tip = parameters[0] + parameters[2]
    envelope = ti.sqrt(tip * tip + parameters[3] * parameters[3])
    distance, _ = measure_cylinder(envelope, parameters[1], point)
    return distance


@dataclass(frozen=True)
class GrouserWheel:
    """A wheel with straight grousers across its whole width.

    Attributes:
        radius: to the grouser tips [m]; width: [m].
        grouser_height: above the rim [m]; grouser_thickness: [m]; grouser_count: 0 for a smooth wheel.
    """

    radius: float
    width: float
    grouser_height: float = 0.0
    grouser_thickness: float = 0.0
    grouser_count: int = 0
    kind: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not (self.radius > 0 and self.width > 0):
            raise ConfigError(
                f"GrouserWheel is {self.radius} x {self.width} m, both must be above 0; give radius and width"
            )
        if self.grouser_count and not 0 < self.grouser_height < self.radius:
            raise ConfigError(
                f"GrouserWheel.grouser_height is {self.grouser_height}, must lie in (0, {self.radius}) m; "
                "set grouser_count=0 for a smooth wheel"
            )
        pitch = 2 * math.pi * self.rim_radius / max(self.grouser_count, 1)
        if self.grouser_count and not 0 < self.grouser_thickness < pitch:
            raise ConfigError(
                f"GrouserWheel.grouser_thickness is {self.grouser_thickness}, must lie in (0, {pitch:.4g}) m; "
                "use thinner or fewer grousers"
            )

    @property
    def rim_radius(self) -> float:
        """Radius of the rim between the grousers [m]."""
        return self.radius - (self.grouser_height if self.grouser_count else 0.0)

    @property
    def element_count(self) -> int:
        """The rim and the grousers."""
        return 1 + self.grouser_count

    @property
    def extent(self) -> float:
        """Farthest surface point from the body's centre [m]."""
        return math.hypot(self.radius, self.width / 2, self.grouser_thickness / 2)

    def parameters(self) -> list[float]:
        """What `measure_wheel` reads."""
        height = self.grouser_height if self.grouser_count else 0.0
        pitch_angle = 2 * math.pi / max(self.grouser_count, 1)
        return [self.rim_radius, self.width / 2, height, self.grouser_thickness / 2, pitch_angle]

    def surface_mesh(self, rim_segments: int = RIM_SEGMENTS) -> tuple[np.ndarray, np.ndarray]:
        """Points (V, 3) [m] in the body frame and triangles (T, 3), outward normals."""
        parts = [self._rim_mesh(rim_segments), *(self._grouser_mesh(index) for index in range(self.grouser_count))]
        offsets = np.cumsum([0, *(len(points) for points, _ in parts[:-1])])
        points = np.concatenate([points for points, _ in parts])
        return points, np.concatenate([faces + offset for (_, faces), offset in zip(parts, offsets, strict=True)])

    def _rim_mesh(self, segments: int) -> tuple[np.ndarray, np.ndarray]:
        angle = 2 * np.pi * np.arange(segments) / segments
        ring = self.rim_radius * np.stack([np.cos(angle), np.zeros_like(angle), np.sin(angle)], axis=1)
        side = np.array([0.0, self.width / 2, 0.0])
        points = np.concatenate([ring - side, ring + side, [-side, side]])
        this = np.arange(segments)
        following, left, right = (this + 1) % segments, 2 * segments, 2 * segments + 1
        near, far = this + segments, following + segments
        faces = [(this, near, far), (this, far, following)]
        faces += [(np.full_like(this, left), this, following), (np.full_like(this, right), far, near)]
        return points, np.concatenate([np.stack(face, axis=1) for face in faces])

    def _grouser_mesh(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        angle = 2 * np.pi * index / self.grouser_count
        half = np.array([self.grouser_height / 2, self.width / 2, self.grouser_thickness / 2])
        local = CORNERS * half + [self.rim_radius + self.grouser_height / 2, 0, 0]
        turned = local.copy()
        turned[:, 0] = np.cos(angle) * local[:, 0] - np.sin(angle) * local[:, 2]
        turned[:, 2] = np.sin(angle) * local[:, 0] + np.cos(angle) * local[:, 2]
        return turned, FACES
