"""A bed by itself: made, brought under the run's gravity, and measured before and after.

The bed that a wheel would get under the same config is the one in the cache: this scenario shows it.
"""

import math
from typing import Any

import numpy as np

import dem
from dem.beds.density import TOLERANCE
from dem.beds.preparation import FALLING_OVERLAP, BedMaker
from dem.beds.prepare import prepare_bed
from dem.beds.quality import measure_surface, surface_grid
from dem.experiment import Arrays, Experiment, Phase, Stage, verdict
from dem.io import Series
from dem.measure.bed import residual_speeds, surface_error
from dem.run_config import RunConfig
from dem.soil.contacts import grain_numbers
from dem.soil.stiffness import grain_modulus
from scenarios.prepare_bed.figure import draw_bed
from scenarios.shared.drive import gravity_ramp

RESIDUAL_LIMIT = 0.05  # of sqrt(g d), 99 of 100 grains: below it nothing flows; the slowest rattlers take longer
MOST_SETTLEMENT = 0.5  # grain diameters that the surface may move when gravity changes


class PrepareBed(Experiment):
    """A bed that comes under the run's gravity."""

    series = {"residual_speed": Series("-", "speed of 99 of 100 grains over sqrt(g d)")}

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.bed_spec = config.bed
        self.young_modulus = bed_modulus(config)
        self.bed = prepare_bed(config.bed, config.soil, config.contact, config.solver, self.young_modulus)

    @property
    def grain_diameter(self) -> float:
        """Mean grain diameter of the bed [m]."""
        return float(self.bed_spec.grain_diameter)

    @property
    def seed(self) -> int:
        """Seed of the bed."""
        return int(self.bed_spec.seed)

    @property
    def strength(self) -> float:
        """Strength of the run's gravity [m/s2]."""
        return float(np.linalg.norm(self.gravity))

    def title(self) -> str:
        """The run in a line."""
        bed = self.bed_spec
        return f"bed of {self.config.soil.name}, {bed.surface.shape}, made at {bed.preparation_gravity:g} m/s2"

    def attributes(self) -> dict[str, Any]:
        """Attributes of the results file."""
        bed = self.bed_spec
        return {
            "surface_height": self.bed.surface_height, "domain_lower": [0.0, 0.0, 0.0],
            "domain_upper": [bed.length, bed.width, bed.depth],
            "domain_periodic": [bed.periodic_x, bed.periodic_y, False],
        }  # fmt: skip

    def stages(self) -> list[Stage]:
        """Rest under the run's gravity; grains may overlap as they may while the bed is made."""
        return [Stage(self._build, self._phases, max(self.solver.max_overlap, FALLING_OVERLAP), True)]

    def _build(self, before: list[Arrays]) -> list[dem.Model]:
        config = self.config
        maker = BedMaker(config.bed, config.soil, config.contact, config.solver, self.young_modulus)
        grains = [(self.bed.position, self.bed.radius)]
        return maker.models(grains, [grain_numbers(config.soil, config.contact, config.bed.grain_diameter)])

    def _phases(self) -> list[Phase]:
        duration = self.spec.rest_times * math.sqrt(self.grain_diameter / self.strength)
        prepared = np.array([0.0, 0.0, -self.bed_spec.preparation_gravity])

        def bring_under_gravity(start: float) -> None:
            self.set_gravity(0, gravity_ramp(prepared, self.gravity, start, duration / 2))

        return [Phase("rest", duration, bring_under_gravity, sample=self._sample)]

    def _sample(self) -> None:
        self.recorder.add({"residual_speed": self._speeds()[1]})

    def _speeds(self) -> tuple[float, float]:
        return residual_speeds(self.snapshot(0, "velocity")["velocity"], self.grain_diameter, self.strength)

    def reduce(self) -> dict[str, Any]:
        """The bed's report, and what the run's gravity did to it."""
        spec, bed, position = self.bed_spec, self.bed, self.snapshot(0, "position")["position"]
        x, y = surface_grid(spec)
        heights = measure_surface(spec, position, bed.radius)
        offset, roughness = surface_error(heights, spec.surface_at(x[:, None], y[None, :]))
        largest, most = self._speeds()
        under = {
            "gravity": self.strength, "settlement": bed.surface_offset - offset, "surface_roughness": roughness,
            "residual_speed": largest, "residual_speed_99": most,
        }  # fmt: skip
        report = bed.report() | {"grain_count": len(bed.radius), "preparation_gravity": spec.preparation_gravity}
        return {
            "bed": report, "under_gravity": under, "numerics": {"seed": spec.seed},
            "figure": draw_bed(self, heights),
        }  # fmt: skip

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the bed is what was asked for, and rests."""
        bed, under, position = self.bed, reduced["under_gravity"], self.snapshot(0, "position")["position"]
        lost = ~np.isfinite(position).all(axis=1) | (position[:, 2] < 0)
        found = {
            "residual_motion": verdict(bed.residual_speed_99, RESIDUAL_LIMIT),
            "residual_motion_under_gravity": verdict(under["residual_speed_99"], RESIDUAL_LIMIT),
            "settlement_under_gravity": verdict(abs(under["settlement"]) / self.grain_diameter, MOST_SETTLEMENT),
            "grains_lost": verdict(int(lost.sum()), 0),
        }
        if bed.density_search:
            found["density_error"] = verdict(abs(bed.density_search["density_error"]), TOLERANCE)
        return found


def bed_modulus(config: RunConfig) -> float:
    """Young's modulus of the grains [Pa]: soft enough to be quick, hard enough to bear the bed and its plate."""
    soil, bed = config.soil, config.bed
    gravity = max(bed.preparation_gravity, -config.gravity.vector_value()[2])
    pressure = soil.particle_density * gravity * (bed.depth + bed.relief_extremes()[1])
    if bed.compaction.method == "press":
        pressure += bed.compaction.pressure
    return grain_modulus(config.solver, soil, pressure)
