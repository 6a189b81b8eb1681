"""Pressure-sinkage of strip plates: level beds, plates of several widths in each, one speed; then Bekker's equation.

A plate runs through the periodic width of its bed, so it is a strip without ends and its smaller side is Bekker's b.
Every filling is pressed by every plate, each in a world of its own.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.measure.sinkage import BekkerFit, PowerFit, fit_bekker, fit_plate, inertial_number
from dem.model import Motion
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
from scenarios.virtual_test import estimate, jackknifed, verdict

Plates = list[tuple[np.ndarray, np.ndarray]]  # sinkage [m] and pressure [Pa] of each plate

LOOKS = 120  # of the force on the way down
PLATE = 1  # body
THICKNESS = 2.0  # of the depth it is to reach, so that no grain comes to lie on top
INERTIAL_LIMIT = 0.02  # where friction is up by some per cent on its quasi-static value
MODEL = "p = (k_c/b + k_phi) z^n"
LEAST_ROOM = 2.0  # widths from the widest plate to a wall
DOUBTS: dict[str, tuple[Callable[[float], bool], str]] = {
    "goodness": (
        lambda value: value < 0.9,
        "goodness is {:.2f}: pressure is no power of sinkage with one n and one k_c/b + k_phi for all plates",
    ),
    "grains_across": (
        lambda value: value < 8,
        "only {:.3g} grains fit across the narrowest plate: single grains show, and it acts about one grain wider",
    ),
    "depth_over_width": (
        lambda value: value > 1,
        "sinkage reaches {:.2g} widths of the narrowest plate: soil then flows round it, not up to the surface",
    ),
    "walls": (
        lambda value: value < LEAST_ROOM,
        "walls stand {:.2g} widths from the widest plate and hold back the wedge it pushes out",
    ),
    "floor": (lambda value: value < 1, "the floor lies {:.2g} widths below the widest plate and bears with it"),
    "exponents": (
        lambda value: value > 0.2,
        "the plates' exponents differ by {:.2g} of their mean: one n does not serve both",
    ),
    "negative_k_c": (
        lambda value: value < 0,
        "k_c is {:.3g}, below 0, which no cohesion can be: in sand pressure also grows with width "
        "(gamma b N_gamma / 2), and k_c/b is the equation's only term with b",
    ),
}


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
        return PlateTest(config).measure(folder, session)


class PlateTest:
    """Fillings, each under each plate; worlds are filling by filling, plate by plate."""

    def __init__(self, config: Any) -> None:
        self.config, self.spec = config, config.scenario
        spec = self.spec
        self.modulus = foreseen_modulus(config, max(spec.plate_widths), spec.depth)
        size = (spec.bed_length, spec.bed_width, spec.bed_depth)
        self.bed_specs = [bed_spec(config, seed, size, periodic=True) for seed in spec.seeds]
        self.beds = [prepare(config, bed) for bed in self.bed_specs]
        self.pairs = [(bed, width) for bed in range(spec.repeats) for width in spec.plate_widths]

    def measure(self, folder: Path, session: Any) -> dict[str, Any]:
        """Firm up, push and fit."""
        spec, worlds = self.spec, range(len(self.pairs))
        beds = [self.beds[bed] for bed, _ in self.pairs]
        soft = soft_modulus(self.config, self.bed_specs[0])
        self.probe = firm_up(self.config, beds, soft, self.modulus, self.build)
        surfaces = [surface_of(self.probe, world, beds[world], self.bed_specs[0]) for world in worlds]
        starts = [self.start(bed) for bed, _ in self.pairs]
        self.push = Push(self.probe, [PLATE], spec.push_speed, starts, surfaces)
        bounds = (0.0, 0.0, 0.0), (spec.bed_length, spec.bed_width, spec.bed_depth)
        with self.probe.film(folder, session, self.title(), spec.depth / spec.push_speed, bounds):
            for world in worlds:
                self.probe.simulation.set_motion(PLATE, moving_down(spec.push_speed), world)
            self.push.go(spec.depth, LOOKS)
        return self.report(session)

    def start(self, bed: int) -> float:
        """Height of a plate's face before it moves [m]."""
        return highest(self.beds[bed]) + HOVER * self.spec.grain_diameter

    def build(self, world: int, modulus: float, position: np.ndarray) -> dem.Model:
        """A filling with a plate above it."""
        spec, (bed, width) = self.spec, self.pairs[world]
        builder = start_bed(self.config, self.bed_specs[bed], self.beds[bed].radius, modulus, position)
        wall = add_wall(builder, self.config, spec.plate_friction)
        thick = THICKNESS * spec.depth
        centre = (spec.bed_length / 2, spec.bed_width / 2, self.start(bed) + thick / 2)
        body = builder.add_body("plate", 1.0, (1.0, 1.0, 1.0), centre, motion=Motion.fixed())
        builder.add_shape(dem.Box((width, spec.bed_width + 4 * spec.grain_diameter, thick)), wall, body)
        return builder.finalize()

    def curves(self, bed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Sinkage [m] and pressure [Pa] of each plate in a filling, over the part that is fitted."""
        spec, found = self.spec, []
        for place, width in enumerate(spec.plate_widths):
            world = bed * len(spec.plate_widths) + place
            sinkage, force = self.push.curve(world, spec.fit_from * spec.depth, spec.depth)
            found.append((sinkage, force / (width * spec.bed_width)))
        return found

    def title(self) -> str:
        """Of pictures and figures."""
        return f"plates, {self.config.soil.name}, {self.config.gravity.name}"

    def report(self, session: Any) -> dict[str, Any]:
        """The result."""
        spec, widths = self.spec, self.spec.plate_widths
        curves = [self.curves(bed) for bed in range(spec.repeats)]
        together = [mean_curves(curves), *(mean_curves(part) for part in leave_one_out(curves))]
        fits = [fit_bekker(widths, *zip(*plates, strict=True)) for plates in together]
        single = [[fit_plate(*plates[place]) for plates in together] for place in range(len(widths))]
        means = [float(np.mean([pressure.mean() for _, pressure in plates])) for plates in zip(*curves, strict=True)]
        return {
            "scenario": spec.name,
            "title": self.title(),
            "fit": bekker_numbers(fits) | plate_numbers(widths, single) | {"reece": self.reece(curves)},
            "doubts": self.doubts(fits, single),
            "bed": bed_report(self.beds, self.bed_specs),
            "samples": {
                "plate_widths": list(widths), "depth": spec.depth, "push_speed": spec.push_speed,
                "fluctuation": self.push.fluctuation(spec.fit_from * spec.depth),
            },
            "numerics": self.probe.numerics(session, self.modulus),
            "conventions": CONVENTIONS,
            "figure": figure(self, curves, fits[0]),
            "contact": dem.describe_contacts(self.probe.simulation.worlds.models[0]),
            "checks": self.probe.common_checks() | self.checks(means),
        }  # fmt: skip

    def reece(self, curves: list) -> dict[str, Any]:
        """Pressure over gamma z at the end of each plate: what is left to a soil without cohesion [-]."""
        weight = down(self.config) * np.array([bed.bulk_density for bed in self.beds])
        found = {}
        for place, width in enumerate(self.spec.plate_widths):
            ends = [last_mean(*plates[place]) for plates in curves]
            values = [pressure / (own * sinkage) for (sinkage, pressure), own in zip(ends, weight, strict=True)]
            found[f"p_over_gamma_z_{width * 1e3:g}mm"] = estimate(values)
        return found

    def doubts(self, fits: list[BekkerFit], single: list[list[PowerFit]]) -> dict[str, str]:
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

    def checks(self, means: list[float]) -> dict[str, Any]:
        """Whether the push was slow, and whether it was weighed rightly before it touched."""
        spec, soil = self.spec, self.config.soil
        rates = [spec.push_speed / width for width in spec.plate_widths]
        inertial = max(
            inertial_number(rate, spec.grain_diameter, soil.particle_density, pressure)
            for rate, pressure in zip(rates, means, strict=True)
        )
        dynamic = soil.particle_density * spec.push_speed**2 / min(means)
        room = (spec.bed_length - max(spec.plate_widths)) / 2 / max(spec.plate_widths)
        return {
            "inertial_number": verdict(inertial, INERTIAL_LIMIT),
            "dynamic_over_mean_pressure": verdict(dynamic, 0.05),
            "widths_to_wall_inverse": verdict(1 / room, 1 / LEAST_ROOM),
        }


def bekker_numbers(fits: list[BekkerFit]) -> dict[str, Any]:
    """Bekker's parameters, of the mean over all fillings and of that without each."""
    return {
        "sinkage_exponent": jackknifed([fit.exponent for fit in fits]),
        "cohesive_modulus": jackknifed([fit.cohesive_modulus for fit in fits], "N/m^(n+1)"),
        "frictional_modulus": jackknifed([fit.frictional_modulus for fit in fits], "N/m^(n+2)"),
        "goodness": jackknifed([fit.goodness for fit in fits]),
    }


def plate_numbers(widths: list[float], single: list[list[PowerFit]]) -> dict[str, Any]:
    """Each plate's own power law, likewise."""
    return {
        f"plate_{width * 1e3:g}mm": {
            "sinkage_exponent": jackknifed([fit.exponent for fit in fits]),
            "modulus": jackknifed([fit.modulus for fit in fits], "N/m^(n+2)"),
            "goodness": jackknifed([fit.goodness for fit in fits]),
        }
        for width, fits in zip(widths, single, strict=True)
    }


def mean_curves(curves: Sequence[Plates]) -> Plates:
    """Sinkage [m] and pressure [Pa] of each plate, the mean over fillings where all have been.

    Moduli of fillings with other exponents have other units: so curves are averaged and fitted, not fits averaged.
    """
    found = []
    for plates in zip(*curves, strict=True):
        low, high = max(sinkage[0] for sinkage, _ in plates), min(sinkage[-1] for sinkage, _ in plates)
        sinkage = np.linspace(low, high, max(len(plates[0][0]), 2))
        found.append((sinkage, np.mean([np.interp(sinkage, *plate) for plate in plates], axis=0)))
    return found


def leave_one_out(curves: Sequence[Plates]) -> list[Sequence[Plates]]:
    """All fillings but one, for each; none where there is one."""
    count = len(curves)
    return [[*curves[:left], *curves[left + 1 :]] for left in range(count if count > 1 else 0)]


def last_mean(sinkage: np.ndarray, pressure: np.ndarray) -> tuple[float, float]:
    """Means over the deepest fifth: single looks scatter."""
    count = max(len(sinkage) // 5, 1)
    return float(sinkage[-count:].mean()), float(pressure[-count:].mean())


CONVENTIONS = {
    "sinkage": "from the bed's mean surface to the plate's face",
    "pressure": "the soil's upward force on the plate, face and flanks, over the face's area; sliding mean over one "
    "grain diameter of sinkage",
    "fluctuation": "rms departure from those means over their mean",
    "bekker": f"{MODEL}; Wong's weighted least squares, n the mean of the plates'; b the strip's width",
    "modulus": "k_eq of p = k_eq z^n of one plate, with its own n",
    "goodness": "1 - rms departure / mean pressure",
    "standard_error": "of n, moduli and goodness by the jackknife: each filling left out in turn",
    "reece": "p / (gamma z) over the deepest fifth",
}


def figure(test: PlateTest, curves: list, fit: BekkerFit) -> dict[str, Any]:
    """Pressure over sinkage with Bekker's curves, plain and in logarithms."""
    drawn: list[dict[str, Any]] = []
    for place, width in enumerate(test.spec.plate_widths):
        for bed, plates in enumerate(curves):
            sinkage, pressure = plates[place]
            label = None if bed else f"b = {width * 1e3:g} mm"
            drawn.append({"x": sinkage, "y": pressure, "label": label, "color": place})
        fitted = fit.pressure(width, sinkage)
        drawn.append({"x": sinkage, "y": fitted, "style": "fit", "color": place, "label": "Bekker" if place else None})
    shown = [{**curve, "x": curve["x"] * 1e3, "y": curve["y"] / 1e3} for curve in drawn]
    logarithms = [
        {**curve, "x": np.log10(curve["x"] * 1e3), "y": np.log10(np.maximum(curve["y"], 1.0) / 1e3), "label": None}
        for curve in drawn
    ]
    title = f"n = {fit.exponent:.2f}, k_c = {fit.cohesive_modulus:.3g}, k_phi = {fit.frictional_modulus:.3g} (SI)"
    return {
        "name": "pressure_sinkage",
        "title": test.title(),
        "panels": [
            {"x": "sinkage [mm]", "y": "pressure [kPa]", "curves": shown},
            {"x": "log10 sinkage [mm]", "y": "log10 pressure [kPa]", "curves": logarithms,
             "title": title},
        ],
    }  # fmt: skip
