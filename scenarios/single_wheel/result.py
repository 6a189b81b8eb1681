"""What a single-wheel run says in the end: steady means with their errors, the rim, and whether it is credible."""

import math
from functools import partial
from typing import Any

import numpy as np

from dem.measure.credibility import Criterion
from dem.measure.mobility import ratios
from dem.measure.packing import surface_heights
from dem.measure.statistics import block_mean
from scenarios.shared.criteria import (
    bed_criteria,
    finer,
    lowering_criteria,
    numerics_criteria,
    stance_criterion,
    steady_criteria,
)
from scenarios.single_wheel.recorder import SERIES

MEANS = (
    "slip_ratio", "sinkage", "drawbar_pull", "wheel_load", "driving_torque", "drive_power", "pull_power", "velocity_x",
    "angular_velocity", "lateral_force",
)  # fmt: skip
# The reading that must have come to rest, by mode: slip where it is measured, the pull where it is imposed.
STEADY_READING = {"slip": "drawbar_pull", "pull": "slip_ratio", "slope": "slip_ratio"}
CONVENTIONS = {
    "slip_ratio": "1 - v/(omega r) driving, omega r/v - 1 braking, r = {:g} m",
    "drawbar_pull": "net force of the soil on the wheel along +x, the direction of travel",
    "driving_torque": "torque at the axle, positive when driving",
    "sinkage": "original surface to the lowest point of the rim, without grousers",
    "angles": "from straight down, positive towards the front",
    "stress": "on the cylinder through the grouser tips; shear positive backwards on the soil",
}


def reduce_wheel(drive: Any) -> dict[str, Any]:
    """The numbers of a finished `SingleWheel`."""
    window = drive.recorder.window(drive.steady_start)
    steady = {name: drive.mean(window, name, SERIES[name].unit) for name in MEANS}
    means = {name: entry["mean"] for name, entry in steady.items()}
    steady |= ratio_means(drive, window, means) | rim_numbers(drive)
    reading, predict = STEADY_READING[drive.spec.mode], partial(predict_prototype, drive)
    programme = {"programme": drive.programme.report(SERIES, MEANS, reading, predict)} if drive.programme else {}
    return {
        **programme,
        "steady": steady, "bed": drive.bed_numbers(), "numerics": drive.steady_numerics(),
        "similitude": drive.config.similitude_ratios,
        "predicted": predict_prototype(drive, steady),
    }  # fmt: skip


def ratio_means(drive: Any, window: dict[str, np.ndarray], means: dict[str, float]) -> dict[str, dict[str, Any]]:
    """The dimensionless numbers, with the error of those that fluctuate with the forces."""
    found = {name: {"mean": value, "unit": "-"} for name, value in ratios(means, drive.slip_radius).items()}
    if means["wheel_load"] <= 0:
        return found
    scaled = {
        "drawbar_pull_ratio": window["drawbar_pull"] / means["wheel_load"],
        "gross_traction_ratio": window["driving_torque"] / (drive.slip_radius * means["wheel_load"]),
    }
    scaled["motion_resistance_ratio"] = scaled["gross_traction_ratio"] - scaled["drawbar_pull_ratio"]
    for name, values in scaled.items():
        found[name]["standard_error"] = block_mean(window["time"], values, drive.grouser_period)[1]
    return found


