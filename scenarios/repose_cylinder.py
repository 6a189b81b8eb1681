"""Angle of repose by a lifted cylinder: fill, settle, lift, wait; then the flank of the heap by azimuth.

The plate is a layer of held grains, so that the heap does not slide as a whole; the cylinder is a closed mesh.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.measure.heaps import ConeFlank, cone_flank
from dem.model import Motion
from dem.shapes.turned import turned_mesh
from scenarios.probe_rig import add_wall, grain_modulus, moving_down, own_pressure, start_sand
from scenarios.repose_rig import DEGREES, REST_TIMES, angle_estimate, pour, rough_floor, settle
from scenarios.virtual_test import estimate, verdict

FACETS = 64  # creases of less than 6 degrees are felt as one contact
GAP = 0.1  # grain diameters between the floor's tops and the cylinder
SLOWEST_ANGLE = math.radians(14.0)  # of repose: the plate is large enough for it
CYLINDER = 1  # body
LIFT_HEIGHT = 1.15  # of the filling: clear of any heap it leaves
TALL = 2.6  # of the filling: as high as grains lie before they are packed
STRAYS = 0.02  # of the grains that may roll off the plate


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
        return LiftedCylinder(config).measure(folder, session)


class LiftedCylinder:
    """Fillings of one cylinder."""

    def __init__(self, config: Any) -> None:
        self.config, self.spec = config, config.scenario
        self.modulus = grain_modulus(config, own_pressure(config, self.spec.fill_height))
        volume = math.pi * self.spec.cylinder_radius**2 * self.spec.fill_height
        self.plate_radius = (3 * volume / (math.pi * math.tan(SLOWEST_ANGLE))) ** (1 / 3)

    def measure(self, folder: Path, session: Any) -> dict[str, Any]:
        """Settle, lift, wait and read."""
        spec = self.spec
        self.probe = settle(self.config, [self.fill(seed) for seed in spec.seeds], self.build)
        lift = LIFT_HEIGHT * spec.fill_height / spec.lift_speed
        bounds = (-self.plate_radius, -self.plate_radius, 0.0), (self.plate_radius, self.plate_radius, 0.0)
        with self.probe.film(folder, session, self.title(), lift + REST_TIMES * self.probe.fall_time, bounds):
            for world in range(spec.repeats):
                self.probe.simulation.set_motion(CYLINDER, moving_down(-spec.lift_speed), world)
            self.probe.phase("lift", lift, lift / 20)
            for world in range(spec.repeats):
                self.probe.simulation.set_motion(CYLINDER, Motion.fixed(), world)
            left = self.probe.rest("rest", REST_TIMES)
        return self.report(session, left)

    def fill(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Loose grains in the cylinder."""
        spec, across = self.spec, 2 * self.spec.cylinder_radius
        room = spec.cylinder_radius - 0.6 * spec.grain_diameter * (1 + spec.grain_spread)

        def inside(centre: np.ndarray) -> np.ndarray:
            return np.hypot(*(centre[:, :2] - spec.cylinder_radius).T) < room

        volume = math.pi * spec.cylinder_radius**2 * spec.fill_height
        position, radius = pour(spec, seed, (across, across), volume, inside)
        start = np.array([-spec.cylinder_radius, -spec.cylinder_radius, 0.6 * spec.grain_diameter])
        return position + start, radius

    def build(self, position: np.ndarray, radius: np.ndarray, friction: float | None) -> dem.Model:
        """Grains in the cylinder on the plate."""
        spec, size = self.spec, self.spec.grain_diameter
        builder = start_sand(self.config, self.modulus, friction)
        wall = add_wall(builder, self.config, spec.wall_friction)
        builder.add_particles(position, radius, 0)
        floor = rough_floor(spec, (-self.plate_radius,) * 2, (self.plate_radius,) * 2)
        floor = floor[np.hypot(floor[:, 0], floor[:, 1]) < self.plate_radius]
        builder.add_particles(floor, size / 2, 0, fixed=True)
        builder.add_plane((0.0, 0.0, -0.51 * size), (0.0, 0.0, 1.0), 0)  # under the plate, for strays
        bottom = (0.5 + GAP) * size
        body = builder.add_body("cylinder", 1.0, (1.0, 1.0, 1.0), (0.0, 0.0, bottom), motion=Motion.fixed())
        inner, outer, top = spec.cylinder_radius, spec.cylinder_radius + size, TALL * spec.fill_height
        builder.add_shape(turned_mesh([(inner, 0.0), (outer, 0.0), (outer, top), (inner, top)], FACETS), wall, body)
        return builder.finalize()

    def heap(self, world: int) -> tuple[ConeFlank, float]:
        """Flank of a filling's heap, and the share of grains that left the plate."""
        position = self.probe.free(world, "position") - [0.0, 0.0, 0.5 * self.spec.grain_diameter]
        model = self.probe.simulation.worlds.models[world].particles
        radius = model["radius"][~model["fixed"]]
        on_plate = np.hypot(position[:, 0], position[:, 1]) < self.plate_radius
        flank = cone_flank(
            position[on_plate], radius[on_plate], self.spec.sectors, self.spec.flank_low, self.spec.flank_high
        )
        return flank, 1 - float(on_plate.mean())

    def title(self) -> str:
        """Of pictures and figures."""
        return f"lifted cylinder, {self.config.soil.name}, {self.config.gravity.name}"

    def report(self, session: Any, left: float) -> dict[str, Any]:
        """The result."""
        spec, probe = self.spec, self.probe
        heaps, strays = zip(*(self.heap(world) for world in range(spec.repeats)), strict=True)
        angles = [float(heap.angles.mean()) for heap in heaps]
        scatter = [float(heap.angles.std(ddof=1) / math.sqrt(spec.sectors)) for heap in heaps]
        return {
            "scenario": spec.name,
            "title": self.title(),
            "fit": {
                "angle_of_repose": angle_estimate(angles),
                "azimuth_error": estimate(scatter, "rad"),
                "foot_radius": estimate([heap.foot for heap in heaps], "m"),
                "height": estimate([float(heap.height[:3].max()) for heap in heaps], "m"),
            },
            "samples": {
                "grains_per_filling": len(probe.free(0, "position")), "plate_radius": self.plate_radius,
                "cylinder_radius": spec.cylinder_radius, "fill_height": spec.fill_height, "lift_speed": spec.lift_speed,
                "sliding_friction": self.config.soil.sliding_friction,
                "rolling_friction": self.config.soil.rolling_friction,
                "phases": probe.phases,
            },
            "numerics": probe.numerics(session, self.modulus),
            "conventions": CONVENTIONS,
            "figure": figure(self, heaps, angles),
            "contact": dem.describe_contacts(probe.simulation.worlds.models[0]),
            "checks": {
                **probe.common_checks(),
                "lift_speed_over_fall_speed": verdict(spec.lift_speed / probe.fall_speed, 1.0),
                "speed_left_over_fall_speed": verdict(left, 0.05),
                "share_off_the_plate": verdict(max(strays), STRAYS),
            },
        }  # fmt: skip


