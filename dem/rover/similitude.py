"""Similitude between a prototype drive and one in the laboratory: scaled by granular laws, or with weight offloaded.

Granular scaling laws (Slonaker et al., Phys. Rev. E 95 (2017) 052901; Zhang, Townsend & Kamrin, Phys. Rev. Fluids 5
(2020) 114301): in a cohesionless soil a wheel's motion depends on gravity g, size L, mass M, width D and spin w only
through L w^2/g and rho D L^2/M. So a drive with (q g, r L, s M, s r^-2 D, sqrt(q/r) w) slips as the prototype does, and
its readings scale back by powers of q, r and s. A gravity-offload test instead carries the prototype's weight, and so
changes M alone: its soil is under the laboratory's gravity while its wheel is not.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dem.errors import ConfigError
from dem.spec import require_choice, require_positive

if TYPE_CHECKING:
    from dem.run_config import RunConfig

KINDS = ("prototype", "scaled", "gravity_offload")


@dataclass(frozen=True)
class Ratios:
    """Ratios of the scaled drive to the prototype: gravity q, size r, mass s; all others follow from them."""

    gravity: float = 1.0
    size: float = 1.0
    mass: float = 1.0

    @property
    def width(self) -> float:
        """Ratio of the widths of wheel and bed."""
        return self.mass / self.size**2

    @property
    def time(self) -> float:
        """Ratio of all durations."""
        return math.sqrt(self.size / self.gravity)

    @property
    def angular_velocity(self) -> float:
        """Ratio of angular velocities."""
        return 1.0 / self.time

    @property
    def speed(self) -> float:
        """Ratio of velocities."""
        return math.sqrt(self.size * self.gravity)

    @property
    def force(self) -> float:
        """Ratio of forces."""
        return self.gravity * self.mass

    @property
    def torque(self) -> float:
        """Ratio of torques and energies."""
        return self.force * self.size

    @property
    def power(self) -> float:
        """Ratio of powers."""
        return self.force * self.speed

    @property
    def stress(self) -> float:
        """Ratio of stresses, which a cohesion would have to follow."""
        return self.gravity * self.size

    def of_unit(self, unit: str) -> float:
        """Ratio of readings in `unit`."""
        by_unit = {
            "-": 1.0, "rad": 1.0, "m": self.size, "s": self.time, "m/s": self.speed, "rad/s": self.angular_velocity,
            "N": self.force, "N m": self.torque, "J": self.torque, "W": self.power, "Pa": self.stress,
        }  # fmt: skip
        return by_unit[unit]


@dataclass
class SimilitudeSpec:
    """How the prototype drive that the other groups state is run.

    Attributes:
        kind: prototype (run as stated), scaled (by granular scaling laws), gravity_offload (a lighter
            load, of the prototype's weight under the laboratory's gravity).
        gravity: of the laboratory [m/s2]. A prototype has none: it runs under the gravity that is stated.
        size: wheel radius of a scaled drive over the prototype's [-].
        mass: load of a scaled drive over the prototype's [-]; null takes size cubed, a wheel of the same shape. Other
            values change the wheel's width.
    """

    kind: str = "prototype"
    gravity: float | None = None
    size: float = 1.0
    mass: float | None = None

    def __post_init__(self) -> None:
        require_choice("similitude.kind", self.kind, KINDS, "give prototype to run the rover where it drives")
        if self.kind == "prototype" and self.gravity is not None:
            raise ConfigError(
                f"similitude.gravity is {self.gravity}, but similitude=prototype runs under gravity as it is stated; "
                "use similitude=scaled or similitude=gravity_offload, or drop it"
            )
        if self.kind != "scaled" and (self.size != 1.0 or self.mass is not None):
            key = "size" if self.size != 1.0 else "mass"
            raise ConfigError(
                f"similitude.{key} is {getattr(self, key)}, but only similitude=scaled scales the wheel; drop it"
            )
        if self.kind != "prototype":
            if self.gravity is None:
                raise ConfigError(
                    f"similitude.gravity is missing, similitude={self.kind} needs it; add m/s2 such as 9.81"
                )
            require_positive("similitude.gravity", self.gravity, "give m/s2 such as 9.81")
        require_positive("similitude.size", self.size, "give a ratio of wheel radii such as 0.5")
        if self.mass is not None:
            require_positive("similitude.mass", self.mass, "give a ratio of loads such as 0.5, or null")

    def ratios(self, prototype_gravity: float) -> Ratios:
        """Ratios to a prototype under `prototype_gravity` [m/s2] by the scaling laws; 1 unless the drive is scaled."""
        if self.kind != "scaled" or self.gravity is None:
            return Ratios()
        mass = self.size**3 if self.mass is None else self.mass
        return Ratios(self.gravity / prototype_gravity, self.size, mass)

    def apply(self, config: "RunConfig") -> dict[str, Any]:
        """Turn the prototype that a `RunConfig` states into the drive that is run, in place; return what is recorded.

        With gravity offloaded the wheel bears the prototype's weight; a scaled drive follows the laws in wheel, bed,
        commands and intervals.
        """
        prototype_gravity = config.gravity.strength()
        ratios = self.ratios(prototype_gravity)
        if self.gravity is not None:
            if self.kind == "gravity_offload":
                config.wheel.lighten(prototype_gravity / self.gravity)
            else:
                for group in (config.wheel, config.bed, config.scenario, config.output):
                    group.scale(ratios)
            config.gravity.rescale(self.gravity)
            config.gravity.name = f"test for {config.gravity.name}"
        cohesive = config.soil.grain_cohesion > 0 and not math.isclose(ratios.stress, 1.0)
        return {
            "kind": self.kind,
            "prototype_gravity": prototype_gravity,
            "gravity": config.gravity.strength(),
            "gravity_ratio": ratios.gravity,
            "size_ratio": ratios.size,
            "mass_ratio": ratios.mass,
            "cohesion_matched": not cohesive,
        }
