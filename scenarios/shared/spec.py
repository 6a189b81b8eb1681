"""What the specs of soil tests share: grains of their own size, and several specimens, each with a seed of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dem.errors import ConfigError
from dem.run_config import RunConfig, ScenarioSpec
from dem.spec import UNIT_SLIPS, require_positive, require_range, uncounted

LABORATORY = (200.0, 2e6)  # [Pa] that the largest stress of a strength test lies between


@dataclass
class SoilExperimentSpec(ScenarioSpec):
    """What every soil test may be told; a test adds its own keys.

    Attributes:
        name: of the scenario.
        grain_diameter: mean [m]; a choice of resolution.
        grain_spread: diameters are uniform in mean (1 +- spread) [-].
        preparation_friction: sliding friction while the sample is made, low packs dense [-]; null takes the soil's.
        seed: of the first specimen; the others count on.
        repeats: specimens.
        trust_units: take numbers as they are given, though they look as if they were in another unit.
    """

    name: str = "soil_test"
    grain_diameter: float = 0.005
    grain_spread: float = 0.15
    preparation_friction: float | None = None
    seed: int = 1
    repeats: int = 3
    trust_units: bool = uncounted(default=False)

    # The config groups that count.
    reads: ClassVar[tuple[str, ...]] = ("gravity", "soil", "contact", "solver", "device", "output")

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
        """Seeds of the specimens."""
        return range(self.seed, self.seed + self.repeats)


def require_level(config: RunConfig) -> None:
    """Reject gravity that is not straight down."""
    gravity = config.gravity.vector_value()
    if gravity[0] or gravity[1]:
        raise ConfigError(
            f"gravity is {list(gravity)}, scenario={config.scenario.name} needs it straight down; "
            "drop gravity.slope_deg, or the first two numbers of gravity.vector"
        )


def require_room(key: str, value: Any, least: float) -> None:
    """Reject a bed smaller than `least` [m]."""
    if value < least * (1 - 1e-9):
        raise ConfigError(
            f"scenario.{key} is {value:g} m, must be at least {least:g} m for what is pushed into it; enlarge it"
        )


def require_stresses(key: str, stresses: Sequence[float], trust_units: bool) -> None:
    """Reject stresses that no line of strength goes through, and such as are plainly in another unit."""
    for stress in stresses:
        require_positive(f"scenario.{key}", stress, "give pascals such as [5e3,1e4,2e4]")
    low, high = LABORATORY
    if trust_units or low <= max(stresses) <= high:
        return
    for factor, unit in UNIT_SLIPS["Pa"]:
        if low <= factor * max(stresses) <= high:
            meant = ",".join(f"{factor * stress:g}" for stress in stresses)
            raise ConfigError(
                f"scenario.{key} is {list(stresses)} Pa, less than a laboratory applies; if it is in {unit}, give "
                f"[{meant}], and if it is in pascals, add scenario.trust_units=true"
            )
    raise ConfigError(
        f"scenario.{key} is {list(stresses)} Pa, laboratories apply {low:g} to {high:g}; give pascals such as "
        "[5e3,1e4,2e4], or add scenario.trust_units=true"
    )


def require_different(key: str, stresses: Sequence[float]) -> None:
    """Reject stresses that are all alike."""
    if len(set(stresses)) < 2:
        raise ConfigError(
            f"scenario.{key} is {stresses}, must hold two that differ, for a line of "
            "strength; give pascals such as [5e3,1e4,2e4]"
        )


@dataclass
class PressedBedSpec(SoilExperimentSpec):
    """Something is moved through a prepared bed at a constant speed; a test adds what, and its own sizes.

    Attributes:
        bed_depth: of the levelled bed [m]; null takes the count of grain diameters in `sizes`.
        push_speed: [m/s]; null takes `pace` sqrt(g d).
        preparation_gravity: while the bed is made [m/s2]; null takes the run's.
    """

    bed_depth: float | None = None
    push_speed: float | None = None
    preparation_gravity: float | None = None

    sizes: ClassVar[dict[str, float]] = {}  # of keys that may be null, in grain diameters
    pace: ClassVar[float]  # of the push, in sqrt(g d)

    def __post_init__(self) -> None:
        super().__post_init__()
        for key, count in self.sizes.items():
            if getattr(self, key) is not None:
                require_positive(f"scenario.{key}", getattr(self, key), f"give metres, or null for {count:g} grains")
        if self.push_speed is not None:
            require_positive("scenario.push_speed", self.push_speed, "give m/s, or null to follow gravity")
        if self.preparation_gravity is not None:
            remedy = "give m/s2 such as 9.81, or null for the run's"
            require_positive("scenario.preparation_gravity", self.preparation_gravity, remedy)

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains and gravity."""
        super().fit(config)
        require_level(config)
        for key, count in self.sizes.items():
            setattr(self, key, getattr(self, key) or count * self.grain_diameter)
        self.push_speed = self.push_speed or self.pace * math.sqrt(config.gravity.strength() * self.grain_diameter)
