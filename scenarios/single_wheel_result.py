"""What a single-wheel run says in the end: steady means with their errors, the bed, the numerics, and the checks."""

import math
from typing import Any

import numpy as np

import dem
from dem.measure.credibility import judge
from dem.measure.mobility import ratios
from dem.measure.packing import surface_heights
from dem.measure.statistics import block_mean
from scenarios.single_wheel_credibility import criteria, grouser_period
from scenarios.wheel_recorder import SERIES

MEANS = (
    "slip_ratio", "sinkage", "drawbar_pull", "wheel_load", "driving_torque", "drive_power", "pull_power", "velocity_x",
    "angular_velocity", "lateral_force",
)  # fmt: skip
LOAD_TOLERANCE = 0.01  # of the weight
ENERGY_TOLERANCE = 0.01  # of the work the wheel does on the soil in the steady window


def collect_result(test: Any) -> dict[str, Any]:
    """The result of a finished `SingleWheel`."""
    window = test.recorder.window(test.steady_start)
    steady = steady_means(test, window)
    means = {name: entry["mean"] for name, entry in steady.items()}
    result = {
        "scenario": test.spec.name,
        "title": test._title(),
        "steady": steady | ratio_means(test, window, means) | rim_numbers(test),
        "bed": bed_numbers(test),
        "numerics": numerics(test),
        "conventions": conventions(test),
        "contact": dem.describe_contacts(test.model),
        "test": test.config.tested,
    }
    result["foretold"] = foretell(test, result["steady"])
    result["checks"] = check(test, means, window)
    result["credibility"] = judge(criteria(test, result, window))
    return result