CONVENTIONS = {
    "angle_of_repose": "from the horizontal; line through the topmost grains over radius, in each sector of azimuth, "
    "between two shares of the radius of the heap's foot; mean over sectors, then over fillings",
    "azimuth_error": "standard error of one filling's angle over its sectors",
    "foot_radius": "where the mean profile falls below a grain diameter",
    "height": "of the mean profile near the axis, above the tops of the plate's grains",
}


def figure(test: LiftedCylinder, heaps: tuple, angles: list[float]) -> dict[str, Any]:
    """Profiles with the mean line, and the angle by azimuth."""
    spec, size = test.spec, test.spec.grain_diameter
    azimuth = (np.arange(spec.sectors) + 0.5) * 360 / spec.sectors
    mean, foot = float(np.mean(angles)), float(np.mean([heap.foot for heap in heaps]))
    ends = np.array([spec.flank_low, spec.flank_high]) * foot
    middle = np.mean([np.interp(ends.mean(), heap.radius, heap.height) for heap in heaps])
    line = middle - math.tan(mean) * (ends - ends.mean())
    profiles = [
        {"x": heap.radius / size, "y": heap.height / size, "label": f"seed {seed}"}
        for seed, heap in zip(spec.seeds, heaps, strict=True)
    ]
    flank = {"x": ends / size, "y": line / size, "label": f"{mean * DEGREES:.1f} deg", "style": "fit"}
    rose = [{"x": azimuth, "y": heap.angles * DEGREES, "style": "points"} for heap in heaps]
    return {
        "name": "angle_of_repose",
        "title": test.title(),
        "panels": [
            {"x": "radius / grain diameter", "y": "height / grain diameter", "title": "mean profile of each heap",
             "curves": [*profiles, flank]},
            {"x": "azimuth [deg]", "y": "angle of the flank [deg]", "title": "by azimuth", "curves": rose},
        ],
    }  # fmt: skip
