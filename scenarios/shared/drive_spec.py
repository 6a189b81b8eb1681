"""What the specs of drives share: the durations of their phases, which follow gravity unless they are given."""

import math
from dataclasses import dataclass
from typing import ClassVar

from dem.run_config import RunConfig, ScenarioSpec
from dem.spec import require_range

PACED = ("settle_duration", "lower_duration", "ramp_duration")


@dataclass
class DriveSpec(ScenarioSpec):
    """A wheel or a rover that is set down on a prepared bed and driven.

    Attributes:
        settle_duration: rest of the bed under the run's gravity before the wheel comes [s]; null takes 0.5 sqrt(r/g).
        lower_clearance: of the wheels above the bed when lowering starts [m].
        lower_duration: the longest time given to the wheels to come down and rest [s]; null takes 12 sqrt(r/g).
        ramp_duration: time in which speeds rise to their commands [s]; null takes 0.5 sqrt(r/g).
        steady_fraction: last part of the drive over which means are taken [-].
    """

    name: str = "drive"
    settle_duration: float | None = None
    lower_clearance: float = 0.002
    lower_duration: float | None = None
    ramp_duration: float | None = None
    steady_fraction: float = 0.5

    # What gravity paces lasts this many sqrt(wheel radius / gravity), so that it ends alike on any body.
    fall_times: ClassVar[dict[str, float]] = {"settle_duration": 0.5, "lower_duration": 12.0, "ramp_duration": 0.5}
    frame_interval: ClassVar[float] = 0.02  # [s], where output leaves it open; of the prototype, if it is a scaled test
    sample_interval: ClassVar[float] = 0.005

    def __post_init__(self) -> None:
        require_range("scenario.lower_clearance", self.lower_clearance, 0.0, math.inf, "give 0 m or more")
        require_range("scenario.steady_fraction", self.steady_fraction, 0.05, 1.0, "give a fraction such as 0.5")
        for key in PACED:
            if getattr(self, key) is not None:
                require_range(f"scenario.{key}", getattr(self, key), 0.0, math.inf, "give seconds, or null")

    def fit(self, config: RunConfig) -> None:
        """Give the durations that were left to gravity their seconds."""
        gravity = -config.gravity.vector_value()[2]
        for key, times in self.fall_times.items():
            if getattr(self, key) is None:
                setattr(self, key, times * math.sqrt(config.wheel.radius / gravity))
