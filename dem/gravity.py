"""Gravity as a user states it: a body's surface value or a vector, and the slope the bed stands on.

A slope is a tilted gravity vector: the bed stays level in its box and x points uphill.
"""

import math
from dataclasses import dataclass

from dem.errors import ConfigError
from dem.spec import Source, require_number, require_positive, require_range, uncounted


@dataclass
class GravitySpec:
    """Gravity of a celestial body, and the slope of the ground.

    Attributes:
        name: body, as shown on plots.
        magnitude: surface gravity along -z before the tilt [m/s2]; null when `vector` is given.
        vector: gravity before the tilt (x, y, z) [m/s2]; null when `magnitude` is given.
        slope_deg: slope angle, uphill along +x positive [deg].
        sources: where each number comes from.
    """

    name: str
    magnitude: float | None = None
    vector: list[float] | None = None
    slope_deg: float = 0.0
    sources: dict[str, Source] = uncounted(default_factory=dict)

    def __post_init__(self) -> None:
        require_range("gravity.slope_deg", self.slope_deg, -45.0, 45.0, "give degrees such as 10")
        if self.magnitude is None and self.vector is None:
            raise ConfigError("gravity.vector is missing; add m/s2 such as gravity.vector=[0,0,-3.71]")
        if self.magnitude is not None and self.vector is not None:
            raise ConfigError(
                f"gravity.vector is given beside gravity.magnitude ({self.magnitude}), must stand alone; "
                "use gravity=custom"
            )
        if self.magnitude is not None:
            remedy = "give m/s2 such as 1.62; it points down by itself"
            require_positive("gravity.magnitude", self.magnitude, remedy)
            require_range("gravity.magnitude", self.magnitude, 0.0, 1000.0, remedy)
        if self.vector is not None:
            self._check_vector(self.vector)

    @staticmethod
    def _check_vector(vector: list[float]) -> None:
        remedy = "give three m/s2 such as gravity.vector=[0,0,-3.71]"
        if len(vector) != 3:
            raise ConfigError(f"gravity.vector is {list(vector)}, must have 3 components; {remedy}")
        for component in vector:
            require_number("gravity.vector", component, remedy)
        if vector[2] >= 0.0:
            raise ConfigError(f"gravity.vector is {list(vector)}, must point into the bed (z below 0); {remedy}")

    @property
    def slope(self) -> float:
        """Slope angle, uphill along +x positive [rad]."""
        return math.radians(self.slope_deg)

    def vector_value(self) -> tuple[float, float, float]:
        """Return gravity in the bed's frame, the slope's tilt included [m/s2]."""
        if self.vector is not None:
            along, across, up = (float(component) for component in self.vector)
        else:
            along, across, up = 0.0, 0.0, -float(self.magnitude or 0.0)
        cosine, sine = math.cos(self.slope), math.sin(self.slope)
        return (along * cosine + up * sine + 0.0, across + 0.0, up * cosine - along * sine)

    def rescale(self, strength: float) -> None:
        """Give gravity another strength [m/s2] in the same direction."""
        ratio = strength / self.strength()
        if self.vector is not None:
            self.vector = [ratio * component for component in self.vector]
        else:
            self.magnitude = ratio * float(self.magnitude or 0.0)

    def strength(self) -> float:
        """Return the length of the gravity vector [m/s2]."""
        return math.hypot(*self.vector_value())
