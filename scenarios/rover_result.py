"""What a rover's run says in the end: steady means of each wheel and of the whole, the path, checks, a verdict."""

import math
from typing import Any

import numpy as np

import dem
from dem.measure.credibility import Criterion, judge
from dem.measure.statistics import block_mean
from scenarios.rover_recorder import SERIES, WHEEL_SERIES
from scenarios.single_wheel_credibility import SMOOTH_BLOCKS, numerics_criteria
from scenarios.single_wheel_result import bed_numbers, energy_checks, numerics

MEANS = (
    "command_slip", "speed", "turn_rate", "pitch", "roll", "total_load", "total_pull", "total_power", "soil_power",
    "vehicle_power",
)  # fmt: skip
STUCK = 0.9  # slip against the command beyond which a rover is stuck
LOAD_TOLERANCE = 0.01  # of the weight
COUPLING_TOLERANCE = 0.02  # of the work on the soil


def collect_result(drive: Any) -> dict[str, Any]:
    """The result of a finished `RoverDrive`."""
    window = drive.recorder.window(drive.steady_start)
    period = grouser_period(drive)
    steady = {name: _mean(window, name, period, SERIES[name].unit) for name in MEANS}
    result = {
        "scenario": drive.spec.name,
        "title": drive.title(),
        "steady": steady,
        "wheels": {
            wheel: {name: _mean(window, f"{wheel}_{name}", period, entry.unit) for name, entry in WHEEL_SERIES.items()}
            for wheel in drive.recorder.names
        },
        "path": path_numbers(drive, window, steady),
        "bed": bed_numbers(drive),
        "numerics": numerics(drive) | {"coupling_interval": drive.coupling.interval},
        "conventions": conventions(drive),
        "contact": dem.describe_contacts(drive.model),
        "checks": check(drive, window),
    }
    result["credibility"] = judge(criteria(drive, result, window))
    return result


def grouser_period(drive: Any) -> float:
    """Time from one grouser to the next of the fastest wheel [s], or a tenth of the window for smooth wheels."""
    count, spin = drive.wheel.grouser_count, drive.fastest
    return 2 * math.pi / (count * spin) if count else (drive.simulation.time - drive.steady_start) / SMOOTH_BLOCKS


def path_numbers(drive: Any, window: dict[str, np.ndarray], steady: dict[str, Any]) -> dict[str, Any]:
    """How far, at what cost, and whether it got anywhere."""
    rows = {name: np.array(drive.recorder.rows[name]) for name in ("position_x", "position_y", "heading")}
    steps = np.hypot(np.diff(window["position_x"]), np.diff(window["position_y"]))
    work = float((window["total_power"][1:] * np.diff(window["time"])).sum())
    length = float(steps.sum())
    headings = np.unwrap(rows["heading"])
    return {
        "travel_x": {"mean": float(rows["position_x"][-1] - rows["position_x"][0]), "unit": "m"},
        "travel_y": {"mean": float(rows["position_y"][-1] - rows["position_y"][0]), "unit": "m"},
        "heading_change": {"mean": float(headings[-1] - headings[0]), "unit": "rad"},
        "energy_per_metre": {"mean": work / length if length > 0 else math.nan, "unit": "J/m"},
        "is_stuck": bool(steady["command_slip"]["mean"] > STUCK),
    }


def conventions(drive: Any) -> dict[str, str]:
    """What the signs and radii of this result mean."""
    return {
        "slip_ratio": f"of a wheel along its own heading: 1 - v/(omega r) driving, omega r/v - 1 braking or dragged, "
        f"r = {drive.slip_radius:g} m",
        "command_slip": "1 - speed/commanded speed; of a turn on the spot, by turn rates; 0 where it is told to stand",
        "drawbar_pull": "net force of the soil on a wheel along its own heading, its load along z",
        "driving_torque": "of the motor at the axle, positive when driving ahead",
        "sinkage": "original surface to the lowest point of the rim, without grousers",
        "heading": "to the left; pitch: nose up; roll: right side down",
    }


def check(drive: Any, window: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Whether the physics of the run holds; each with value, limit and `passed`."""
    position = drive.simulation.snapshot(drive.world, ("position",))["position"]
    inside = np.isfinite(position).all(axis=1) & (position[:, 2] > 0)
    # What lifts the rover over the window is not load.
    time, rise = window["time"], window["velocity_z"]
    lift = drive.vehicle.mass * (rise[-1] - rise[0]) / (time[-1] - time[0])
    load_error = abs(float(window["total_load"][1:].mean()) - lift - drive.rover_weight) / drive.rover_weight
    step = np.diff(time)
    given, taken = (float((window[name][1:] * step).sum()) for name in ("soil_power", "vehicle_power"))
    found = {
        "wheel_load_error": (load_error, LOAD_TOLERANCE),
        "coupling_error": (abs(given - taken) / max(abs(given), 1e-300), COUPLING_TOLERANCE),
        **energy_checks(drive, window),
        "grains_lost": (int((~inside).sum()), 0),
        "largest_overlap": (max(drive.recorder.rows["largest_overlap"]), drive.simulation.max_overlap),
    }
    return {name: {"value": value, "limit": limit, "passed": value <= limit} for name, (value, limit) in found.items()}


def criteria(drive: Any, result: dict[str, Any], window: dict[str, np.ndarray]) -> list[Criterion]:
    """What a finished drive is judged by."""
    bed, wheel = drive.config.bed, drive.wheel
    checks = {name: entry["value"] for name, entry in result["checks"].items()}
    deepest = max(float(window[f"{name}_sinkage"].max()) for name in drive.recorder.names)
    turned = max(
        float((np.diff(window["time"]) * np.abs(window[f"{name}_angular_velocity"][1:])).sum())
        for name in drive.recorder.names
    )
    return [
        *numerics_criteria(drive, window),
        Criterion("grains_per_wheel_diameter", 2 * wheel.radius / bed.grain_diameter, 20, 14,
                  "grain diameters across the wheel's diameter"),
        Criterion("sand_below", (bed.depth - deepest) / bed.grain_diameter, 4.0, 2.0,
                  "least sand below a rim, in grain diameters"),
        Criterion("drift", drift(drive, window), 0.04, 0.12,
                  "change of slip from half to half of the window beyond its noise"),
        Criterion("turned", turned, 0.7, 0.3, "angle the fastest wheel turned in the steady window", "rad"),
        Criterion("wheel_load", checks["wheel_load_error"], 0.01, 0.05, "wheel loads against weight, relative"),
        Criterion("coupling", checks["coupling_error"], 0.02, 0.1, "work lost between soil and rover, relative"),
        Criterion("grains_lost", checks["grains_lost"], 0, 0, "grains lost"),
    ]  # fmt: skip


def drift(drive: Any, window: dict[str, np.ndarray]) -> float:
    """By how much slip changes between the halves of the window, beyond what its noise explains [-]."""
    values = window["command_slip"]
    half = len(values) // 2
    error = block_mean(window["time"], values, grouser_period(drive))[1]
    if not half or not math.isfinite(error):
        return math.nan
    return max(abs(float(values[half:].mean() - values[:half].mean())) - 2 * error, 0.0)


def _mean(window: dict[str, np.ndarray], name: str, period: float, unit: str) -> dict[str, Any]:
    mean, error = block_mean(window["time"], window[name], period)
    return {"mean": mean, "standard_error": error, "unit": unit}
