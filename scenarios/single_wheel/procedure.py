"""One wheel on a levelled bed: settle, lower, ramp, drive; then the steady means, and whether the physics holds.

Modes: `slip` imposes spin and speed, `pull` imposes spin and a horizontal pull, `slope` imposes spin under tilted
gravity. The wheel is held against roll, yaw and drift across; it always carries its load freely in z.
"""

from typing import Any

import numpy as np

from dem.experiment import Stage
from dem.measure.credibility import judge
from dem.measure.mobility import speed_for_slip
from dem.model import Motion
from dem.run_config import RunConfig
from scenarios.shared.drive import Drive
from scenarios.single_wheel.recorder import SERIES, WheelRecorder
from scenarios.single_wheel.result import CONVENTIONS, criteria, reduce_wheel
from scenarios.single_wheel.rig import build_rig, place_axle

HELD = {"y": 0.0, "rx": 0.0, "rz": 0.0}


class SingleWheel(Drive):
    """The bed, the wheel, and its commands.

    Attributes:
        wheel_speed: commanded angular velocity [rad/s]; speed: commanded in mode slip [m/s].
        surface_height: of the bed where the wheel starts [m]: sinkage counts from it.
        body: the wheel's number.
    """

    series = SERIES

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.wheel, spec = config.wheel, self.spec
        self.wheel_speed = spec.angular_velocity or self.wheel.angular_velocity
        self.slip_radius = spec.slip_radius or self.wheel.radius
        self.speed = self.wheel_speed * self.slip_radius
        if spec.mode == "slip":
            self.speed = speed_for_slip(spec.slip, self.wheel_speed, self.slip_radius)
        self.drive_duration = spec.drive_duration
        self.weight = -self.wheel.load_mass * float(self.gravity[2])
        self.start_x = place_axle(config, self.speed)
        self.prepare(self.wheel.load_mass * float(np.linalg.norm(self.gravity)))
        self.built, self.body = build_rig(config, self.bed, self.young_modulus, self.start_x)
        self.surface_height = self.bed.height_under(config.bed, self.start_x, self.wheel.radius, self.wheel.width)
        self.conventions = {**CONVENTIONS, "slip_ratio": CONVENTIONS["slip_ratio"].format(self.slip_radius)}

    def stages(self) -> list[Stage]:
        """One, from the prepared bed on."""
        return [Stage(lambda before: [self.built], self.phases, is_recorded=True)]

    def make_recorder(self) -> WheelRecorder:
        """Make the recorder, with the stress along the rim."""
        return WheelRecorder(self)

    def title(self) -> str:
        """The run in a line."""
        said = {"slip": f"slip {self.spec.slip}", "pull": f"pull {self.spec.pull} N"}
        case = said.get(self.spec.mode, f"slope {self.config.gravity.slope_deg:g} deg")
        test = "" if self.config.similitude.kind == "prototype" else f", {self.config.similitude.kind} test"
        return f"{self.wheel.name} wheel, {self.wheel.load_mass:.4g} kg, {self.config.soil.name}, {case}{test}"

    def lower(self, start: float) -> None:
        """The wheel comes down; its load is let go over the first half."""
        duration = max(self.spec.lower_duration, 1e-9)

        def carry(time: float) -> float:
            return self.weight * max(1 - (time - start) / (0.5 * duration), 0.0)

        self._move(Motion({**HELD, "x": 0.0, "ry": 0.0}, {"z": carry}))

    def ramp(self, start: float) -> None:
        """Spin, and speed or pull, rise to their commands."""
        self._move(self._command(lambda value: lambda time: value * min((time - start) / self.spec.ramp_duration, 1.0)))

    def hold(self, start: float) -> None:
        """Spin, and speed or pull, keep their commands."""
        self._move(self._command(float))

    def begin_steady(self) -> None:
        """The rim's stress counts from now on."""
        self.recorder.sample_rim()

    def reduce(self) -> dict[str, Any]:
        """Steady means, the bed, and what the run says of the prototype."""
        return reduce_wheel(self)

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Load and energy over the steady window."""
        window = self.recorder.window(self.steady_start)
        load = self.load_check(window, "wheel_load", self.wheel.load_mass, self.weight)
        return {"wheel_load_error": load, **self.energy_checks(window)}

    def judge(self, result: dict[str, Any]) -> dict[str, Any]:
        """Whether the run may be believed."""
        return {"credibility": judge(criteria(self, result, self.recorder.window(self.steady_start)))}

    def _move(self, motion: Motion) -> None:
        """Command the wheel, under the run's gravity."""
        self.set_gravity(0, tuple(self.gravity))
        self.set_motion(0, self.body, motion)

    def _command(self, shaped: Any) -> Motion:
        prescribed = {**HELD, "ry": shaped(self.wheel_speed)}
        if self.spec.mode == "slip":
            return Motion({**prescribed, "x": shaped(self.speed)})
        applied = {"x": shaped(-self.spec.pull)} if self.spec.mode == "pull" else {}
        return Motion(prescribed, applied)
