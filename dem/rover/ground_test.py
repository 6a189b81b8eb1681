"""How a wheel that is to drive elsewhere is tested on the ground: as it flies, by granular scaling laws, or lightened.

Granular scaling laws (Slonaker et al., Phys. Rev. E 95 (2017) 052901; Zhang, Townsend & Kamrin, Phys. Rev. Fluids 5
(2020) 114301): in a cohesionless soil a wheel's motion depends on gravity g, size L, mass M, width D and spin w only
through L w^2/g and rho D L^2/M. So a test with (q g, r L, s M, s r^-2 D, sqrt(q/r) w) slips as the flight does, and its
readings scale back by powers of q, r and s. The offset test instead carries the flight's weight, and so changes M
alone: its soil is under the test's gravity while its wheel is not.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dem.errors import ConfigError
from dem.spec import require_choice, require_positive

if TYPE_CHECKING:
    from dem.run_config import RunConfig

KINDS = ("flight", "scaled", "offset")


@dataclass(frozen=True)
class Ratios:
    """Of a test to the flight: gravity q, size r, mass s."""

    gravity: float = 1.0
    size: float = 1.0
    mass: float = 1.0

    @property
    def width(self) -> float:
        """Of wheel and bed."""
        return self.mass / self.size**2

    @property
    def time(self) -> float:
        """Of all durations."""
        return math.sqrt(self.size / self.gravity)

    @property
    def spin(self) -> float:
        """Of angular velocities."""
        return 1.0 / self.time

    @property
    def speed(self) -> float:
        """Of velocities."""
        return math.sqrt(self.size * self.gravity)

    @property
    def force(self) -> float:
        """Of forces."""
        return self.gravity * self.mass

    @property
    def torque(self) -> float:
        """Of torques and energies."""
        return self.force * self.size

    @property
    def power(self) -> float:
        """Of powers."""
        return self.force * self.speed

    @property
    def stress(self) -> float:
        """Of stresses: a cohesion would have to follow."""
        return self.gravity * self.size

    def of_unit(self, unit: str) -> float:
        """Ratio of a reading in `unit`."""
        by_unit = {
            "-": 1.0, "rad": 1.0, "m": self.size, "s": self.time, "m/s": self.speed, "rad/s": self.spin,
            "N": self.force, "N m": self.torque, "J": self.torque, "W": self.power, "Pa": self.stress,
        }  # fmt: skip
        return by_unit[unit]


@dataclass
class GroundTestSpec:
    """How the flight that the other groups state is tested.

    Attributes:
        kind: flight (run as stated), scaled (by granular scaling laws), offset (lightened to the flight's weight).
        gravity: where the test stands [m/s2]. A flight has none: it is under the gravity that is stated.
        size: wheel radius of a scaled test over the flight's [-].
        mass: load of a scaled test over the flight's [-]; null takes size cubed, a wheel of the same shape. Other
            values change the wheel's width.
    """

    kind: str = "flight"
    gravity: float | None = None
    size: float = 1.0
    mass: float | None = None

    def __post_init__(self) -> None:
        require_choice("test.kind", self.kind, KINDS, "give flight to run the rover where it drives")
        if self.kind == "flight" and self.gravity is not None:
            raise ConfigError(
                f"test.gravity is {self.gravity}, but test=flight runs under gravity as it is stated; use test=scaled "
                "or test=offset, or drop it"
            )
        if self.kind != "scaled" and (self.size != 1.0 or self.mass is not None):
            key = "size" if self.size != 1.0 else "mass"
            raise ConfigError(f"test.{key} is {getattr(self, key)}, but only test=scaled scales the wheel; drop it")
        if self.kind != "flight":
            if self.gravity is None:
                raise ConfigError(f"test.gravity is missing, test={self.kind} needs it; add m/s2 such as 9.81")
            require_positive("test.gravity", self.gravity, "give m/s2 such as 9.81")
        require_positive("test.size", self.size, "give a ratio of wheel radii such as 0.5")
        if self.mass is not None:
            require_positive("test.mass", self.mass, "give a ratio of loads such as 0.5, or null")

    def ratios(self, flight_gravity: float) -> Ratios:
        """Of the scaling laws between this test and a flight under `flight_gravity` [m/s2]; 1 unless it is scaled."""
        if self.kind != "scaled" or self.gravity is None:
            return Ratios()
        mass = self.size**3 if self.mass is None else self.mass
        return Ratios(self.gravity / flight_gravity, self.size, mass)

    def apply(self, config: "RunConfig") -> dict[str, Any]:
        """Turn the flight that a `RunConfig` states into this test of it, in place; return what the result says of it.

        An offset test bears the flight's weight; a scaled one follows the laws in wheel, bed, commands and pace.
        """
        flight_gravity = config.gravity.strength()
        ratios = self.ratios(flight_gravity)
        if self.gravity is not None:
            if self.kind == "offset":
                config.wheel.lighten(flight_gravity / self.gravity)
            else:
                for group in (config.wheel, config.bed, config.scenario, config.output):
                    group.scale(ratios)
            config.gravity.rescale(self.gravity)
            config.gravity.name = f"test for {config.gravity.name}"
        cohesive = config.soil.grain_cohesion > 0 and not math.isclose(ratios.stress, 1.0)
        return {
            "kind": self.kind,
            "flight_gravity": flight_gravity,
            "gravity": config.gravity.strength(),
            "gravity_ratio": ratios.gravity,
            "size_ratio": ratios.size,
            "mass_ratio": ratios.mass,
            "cohesion_matched": not cohesive,
        }
