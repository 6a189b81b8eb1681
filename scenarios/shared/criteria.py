"""What makes a drive credible, and which keys lift what speaks against it; docs/measures.md has the reasons."""

import math
from typing import Any

import numpy as np

from dem.measure.credibility import Criterion
from dem.measure.statistics import block_mean
from dem.soil.stiffness import stiffness_number, wheel_pressure
from dem.time_step import shortest_time_scale

LEAST_TURN = 0.7  # [rad] that a wheel turns in the steady window
LEAST_PERIODS = 3.2  # grouser periods in it: with fewer than three there is no standard error
MARGIN = 1.1  # by which a remedy goes beyond the limit that it is to meet


def numerics_criteria(drive: Any, window: dict[str, np.ndarray]) -> list[Criterion]:
    """Time step and softness.

    The largest overlap in a bed of 20 000 grains is several times that of a typical loaded contact, and one of a
    moment; so its median over the window counts, and beyond it the stiffness number of the bed under the wheel.
    """
    fraction = drive.simulation.time_step / shortest_time_scale(drive.model).seconds
    pressure = wheel_pressure(drive.weight, drive.wheel.radius, drive.wheel.width)
    number = stiffness_number(pressure, drive.young_modulus, drive.config.soil.poisson_ratio)
    overlap = float(np.median(window["largest_overlap"]))
    return [
        Criterion("time_step", fraction, 0.4, 0.5, "time step over the shortest time scale",
                  remedy=("solver.time_step=auto", "solver.time_step_fraction=0.3")),
        Criterion("overlap", overlap, 0.05, 0.1, "largest overlap over grain radius, median over the steady window",
                  remedy=stiffer(drive, MARGIN * overlap / 0.05)),
        Criterion("stiffness_number", number, 400.0, 100.0, "stiffness number (E*/P)^(2/3) of the sand at the wheel",
                  remedy=stiffer(drive, MARGIN * 400.0 / number)),
    ]  # fmt: skip


def stiffer(drive: Any, ratio: float) -> tuple[str, ...]:
    """Overrides with which grains overlap less by a ratio [-]."""
    solver = drive.config.solver
    if solver.young_modulus != "auto":
        return (f"solver.young_modulus={float(solver.young_modulus) * ratio**1.5:.3g}",)
    return (f"solver.overlap_target={solver.overlap_target / ratio:.2g}",)


def bed_criteria(drive: Any, deepest: float) -> list[Criterion]:
    """Resolution, and sand below the deepest rim [m]."""
    bed, wheel = drive.config.bed, drive.wheel
    across = 2 * wheel.radius / bed.grain_diameter
    below = (bed.depth - deepest) / bed.grain_diameter
    return [
        *(blade_criteria(drive) if wheel.blade_thickness else []),
        Criterion("grains_per_wheel_diameter", across, 20, 14, "grain diameters across the wheel's diameter",
                  remedy=finer(drive, 2 * wheel.radius / 20)),
        Criterion("sand_below", below, 4.0, 2.0, "least sand below a rim, in grain diameters",
                  remedy=(f"bed.depth={MARGIN * (deepest + 4 * bed.grain_diameter):.3g}",)),
    ]  # fmt: skip


def finer(drive: Any, diameter: float) -> tuple[str, ...]:
    """Overrides for grains of a diameter [m] at the surface."""
    key = "grain_diameter" if drive.config.bed.top_diameter is None else "top_diameter"
    return (f"bed.{key}={math.floor(1e4 * diameter) / 1e4:g}",)


def for_blades(drive: Any, diameter: float) -> tuple[str, ...]:
    """Overrides for grains as fine as the grousers, at most of a diameter [m] at the surface."""
    thickness = drive.wheel.grouser_thickness
    is_layered = drive.config.bed.growth > 0.0
    return finer(drive, min(diameter, thickness)) if is_layered or diameter < thickness else ("bed=blade",)