def predict_prototype(drive: Any, steady: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the run says of the prototype: the steady readings, scaled back by the scaling laws if it is a scaled one.

    A gravity-offload test is read as it is, as those who use it do.
    """
    prototype = drive.config.similitude_ratios["prototype_gravity"]
    ratios = drive.config.similitude.ratios(prototype)
    found = {}
    for name, entry in steady.items():
        if "mean" in entry:
            ratio = ratios.of_unit(entry["unit"])
            scaled = {key: entry[key] / ratio for key in ("mean", "standard_error") if entry.get(key) is not None}
            found[name] = {**scaled, "unit": entry["unit"]}
    return found


def rim_numbers(drive: Any) -> dict[str, Any]:
    """Static sinkage, rut, contact angles and the stress along the rim."""
    rim = drive.recorder.rim
    entry, leaving = rim.contact_angles()
    profile = rim.profile()
    return {
        "static_sinkage": {"mean": drive.at_rest("sinkage"), "unit": "m"},
        "rut_depth": {"mean": rut_depth(drive), "unit": "m"},
        "entry_angle": {"mean": entry, "unit": "rad"},
        "exit_angle": {"mean": leaving, "unit": "rad"},
        "bearing_grains": {"mean": rim.bearing_grains, "unit": "-"},
        "peak_normal_stress": {"mean": float(profile["normal_stress"].max()), "unit": "Pa"},
        "peak_shear_stress": {"mean": float(profile["shear_stress"].max()), "unit": "Pa"},
        "rim_profile": {name: [float(value) for value in values] for name, values in profile.items()},
    }


def rut_depth(drive: Any) -> float:
    """Mean depth [m] of the rut's floor below the original surface, behind the wheel; NaN while it has left none."""
    snapshot = drive.snapshot(0, "position", "radius", "body_position")
    end, bed = snapshot["body_position"][drive.body][0], drive.config.bed
    x = np.arange(drive.start_x, end - 0.5 * drive.wheel.radius, bed.grain_diameter / 2)
    if len(x) < 2:
        return math.nan
    middle, half = bed.width / 2, drive.wheel.width / 4
    y = np.arange(middle - half, middle + half, bed.grain_diameter / 2)
    heights = surface_heights(snapshot["position"], snapshot["radius"], x, y)
    return drive.surface_height - float(np.nanmean(heights))


def criteria(drive: Any, result: dict[str, Any], window: dict[str, np.ndarray]) -> list[Criterion]:
    """What a finished `SingleWheel` is judged by.

    Args:
        drive: finished.
        result: with its `checks`.
        window: the recorder's rows of the steady window.
    """
    checks, readings = result["checks"], window[STEADY_READING[drive.spec.mode]]
    values = readings / (drive.weight if drive.spec.mode == "slip" else 1.0)
    found = [
        *numerics_criteria(drive, window),
        *bed_criteria(drive, float(window["sinkage"].max())),
        *stance_criterion(drive, float(window["sinkage"].mean())),
        bearing(drive),
        *room_criteria(drive),
        settling(drive),
        *lowering_criteria(drive),
        *steady_criteria(drive, values, window, ["angular_velocity"], checks),
    ]
    if "energy_balance_error" in checks:
        worst = max(checks[name]["value"] for name in ("energy_balance_error", "wheel_power_error"))
        says = "energy unaccounted for over the wheel's work"
        found.append(Criterion("energy", worst, 0.01, 0.05, says, remedy=("solver.time_step_fraction=0.15",)))
    return found


def bearing(drive: Any) -> Criterion:
    """How many grains share the load."""
    says = "grains that bear the wheel, as a mean over the steady window"
    finer_bed = finer(drive, drive.config.bed.grain_diameter / 2)
    return Criterion("bearing_grains", drive.recorder.rim.bearing_grains, 20, 5, says, remedy=finer_bed)


def room_criteria(drive: Any) -> list[Criterion]:
    """Criteria of the room around the wheel."""
    bed, wheel = drive.config.bed, drive.wheel
    x = np.array(drive.recorder.rows["position_x"])
    ends = min(float(x.min()), bed.length - float(x.max())) - wheel.radius
    aside = (bed.width - wheel.width) / (wheel.width if bed.periodic_y else 2 * wheel.width)
    longer, wider = bed.length + 2 * (0.55 * wheel.radius - ends), (2.1 if bed.periodic_y else 3.1) * wheel.width
    return [
        Criterion("end_distance", ends / wheel.radius, 0.5, 0.1, "least distance of the wheel to an end wall in radii",
                  remedy=(f"bed.length={longer:.3g}",)),
        Criterion("side_distance", aside, 1.0, 0.5, "sand beside the wheel, in wheel widths",
                  remedy=(f"bed.width={wider:.3g}",)),
    ]  # fmt: skip


def settling(drive: Any) -> Criterion:
    """How still the bed was before the wheel came: by the rms speed where energies tell it, else by the fastest."""
    rows, pace = drive.recorder.rows, math.sqrt(np.linalg.norm(drive.gravity) * drive.config.bed.grain_diameter)
    end = max((phase["end"] for phase in drive.phases_done if phase["name"] in ("settle", "rest")), default=0.0)
    remedy = (f"scenario.settle_duration={2 * drive.spec.settle_duration:.2g}",)
    last = int(np.argmin(np.abs(np.array(rows["time"]) - end)))
    if "kinetic" in rows:
        speed = math.sqrt(2 * rows["kinetic"][last] / drive.model.particles["mass"].sum())
        says = "rms speed of grains over sqrt(g d) as the bed had settled"
        return Criterion("settling", speed / pace, 0.02, 0.2, says, remedy=remedy)
    speed = rows["largest_grain_speed"][last]
    says = "speed of the fastest grain over sqrt(g d) as the bed had settled"
    return Criterion("settling", speed / pace, 0.5, 2.0, says, remedy=remedy)
