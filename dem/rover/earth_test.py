"""The plan of a ground test that foretells a flight: what to build, how fast to drive, how to read, what cannot match.

The dimensionless groups are those of Zhang, Townsend & Kamrin, Phys. Rev. Fluids 5 (2020) 114301: a test whose groups
all equal the flight's slips as the flight does.
"""

import math
from dataclasses import dataclass

from dem.rover.ground_test import Ratios

MATCH = 1e-6  # relative difference up to which two groups are the same


@dataclass(frozen=True)
class WheelTest:
    """One wheel somewhere.

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
        """Of the rim, and of the rover at no slip [m/s]."""
        return self.angular_velocity * self.radius

    @property
    def weight(self) -> float:
        """On the soil [N]."""
        return self.mass * self.gravity

    def scaled(self, ratios: Ratios) -> "WheelTest":
        """The same in a test with these ratios to it, on the same soil."""
        return WheelTest(
            self.gravity * ratios.gravity, self.radius * ratios.size, self.width * ratios.width,
            self.mass * ratios.mass, self.angular_velocity * ratios.spin, self.grouser_height * ratios.size,
            self.bulk_density, self.cohesion, self.grain_diameter,
        )  # fmt: skip

    def lightened(self, gravity: float) -> "WheelTest":
        """The same wheel at the same speed under another gravity, its load lightened to the same weight."""
        return WheelTest(
            gravity, self.radius, self.width, self.weight / gravity, self.angular_velocity, self.grouser_height,
            self.bulk_density, self.cohesion, self.grain_diameter,
        )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """One dimensionless group in the flight and in a test of it."""

    name: str
    formula: str
    flight: float
    test: float

    @property
    def matches(self) -> bool:
        """Whether they are the same."""
        return math.isclose(self.flight, self.test, rel_tol=MATCH, abs_tol=1e-300)


def compare_groups(flight: WheelTest, test: WheelTest) -> list[Group]:
    """The groups that decide how a wheel slips, and their values here and there."""
    by_formula = {
        ("inertia of the thrown soil", "L w^2 / g"): lambda w: w.radius * w.angular_velocity**2 / w.gravity,
        ("mass on the soil", "M / (rho D L^2)"): lambda w: w.mass / (w.bulk_density * w.width * w.radius**2),
        ("grousers", "h / L"): lambda w: w.grouser_height / w.radius,
        ("cohesion", "c / (rho g L)"): lambda w: w.cohesion / (w.bulk_density * w.gravity * w.radius),
    }
    found = [Group(name, formula, of(flight), of(test)) for (name, formula), of in by_formula.items()]
    if flight.grain_diameter is not None and test.grain_diameter is not None:
        found.append(Group("grain size", "d / L", flight.grain_diameter / flight.radius,
                           test.grain_diameter / test.radius))  # fmt: skip
    return found


def readings_back(ratios: Ratios) -> dict[str, float]:
    """What a reading of the test is multiplied by to give the flight's, by the reading's name."""
    by_name = {
        "slip, efficiency, DP/W": "-", "sinkage, distance": "m", "time": "s", "speed": "m/s", "wheel spin": "rad/s",
        "drawbar pull, load": "N", "torque": "N m", "power": "W", "energy": "J", "stress": "Pa",
    }  # fmt: skip
    return {name: 1.0 / ratios.of_unit(unit) for name, unit in by_name.items()}
