"""What a user may set about the lifted cylinder: its size, how fast it is lifted, and where the flank is read."""

from dataclasses import dataclass

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_positive, require_range
from scenarios.shared.spec import SoilExperimentSpec, require_level

RADIUS, HEIGHT = 8.0, 16.0  # grain diameters
LIFT = 0.5  # sqrt(g d)
NARROWEST = 3.0  # grain diameters of radius: grains bridge in a narrower cylinder


@dataclass
class ReposeCylinderSpec(SoilExperimentSpec):
    """A cylinder of sand is lifted off a rough plate; the heap's flank is the angle of repose.

    Attributes:
        cylinder_radius: inside [m]; null takes 8 grain diameters.
        fill_height: of the sand in it [m]; null takes 16 grain diameters.
        lift_speed: [m/s]; null takes 0.5 sqrt(g d).
        wall_friction: sliding, of grains on the cylinder [-].
        sectors: of azimuth in which the flank is fitted.
        flank_low, flank_high: the part of the heap's radius that is the flank [-].
    """

    name: str = "repose_cylinder"
    cylinder_radius: float | None = None
    fill_height: float | None = None
    lift_speed: float | None = None
    wall_friction: float = 0.2
    sectors: int = 12
    flank_low: float = 0.2
    flank_high: float = 0.75

    def __post_init__(self) -> None:
        super().__post_init__()
        for key, remedy in (
            ("cylinder_radius", "give metres, or null for 8 grain diameters"),
            ("fill_height", "give metres, or null for 16 grain diameters"),
            ("lift_speed", "give m/s, or null for 0.5 sqrt(g d)"),
        ):
            if getattr(self, key) is not None:
                require_positive(f"scenario.{key}", getattr(self, key), remedy)
        require_range("scenario.wall_friction", self.wall_friction, 0.0, 5.0, "give a coefficient such as 0.2")
        require_range("scenario.sectors", self.sectors, 4, 72, "give a count such as 12")
        require_range("scenario.flank_low", self.flank_low, 0.0, 0.9, "give a share such as 0.2")
        require_range("scenario.flank_high", self.flank_high, 0.1, 1.0, "give a share such as 0.75")
        if self.flank_low >= self.flank_high:
            raise ConfigError(
                f"scenario.flank_low is {self.flank_low}, must be below scenario.flank_high "
                f"({self.flank_high}); lower it"
            )

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains and gravity.

        Raises:
            ConfigError: the cylinder is too narrow for its grains.
        """
        super().fit(config)
        require_level(config)
        size = self.grain_diameter
        self.cylinder_radius = self.cylinder_radius or RADIUS * size
        self.fill_height = self.fill_height or HEIGHT * size
        self.lift_speed = self.lift_speed or LIFT * (config.gravity.strength() * size) ** 0.5
        if self.cylinder_radius < NARROWEST * size:
            raise ConfigError(
                f"scenario.cylinder_radius is {self.cylinder_radius:g} m, must be at least {NARROWEST:g} grain "
                f"diameters ({NARROWEST * size:g} m); enlarge it or lower scenario.grain_diameter"
            )
