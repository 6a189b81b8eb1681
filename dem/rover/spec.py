"""A wheel as a user states it: geometry, the mass it carries, and the spin it is tested at."""

import math
from dataclasses import dataclass, field
from typing import Any

from dem.errors import ConfigError
from dem.spec import Source, require_positive, require_range


@dataclass
class WheelSpec:
    """A rigid wheel with straight grousers.

    Attributes:
        name: wheel, as shown on plots.
        radius: axle to grouser tip [m].
        width: along the axle [m].
        grouser_height: beyond the rim [m].
        grouser_thickness: along the rim [m].
        grouser_count: 0 makes a smooth wheel, whose rim stands at `radius`.
        load_mass: mass this wheel carries, its own included [kg].
        angular_velocity: nominal spin of a test, positive when driving towards +x [rad/s].
        wheel_mass: the wheel's own [kg], if known.
        sources: where each number comes from.
    """

    name: str
    radius: float
    width: float
    grouser_height: float
    grouser_thickness: float
    grouser_count: int
    load_mass: float
    angular_velocity: float
    wheel_mass: float | None = None
    sources: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("radius", "width"):
            require_positive(f"wheel.{key}", getattr(self, key), "give metres such as 0.25")
        require_positive("wheel.load_mass", self.load_mass, "give kg such as 110")
        require_positive("wheel.angular_velocity", self.angular_velocity, "give rad/s such as 0.8")
        require_range(
            "wheel.grouser_count", self.grouser_count, 0, 1000, "give a count such as 24, or 0 for a smooth wheel"
        )
        if self.wheel_mass is not None:
            require_positive("wheel.wheel_mass", self.wheel_mass, "give kg, or null if unknown")
            require_range("wheel.wheel_mass", self.wheel_mass, 0.0, self.load_mass, "keep it within wheel.load_mass")
        if self.grouser_count > 0:
            self._check_grousers()

    def _check_grousers(self) -> None:
        require_positive("wheel.grouser_height", self.grouser_height, "give metres, or wheel.grouser_count=0")
        require_positive("wheel.grouser_thickness", self.grouser_thickness, "give metres, or wheel.grouser_count=0")
        if self.grouser_height >= self.radius:
            raise ConfigError(
                f"wheel.grouser_height is {self.grouser_height}, must be below wheel.radius ({self.radius}); lower it"
            )
        if self.grouser_thickness >= self.grouser_pitch:
            raise ConfigError(
                f"wheel.grouser_thickness is {self.grouser_thickness}, must be below the pitch of "
                f"{self.grouser_count} grousers on the rim ({self.grouser_pitch:.4g} m); "
                "lower it or wheel.grouser_count"
            )

    def scale(self, ratios: Any) -> None:
        """Take the sizes, mass and spin of a test with these `Ratios` to the wheel."""
        for key in ("radius", "grouser_height", "grouser_thickness"):
            setattr(self, key, ratios.size * getattr(self, key))
        self.width *= ratios.width
        self.load_mass *= ratios.mass
        self.angular_velocity *= ratios.spin
        if self.wheel_mass is not None:
            self.wheel_mass *= ratios.mass

    def lighten(self, share: float) -> None:
        """Bear only a share of the load; the wheel itself stays what it is, as far as the load reaches."""
        self.load_mass *= share
        if self.wheel_mass is not None:
            self.wheel_mass = min(self.wheel_mass, self.load_mass)

    @property
    def rim_radius(self) -> float:
        """Axle to rim, without grousers [m]."""
        return self.radius - self.grouser_height if self.grouser_count > 0 else self.radius

    @property
    def grouser_pitch(self) -> float:
        """Distance from one grouser to the next along the rim [m]; infinite for a smooth wheel."""
        return 2.0 * math.pi * self.rim_radius / self.grouser_count if self.grouser_count > 0 else math.inf
