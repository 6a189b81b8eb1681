"""Cone penetrometer: level beds, a cone on a thinner rod, one speed; resistance over depth and its gradient.

Cone and rod are bodies of their own that move as one, so that what rubs along the rod is not counted as resistance.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.measure.sinkage import GradientFit, fit_gradient, inertial_number
from dem.model import Motion
from dem.shapes.turned import turned_mesh
from scenarios.cone_penetrometer_spec import ROD
from scenarios.pressed_bed import (
    HOVER,
    Push,
    bed_report,
    bed_spec,
    firm_up,
    foreseen_modulus,
    highest,
    prepare,
    soft_modulus,
    start_bed,
    surface_of,
)
from scenarios.probe_rig import add_wall, down, moving_down
from scenarios.virtual_test import estimate, verdict

LOOKS = 120  # of the force on the way down
CONE, ROD_BODY = 1, 2
FACETS = 32
INERTIAL_LIMIT = 0.02  # where friction is up by some per cent on its quasi-static value
LEAST_GRAINS, LEAST_GOODNESS, LEAST_BASE, LEAST_ROOM = 8.0, 0.85, 1.5, 5.0


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
        return ConeTest(config).measure(folder, session)


class ConeTest:
    """One cone in each filling."""

    def __init__(self, config: Any) -> None:
        self.config, self.spec = config, config.scenario
        spec = self.spec
        self.area = math.pi / 4 * spec.diameter**2
        self.modulus = foreseen_modulus(config, spec.diameter, spec.travel)
        size = (spec.bed_side, spec.bed_side, spec.bed_depth)
        self.bed_specs = [bed_spec(config, seed, size, periodic=False) for seed in spec.seeds]
        self.beds = [prepare(config, bed) for bed in self.bed_specs]

    def measure(self, folder: Path, session: Any) -> dict[str, Any]:
        """Firm up, push and fit."""
        spec, worlds = self.spec, range(self.spec.repeats)
        soft = soft_modulus(self.config, self.bed_specs[0])
        self.probe = firm_up(self.config, self.beds, soft, self.modulus, self.build)
        surfaces = [surface_of(self.probe, world, self.beds[world], self.bed_specs[world]) for world in worlds]
        starts = [self.start(world) + spec.tip_length for world in worlds]
        self.push = Push(self.probe, [CONE, ROD_BODY], spec.push_speed, starts, surfaces)
        bounds = (0.0, 0.0, 0.0), (spec.bed_side, spec.bed_side, spec.bed_depth)
        with self.probe.film(folder, session, self.title(), spec.travel / spec.push_speed, bounds):
            for world in worlds:
                for body in self.push.bodies:
                    self.probe.simulation.set_motion(body, moving_down(spec.push_speed), world)
            self.push.go(spec.depth, LOOKS)
        return self.report(session)

    def start(self, world: int) -> float:
        """Height of the tip before it moves [m]."""
        return highest(self.beds[world]) + HOVER * self.spec.grain_diameter

    def build(self, world: int, modulus: float, position: np.ndarray) -> dem.Model:
        """A filling with the cone above it."""
        spec = self.spec
        builder = start_bed(self.config, self.bed_specs[world], self.beds[world].radius, modulus, position)
        wall = add_wall(builder, self.config, spec.cone_friction)
        centre, radius, rod = (spec.bed_side / 2, spec.bed_side / 2), spec.diameter / 2, ROD * spec.diameter / 2
        base = self.start(world) + spec.tip_length
        cone = builder.add_body("cone", 1.0, (1.0, 1.0, 1.0), (*centre, base), motion=Motion.fixed())
        builder.add_shape(turned_mesh([(0.0, -spec.tip_length), (radius, 0.0), (0.0, 0.0)], FACETS), wall, cone)
        tall = 1.5 * spec.depth
        profile = [(0.0, 0.0), (rod, 0.0), (rod, tall), (0.0, tall)]
        stem = builder.add_body("rod", 1.0, (1.0, 1.0, 1.0), (*centre, base), motion=Motion.fixed())
        builder.add_shape(turned_mesh(profile, FACETS), wall, stem)
        return builder.finalize()

    def curves(self, low: float, high: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """Depth of the base [m] and resistance [Pa] in each filling, between two depths [m]."""
        found = [self.push.curve(world, low, high) for world in range(self.spec.repeats)]
        return [(depth, force / self.area) for depth, force in found]

    def title(self) -> str:
        """Of pictures and figures."""
        return f"cone, {self.config.soil.name}, {self.config.gravity.name}"

    def report(self, session: Any) -> dict[str, Any]:
        """The result."""
        spec = self.spec
        curves = self.curves(spec.fit_from * spec.depth, spec.depth)
        fits = [fit_gradient(*curve) for curve in curves]
        weight = [down(self.config) * bed.bulk_density for bed in self.beds]
        means = [float(resistance.mean()) for _, resistance in curves]
        return {
            "scenario": spec.name,
            "title": self.title(),
            "fit": {
                "cone_index_gradient": estimate([fit.gradient for fit in fits], "Pa/m"),
                "intercept": estimate([fit.intercept for fit in fits], "Pa"),
                "gradient_over_unit_weight": estimate(
                    [fit.gradient / own for fit, own in zip(fits, weight, strict=True)]
                ),
                "mean_resistance": estimate(means, "Pa"),
                "mean_resistance_over_unit_weight": estimate(
                    [mean / own for mean, own in zip(means, weight, strict=True)], "m"
                ),
                "goodness": estimate([fit.goodness for fit in fits]),
            },
            "doubts": self.doubts(fits),
            "bed": bed_report(self.beds, self.bed_specs),
            "samples": {
                "cone_diameter": spec.diameter, "tip_angle": math.radians(spec.tip_angle_deg), "depth": spec.depth,
                "push_speed": spec.push_speed, "grains_across_cone": spec.diameter / spec.grain_diameter,
                "fluctuation": self.push.fluctuation(spec.fit_from * spec.depth),
            },
            "numerics": self.probe.numerics(session, self.modulus),
            "conventions": CONVENTIONS,
            "figure": figure(self, fits),
            "contact": dem.describe_contacts(self.probe.simulation.worlds.models[0]),
            "checks": self.probe.common_checks() | self.checks(means),
        }  # fmt: skip

    def doubts(self, fits: list[GradientFit]) -> dict[str, str]:
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

    def checks(self, means: list[float]) -> dict[str, Any]:
        """Whether the push was slow."""
        spec, soil = self.spec, self.config.soil
        rate = spec.push_speed / spec.diameter
        inertial = inertial_number(rate, spec.grain_diameter, soil.particle_density, min(means))
        dynamic = soil.particle_density * spec.push_speed**2 / min(means)
        return {
            "inertial_number": verdict(inertial, INERTIAL_LIMIT),
            "dynamic_over_mean_resistance": verdict(dynamic, 0.05),
            "cone_over_bed_side": verdict(spec.diameter / spec.bed_side, 0.4),
        }


CONVENTIONS = {
    "depth": "from the bed's mean surface to the cone's base",
    "resistance": "the soil's upward force on the cone alone, without the rod, over the area of its base; sliding "
    "mean over one grain diameter of depth",
    "fluctuation": "rms departure from those means over their mean",
    "cone_index_gradient": "slope of a straight line through resistance over depth, from scenario.fit_from on",
    "goodness": "1 - rms departure / mean resistance",
}


def figure(test: ConeTest, fits: list[GradientFit]) -> dict[str, Any]:
    """Resistance over depth with each line, and scaled by the soil's weight."""
    spec = test.spec
    drawn, scaled = [], []
    for world, (depth, resistance) in enumerate(test.curves(-spec.tip_length, spec.depth)):
        label = f"seed {spec.seed + world}"
        drawn.append({"x": depth * 1e3, "y": resistance / 1e3, "label": label, "color": world})
        ends = np.array([spec.fit_from * spec.depth, spec.depth])
        line = fits[world].resistance(ends) / 1e3
        drawn.append({"x": ends * 1e3, "y": line, "style": "fit", "color": world})
        weight = down(test.config) * test.beds[world].bulk_density * spec.diameter
        scaled.append({"x": depth / spec.diameter, "y": resistance / weight, "color": world})
    mean = float(np.mean([fit.gradient for fit in fits]))
    return {
        "name": "cone_resistance",
        "title": test.title(),
        "panels": [
            {"x": "depth of the base [mm]", "y": "resistance [kPa]", "curves": drawn,
             "title": f"G = {mean / 1e6:.3g} MPa/m"},
            {"x": "depth / cone diameter D", "y": "resistance / (rho_b g D)", "curves": scaled},
        ],
    }  # fmt: skip