def steady_means(test: Any, window: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Mean, standard error and unit of each series over the steady window, by whole grouser periods."""
    found = {}
    for name in MEANS:
        mean, error = block_mean(window["time"], window[name], grouser_period(test))
        found[name] = {"mean": mean, "standard_error": error, "unit": SERIES[name].unit}
    return found


def ratio_means(test: Any, window: dict[str, np.ndarray], means: dict[str, float]) -> dict[str, dict[str, Any]]:
    """The dimensionless numbers, with the error of those that fluctuate with the forces."""
    found = {name: {"mean": value, "unit": "-"} for name, value in ratios(means, test.slip_radius).items()}
    if means["wheel_load"] <= 0:
        return found
    scaled = {
        "drawbar_pull_ratio": window["drawbar_pull"] / means["wheel_load"],
        "gross_traction_ratio": window["driving_torque"] / (test.slip_radius * means["wheel_load"]),
    }
    scaled["motion_resistance_ratio"] = scaled["gross_traction_ratio"] - scaled["drawbar_pull_ratio"]
    for name, values in scaled.items():
        found[name]["standard_error"] = block_mean(window["time"], values, grouser_period(test))[1]
    return found


def foretell(test: Any, steady: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the run says of the flight: the steady readings, scaled back by the scaling laws if it is a scaled test.

    An offset test is read as it is, as those who use it do.
    """
    flight = test.config.tested["flight_gravity"]
    ratios = test.config.test.ratios(flight)
    found = {}
    for name, entry in steady.items():
        if "mean" in entry:
            ratio = ratios.of_unit(entry["unit"])
            scaled = {key: entry[key] / ratio for key in ("mean", "standard_error") if entry.get(key) is not None}
            found[name] = {**scaled, "unit": entry["unit"]}
    return found


def rim_numbers(test: Any) -> dict[str, Any]:
    """Static sinkage, rut, contact angles and the stress along the rim."""
    rows, rim = test.recorder.rows, test.recorder.rim
    lowered = next(phase["end"] for phase in test.passed if phase["name"] == "lower")
    static = np.interp(lowered, rows["time"], rows["sinkage"])
    entry, leaving = rim.contact_angles()
    profile = rim.profile()
    return {
        "static_sinkage": {"mean": float(static), "unit": "m"},
        "rut_depth": {"mean": rut_depth(test), "unit": "m"},
        "entry_angle": {"mean": entry, "unit": "rad"},
        "exit_angle": {"mean": leaving, "unit": "rad"},
        "peak_normal_stress": {"mean": float(profile["normal_stress"].max()), "unit": "Pa"},
        "peak_shear_stress": {"mean": float(profile["shear_stress"].max()), "unit": "Pa"},
        "rim_profile": {name: [float(value) for value in values] for name, values in profile.items()},
    }


def rut_depth(test: Any) -> float:
    """Mean depth [m] of the rut's floor below the original surface, behind the wheel; NaN while it has left none."""
    snapshot = test.simulation.snapshot(test.world, ("position", "radius", "body_position"))
    end, bed = snapshot["body_position"][test.body][0], test.config.bed
    x = np.arange(test.start_x, end - 0.5 * test.wheel.radius, bed.grain_diameter / 2)
    if len(x) < 2:
        return math.nan
    middle, half = bed.width / 2, test.wheel.width / 4
    y = np.arange(middle - half, middle + half, bed.grain_diameter / 2)
    heights = surface_heights(snapshot["position"], snapshot["radius"], x, y)
    return test.surface_height - float(np.nanmean(heights))


def bed_numbers(test: Any) -> dict[str, Any]:
    """The bed's packing, and its size in the wheel's terms."""
    bed, wheel = test.config.bed, test.wheel
    return test.bed.report() | {
        "grain_count": test.model.particle_count,
        "grains_per_wheel_diameter": 2 * wheel.radius / bed.grain_diameter,
        "depth_in_wheel_radii": bed.depth / wheel.radius,
        "width_in_wheel_radii": bed.width / wheel.radius,
        "preparation_gravity": bed.preparation_gravity,
        "seed": bed.seed,
    }


def numerics(test: Any) -> dict[str, Any]:
    """Time step and overlap against their limits."""
    simulation, session = test.simulation, dem.backend.current()
    overlap = max(test.recorder.rows["largest_overlap"])
    return {
        "device": session.device,
        "precision": session.precision,
        "time_step": simulation.time_step,
        "step_count": simulation.step_count,
        "young_modulus": test.young_modulus,
        "largest_overlap": overlap,
        "overlap_limit": simulation.max_overlap,
        "steady_start": test.steady_start,
        "steady_end": simulation.time,
    }


def conventions(test: Any) -> dict[str, str]:
    """What the signs and radii of this result mean."""
    return {
        "slip_ratio": f"1 - v/(omega r) driving, omega r/v - 1 braking, r = {test.slip_radius:g} m",
        "drawbar_pull": "net force of the soil on the wheel along +x, the direction of travel",
        "driving_torque": "torque at the axle, positive when driving",
        "sinkage": "original surface to the lowest point of the rim, without grousers",
        "angles": "from straight down, positive towards the front",
        "stress": "on the cylinder through the grouser tips; shear positive backwards on the soil",
    }


def check(test: Any, means: dict[str, float], window: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Whether the physics of the run holds; each with value, limit and `passed`."""
    position = test.simulation.snapshot(test.world, ("position",))["position"]
    inside = np.isfinite(position).all(axis=1) & (position[:, 2] > 0)
    # What lifts the wheel over the window is not load: on the Moon its bobbing alone is a few per cent of a second's.
    time, speed = window["time"], window["velocity_z"]
    lift = test.wheel.load_mass * (speed[-1] - speed[0]) / (time[-1] - time[0])
    load_error = abs(float(window["wheel_load"][1:].mean()) - lift - test.weight) / test.weight
    rows = test.recorder.rows
    found = {
        "wheel_load_error": (load_error, LOAD_TOLERANCE),
        **energy_checks(test, window),
        "grains_lost": (int((~inside).sum()), 0),
        "largest_overlap": (max(rows["largest_overlap"]), test.simulation.max_overlap),
    }
    return {name: {"value": value, "limit": limit, "passed": value <= limit} for name, (value, limit) in found.items()}


def energy_checks(test: Any, window: dict[str, np.ndarray]) -> dict[str, tuple[float, float]]:
    """Whether the books of the soil close, and whether they hold what the wheel gave; relative to the wheel's work."""
    if not test.simulation.state.tracks_energy:
        return {}
    change = {name: float(values[-1] - values[0]) for name, values in window.items()}
    given = float((window["soil_power"][1:] * np.diff(window["time"])).sum())
    stored = change["kinetic"] + change["gravitational"] + change["elastic"]
    dissipated = sum(change[name] for name in change if name.startswith("dissipated_"))
    scale = max(abs(given), 1e-300)
    return {
        "energy_balance_error": (abs(change["balance_error"]) / scale, ENERGY_TOLERANCE),
        "wheel_power_error": (abs(given - stored - dissipated) / scale, ENERGY_TOLERANCE),
    }
