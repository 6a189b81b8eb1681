"""What a user may set about the tilting box: its size, how fast it is tilted, and what counts as flowing."""

from dataclasses import dataclass

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_positive, require_range
from scenarios.shared.spec import SoilExperimentSpec, require_level

SIZES = {"box_length": 36.0, "box_width": 6.0, "fill_depth": 8.0}  # grain diameters
LEAST = {"box_length": 12.0, "box_width": 4.0, "fill_depth": 3.0}  # grain diameters
TILT_RATE_DEG = 0.15  # in sqrt(d/g)


@dataclass
class ReposeTiltingBoxSpec(SoilExperimentSpec):
    """A box of sand is tilted until its surface flows, and held there until it rests.

    Attributes:
        box_length: along the tilt [m]; null takes 36 grain diameters.
        box_width: across, periodic [m]; null takes 6 grain diameters.
        fill_depth: of the sand [m]; null takes 8 grain diameters.
        tilt_rate_deg: [deg/s]; null takes 0.15 deg in each sqrt(d/g).
        largest_tilt_deg: where the test gives up [deg].
        wall_friction: sliding, of grains on the walls at both ends [-].
        flow_speed: mean speed of the top layer that counts as an avalanche [sqrt(g d)].
    """

    name: str = "repose_tilting_box"
    box_length: float | None = None
    box_width: float | None = None
    fill_depth: float | None = None
    tilt_rate_deg: float | None = None
    largest_tilt_deg: float = 60.0
    wall_friction: float = 0.0
    flow_speed: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        for key, count in SIZES.items():
            if getattr(self, key) is not None:
                remedy = f"give metres, or null for {count:g} grain diameters"
                require_positive(f"scenario.{key}", getattr(self, key), remedy)
        if self.tilt_rate_deg is not None:
            require_positive("scenario.tilt_rate_deg", self.tilt_rate_deg, "give deg/s, or null to follow gravity")
        require_range("scenario.largest_tilt_deg", self.largest_tilt_deg, 5.0, 80.0, "give degrees such as 60")
        require_range("scenario.wall_friction", self.wall_friction, 0.0, 5.0, "give a coefficient such as 0")
        require_range("scenario.flow_speed", self.flow_speed, 0.005, 1.0, "give a share of sqrt(g d) such as 0.05")

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains and gravity.

        Raises:
            ConfigError: the box is too small for its grains.
        """
        super().fit(config)
        require_level(config)
        size = self.grain_diameter
        for key, count in SIZES.items():
            setattr(self, key, getattr(self, key) or count * size)
            if getattr(self, key) < LEAST[key] * size * (1 - 1e-9):
                raise ConfigError(
                    f"scenario.{key} is {getattr(self, key):g} m, must be at least {LEAST[key]:g} grain diameters "
                    f"({LEAST[key] * size:g} m); enlarge it or lower scenario.grain_diameter"
                )
        self.tilt_rate_deg = self.tilt_rate_deg or TILT_RATE_DEG * (config.gravity.strength() / size) ** 0.5
