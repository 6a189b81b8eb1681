"""One wheel on a levelled bed: settle, lower, ramp, drive; then the steady means, and whether the physics holds.

Modes: `slip` imposes spin and speed, `pull` imposes spin and a horizontal pull, `slope` imposes spin under tilted
gravity. The wheel is held against roll, yaw and drift across; it always carries its load freely in z.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import RunDescription, collect_provenance
from dem.measure.mobility import speed_for_slip
from dem.model import Motion
from scenarios.prepared_bed import prepare_bed
from scenarios.procedure import Phase
from scenarios.schedule import run_test
from scenarios.single_wheel_result import collect_result
from scenarios.single_wheel_rig import build_rig, place_axle, soften_grains
from scenarios.wheel_recorder import WheelRecorder

RAMP_STEPS = 50  # of gravity: each change is booked as work, which takes longer than a step
HELD = {"y": 0.0, "rx": 0.0, "rz": 0.0}


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run one case.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes; a checkpoint of this config in it is gone on from.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads, config.bed.expected_count()):
        return run_test(SingleWheel(config), folder)


class SingleWheel:
    """The bed, the wheel, and its commands; a world of a simulation once it was entered.

    Attributes:
        spin: commanded [rad/s]; speed: commanded in mode slip [m/s].
        surface_height: of the bed where the wheel starts [m]: sinkage counts from it.
        young_modulus: of the grains in this run [Pa].
        model: bed and wheel; body: the wheel's number.
        steady_start: of the window over which means are taken [s], once it began.
        passed: the phases, when all are done: name, start [s], end [s].
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec, self.wheel = config, config.scenario, config.wheel
        self.spin = self.spec.angular_velocity or self.wheel.angular_velocity
        self.slip_radius = self.spec.slip_radius or self.wheel.radius
        self.speed = self.spin * self.slip_radius
        if self.spec.mode == "slip":
            self.speed = speed_for_slip(self.spec.slip, self.spin, self.slip_radius)
        self.gravity = np.array(config.gravity.vector_value())
        self.start_x = place_axle(config, self.speed)
        level_weight = self.wheel.load_mass * float(np.linalg.norm(self.gravity))  # so that all slopes share a bed
        self.young_modulus = soften_grains(config, level_weight)
        self.bed = prepare_bed(config.bed, config.soil, config.solver, self.young_modulus)
        self.model, self.body = build_rig(config, self.bed, self.young_modulus, self.start_x)
        self.surface_height = self.bed.height_under(config.bed, self.start_x, self.wheel.radius, self.wheel.width)

    def enter(self, simulation: dem.Simulation, world: int) -> None:
        """Be a world of a simulation."""
        self.simulation, self.world = simulation, world
        self.recorder = WheelRecorder(
            simulation, world, self.body, self.wheel, self.slip_radius, self.surface_height, self.config.output
        )

    @property
    def weight(self) -> float:
        """Of the load, normal to the bed [N]."""
        return -self.wheel.load_mass * self.gravity[2]

    def phases(self) -> list[Phase]:
        """Settle, lower, ramp, drive and measure, which is the last part of the drive; those that last at all."""
        spec, steady = self.spec, self.spec.steady_fraction * self.spec.drive_duration
        settle = [Phase("settle", spec.settle_duration, self._settle)] if spec.settle_duration > 0 else []
        ramp = [Phase("ramp", spec.ramp_duration, self._rise)] if spec.ramp_duration > 0 else []
        return [
            *settle,
            Phase("lower", max(spec.lower_duration, 1e-9), self._lower),
            *ramp,
            Phase("drive", spec.drive_duration - steady, self._hold),
            Phase("measure", steady, self._measure),
        ]

    def collect(self, phases: list[dict[str, Any]]) -> dict[str, Any]:
        """Write the last frame; the result."""
        self.recorder.frame(self.simulation)
        self.passed = phases
        result = collect_result(self)
        self.recorder.writer.annotate(steady_window=[self.steady_start, self.simulation.time], phases=phases)
        return result

    def _settle(self, start: float) -> None:
        """The bed comes under the run's gravity, gently; the wheel hovers."""
        prepared, duration = np.array([0.0, 0.0, -self.config.bed.preparation_gravity]), self.spec.settle_duration

        def ramped(time: float) -> np.ndarray:
            share = min(math.ceil(RAMP_STEPS * (time - start) / (0.5 * duration)) / RAMP_STEPS, 1.0)
            return prepared + share * (self.gravity - prepared)

        self.simulation.set_gravity(ramped, self.world)

    def _lower(self, start: float) -> None:
        """The wheel comes down; its load is let go over the first half."""
        duration = max(self.spec.lower_duration, 1e-9)

        def carry(time: float) -> float:
            return self.weight * max(1 - (time - start) / (0.5 * duration), 0.0)

        self._move(Motion({**HELD, "x": 0.0, "ry": 0.0}, {"z": carry}))

    def _rise(self, start: float) -> None:
        """Spin, and speed or pull, rise to their commands."""
        self._move(self._command(lambda value: lambda time: value * min((time - start) / self.spec.ramp_duration, 1.0)))

    def _hold(self, start: float) -> None:
        """They hold."""
        self._move(self._command(float))

    def _measure(self, start: float) -> None:
        """And means are taken."""
        self._hold(start)
        self.steady_start, self.recorder.is_steady = start, True

    def describe(self) -> RunDescription:
        """What the results file says of itself."""
        config, bed, session = self.config, self.config.bed, dem.backend.current()
        backend = {"device": session.device, "precision": session.precision, "threads": session.threads}
        return RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=bed.seed, backend=backend),
            attributes={
                "scenario": self.spec.name, "title": self._title(), "gravity_name": config.gravity.name,
                "gravity": self.gravity, "surface_height": self.surface_height, "wheel_radius": self.wheel.radius,
                "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [bed.length, bed.width, bed.depth],
                "domain_periodic": [False, bed.periodic_y, False],
            },
            contact=dem.describe_contacts(self.model),
        )  # fmt: skip

    def _title(self) -> str:
        said = {"slip": f"slip {self.spec.slip}", "pull": f"pull {self.spec.pull} N"}
        case = said.get(self.spec.mode, f"slope {self.config.gravity.slope_deg:g} deg")
        test = "" if self.config.test.kind == "flight" else f", {self.config.test.kind} test"
        return f"{self.wheel.name} wheel, {self.wheel.load_mass:.4g} kg, {self.config.soil.name}, {case}{test}"

    def _move(self, motion: Motion) -> None:
        """Command the wheel, under the run's gravity."""
        self.simulation.set_gravity(tuple(self.gravity), self.world)
        self.simulation.set_motion(self.body, motion, self.world)

    def _command(self, shaped) -> Motion:
        prescribed = {**HELD, "ry": shaped(self.spin)}
        if self.spec.mode == "slip":
            return Motion({**prescribed, "x": shaped(self.speed)})
        applied = {"x": shaped(-self.spec.pull)} if self.spec.mode == "pull" else {}
        return Motion(prescribed, applied)
