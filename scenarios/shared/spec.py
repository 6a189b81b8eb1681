"""What the specs of soil tests share: grains of their own size, and several specimens, each with a seed of its own."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dem.errors import ConfigError
from dem.run_config import RunConfig, ScenarioSpec
from dem.spec import require_positive, require_range


@dataclass
class SoilTestSpec(ScenarioSpec):
    """What every soil test may be told; a test adds its own keys.

    Attributes:
        name: of the scenario.
        grain_diameter: mean [m]; a choice of resolution.
        grain_spread: diameters are uniform in mean (1 +- spread) [-].
        preparation_friction: sliding friction while the sample is made, low packs dense [-]; null takes the soil's.
        seed: of the first specimen; the others count on.
        repeats: specimens.
    """

    name: str = "soil_test"
    grain_diameter: float = 0.005
    grain_spread: float = 0.15
    preparation_friction: float | None = None
    seed: int = 1
    repeats: int = 3

    reads: ClassVar[tuple[str, ...]] = ("gravity", "soil", "solver", "device", "output")  # the config groups that count

    def __post_init__(self) -> None:
        require_positive("scenario.grain_diameter", self.grain_diameter, "give metres such as 0.005")
        require_range("scenario.grain_spread", self.grain_spread, 0.0, 0.5, "give a fraction such as 0.15")
        if self.preparation_friction is not None:
            remedy = "give a coefficient such as 0.05, or null for the soil's"
            require_range("scenario.preparation_friction", self.preparation_friction, 0.0, 5.0, remedy)
        require_range("scenario.seed", self.seed, 0, 2**31 - 1, "give a whole number such as 1")
        require_range("scenario.repeats", self.repeats, 1, 100, "give a count such as 3")

    def fit(self, config: RunConfig) -> None:
        """Take from the rest of the config what was left to it."""
        if self.preparation_friction is None:
            self.preparation_friction = config.soil.preparation_friction

    @property
    def seeds(self) -> range:
        """Of the specimens."""
        return range(self.seed, self.seed + self.repeats)


def require_level(config: RunConfig) -> None:
    """Refuse gravity that is not straight down."""
    gravity = config.gravity.vector_value()
    if gravity[0] or gravity[1]:
        raise ConfigError(
            f"gravity is {list(gravity)}, scenario={config.scenario.name} needs it straight down; "
            "drop gravity.slope_deg, or the first two numbers of gravity.vector"
        )


def check_push(spec: Any) -> None:
    """Ranges of what plates and cones share."""
    if spec.push_speed is not None:
        require_positive("scenario.push_speed", spec.push_speed, "give m/s, or null to follow gravity")
    if spec.preparation_gravity is not None:
        remedy = "give m/s2 such as 9.81, or null for the run's"
        require_positive("scenario.preparation_gravity", spec.preparation_gravity, remedy)


def require_room(key: str, value: Any, least: float) -> None:
    """Refuse a bed smaller than `least` [m]."""
    if value < least * (1 - 1e-9):
        raise ConfigError(
            f"scenario.{key} is {value:g} m, must be at least {least:g} m for what is pushed into it; enlarge it"
        )