def blade_criteria(drive: Any) -> list[Criterion]:
    """Whether grains at the surface are fine enough for a wheel's blades."""
    wheel, diameter = drive.wheel, drive.config.bed.grain_diameter
    thickness, height = wheel.grouser_thickness, wheel.grouser_height
    gap = 2 * math.pi * wheel.radius / wheel.grouser_count - thickness
    at_surface = "over the diameter of the grains at the surface"
    return [
        Criterion("blade_thickness", thickness / diameter, 0.9, 0.2, f"grouser thickness {at_surface}",
                  remedy=for_blades(drive, thickness)),
        Criterion("blade_height", height / diameter, 4.0, 1.2, f"grouser height {at_surface}",
                  remedy=for_blades(drive, height / 4)),
        Criterion("blade_gap", gap / diameter, 6.0, 2.0, f"gap between grouser tips {at_surface}",
                  remedy=for_blades(drive, gap / 6)),
    ]  # fmt: skip


def stance_criterion(drive: Any, sinkage: float) -> list[Criterion]:
    """Whether the rim bears, or a wheel with grousers walks on their tips, at a mean sinkage of the rim [m]."""
    height = drive.wheel.grouser_height
    if not drive.wheel.blade_thickness:
        return []
    says = "sinkage of the rim over grouser height (below 0 the wheel stands on its grousers)"
    return [Criterion("rim_sinkage", sinkage / height, -0.2, -1.0, says, remedy=for_blades(drive, height / 4))]


def steady_criteria(
    drive: Any, values: np.ndarray, window: dict[str, np.ndarray], spins: list[str], checks: dict[str, Any]
) -> list[Criterion]:
    """Whether means mean something, loads are right and no grain was lost.

    Args:
        drive: finished.
        values: the reading that must have come to rest, over the window.
        window: rows of the steady window.
        spins: names of the series of angular velocities.
        checks: of the result.
    """
    steps = np.diff(window["time"])
    turned = max(abs(float((steps * window[name][1:]).sum())) for name in spins)
    count = drive.wheel.grouser_count
    needed = max(LEAST_TURN, LEAST_PERIODS * 2 * math.pi / count if count else 0.0)
    load, lost = checks["wheel_load_error"]["value"], checks["grains_lost"]["value"]
    longer = drive.longer(MARGIN * needed / max(turned, 1e-9))
    return [
        Criterion("drift", drift(drive, window["time"], values), 0.04, 0.12,
                  "change from half to half of the window beyond its noise", remedy=drive.longer(2.0)),
        Criterion("turned", turned, needed, min(0.3, needed),
                  "angle that the fastest wheel turned in the steady window (errors need three grouser periods)",
                  "rad", longer),
        Criterion("wheel_load", load, 0.01, 0.05, "wheel load off the weight, relative", remedy=drive.longer(2.0)),
        Criterion("grains_lost", lost, 0, 0, "grains lost", remedy=("solver.time_step_fraction=0.2",)),
    ]  # fmt: skip


def drift(drive: Any, time: np.ndarray, values: np.ndarray) -> float:
    """By how much a reading changes between the halves of the window, beyond what its noise explains [-].

    The difference of two half means has twice the standard error of the whole.
    """
    half = len(values) // 2
    error = block_mean(time, values, drive.grouser_period)[1]
    if not half or not math.isfinite(error):
        return math.nan
    return max(abs(float(values[half:].mean() - values[:half].mean())) - 2 * error, 0.0)


def lowering_criteria(drive: Any) -> list[Criterion]:
    """How the wheels were put down, and whether they had come to rest."""
    rows, (load, weight) = drive.lowering_rows(), drive.carried_load
    largest = float(rows[load].max()) / weight if len(rows["time"]) else math.inf
    load_error, speed = drive.lowering.rest_errors(rows, load, weight)
    remedy = ("scenario.lower_duration=null",)
    return [
        Criterion("lowering_load", largest, 1.1, 1.5, "largest load over the weight while the wheels were put down",
                  remedy=remedy),
        Criterion("rest_load", load_error, 0.05, 0.2, "load of the standing wheels off the weight, relative",
                  remedy=remedy),
        Criterion("rest_speed", speed, 0.01, 0.05, "vertical speed of the standing wheels over sqrt(g r)",
                  remedy=remedy),
    ]  # fmt: skip
