"""Angle of repose by a tilting box: settle, tilt until the surface flows, hold, wait; the angles before and after.

The box stands still and gravity turns, as seen from the box: x points down the slope. The floor is a layer of held
grains, the ends are walls, the box is periodic across. Each filling is held where its own avalanche begins.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.measure.heaps import surface_profile, surface_slope
from scenarios.probe_rig import add_wall, grain_modulus, own_pressure, start_sand
from scenarios.repose_rig import DEGREES, REST_TIMES, angle_estimate, pour, rough_floor, settle
from scenarios.virtual_test import estimate, verdict

LOOK_DEG = 0.15  # of tilt between two looks
TOP_LAYER = 2.5  # grain diameters below the surface: what flows first
CLEAR = 4.0  # grain diameters at each end where walls shape the surface
TALL = 3.0  # of the depth: as high as grains lie before they are packed
FAST_TILT = math.radians(1.0)  # in sqrt(d/g): beyond it the box moves on while an avalanche starts


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run the test.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads) as session:
        return TiltingBox(config).measure(folder, session)


class TiltingBox:
    """Fillings of one box.

    Attributes:
        tilt: of each filling now [rad]; flows: whether it has begun to.
        angles: of the surface from the horizontal, at each look [rad], by filling.
        tilts: at each look [rad], by filling.
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec = config, config.scenario
        self.modulus = grain_modulus(config, own_pressure(config, self.spec.fill_depth))
        self.rate = math.radians(self.spec.tilt_rate_deg)
        self.tilt = [0.0] * self.spec.repeats
        self.flows = [False] * self.spec.repeats
        self.angles: list[list[float]] = [[] for _ in self.spec.seeds]
        self.tilts: list[list[float]] = [[] for _ in self.spec.seeds]

    def measure(self, folder: Path, session: Any) -> dict[str, Any]:
        """Settle, tilt, wait and read."""
        spec = self.spec
        self.probe = settle(self.config, [self.fill(seed) for seed in spec.seeds], self.build)
        longest = math.radians(spec.largest_tilt_deg) / self.rate
        bounds = (0.0, 0.0, 0.0), (spec.box_length, spec.box_width, 0.0)
        with self.probe.film(folder, session, self.title(), longest / 2, bounds):
            self.look()
            self.probe.phase("tilt", longest, math.radians(LOOK_DEG) / self.rate, self.step)
            left = self.probe.rest("rest", REST_TIMES)
            after = [self.surface(world)[2] for world in range(spec.repeats)]
        return self.report(session, after, left)

    def fill(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Loose grains in the box."""
        spec = self.spec
        volume = spec.box_length * spec.box_width * spec.fill_depth
        position, radius = pour(spec, seed, (spec.box_length, spec.box_width), volume)
        return position + [0.0, 0.0, 0.55 * spec.grain_diameter], radius

    def build(self, position: np.ndarray, radius: np.ndarray, friction: float | None) -> dem.Model:
        """Grains in the box."""
        spec, size = self.spec, self.spec.grain_diameter
        builder = start_sand(self.config, self.modulus, friction)
        wall = add_wall(builder, self.config, spec.wall_friction)
        builder.add_particles(position, radius, 0)
        floor = rough_floor(spec, (0.0, 0.0), (spec.box_length, spec.box_width))
        builder.add_particles(floor, size / 2, 0, fixed=True)
        builder.add_plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), wall)
        builder.add_plane((spec.box_length, 0.0, 0.0), (-1.0, 0.0, 0.0), wall)
        margin, top = spec.grain_diameter, TALL * spec.fill_depth + spec.box_length
        upper = (spec.box_length + margin, spec.box_width, top)
        builder.set_domain((-margin, 0.0, -margin), upper, (False, True, False))
        return builder.finalize()

    def step(self) -> bool:
        """Look at all fillings, hold those that flow, tilt the others; whether all flow."""
        self.look()
        for world in range(self.spec.repeats):
            self.flows[world] = self.flows[world] or self.top_speed(world) > self.spec.flow_speed
            if not self.flows[world]:
                self.tilt[world] += math.radians(LOOK_DEG)
                strength, tilt = self.probe.gravity, self.tilt[world]
                self.probe.simulation.set_gravity((strength * math.sin(tilt), 0.0, -strength * math.cos(tilt)), world)
        return all(self.flows)

    def look(self) -> None:
        """Note the surface of each filling that has not flowed."""
        for world in range(self.spec.repeats):
            if not self.flows[world]:
                self.angles[world].append(self.surface(world)[2])
                self.tilts[world].append(self.tilt[world])

    def top_speed(self, world: int) -> float:
        """Mean speed down the slope of a filling's top layer [sqrt(g d)]."""
        position, velocity = self.probe.free(world, "position"), self.probe.free(world, "velocity")
        top = position[:, 2] > self.spec.fill_depth - TOP_LAYER * self.spec.grain_diameter
        return float(velocity[top, 0].mean()) / self.probe.fall_speed if top.any() else 0.0

    def surface(self, world: int) -> tuple[np.ndarray, np.ndarray, float]:
        """A filling's surface in the box, x and height [m], and its angle from the horizontal [rad]."""
        size, length = self.spec.grain_diameter, self.spec.box_length
        model = self.probe.simulation.worlds.models[world].particles
        x = np.arange(0.5 * size, length, 0.5 * size)
        radius = model["radius"][~model["fixed"]]
        height = surface_profile(self.probe.free(world, "position"), radius, x, self.spec.box_width)
        return x, height, self.tilt[world] - surface_slope(x, height, CLEAR * size, length - CLEAR * size)

    def title(self) -> str:
        """Of pictures and figures."""
        return f"tilting box, {self.config.soil.name}, {self.config.gravity.name}"

    def report(self, session: Any, after: list[float], left: float) -> dict[str, Any]:
        """The result."""
        spec, probe = self.spec, self.probe
        first = [max(angles) for angles in self.angles]
        return {
            "scenario": spec.name,
            "title": self.title(),
            "fit": {
                "angle_of_first_avalanche": angle_estimate(first),
                "angle_of_repose": angle_estimate(after),
                "drop": estimate([one - other for one, other in zip(first, after, strict=True)], "rad"),
            },
            "samples": {
                "grains_per_filling": len(probe.free(0, "position")), "box_length": spec.box_length,
                "box_width": spec.box_width, "fill_depth": spec.fill_depth, "tilt_rate": self.rate,
                "tilt_at_flow": list(self.tilt), "sliding_friction": self.config.soil.sliding_friction,
                "rolling_friction": self.config.soil.rolling_friction, "phases": probe.phases,
            },
            "numerics": probe.numerics(session, self.modulus),
            "conventions": CONVENTIONS,
            "figure": self.figure(after),
            "contact": dem.describe_contacts(probe.simulation.worlds.models[0]),
            "checks": {
                **probe.common_checks(),
                "tilt_rate_times_fall_time": verdict(self.rate * probe.fall_time, FAST_TILT),
                "fillings_that_never_flowed": verdict(self.flows.count(False), 0),
                "speed_left_over_fall_speed": verdict(left, 0.05),
            },
        }  # fmt: skip

    def figure(self, after: list[float]) -> dict[str, Any]:
        """Surface angle over the tilt, and the surfaces at rest."""
        history, surfaces, size = [], [], self.spec.grain_diameter
        for world, seed in enumerate(self.spec.seeds):
            tilts = np.array(self.tilts[world]) * DEGREES
            history.append({"x": tilts, "y": np.array(self.angles[world]) * DEGREES, "label": f"seed {seed}"})
            end = {"x": [tilts[-1]], "y": [after[world] * DEGREES], "style": "points", "color": world}
            history.append({**end, "label": None if world else "at rest after"})
            x, height, _ = self.surface(world)
            sine, cosine = math.sin(self.tilt[world]), math.cos(self.tilt[world])
            along, up = (x * cosine + height * sine) / size, (height * cosine - x * sine) / size
            surfaces.append({"x": along, "y": up - up.min(), "color": world})
        for place, curve in enumerate(history):
            curve["color"] = place // 2
        return {
            "name": "tilting_box",
            "title": self.title(),
            "panels": [
                {"x": "tilt of the box [deg]", "y": "surface from the horizontal [deg]", "curves": history},
                {"x": "along the ground / grain diameter", "y": "height / grain diameter",
                 "title": "surfaces at rest, seen from the ground", "curves": surfaces},
            ],
        }  # fmt: skip


CONVENTIONS = {
    "angle_of_first_avalanche": "largest angle from the horizontal, tilt less the surface's slope in the box, before "
    "the top layer's mean speed passed scenario.flow_speed; the box is held there",
    "angle_of_repose": "angle from the horizontal once that avalanche has come to rest in the held box",
    "surface": "topmost grains, mean across, straight line over all but four grain diameters at each end",
    "drop": "first avalanche less repose",
}
