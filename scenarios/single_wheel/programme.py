"""A programme of stairs: one quantity takes one value after another while the wheel drives: a curve from one run.

Each stair begins with a ramp from the value before, and its last part is a steady window of its own.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.experiment import Phase
from dem.measure.credibility import Criterion, judge
from dem.measure.mobility import ratios, speed_for_slip
from dem.measure.statistics import block_mean
from dem.model import Motion
from dem.spec import require_choice, require_number, require_positive

KEYS = {  # quantity -> config key that its values stand for, and the mode that it needs
    "slip": ("scenario.slip", "slip"),
    "pull": ("scenario.pull", "pull"),
    "slope_deg": ("gravity.slope_deg", "slope"),
    "load": ("load", None),
    "angular_velocity": ("scenario.angular_velocity", None),
    "gravity": ("gravity.magnitude", None),
}
SMOOTH_BLOCKS = 10  # of the window of a wheel without grousers
RATIOS = ("drawbar_pull_ratio", "gross_traction_ratio", "motion_resistance_ratio")
STEADY_LOAD = 0.02  # of the weight


@dataclass
class ProgrammeSpec:
    """Stairs of one quantity.

    Attributes:
        quantity: slip [-], pull [N], slope_deg [deg], load [N], angular_velocity [rad/s] or gravity [m/s2]; null runs
            no programme.
        values: of the stairs, in their order.
        turns_each: revolutions of the wheel on each stair [-].
    """

    quantity: str | None = None
    values: list[float] = field(default_factory=list)
    turns_each: float = 0.3

    def __post_init__(self) -> None:
        require_positive("scenario.programme.turns_each", self.turns_each, "give revolutions such as 0.3")
        if self.quantity is None:
            if self.values:
                raise ConfigError(
                    f"scenario.programme.values is {list(self.values)}, but no quantity is named; add "
                    "scenario.programme.quantity=slope_deg"
                )
            return
        require_choice("scenario.programme.quantity", self.quantity, tuple(KEYS))
        if not self.values:
            raise ConfigError("scenario.programme.values is empty, must hold the stairs; give for instance [0,5,10]")
        for value in self.values:
            require_number("scenario.programme.values", value, "give numbers such as [0,5,10]")

    def scale(self, ratios: Mapping[str, float]) -> None:
        """Take the values to a test; `ratios` has those of quantities that change."""
        self.values = [ratios.get(str(self.quantity), 1.0) * value for value in self.values]

    def require_mode(self, mode: str) -> None:
        """Reject a quantity that is not commanded in a mode."""
        needed = KEYS[self.quantity][1] if self.quantity else None
        if needed and mode != needed:
            raise ConfigError(
                f"scenario.programme.quantity is {self.quantity}, which scenario.mode={mode} does not command; use "
                f"scenario.mode={needed}"
            )


class Programme:
    """The stairs of a `SingleWheel`.

    Args:
        wheel: the experiment.
    """

    def __init__(self, wheel: Any) -> None:
        self.wheel, self.spec = wheel, wheel.spec.programme
        self.quantity, self.values = self.spec.quantity, [float(value) for value in self.spec.values]

    def phases(self) -> list[Phase]:
        """A drive and a steady window for each stair."""
        wheel, found = self.wheel, []
        share = wheel.spec.steady_fraction
        for stair in range(len(self.values)):
            last = 2 * math.pi * self.spec.turns_each / self.spin(stair)
            found += [
                Phase(f"stair {stair + 1}", (1 - share) * last, self._begin(stair), sample=wheel.sample),
                Phase(f"measure {stair + 1}", share * last, self._measure(stair), None, wheel.sample, None, False),
            ]
        return found

    def spin(self, stair: int) -> float:
        """Angular velocity on a stair [rad/s]."""
        return self.values[stair] if self.quantity == "angular_velocity" else float(self.wheel.wheel_speed)

    def gravity(self, stair: int) -> np.ndarray:
        """On a stair (3,) [m/s2]."""
        spec = self.wheel.config.gravity
        if self.quantity == "slope_deg":
            return np.array(replace(spec, slope_deg=self.values[stair]).vector_value())
        if self.quantity == "gravity":
            return self.wheel.gravity * self.values[stair] / np.linalg.norm(self.wheel.gravity)
        return self.wheel.gravity

    def load(self, stair: int) -> float:
        """Normal to the bed [N]."""
        if self.quantity == "load":
            return self.values[stair]
        return float(-self.wheel.wheel.load_mass * self.gravity(stair)[2])

    def said(self) -> str:
        """The programme in words."""
        return f"{self.quantity.replace('_', ' ')} {', '.join(f'{value:g}' for value in self.values)}"

    def _begin(self, stair: int) -> Callable[[float], None]:
        def begin(start: float) -> None:
            self._command(stair, self._ramp(stair, start))
            before, now = self.gravity(max(stair - 1, 0)), self.gravity(stair)
            self.wheel.set_gravity(0, self.wheel.ramp_gravity(before, now, start) if (before != now).any() else now)

        return begin

    def _measure(self, stair: int) -> Callable[[float], None]:
        def begin(start: float) -> None:
            self._command(stair, lambda time: self.values[stair])
            self.wheel.set_gravity(0, tuple(self.gravity(stair)))
            self.wheel.steady_start = start
            if stair == len(self.values) - 1:
                self.wheel.begin_steady()

        return begin

    def _ramp(self, stair: int, start: float) -> Callable[[float], float]:
        before, now = self.values[max(stair - 1, 0)], self.values[stair]
        last = max(self.wheel.spec.ramp_duration, 1e-9)
        return lambda time: before + (now - before) * min((time - start) / last, 1.0)

    def _command(self, stair: int, value: Callable[[float], float]) -> None:
        """Command the wheel, whose programmed quantity is a function of time [s]."""
        wheel, spec, quantity = self.wheel, self.wheel.spec, self.quantity

        def spin(time: float) -> float:
            return value(time) if quantity == "angular_velocity" else wheel.wheel_speed

        prescribed: dict[str, Any] = {**wheel.held, "ry": spin}
        applied: dict[str, Any] = {}
        if spec.mode == "slip":
            slip = value if quantity == "slip" else lambda time: spec.slip
            prescribed["x"] = lambda time: speed_for_slip(slip(time), spin(time), wheel.slip_radius)
        if spec.mode == "pull":
            applied["x"] = (lambda time: -value(time)) if quantity == "pull" else -spec.pull
        if quantity == "load":
            applied["z"] = lambda time: wheel.weight - value(time)
        wheel.set_motion(0, wheel.body, Motion(prescribed, applied))

    # What is measured.

    def report(
        self, series: Any, means: tuple[str, ...], reading: str, predict: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        """The quantity, and each stair's means with their errors and its verdict.

        Args:
            series: name -> Series of the recorder.
            means: names of the readings.
            reading: the one that must have come to rest.
            predict: gives what readings say of the prototype.
        """
        points = []
        for stair, value in enumerate(self.values):
            times = self.wheel.phase_times(f"measure {stair + 1}")
            window = self.wheel.recorder.window(*times)
            steady = self._steady(stair, window, series, means)
            points.append({
                "value": value, "window": list(times), "steady": steady, "predicted": predict(steady),
                "credibility": judge(self._criteria(stair, window, window[reading])),
            })  # fmt: skip
        return {"quantity": self.quantity, "key": KEYS[self.quantity][0], "points": points}

    def _period(self, stair: int, window: dict[str, np.ndarray]) -> float:
        count = self.wheel.wheel.grouser_count
        span = float(window["time"][-1] - window["time"][0])
        return 2 * math.pi / (count * abs(self.spin(stair))) if count else span / SMOOTH_BLOCKS

    def _steady(self, stair: int, window: dict[str, np.ndarray], series: Any, means: tuple[str, ...]) -> dict[str, Any]:
        period = self._period(stair, window)

        def entry(values: np.ndarray, unit: str) -> dict[str, Any]:
            mean, error = block_mean(window["time"], values, period)
            return {"mean": mean, "standard_error": error, "unit": unit}

        found = {name: entry(window[name], series[name].unit) for name in means}
        load, radius = found["wheel_load"]["mean"], self.wheel.slip_radius
        found |= {
            name: {"mean": value, "unit": "-"}
            for name, value in ratios({name: entry["mean"] for name, entry in found.items()}, radius).items()
        }
        if load > 0:
            pull, traction = window["drawbar_pull"] / load, window["driving_torque"] / (radius * load)
            for name, values in zip(RATIOS, (pull, traction, traction - pull), strict=True):
                found[name] = entry(values, "-")
        return found

    def _criteria(self, stair: int, window: dict[str, np.ndarray], values: np.ndarray) -> list[Criterion]:
        """Whether a stair is a steady state: load, drift, and, of a free wheel, the pull that its weight needs."""
        weight, half = self.load(stair), len(values) // 2
        mode, time = self.wheel.spec.mode, window["time"]
        scaled = values / (weight if mode == "slip" else 1.0)
        error = block_mean(time, scaled, self._period(stair, window))[1]
        moved = abs(float(scaled[half:].mean() - scaled[:half].mean())) - 2 * error
        longer = (f"scenario.programme.turns_each={2 * self.spec.turns_each:g}",)
        found = [
            Criterion("wheel_load", abs(float(window["wheel_load"].mean()) / weight - 1), STEADY_LOAD, 0.1,
                      "wheel load off the weight, relative", remedy=longer),
            Criterion("drift", max(moved, 0.0) if math.isfinite(error) else math.nan, 0.04, 0.12,
                      "change from half to half of the stair beyond its noise", remedy=longer),
        ]  # fmt: skip
        if mode != "slip":
            due = self._due_pull(stair)
            off = abs(float(window["drawbar_pull"].mean()) - due) / weight
            says = "pull off what the slope and the load ask of a wheel in steady motion, over the weight"
            found.append(Criterion("steady_pull", off, 0.02, 0.1, says, remedy=longer))
        return found

    def _due_pull(self, stair: int) -> float:
        """Pull of a free wheel in steady motion [N]: what holds it back, and its weight along the slope."""
        wheel = self.wheel
        held = self.values[stair] if self.quantity == "pull" else wheel.spec.pull or 0.0
        return float(held - wheel.wheel.load_mass * self.gravity(stair)[0])
