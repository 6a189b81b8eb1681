"""Angle of repose by a tilting box: settle, tilt until the surface flows, hold, wait; the angles before and after.

The box stands still and gravity turns, as seen from the box: x points down the slope. The floor is a layer of held
grains, the ends are walls, the box is periodic across. Each specimen is held where its own avalanche begins.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import dem
from dem.experiment import Phase, estimate, verdict
from dem.experiment.phases import do_nothing
from dem.io import Series
from dem.measure.heaps import surface_profile, surface_slope
from dem.run_config import RunConfig
from scenarios.shared.heaps import DEGREES, REST_TIMES, Grains, HeapExperiment, angle_estimate, pour, rough_floor
from scenarios.shared.soil_experiment import SoilExperiment, add_wall

STEP_DEG = 0.15  # of tilt between two readings of the surface
TOP_LAYER = 2.5  # grain diameters below the surface: what flows first
CLEAR = 4.0  # grain diameters at each end where walls shape the surface
TALL = 3.0  # of the depth: as high as grains lie before they are packed
FAST_TILT = math.radians(1.0)  # in sqrt(d/g): beyond it the box moves on while an avalanche starts


class ReposeTiltingBox(HeapExperiment):
    """Specimens of one box; `kept` has the tilt of each now [rad] and whether it has begun to flow."""

    label = "tilting box"
    world_series = {
        **SoilExperiment.world_series,
        "tilt": Series("rad", "tilt of the box"),
        "surface_angle": Series("rad", "angle of the surface from the horizontal"),
        "is_tilted": Series("-", "whether the box is being tilted"),
    }
    conventions = {
        "angle_of_first_avalanche": "largest angle from the horizontal, tilt less the surface's slope in the box, "
        "before the top layer's mean speed passed scenario.flow_speed; the box is held there",
        "angle_of_repose": "angle from the horizontal once that avalanche has come to rest in the held box",
        "surface": "topmost grains, mean across, straight line over all but four grain diameters at each end",
        "drop": "first avalanche less repose",
    }

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.young_modulus = self.modulus_under(self.own_pressure(self.spec.fill_depth))
        self.rate = math.radians(self.spec.tilt_rate_deg)

    def begin_empty(self) -> None:
        """Begin with level boxes and nothing measured."""
        super().begin_empty()
        count = self.spec.repeats
        self.kept |= {"tilt": np.zeros(count), "flows": np.zeros(count, bool), "tilting": np.array(True)}

    def attributes(self) -> dict[str, Any]:
        """Attributes of the results file."""
        return {"domain_lower": (0.0, 0.0, 0.0), "domain_upper": (self.spec.box_length, self.spec.box_width, 0.0)}

    def measured_phases(self) -> list[Phase]:
        """Tilt step by step until all flow, and wait for the surfaces to rest."""
        longest = math.radians(self.spec.largest_tilt_deg) / self.rate
        interval = math.radians(STEP_DEG) / self.rate
        return [
            Phase("tilt", longest, do_nothing, lambda: bool(self.kept["flows"].all()), self._tilt, interval),
            self.rest("rest", REST_TIMES, self._hold),
        ]

    def fill(self, seed: int) -> Grains:
        """Loose grains in the box."""
        spec = self.spec
        volume = spec.box_length * spec.box_width * spec.fill_depth
        position, radius = pour(spec, seed, (spec.box_length, spec.box_width), volume)
        return position + [0.0, 0.0, 0.55 * spec.grain_diameter], radius

    def build(self, position: np.ndarray, radius: np.ndarray, friction: float | None) -> dem.Model:
        """The model of grains in a box."""
        spec, size = self.spec, self.spec.grain_diameter
        builder = self.start_sand(self.young_modulus, friction)
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

    def _tilt(self) -> None:
        """Read all surfaces, hold the box of those that flow, and tilt the others."""
        self._record()
        tilt, flows = self.kept["tilt"].copy(), self.kept["flows"].copy()
        for index in range(self.spec.repeats):
            flows[index] = flows[index] or self.top_speed(index) > self.spec.flow_speed
            if not flows[index]:
                tilt[index] += math.radians(STEP_DEG)
                sine, cosine = math.sin(tilt[index]), math.cos(tilt[index])
                self.set_gravity(index, (self.strength * sine, 0.0, -self.strength * cosine))
        self.kept |= {"tilt": tilt, "flows": flows}

    def _hold(self, start: float) -> None:
        self.kept["tilting"] = np.array(False)

    def _record(self) -> None:
        angles = [self.surface(index)[2] for index in range(self.spec.repeats)]
        is_tilted = self.kept["tilting"] & ~self.kept["flows"]
        row = {"tilt": self.kept["tilt"], "is_tilted": is_tilted, "surface_angle": angles, "speed": self.speeds()}
        self.recorder.add(row)

    def record_speeds(self) -> None:
        """Add a row of the time series."""
        self._record()

    def _history(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Tilt and surface angle of each specimen while it was tilted [rad]."""
        tilted, tilt, angle = (self.recorder.array(name) for name in ("is_tilted", "tilt", "surface_angle"))
        return [(tilt[own, index], angle[own, index]) for index, own in enumerate(tilted.T > 0)]

    def top_speed(self, index: int) -> float:
        """Mean speed down the slope of a specimen's top layer [sqrt(g d)]."""
        position, velocity = self.free(index, "position"), self.free(index, "velocity")
        top = position[:, 2] > self.spec.fill_depth - TOP_LAYER * self.spec.grain_diameter
        return float(velocity[top, 0].mean()) / self.fall_speed if top.any() else 0.0

    def surface(self, index: int) -> tuple[np.ndarray, np.ndarray, float]:
        """A specimen's surface in the box, x and height [m], and its angle from the horizontal [rad]."""
        size, length = self.spec.grain_diameter, self.spec.box_length
        model = self.simulation.worlds.models[self.worlds[index]].particles
        x = np.arange(0.5 * size, length, 0.5 * size)
        radius = model["radius"][~model["fixed"]]
        height = surface_profile(self.free(index, "position"), radius, x, self.spec.box_width)
        return (
            x,
            height,
            float(self.kept["tilt"][index]) - surface_slope(x, height, CLEAR * size, length - CLEAR * size),
        )

    def reduce(self) -> dict[str, Any]:
        """Angles before and after the first avalanche."""
        spec = self.spec
        history = self._history()
        first = [max(angles) for _, angles in history]
        after = [self.surface(index)[2] for index in range(spec.repeats)]
        return {
            "fit": {
                "angle_of_first_avalanche": angle_estimate(first),
                "angle_of_repose": angle_estimate(after),
                "drop": estimate([one - other for one, other in zip(first, after, strict=True)], "rad"),
            },
            "samples": {
                "grains_per_filling": len(self.free(0, "position")), "box_length": spec.box_length,
                "box_width": spec.box_width, "fill_depth": spec.fill_depth, "tilt_rate": self.rate,
                "tilt_at_flow": self.kept["tilt"].tolist(), "sliding_friction": self.soil.sliding_friction,
                "rolling_friction": self.soil.rolling_friction, "phases": list(self.phases_done),
            },
            "figure": self.figure(history, after),
        }  # fmt: skip

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the box was slow, all flowed, and the surfaces rest."""
        return {
            "tilt_rate_times_fall_time": verdict(self.rate * self.fall_time, FAST_TILT),
            "fillings_that_never_flowed": verdict(int((~self.kept["flows"]).sum()), 0),
            "speed_left_over_fall_speed": verdict(float(self.speeds().max()), 0.05),
        }

    def figure(self, readings: Sequence[tuple], after: Sequence[float]) -> dict[str, Any]:
        """Surface angle over the tilt, and the surfaces at rest."""
        history, surfaces, size = [], [], self.spec.grain_diameter
        for world, seed in enumerate(self.spec.seeds):
            tilts = readings[world][0] * DEGREES
            history.append({"x": tilts, "y": readings[world][1] * DEGREES, "label": f"seed {seed}"})
            end = {"x": [tilts[-1]], "y": [after[world] * DEGREES], "style": "points", "color": world}
            history.append({**end, "label": None if world else "at rest after"})
            x, height, _ = self.surface(world)
            sine, cosine = math.sin(float(self.kept["tilt"][world])), math.cos(float(self.kept["tilt"][world]))
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
