"""Pressure-sinkage of strip plates: level beds, plates of several widths in each, one speed; then Bekker's equation.

A plate runs through the periodic width of its bed, so it is a strip without ends and its smaller side is Bekker's b.
Every bed is pressed by every plate, each in a world of its own.
"""

from typing import Any

import numpy as np

import dem
from dem.experiment import estimate, verdict
from dem.measure.sinkage import BekkerFit, PowerFit, fit_bekker, fit_plate
from dem.model import Motion
from scenarios.plate_sinkage.figure import draw_pressure
from scenarios.plate_sinkage.fits import (
    DOUBTS,
    LEAST_ROOM,
    bekker_numbers,
    last_mean,
    leave_one_out,
    mean_curves,
    plate_numbers,
)
from scenarios.shared.pressed_bed import PressedBed
from scenarios.shared.soil_experiment import add_wall

PLATE = 1  # body
THICKNESS = 2.0  # of the depth it is to reach, so that no grain comes to lie on top
MODEL = "p = (k_c/b + k_phi) z^n"


class PlateSinkage(PressedBed):
    """Beds, each under each plate; worlds are bed by bed, plate by plate."""

    label, bodies, is_periodic, tip = "plates", [PLATE], True, 0.0
    conventions = {
        "sinkage": "from the bed's mean surface to the plate's face",
        "pressure": "the soil's upward force on the plate, face and flanks, over the face's area; sliding mean over "
        "one grain diameter of sinkage",
        "fluctuation": "rms departure from those means over their mean",
        "bekker": f"{MODEL}; Wong's weighted least squares, n the mean of the plates'; b the strip's width",
        "modulus": "k_eq of p = k_eq z^n of one plate, with its own n",
        "goodness": "1 - rms departure / mean pressure",
        "standard_error": "of n, moduli and goodness by the jackknife: each specimen left out in turn",
        "reece": "p / (gamma z) over the deepest fifth",
    }

    @property
    def pressed(self) -> tuple[float, float]:
        """The widest plate and its depth [m]."""
        return max(self.spec.plate_widths), self.spec.depth

    @property
    def size(self) -> tuple[float, float, float]:
        """Length, width and depth of the beds [m]."""
        return self.spec.bed_length, self.spec.bed_width, self.spec.bed_depth

    @property
    def worlds_per_bed(self) -> int:
        """Number of worlds a bed, one for each plate."""
        return len(self.spec.plate_widths)

    @property
    def world_names(self) -> list[str]:
        """Seed and plate of each world."""
        return [f"seed_{seed}_{width * 1e3:g}_mm" for seed in self.spec.seeds for width in self.spec.plate_widths]

    def add_bodies(self, builder: dem.ModelBuilder, world: int) -> None:
        """Put a plate above the bed."""
        spec, width = self.spec, self.spec.plate_widths[world % self.worlds_per_bed]
        wall = add_wall(builder, self.config, spec.plate_friction)
        thick = THICKNESS * spec.depth
        centre = (spec.bed_length / 2, spec.bed_width / 2, self.start(world) + thick / 2)
        body = builder.add_body("plate", 1.0, (1.0, 1.0, 1.0), centre, motion=Motion.fixed())
        builder.add_shape(dem.Box((width, spec.bed_width + 4 * spec.grain_diameter, thick)), wall, body)

    def curves(self, bed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Sinkage [m] and pressure [Pa] of each plate in a bed, over the part that is fitted."""
        spec, found = self.spec, []
        for place, width in enumerate(spec.plate_widths):
            world = bed * len(spec.plate_widths) + place
            sinkage, force = self.curve(world, spec.fit_from * spec.depth, spec.depth)
            found.append((sinkage, force / (width * spec.bed_width)))
        return found

    def reduce(self) -> dict[str, Any]:
        """Bekker's parameters, and those of each plate."""
        spec, widths = self.spec, self.spec.plate_widths
        curves = [self.curves(bed) for bed in range(spec.repeats)]
        together = [mean_curves(curves), *(mean_curves(part) for part in leave_one_out(curves))]
        fits = [fit_bekker(widths, *zip(*plates, strict=True)) for plates in together]
        single = [[fit_plate(*plates[place]) for plates in together] for place in range(len(widths))]
        self.means = [float(np.mean([pressure.mean() for _, pressure in found])) for found in zip(*curves, strict=True)]
        return {
            "fit": bekker_numbers(fits) | plate_numbers(widths, single) | {"reece": self.reece(curves)},
            "warnings": self.warnings(fits, single),
            "bed": self.bed_report(),
            "samples": {
                "plate_widths": list(widths), "depth": spec.depth, "push_speed": spec.push_speed,
                "fluctuation": self.fluctuation(spec.fit_from * spec.depth),
            },
            "figure": draw_pressure(self, curves, fits[0]),
        }  # fmt: skip

    def reece(self, curves: list) -> dict[str, Any]:
        """Pressure over gamma z at the end of each plate: what is left to a soil without cohesion [-]."""
        weight = self.strength * np.array([bed.bulk_density for bed in self.beds])
        found = {}
        for place, width in enumerate(self.spec.plate_widths):
            ends = [last_mean(*plates[place]) for plates in curves]
            values = [pressure / (own * sinkage) for (sinkage, pressure), own in zip(ends, weight, strict=True)]
            found[f"p_over_gamma_z_{width * 1e3:g}mm"] = estimate(values)
        return found

    def warnings(self, fits: list[BekkerFit], single: list[list[PowerFit]]) -> dict[str, str]:
        """Which assumptions of the equation this test strains, in words; empty if none."""
        spec, narrow, wide = self.spec, min(self.spec.plate_widths), max(self.spec.plate_widths)
        exponents = [plate[0].exponent for plate in single]
        measured = {
            "goodness": fits[0].goodness,
            "grains_across": narrow / spec.grain_diameter,
            "depth_over_width": spec.depth / narrow,
            "walls": (spec.bed_length - wide) / 2 / wide,
            "floor": (spec.bed_depth - spec.depth) / wide,
            "exponents": float(np.ptp(exponents) / np.mean(exponents)),
            "negative_k_c": fits[0].cohesive_modulus,
        }
        return {name: text.format(measured[name]) for name, (is_so, text) in DOUBTS.items() if is_so(measured[name])}

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the push was slow, and walls far."""
        widths = self.spec.plate_widths
        room = (self.spec.bed_length - max(widths)) / 2 / max(widths)
        inverse = verdict(1 / room, 1 / LEAST_ROOM)
        return self.speed_checks("pressure", widths, self.means) | {"widths_to_wall_inverse": inverse}
