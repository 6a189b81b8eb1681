"""Pull-out of an anchor plate: level beds, a horizontal circular plate buried in each, pulled up at a constant speed.

The plate takes the place of the grains where it lies. Its breakout factor compares the largest force with the weight
of the soil straight above it: F_q = Q / (gamma A H), as for anchors in Das & Shukla, Earth Anchors, 2nd ed., ch. 2.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np

import dem
from dem.beds.quality import PreparedBed
from dem.experiment import estimate, verdict
from dem.io import Series
from dem.model import Motion
from dem.run_config import RunConfig
from dem.shapes.revolved import surface_of_revolution
from scenarios.shared.pressed_bed import PressedBed
from scenarios.shared.soil_experiment import add_wall, moving_down, panel

PLATE = 1  # body
FACETS = 32
THICKNESS = 1.0  # grain diameters
SLOW = 0.2  # of sqrt(g d), for the speed
WIDE = 0.35  # of the bed, for the plate
LEAST_GRAINS = 6.0  # across the plate


class AnchorPullout(PressedBed):
    """One plate in each bed."""

    label, bodies, is_periodic, tip = "anchor plate", [PLATE], False, 0.0
    smooth = 0.2  # the force peaks within a fraction of a grain
    world_series = {"lift": Series("m", "lift of the plate"), "force": Series("N", "downward force of the soil")}
    conventions = {
        "lift": "of the plate from where it was buried",
        "force": "the soil's downward force on the plate, the weight on it included; sliding mean over a fifth of a "
        "grain diameter of lift",
        "breakout_factor": "largest force over bulk density, gravity, area of the plate and embedment",
    }

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.area = math.pi / 4 * self.spec.plate_diameter**2
        self.beds = [self._bury(bed) for bed in self.beds]

    @property
    def pressed(self) -> tuple[float, float]:
        """Diameter and embedment [m]."""
        return self.spec.plate_diameter, self.spec.embedment

    @property
    def size(self) -> tuple[float, float, float]:
        """Length, width and depth of the beds [m]."""
        return self.spec.bed_side, self.spec.bed_side, self.spec.bed_depth

    @property
    def thickness(self) -> float:
        """Thickness of the plate [m]."""
        return THICKNESS * self.spec.grain_diameter

    def place(self, bed: PreparedBed) -> np.ndarray:
        """Middle of the plate's lower face (3,) [m]."""
        middle = self.spec.bed_side / 2
        return np.array([middle, middle, bed.surface_height - self.spec.embedment - self.thickness])

    def _bury(self, bed: PreparedBed) -> PreparedBed:
        """The bed without the grains that the plate takes the place of."""
        offset = bed.position - self.place(bed)
        aside = np.maximum(np.hypot(offset[:, 0], offset[:, 1]) - self.spec.plate_diameter / 2, 0.0)
        above = np.maximum(np.abs(offset[:, 2] - self.thickness / 2) - self.thickness / 2, 0.0)
        stays = np.hypot(aside, above) > bed.radius
        return replace(bed, position=bed.position[stays], radius=bed.radius[stays])

    def add_bodies(self, builder: dem.ModelBuilder, world: int) -> None:
        """Bury the plate in a bed."""
        wall = add_wall(builder, self.config, self.spec.plate_friction)
        radius, thick = self.spec.plate_diameter / 2, self.thickness
        place = tuple(self.place(self.bed_of(world)))
        body = builder.add_body("plate", 1.0, (1.0, 1.0, 1.0), place, motion=Motion.fixed())
        builder.add_shape(
            surface_of_revolution([(0.0, 0.0), (radius, 0.0), (radius, thick), (0.0, thick)], FACETS), wall, body
        )

    def begin_push(self, start: float) -> None:
        """Pull the plates up at a constant speed."""
        self.move_all(self.bodies, moving_down(-self.spec.push_speed))

    def push_duration(self) -> float:
        """Duration of the pull [s]."""
        return self.spec.lift / self.spec.push_speed

    def sample(self) -> None:
        """Add a row of lift and force to the series."""
        impulses, elapsed = self.take_impulses()
        lift = self.spec.push_speed * ((self.sampled_at + self.sampled_from) / 2 - self.phase_start)
        force = -impulses[:, PLATE, 2] / elapsed
        self.recorder.add({"lift": np.full(self.world_count, lift), "force": force})

    def reduce(self) -> dict[str, Any]:
        """The largest force, where it is reached, and the breakout factor."""
        spec, curves = self.spec, [self.curve(world, -np.inf, np.inf) for world in range(self.world_count)]
        peaks = [int(np.argmax(force)) for _, force in curves]
        forces = [float(force[peak]) for (_, force), peak in zip(curves, peaks, strict=True)]
        weights = [self.strength * bed.bulk_density * self.area * spec.embedment for bed in self.beds]
        lifts = [float(lift[peak]) for (lift, _), peak in zip(curves, peaks, strict=True)]
        factors = [force / weight for force, weight in zip(forces, weights, strict=True)]
        fit = {
            "pullout_force": estimate(forces, "N"),
            "lift_at_peak": estimate(lifts, "m"),
            "breakout_factor": estimate(factors),
        }
        return {
            "fit": fit,
            "bed": self.bed_report(),
            "samples": {
                "plate_diameter": spec.plate_diameter, "embedment": spec.embedment, "pull_speed": spec.push_speed,
                "grains_across_plate": spec.plate_diameter / spec.grain_diameter,
            },
            "figure": self._figure(curves, weights, fit),
        }  # fmt: skip

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the pull was slow, the bed wide and the plate large beside its grains."""
        spec = self.spec
        return {
            "pull_speed_over_fall_speed": verdict(spec.push_speed / self.fall_speed, SLOW),
            "plate_over_bed_side": verdict(spec.plate_diameter / spec.bed_side, WIDE),
            "grain_over_plate": verdict(spec.grain_diameter / spec.plate_diameter, 1 / LEAST_GRAINS),
        }

    def _figure(self, curves: list, weights: list[float], fit: dict[str, Any]) -> dict[str, Any]:
        """Force over lift, as it is and scaled by the weight above the plate."""
        drawn, scaled = [], []
        for world, ((lift, force), weight) in enumerate(zip(curves, weights, strict=True)):
            label = f"seed {self.spec.seed + world}"
            drawn.append({"x": lift * 1e3, "y": force, "label": label, "color": world})
            scaled.append({"x": lift / self.spec.plate_diameter, "y": force / weight, "color": world})
        factor = fit["breakout_factor"]["mean"]
        panels = [
            panel("lift [mm]", "force [N]", "Pull-out", drawn),
            panel("lift / plate diameter", "force / weight above", f"breakout factor {factor:.2f}", scaled),
        ]
        return {"name": "pullout", "title": self.title(), "panels": panels}
