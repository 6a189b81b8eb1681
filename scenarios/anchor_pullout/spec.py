"""What a user may set about the pull-out of an anchor plate: the plate, how deep it lies, and how it is pulled."""

from dataclasses import dataclass
from typing import ClassVar

from dem.run_config import RunConfig
from dem.spec import require_range
from scenarios.shared.spec import PressedBedSpec, require_room

ROOM = 2.5  # plate diameters from wall to wall, at the least


@dataclass
class AnchorPulloutSpec(PressedBedSpec):
    """A horizontal circular plate, buried in a level bed, is pulled up at a constant speed.

    Attributes:
        plate_diameter: [m]; null takes 8 grain diameters.
        embedment: of the plate's upper face below the surface [m]; null takes 12 grain diameters.
        lift: how far it is pulled [m]; null takes 4 grain diameters.
        push_speed: of the pull, upwards [m/s]; null takes 0.1 sqrt(g d).
        plate_friction: sliding, of grains on the plate [-].
        bed_side: of the square bed [m]; null takes 32 grain diameters.
        bed_depth: of the levelled bed [m]; null takes 18 grain diameters.
        preparation_gravity: while the bed is made [m/s2]; null takes the run's.
    """

    name: str = "anchor_pullout"
    plate_diameter: float | None = None
    embedment: float | None = None
    lift: float | None = None
    plate_friction: float = 0.5
    bed_side: float | None = None

    sizes: ClassVar[dict[str, float]] = {
        "plate_diameter": 8.0,
        "embedment": 12.0,
        "lift": 4.0,
        "bed_side": 32.0,
        "bed_depth": 18.0,
    }
    pace: ClassVar[float] = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        require_range("scenario.plate_friction", self.plate_friction, 0.0, 5.0, "give a coefficient such as 0.5")

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains and gravity.

        Raises:
            ConfigError: the bed is too small for its plate.
        """
        super().fit(config)
        require_room("bed_side", self.bed_side, ROOM * float(self.plate_diameter or 0.0))
        require_room("bed_depth", self.bed_depth, float(self.embedment or 0.0) + 3 * self.grain_diameter)
