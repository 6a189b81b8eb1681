"""One wheel on a levelled bed: settle, lower, ramp, drive; then the steady means, and whether the physics holds.

Modes: `slip` imposes spin and speed, `pull` imposes spin and a horizontal pull, `slope` imposes spin under tilted
gravity. The wheel is held against roll, yaw and drift across; it always carries its load freely in z.
"""

import math
from typing import Any

import numpy as np

from dem.experiment import Phase, Stage
from dem.measure.credibility import judge
from dem.measure.mobility import speed_for_slip
from dem.model import Motion
from dem.rover.wheel_shape import wheel_shape
from dem.run_config import RunConfig
from scenarios.shared.drive import Drive, gravity_ramp
from scenarios.shared.rocks import lay_rocks
from scenarios.single_wheel.programme import Programme
from scenarios.single_wheel.recorder import SERIES, WheelRecorder
from scenarios.single_wheel.result import CONVENTIONS, criteria, reduce_wheel
from scenarios.single_wheel.rig import WHEEL, build_rig, place_axle

HELD = {"y": 0.0, "rx": 0.0, "rz": 0.0}


class SingleWheel(Drive):
    """The bed, the wheel, and its commands.

    Attributes:
        wheel_speed: commanded angular velocity [rad/s]; speed: commanded in mode slip [m/s].
        surface_height: of the bed where the wheel starts [m]: sinkage counts from it.
        clear_height: of the wheel's lowest point, at which it just clears all grains where it starts [m].
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
        self.drive_duration, self.held = spec.drive_duration, HELD
        self.programme = Programme(self) if spec.programme.quantity else None
        self.weight = -self.wheel.load_mass * float(self.gravity[2])
        wheel_shape(self.wheel)  # a mesh that is no wheel is told before a bed is made
        self.start_x = place_axle(config, self.mean_speed())
        self.prepare(self.wheel.load_mass * float(np.linalg.norm(self.gravity)))
        start = np.array([self.start_x, config.bed.width / 2])
        self.bed, fixed = lay_rocks(config, self.bed, start, {WHEEL: (0.0, 0.0)})
        self.clear_height = self.bed.clear_height(config.bed, self.start_x, self.wheel.radius)
        self.built, self.body = build_rig(config, self.bed, self.young_modulus, self.start_x, fixed)
        self.surface_height = self.bed.height_under(config.bed, self.start_x, self.wheel.radius, self.wheel.width)
        self.conventions = {**CONVENTIONS, "slip_ratio": CONVENTIONS["slip_ratio"].format(self.slip_radius)}

    def mean_speed(self) -> float:
        """Of travel while driving, without slip where it is not imposed [m/s]."""
        if self.programme and self.programme.quantity == "slip":
            slips = self.programme.values
            return float(np.mean([speed_for_slip(slip, self.wheel_speed, self.slip_radius) for slip in slips]))
        return self.speed

    def ramp_gravity(self, before: np.ndarray, now: np.ndarray, start: float) -> Any:
        """Gravity over time, from one to another (3,) [m/s2] within the duration of a ramp from `start` [s] on."""
        return gravity_ramp(before, now, start, max(self.spec.ramp_duration, 1e-9))

    def stages(self) -> list[Stage]:
        """One, from the prepared bed on."""
        return [Stage(lambda before: [self.built], self.phases, is_recorded=True)]

    def phases(self) -> list[Phase]:
        """Those of every drive; of a programme, a drive and a window for each stair."""
        phases = super().phases()
        if self.programme is None:
            return phases
        return [phase for phase in phases if phase.name not in ("drive", "measure")] + self.programme.phases()

    def make_recorder(self) -> WheelRecorder:
        """Make the recorder, with the stress along the rim."""
        return WheelRecorder(self)

    def title(self) -> str:
        """The run in a line."""
        said = {"slip": f"slip {self.spec.slip}", "pull": f"pull {self.spec.pull} N"}
        case = said.get(self.spec.mode, f"slope {self.config.gravity.slope_deg:g} deg")
        case = self.programme.said() if self.programme else case
        test = "" if self.config.similitude.kind == "prototype" else f", {self.config.similitude.kind} test"
        wheel, soil = self.config.label("wheel"), self.config.label("soil")
        return f"{wheel} wheel, {self.wheel.load_mass:.4g} kg, {soil}, {case}{test}"

    @property
    def carried_load(self) -> tuple[str, float]:
        """The wheel's load, and its weight [N]."""
        return "wheel_load", self.weight

    @property
    def lowering_interval(self) -> float:
        """Between two corrections of the downward speed [s]."""
        return self.lowering.tick

    def longer(self, ratio: float) -> tuple[str, ...]:
        """Overrides of a drive that is longer by a ratio [-]."""
        if self.programme:
            return (f"scenario.programme.turns_each={ratio * self.spec.programme.turns_each:.3g}",)
        turns = ratio * self.drive_duration * self.wheel_speed / (2 * math.pi)
        return f"scenario.drive_turns={turns:.3g}", "scenario.drive_duration=null"

    def lower(self, start: float) -> None:
        """The wheel comes down at a speed that falls as the sand takes over its load."""
        self.set_gravity(0, tuple(self.gravity))
        self._come_down(0.0)

    def sample_lowering(self) -> None:
        """Add a row, and correct the speed."""
        self.recorder.sample()
        self._come_down(self.recorder.rows["wheel_load"][-1] / self.weight)

    def _come_down(self, load_share: float) -> None:
        lowest = self.snapshot(0, "body_position")["body_position"][self.body][2] - self.wheel.radius
        speed = self.lowering.speed(float(lowest) - self.clear_height, load_share)
        self.set_motion(0, self.body, Motion({**HELD, "x": 0.0, "ry": 0.0, "z": -speed}))

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
        weight = self.programme.load(-1) if self.programme else self.weight
        load = self.load_check(window, "wheel_load", self.wheel.load_mass, weight)
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
