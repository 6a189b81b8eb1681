"""Cone penetrometer: level beds, a cone on a thinner rod, one speed; resistance over depth and its gradient.

Cone and rod are bodies of their own that move as one, so that what rubs along the rod is not counted as resistance.
"""

import math
from typing import Any

import numpy as np

import dem
from dem.experiment import estimate, verdict
from dem.measure.sinkage import GradientFit, fit_gradient
from dem.model import Motion
from dem.run_config import RunConfig
from dem.shapes.revolved import surface_of_revolution
from scenarios.cone_penetrometer.figure import draw_resistance
from scenarios.cone_penetrometer.spec import ROD
from scenarios.shared.pressed_bed import PressedBed
from scenarios.shared.soil_experiment import add_wall

CONE, ROD_BODY = 1, 2
FACETS = 32
LEAST_GRAINS, LEAST_GOODNESS, LEAST_BASE, LEAST_ROOM = 8.0, 0.85, 1.5, 5.0


class ConePenetrometer(PressedBed):
    """One cone in each bed."""

    label, bodies, is_periodic = "cone", [CONE, ROD_BODY], False
    conventions = {
        "depth": "from the bed's mean surface to the cone's base",
        "resistance": "the soil's upward force on the cone alone, without the rod, over the area of its base; sliding "
        "mean over one grain diameter of depth",
        "fluctuation": "rms departure from those means over their mean",
        "cone_index_gradient": "slope of a straight line through resistance over depth, from scenario.fit_from on",
        "goodness": "1 - rms departure / mean resistance",
    }

    def __init__(self, config: RunConfig) -> None:
        self.area = math.pi / 4 * config.scenario.diameter**2
        super().__init__(config)

    @property
    def pressed(self) -> tuple[float, float]:
        """Diameter and depth of the tip [m]."""
        return self.spec.diameter, self.spec.travel

    @property
    def size(self) -> tuple[float, float, float]:
        """Length, width and depth of the beds [m]."""
        return self.spec.bed_side, self.spec.bed_side, self.spec.bed_depth

    @property
    def tip(self) -> float:
        """Length of the cone from the tip to the base [m]."""
        return self.spec.tip_length

    def add_bodies(self, builder: dem.ModelBuilder, world: int) -> None:
        """The cone above the bed, and its rod."""
        spec = self.spec
        wall = add_wall(builder, self.config, spec.cone_friction)
        centre, radius, rod = (spec.bed_side / 2, spec.bed_side / 2), spec.diameter / 2, ROD * spec.diameter / 2
        base, tall = self.start(world) + spec.tip_length, 1.5 * spec.depth
        profiles = {
            "cone": [(0.0, -spec.tip_length), (radius, 0.0), (0.0, 0.0)],
            "rod": [(0.0, 0.0), (rod, 0.0), (rod, tall), (0.0, tall)],
        }
        for name, profile in profiles.items():
            body = builder.add_body(name, 1.0, (1.0, 1.0, 1.0), (*centre, base), motion=Motion.fixed())
            builder.add_shape(surface_of_revolution(profile, FACETS), wall, body)

    def curves(self, low: float, high: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """Depth of the base [m] and resistance [Pa] in each bed, between two depths [m]."""
        found = [self.curve(world, low, high) for world in range(self.spec.repeats)]
        return [(depth, force / self.area) for depth, force in found]

    def reduce(self) -> dict[str, Any]:
        """The gradient of the resistance."""
        spec = self.spec
        curves = self.curves(spec.fit_from * spec.depth, spec.depth)
        fits = [fit_gradient(*curve) for curve in curves]
        weight = [self.strength * bed.bulk_density for bed in self.beds]
        self.means = [float(resistance.mean()) for _, resistance in curves]
        over_weight = [mean / own for mean, own in zip(self.means, weight, strict=True)]
        return {
            "fit": {
                "cone_index_gradient": estimate([fit.gradient for fit in fits], "Pa/m"),
                "intercept": estimate([fit.intercept for fit in fits], "Pa"),
                "gradient_over_unit_weight": estimate(
                    [fit.gradient / own for fit, own in zip(fits, weight, strict=True)]
                ),
                "mean_resistance": estimate(self.means, "Pa"),
                "mean_resistance_over_unit_weight": estimate(over_weight, "m"),
                "goodness": estimate([fit.goodness for fit in fits]),
            },
            "warnings": self.warnings(fits),
            "bed": self.bed_report(),
            "samples": {
                "cone_diameter": spec.diameter, "tip_angle": math.radians(spec.tip_angle_deg), "depth": spec.depth,
                "push_speed": spec.push_speed, "grains_across_cone": spec.diameter / spec.grain_diameter,
                "fluctuation": self.fluctuation(spec.fit_from * spec.depth),
            },
            "figure": draw_resistance(self, fits),
        }  # fmt: skip

    def warnings(self, fits: list[GradientFit]) -> dict[str, str]:
        """Which assumptions this test strains, in words; empty if none."""
        spec = self.spec
        across, room = spec.diameter / spec.grain_diameter, spec.bed_side / spec.diameter
        base = (spec.bed_depth - spec.travel) / spec.diameter
        said = {
            "goodness": (
                min(fit.goodness for fit in fits) < LEAST_GOODNESS,
                "resistance is no straight line over depth: single grains show, or the cone nears the floor",
            ),
            "grains_across": (
                across < LEAST_GRAINS,
                f"only {across:.3g} grains fit across the cone: the cone acts about a grain wider",
            ),
            "walls": (
                room < LEAST_ROOM,
                f"the bed is {room:.2g} cones wide: its walls confine the soil, and resistance is too high",
            ),
            "floor": (base < LEAST_BASE, f"the floor lies {base:.2g} cone diameters below the tip at the end"),
        }
        return {name: text for name, (is_so, text) in said.items() if is_so}

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the push was slow, and the bed wide."""
        slow = self.speed_checks("resistance", [self.spec.diameter] * len(self.means), self.means)
        return slow | {"cone_over_bed_side": verdict(self.spec.diameter / self.spec.bed_side, 0.4)}
