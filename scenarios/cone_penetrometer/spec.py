"""What a user may set about the cone: its form, how fast and how deep it goes, and the bed around it."""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.run_config import RunConfig
from dem.spec import require_range
from scenarios.shared.spec import PressedBedSpec, require_room

ROD = 0.6  # of the cone's diameter
ROOM = 2.5  # cone diameters from wall to wall, at the least


@dataclass
class ConePenetrometerSpec(PressedBedSpec):
    """A cone on a thinner rod is pushed into a level bed at a constant speed.

    Attributes:
        cone_diameter: of its base [m]; null takes 5 grain diameters.
        tip_angle_deg: full angle at the tip [deg].
        depth: of the cone's base at the end [m]; null takes 7 grain diameters.
        fit_from: depth of the base from which the gradient is fitted, as a share of `depth` [-].
        push_speed: [m/s]; null takes 0.6 sqrt(g d).
        cone_friction: sliding, of grains on cone and rod [-].
        bed_side: of the square bed [m]; null takes 18 grain diameters.
        bed_depth: of the levelled bed [m]; null takes 20 grain diameters.
        preparation_gravity: while the bed is made [m/s2]; null takes the run's.
    """

    name: str = "cone_penetrometer"
    cone_diameter: float | None = None
    tip_angle_deg: float = 60.0
    depth: float | None = None
    fit_from: float = 0.1
    cone_friction: float = 0.3
    bed_side: float | None = None

    sizes: ClassVar[dict[str, float]] = {"cone_diameter": 5.0, "depth": 7.0, "bed_side": 18.0, "bed_depth": 20.0}
    pace: ClassVar[float] = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        require_range("scenario.tip_angle_deg", self.tip_angle_deg, 20.0, 150.0, "give degrees such as 30 or 60")
        require_range("scenario.fit_from", self.fit_from, 0.0, 0.8, "give a share such as 0.1")
        require_range("scenario.cone_friction", self.cone_friction, 0.0, 5.0, "give a coefficient such as 0.3")

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains and gravity.

        Raises:
            ConfigError: the bed is too small for its cone.
        """
        super().fit(config)
        require_room("bed_side", self.bed_side, ROOM * self.diameter)
        require_room("bed_depth", self.bed_depth, self.travel + self.diameter)

    @property
    def diameter(self) -> float:
        """Diameter of the cone's base [m]."""
        return float(self.cone_diameter or self.sizes["cone_diameter"] * self.grain_diameter)

    @property
    def tip_length(self) -> float:
        """Length of the cone from the tip to the base [m]."""
        return self.diameter / 2 / math.tan(math.radians(self.tip_angle_deg) / 2)

    @property
    def travel(self) -> float:
        """Depth of the tip below the surface at the end [m]."""
        return float(self.depth or self.sizes["depth"] * self.grain_diameter) + self.tip_length
