"""The criteria by which a single-wheel run is believed or not."""

import math
from typing import Any

import numpy as np

from dem.measure.credibility import Criterion
from dem.measure.statistics import block_mean
from dem.soil.stiffness import stiffness_number, wheel_pressure
from dem.time_step import shortest_time_scale

SMOOTH_BLOCKS = 10  # blocks of the steady window of a wheel without grousers
# The reading that must have come to rest, by mode: slip where it is measured, the pull where it is imposed.
STEADY_READING = {"slip": "drawbar_pull", "pull": "slip_ratio", "slope": "slip_ratio"}


def criteria(test: Any, result: dict[str, Any], window: dict[str, np.ndarray]) -> list[Criterion]:
    """What a finished `SingleWheel` is judged by.

    Args:
        test: finished.
        result: with its `steady`, `bed` and `checks`.
        window: the recorder's rows of the steady window.
    """
    checks = {name: entry["value"] for name, entry in result["checks"].items()}
    return [
        *numerics_criteria(test, window),
        *bed_criteria(test, window),
        *steady_criteria(test, window, checks),
    ]


def numerics_criteria(test: Any, window: dict[str, np.ndarray]) -> list[Criterion]:
    """Time step and softness.

    The largest overlap in a bed of 20 000 grains is several times that of a typical loaded contact, and one of a
    moment; so its median over the window counts, and beyond it the stiffness number of the bed under the wheel.
    """
    simulation = test.simulation
    fraction = simulation.time_step / shortest_time_scale(test.model).seconds
    pressure = wheel_pressure(test.weight, test.wheel.radius, test.wheel.width)
    number = stiffness_number(pressure, test.young_modulus, test.config.soil.poisson_ratio)
    overlap = float(np.median(window["largest_overlap"]))
    return [
        Criterion("time_step", fraction, 0.4, 0.5, "time step over the shortest time scale"),
        Criterion("overlap", overlap, 0.05, 0.1, "largest overlap over grain radius, median over the steady window"),
        Criterion("stiffness_number", number, 400.0, 100.0, "stiffness number (E*/P)^(2/3) of the sand at the wheel"),
    ]


def bed_criteria(test: Any, window: dict[str, np.ndarray]) -> list[Criterion]:
    """Resolution, room around the wheel, and rest before it came."""
    bed, wheel = test.config.bed, test.wheel
    x = np.array(test.recorder.rows["position_x"])
    ends = min(float(x.min()), bed.length - float(x.max())) - wheel.radius
    below = bed.depth - float(window["sinkage"].max())
    aside = (bed.width - wheel.width) / (wheel.width if bed.periodic_y else 2 * wheel.width)
    return [
        Criterion("grains_per_wheel_diameter", 2 * wheel.radius / bed.grain_diameter, 20, 14,
                  "grain diameters across the wheel's diameter"),
        Criterion("end_distance", ends / wheel.radius, 0.5, 0.1, "least distance of the wheel to an end wall in radii"),
        Criterion("side_distance", aside, 1.0, 0.5, "sand beside the wheel, in wheel widths"),
        Criterion("sand_below", below / bed.grain_diameter, 4.0, 2.0, "least sand below the rim, in grain diameters"),
        settling(test),
    ]  # fmt: skip


def settling(test: Any) -> Criterion:
    """How still the bed was before the wheel came: by the rms speed where the books tell it, else by the fastest."""
    rows, pace = test.recorder.rows, math.sqrt(np.linalg.norm(test.gravity) * test.config.bed.grain_diameter)
    end = next((phase["end"] for phase in test.passed if phase["name"] == "settle"), 0.0)
    last = int(np.argmin(np.abs(np.array(rows["time"]) - end)))
    if "kinetic" in rows:
        speed = math.sqrt(2 * rows["kinetic"][last] / test.model.particles["mass"].sum())
        return Criterion(
            "settling", speed / pace, 0.02, 0.2, "rms speed of grains over sqrt(g d) as the bed had settled"
        )
    speed = rows["largest_grain_speed"][last]
    return Criterion(
        "settling", speed / pace, 0.5, 2.0, "speed of the fastest grain over sqrt(g d) as the bed had settled"
    )


def steady_criteria(test: Any, window: dict[str, np.ndarray], checks: dict[str, float]) -> list[Criterion]:
    """Whether means mean something, and the books close."""
    turned = float((np.diff(window["time"]) * window["angular_velocity"][1:]).sum())
    found = [
        Criterion("drift", drift(test, window), 0.04, 0.12, "change from half to half of the window beyond its noise"),
        Criterion("turned", turned, 0.7, 0.3, "angle the wheel turned in the steady window", "rad"),
    ]
    if "energy_balance_error" in checks:
        worst = max(checks["energy_balance_error"], checks["wheel_power_error"])
        found.append(Criterion("energy", worst, 0.01, 0.05, "energy unaccounted for over the wheel's work"))
    found.append(Criterion("wheel_load", checks["wheel_load_error"], 0.01, 0.05, "wheel load against weight, relative"))
    found.append(Criterion("grains_lost", checks["grains_lost"], 0, 0, "grains lost"))
    return found


def drift(test: Any, window: dict[str, np.ndarray]) -> float:
    """By how much the reading changes between the halves of the window, beyond what its noise explains [-].

    The difference of two half means has twice the standard error of the whole. A pull is taken relative to the load.
    """
    values = window[STEADY_READING[test.spec.mode]] / (test.weight if test.spec.mode == "slip" else 1.0)
    half = len(values) // 2
    error = block_mean(window["time"], values, grouser_period(test))[1]
    if not half or not math.isfinite(error):
        return math.nan
    return max(abs(float(values[half:].mean() - values[:half].mean())) - 2 * error, 0.0)


def grouser_period(test: Any) -> float:
    """Time from one grouser to the next [s], or a tenth of the window for a smooth wheel."""
    window = test.simulation.time - test.steady_start
    count = test.wheel.grouser_count
    return 2 * math.pi / (count * test.spin) if count else window / SMOOTH_BLOCKS
