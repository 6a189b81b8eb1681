"""The plan of a scaled drive: what to build, how fast to drive, how its readings scale back, and what cannot match.

The dimensionless groups are those of Zhang, Townsend & Kamrin, Phys. Rev. Fluids 5 (2020) 114301: a drive whose groups
all equal the prototype's slips as the prototype does.
"""

import math
from dataclasses import dataclass

from dem.rover.similitude import Ratios

MATCH = 1e-6  # relative difference up to which two groups are the same


@dataclass(frozen=True)
class WheelDrive:
    """One wheel that drives, on a soil and under a gravity.

    Attributes:
        gravity: [m/s2]; radius: to the grouser tips [m]; width [m]; mass: the load it bears [kg].
        angular_velocity: [rad/s]; grouser_height [m].
        bulk_density: of the soil [kg/m3]; cohesion: of the soil [Pa]; grain_diameter: of the soil [m], if known.
    """

    gravity: float
    radius: float
    width: float
    mass: float
    angular_velocity: float
    grouser_height: float
    bulk_density: float
    cohesion: float
    grain_diameter: float | None = None

    @property
    def speed(self) -> float:
        """Speed of the rim, and of the rover at no slip [m/s]."""
        return self.angular_velocity * self.radius

    @property
    def weight(self) -> float:
        """Weight on the soil [N]."""
        return self.mass * self.gravity

    def scaled(self, ratios: Ratios) -> "WheelDrive":
        """The drive with these ratios to this one, on the same soil."""
        return WheelDrive(
            self.gravity * ratios.gravity, self.radius * ratios.size, self.width * ratios.width,
            self.mass * ratios.mass, self.angular_velocity * ratios.angular_velocity, self.grouser_height * ratios.size,
            self.bulk_density, self.cohesion, self.grain_diameter,
        )  # fmt: skip

    def lightened(self, gravity: float) -> "WheelDrive":
        """The same wheel at the same speed under another gravity, its load lightened to the same weight."""
        return WheelDrive(
            gravity, self.radius, self.width, self.weight / gravity, self.angular_velocity, self.grouser_height,
            self.bulk_density, self.cohesion, self.grain_diameter,
        )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One dimensionless group, of the prototype and of a drive in the laboratory."""

    name: str
    formula: str
    prototype: float
    model: float

    @property
    def matches(self) -> bool:
        """Whether they are the same."""
        return math.isclose(self.prototype, self.model, rel_tol=MATCH, abs_tol=1e-300)


def compare_groups(prototype: WheelDrive, model: WheelDrive) -> list[Group]:
    """The groups that decide how a wheel slips, with their values in the prototype and in the laboratory."""
    by_formula = {
        ("inertia of the thrown soil", "L w^2 / g"): lambda w: w.radius * w.angular_velocity**2 / w.gravity,
        ("mass on the soil", "M / (rho D L^2)"): lambda w: w.mass / (w.bulk_density * w.width * w.radius**2),
        ("grousers", "h / L"): lambda w: w.grouser_height / w.radius,
        ("cohesion", "c / (rho g L)"): lambda w: w.cohesion / (w.bulk_density * w.gravity * w.radius),
    }
    found = [Group(name, formula, of(prototype), of(model)) for (name, formula), of in by_formula.items()]
    if prototype.grain_diameter is not None and model.grain_diameter is not None:
        found.append(Group("grain size", "d / L", prototype.grain_diameter / prototype.radius,
                           model.grain_diameter / model.radius))  # fmt: skip
    return found


def readings_back(ratios: Ratios) -> dict[str, float]:
    """What a reading of the scaled drive is multiplied by to give the prototype's, by the reading's name."""
    by_name = {
        "slip, efficiency, DP/W": "-", "sinkage, distance": "m", "time": "s", "speed": "m/s", "wheel spin": "rad/s",
        "drawbar pull, load": "N", "torque": "N m", "power": "W", "energy": "J", "stress": "Pa",
    }  # fmt: skip
    return {name: 1.0 / ratios.of_unit(unit) for name, unit in by_name.items()}
