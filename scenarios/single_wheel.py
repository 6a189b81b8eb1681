"""One wheel on a levelled bed: settle, lower, ramp, drive; then the steady means, and whether the physics holds.

Modes: `slip` imposes spin and speed, `pull` imposes spin and a horizontal pull, `slope` imposes spin under tilted
gravity. The wheel is held against roll, yaw and drift across; it always carries its load freely in z.
"""

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import RunDescription, collect_provenance
from dem.measure.mobility import speed_for_slip
from dem.model import Motion
from scenarios.prepared_bed import prepare_bed
from scenarios.procedure import Procedure
from scenarios.single_wheel_result import collect_result
from scenarios.single_wheel_rig import build_rig, place_axle, soften_grains
from scenarios.wheel_recorder import WheelRecorder

log = logging.getLogger(__name__)

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
    with dem.start(device.name, device.precision, device.threads) as session:
        test = SingleWheel(config)
        with test.procedure.open(folder, test.describe(session)) as writer:
            test.settle()
            test.lower()
            test.drive()
            test.recorder.frame(test.simulation)
            result = collect_result(test, session)
            writer.annotate(steady_window=[test.steady_start, test.simulation.time], phases=test.procedure.phases)
    return result


class SingleWheel:
    """The rig, the bed and the wheel's commands.

    Attributes:
        spin: commanded [rad/s]; speed: commanded in mode slip [m/s].
        surface_height: of the bed where the wheel starts [m]: sinkage counts from it.
        young_modulus: of the grains in this run [Pa].
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
        self.young_modulus = soften_grains(config, self.weight)
        self.bed = prepare_bed(config.bed, config.soil, config.solver, self.young_modulus)
        self.simulation, self.body = build_rig(config, self.bed, self.young_modulus, self.start_x)
        self.surface_height = self.bed.height_under(config.bed, self.start_x, self.wheel.radius, self.wheel.width)
        self.recorder = WheelRecorder(self.simulation, self.body, self.wheel, self.slip_radius, self.surface_height)
        self.procedure = Procedure(self.simulation, self.recorder, config)

    @property
    def weight(self) -> float:
        """Of the load, normal to the bed [N]."""
        return -self.wheel.load_mass * self.gravity[2]

    def settle(self) -> None:
        """The bed comes under the run's gravity, gently; the wheel hovers."""
        duration = self.spec.settle_duration
        prepared = np.array([0.0, 0.0, -self.config.bed.preparation_gravity])

        def begin(start: float) -> None:
            def ramped(time: float) -> np.ndarray:
                share = min(math.ceil(RAMP_STEPS * (time - start) / (0.5 * duration)) / RAMP_STEPS, 1.0)
                return prepared + share * (self.gravity - prepared)

            self.simulation.set_gravity(ramped)

        if duration > 0:
            self.procedure.phase("settle", duration, begin)
        self.simulation.set_gravity(tuple(self.gravity))

    def lower(self) -> None:
        """The wheel comes down; its load is let go over the first half."""
        duration = max(self.spec.lower_duration, 1e-9)

        def begin(start: float) -> None:
            def carry(time: float) -> float:
                return self.weight * max(1 - (time - start) / (0.5 * duration), 0.0)

            self._move(Motion({**HELD, "x": 0.0, "ry": 0.0}, {"z": carry}))

        self.procedure.phase("lower", duration, begin)

    def drive(self) -> None:
        """Spin, and speed or pull, rise to their commands; then they hold."""
        ramp = self.spec.ramp_duration
        steady = self.spec.steady_fraction * self.spec.drive_duration

        def rise(start: float) -> None:
            self._move(self._command(lambda value: lambda time: value * min((time - start) / ramp, 1.0)))

        def hold(start: float) -> None:
            self._move(self._command(float))

        def measure(start: float) -> None:
            hold(start)
            self.steady_start, self.recorder.is_steady = start, True

        if ramp > 0:
            self.procedure.phase("ramp", ramp, rise)
        self.procedure.phase("drive", self.spec.drive_duration - steady, hold)
        self.procedure.phase("measure", steady, measure)

    def describe(self, session: Any) -> RunDescription:
        """What the results file says of itself."""
        config, bed = self.config, self.config.bed
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
            contact=dem.describe_contacts(self.simulation.model),
        )  # fmt: skip

    def _title(self) -> str:
        said = {"slip": f"slip {self.spec.slip}", "pull": f"pull {self.spec.pull} N"}
        case = said.get(self.spec.mode, f"slope {self.config.gravity.slope_deg:g} deg")
        test = "" if self.config.test.kind == "flight" else f", {self.config.test.kind} test"
        return f"{self.wheel.name} wheel, {self.wheel.load_mass:.4g} kg, {self.config.soil.name}, {case}{test}"

    def _move(self, motion: Motion) -> None:
        self.simulation.set_motion(self.body, motion)

    def _command(self, shaped) -> Motion:
        prescribed = {**HELD, "ry": shaped(self.spin)}
        if self.spec.mode == "slip":
            return Motion({**prescribed, "x": shaped(self.speed)})
        applied = {"x": shaped(-self.spec.pull)} if self.spec.mode == "pull" else {}
        return Motion(prescribed, applied)
