"""What a user may set about the single-wheel test: its mode, its command and the lengths of its phases."""

import math
from dataclasses import dataclass, field
from typing import Any

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_choice, require_positive, require_range
from scenarios.shared.drive_spec import PACED, DriveSpec
from scenarios.shared.rocks import check_rocks
from scenarios.single_wheel.programme import ProgrammeSpec

MODES = ("slip", "pull", "slope")
MOST_SKID = -0.95  # at -1 the wheel does not turn, and no speed follows from its spin
DESIGN_SLIP = 0.2  # drawbar pull is quoted at 20 % slip


@dataclass
class SingleWheelSpec(DriveSpec):
    """One wheel on a levelled bed.

    Attributes:
        name: of the scenario.
        mode: slip (speed and spin imposed), pull (a force holds back), slope (tilted gravity); spin always imposed.
        slip: slip ratio imposed in mode slip [-]; the other modes measure it, and clear it here.
        pull: horizontal force that holds the wheel back in mode pull [N].
        angular_velocity: of the wheel [rad/s]; null takes the wheel's nominal.
        slip_radius: radius in the slip ratio [m]; null takes the tip radius.
        drive_duration: time of driving at full command [s]; null takes that of `drive_turns`.
        drive_turns: revolutions at full command [-], in place of a duration: alike for any wheel.
        start_x: of the axle, from the bed's end [m]; null puts the travel in the middle of a level bed, and starts at
            the end of one with relief, on the sand before it.
        programme: stairs of slip, pull, slope or another quantity, in one run; null runs at one value.
        rocks: rows of x, y, height and width [m], x and y from where the wheel starts; half buried, held.
        expected_slip: of a wheel that is free to slip, at least [-]: the bed need not be longer than it then travels.
    """

    name: str = "single_wheel"
    mode: str = "slip"
    slip: float | None = DESIGN_SLIP
    pull: float | None = None
    angular_velocity: float | None = None
    slip_radius: float | None = None
    drive_duration: float | None = 2.0
    drive_turns: float | None = None
    start_x: float | None = None
    programme: ProgrammeSpec = field(default_factory=ProgrammeSpec)
    rocks: list[Any] = field(default_factory=list)
    expected_slip: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice("scenario.mode", self.mode, MODES, "give slip to impose a slip ratio")
        self._check_slip()
        self._check_pull()
        if self.angular_velocity is not None:
            require_positive(
                "scenario.angular_velocity", self.angular_velocity, "give rad/s, or null for the wheel's own"
            )
        if self.slip_radius is not None:
            require_positive("scenario.slip_radius", self.slip_radius, "give metres, or null for the tip radius")
        self.programme.require_mode(self.mode)
        self._check_drive()
        if self.start_x is not None:
            require_positive("scenario.start_x", self.start_x, "give metres from the bed's end, or null")
        check_rocks(self.rocks)
        require_range("scenario.expected_slip", self.expected_slip, 0.0, 0.95, "give what it slips at least, or 0")
        if self.expected_slip and self.mode == "slip":
            raise ConfigError(
                f"scenario.expected_slip is {self.expected_slip}, but scenario.mode=slip imposes it; leave it at 0"
            )

    def fit(self, config: RunConfig) -> None:
        """Give the durations that were left to gravity their seconds."""
        super().fit(config)
        if self.programme.quantity is not None:
            spins = [self.angular_velocity or config.wheel.angular_velocity] * len(self.programme.values)
            spins = self.programme.values if self.programme.quantity == "angular_velocity" else spins
            self.drive_duration = sum(2 * math.pi * self.programme.turns_each / abs(spin) for spin in spins)
        if self.drive_duration is None:
            spin = self.angular_velocity or config.wheel.angular_velocity
            self.drive_duration = 2 * math.pi * float(self.drive_turns or 0.0) / spin

    def scale(self, ratios: Any) -> None:
        """Take commands and durations to a test with these `Ratios` to the prototype."""
        self.lower_clearance *= ratios.size
        by_key = {key: ratios.time for key in ("drive_duration", *PACED)}
        by_key |= {"angular_velocity": ratios.angular_velocity, "slip_radius": ratios.size, "pull": ratios.force}
        self.programme.scale({
            "pull": ratios.force, "load": ratios.force, "angular_velocity": ratios.angular_velocity,
            "gravity": ratios.gravity,
        })  # fmt: skip
        for key, ratio in by_key.items():
            if getattr(self, key) is not None:
                setattr(self, key, ratio * getattr(self, key))

    def _check_drive(self) -> None:
        if (self.drive_duration is None) == (self.drive_turns is None):
            found = "missing" if self.drive_turns is None else f"{self.drive_duration:g} beside scenario.drive_turns"
            raise ConfigError(
                f"scenario.drive_duration is {found}, must be given or scenario.drive_turns; give one, the other null"
            )
        if self.drive_turns is not None:
            require_positive("scenario.drive_turns", self.drive_turns, "give revolutions such as 0.4")
        else:
            require_positive("scenario.drive_duration", self.drive_duration, "give seconds such as 2")

    def _check_slip(self) -> None:
        if self.slip is not None:
            require_range("scenario.slip", self.slip, MOST_SKID, 1.0, "give a slip ratio such as 0.2")
        if self.mode == "slip":
            if self.slip is None:
                raise ConfigError("scenario.slip is missing, scenario.mode=slip needs it; add scenario.slip=0.2")
            return
        if self.slip not in (None, DESIGN_SLIP):
            raise ConfigError(
                f"scenario.slip is {self.slip}, but scenario.mode={self.mode} measures it; "
                "drop it or use scenario.mode=slip"
            )
        self.slip = None

    def _check_pull(self) -> None:
        if self.mode == "pull":
            if self.pull is None:
                raise ConfigError(
                    "scenario.pull is missing, scenario.mode=pull needs it; add newtons such as scenario.pull=20"
                )
            require_range("scenario.pull", self.pull, 0.0, math.inf, "give newtons such as 20")
        elif self.pull is not None:
            raise ConfigError(
                f"scenario.pull is {self.pull}, but only scenario.mode=pull uses it; drop it or set that mode"
            )
