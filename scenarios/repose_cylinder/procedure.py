"""Angle of repose by a lifted cylinder: fill, settle, lift, wait; then the flank of the heap by azimuth.

The plate is a layer of held grains, so that the heap does not slide as a whole; the cylinder is a closed mesh.
"""

import math
from typing import Any

import numpy as np

import dem
from dem.experiment import Phase, estimate, verdict
from dem.measure.heaps import ConeFlank, cone_flank
from dem.model import Motion
from dem.run_config import RunConfig
from dem.shapes.revolved import surface_of_revolution
from scenarios.repose_cylinder.figure import draw_heaps
from scenarios.shared.heaps import REST_TIMES, Grains, HeapExperiment, angle_estimate, pour, rough_floor
from scenarios.shared.soil_experiment import add_wall, moving_down

FACETS = 64  # creases of less than 6 degrees are felt as one contact
GAP = 0.1  # grain diameters between the floor's tops and the cylinder
SLOWEST_ANGLE = math.radians(14.0)  # of repose: the plate is large enough for it
CYLINDER = 1  # body
LIFT_HEIGHT = 1.15  # of the specimen: clear of any heap it leaves
LIFT_SAMPLES = 20
TALL = 2.6  # of the specimen: as high as grains lie before they are packed
STRAYS = 0.02  # of the grains that may roll off the plate


class ReposeCylinder(HeapExperiment):
    """Specimens of one cylinder."""

    label = "lifted cylinder"
    conventions = {
        "angle_of_repose": "from the horizontal; line through the topmost grains over radius, in each sector of "
        "azimuth, between two shares of the radius of the heap's foot; mean over sectors, then over specimens",
        "azimuth_error": "standard error of one specimen's angle over its sectors",
        "foot_radius": "where the mean profile falls below a grain diameter",
        "height": "of the mean profile near the axis, above the tops of the plate's grains",
    }

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.young_modulus = self.modulus_under(self.own_pressure(self.spec.fill_height))
        volume = math.pi * self.spec.cylinder_radius**2 * self.spec.fill_height
        self.plate_radius = (3 * volume / (math.pi * math.tan(SLOWEST_ANGLE))) ** (1 / 3)

    def attributes(self) -> dict[str, Any]:
        """Attributes of the results file."""
        corner = np.array([self.plate_radius, self.plate_radius, 0.0])
        return {"domain_lower": -corner, "domain_upper": corner}

    def measured_phases(self) -> list[Phase]:
        """Lift, and wait for the heap to rest."""
        lift = LIFT_HEIGHT * self.spec.fill_height / self.spec.lift_speed

        def begin_lift(start: float) -> None:
            self.move_all([CYLINDER], moving_down(-self.spec.lift_speed))

        return [
            Phase("lift", lift, begin_lift, sample=self.record_speeds, interval=lift / LIFT_SAMPLES),
            self.rest("rest", REST_TIMES, lambda start: self.move_all([CYLINDER], Motion.fixed())),
        ]

    def fill(self, seed: int) -> Grains:
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
        builder = self.start_sand(self.young_modulus, friction)
        wall = add_wall(builder, self.config, spec.wall_friction)
        builder.add_particles(position, radius, 0)
        floor = rough_floor(spec, (-self.plate_radius,) * 2, (self.plate_radius,) * 2)
        floor = floor[np.hypot(floor[:, 0], floor[:, 1]) < self.plate_radius]
        builder.add_particles(floor, size / 2, 0, fixed=True)
        builder.add_plane((0.0, 0.0, -0.51 * size), (0.0, 0.0, 1.0), 0)  # under the plate, for strays
        bottom = (0.5 + GAP) * size
        body = builder.add_body("cylinder", 1.0, (1.0, 1.0, 1.0), (0.0, 0.0, bottom), motion=Motion.fixed())
        inner, outer, top = spec.cylinder_radius, spec.cylinder_radius + size, TALL * spec.fill_height
        builder.add_shape(
            surface_of_revolution([(inner, 0.0), (outer, 0.0), (outer, top), (inner, top)], FACETS), wall, body
        )
        return builder.finalize()

    def heap(self, index: int) -> tuple[ConeFlank, float]:
        """Flank of a specimen's heap, and the share of grains that left the plate."""
        position = self.free(index, "position") - [0.0, 0.0, 0.5 * self.spec.grain_diameter]
        model = self.simulation.worlds.models[self.worlds[index]].particles
        radius = model["radius"][~model["fixed"]]
        on_plate = np.hypot(position[:, 0], position[:, 1]) < self.plate_radius
        flank = cone_flank(
            position[on_plate], radius[on_plate], self.spec.sectors, self.spec.flank_low, self.spec.flank_high
        )
        return flank, 1 - float(on_plate.mean())

    def reduce(self) -> dict[str, Any]:
        """The angle, and the heaps."""
        spec = self.spec
        heaps, strays = zip(*(self.heap(index) for index in range(spec.repeats)), strict=True)
        self.strays = max(strays)
        angles = [float(heap.angles.mean()) for heap in heaps]
        scatter = [float(heap.angles.std(ddof=1) / math.sqrt(spec.sectors)) for heap in heaps]
        return {
            "fit": {
                "angle_of_repose": angle_estimate(angles),
                "azimuth_error": estimate(scatter, "rad"),
                "foot_radius": estimate([heap.foot for heap in heaps], "m"),
                "height": estimate([float(heap.height[:3].max()) for heap in heaps], "m"),
            },
            "samples": {
                "grains_per_filling": len(self.free(0, "position")), "plate_radius": self.plate_radius,
                "cylinder_radius": spec.cylinder_radius, "fill_height": spec.fill_height, "lift_speed": spec.lift_speed,
                "sliding_friction": self.soil.sliding_friction, "rolling_friction": self.soil.rolling_friction,
                "phases": list(self.phases_done),
            },
            "figure": draw_heaps(self, heaps, angles),
        }  # fmt: skip

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the cylinder was slow, the heap rests and lies on its plate."""
        return {
            "lift_speed_over_fall_speed": verdict(self.spec.lift_speed / self.fall_speed, 1.0),
            "speed_left_over_fall_speed": verdict(float(self.speeds().max()), 0.05),
            "share_off_the_plate": verdict(self.strays, STRAYS),
        }
