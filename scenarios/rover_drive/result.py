"""What a rover's run says in the end: steady means of each wheel and of the whole, the path, and how credible it is."""

import math
from typing import Any

import numpy as np

from dem.measure.credibility import Criterion
from scenarios.rover_drive.recorder import SERIES, WHEEL_SERIES
from scenarios.shared.criteria import (
    bed_criteria,
    lowering_criteria,
    numerics_criteria,
    stance_criterion,
    steady_criteria,
)

MEANS = (
    "command_slip", "speed", "turn_rate", "pitch", "roll", "total_load", "total_pull", "total_power", "soil_power",
    "vehicle_power",
)  # fmt: skip
STUCK = 0.9  # slip against the command beyond which a rover is stuck
CONVENTIONS = {
    "slip_ratio": "of a wheel along its own heading: 1 - v/(omega r) driving, omega r/v - 1 braking or dragged, "
    "r = {:g} m",
    "command_slip": "1 - speed/commanded speed; of a turn on the spot, by turn rates; 0 where it is told to stand",
    "drawbar_pull": "net force of the soil on a wheel along its own heading, its load along z",
    "driving_torque": "of the motor at the axle, positive when driving ahead",
    "sinkage": "original surface to the lowest point of the rim, without grousers",
    "heading": "to the left; pitch: nose up; roll: right side down",
}


def reduce_rover(drive: Any) -> dict[str, Any]:
    """The numbers of a finished `RoverDrive`."""
    window = drive.recorder.window(drive.steady_start)
    steady = {name: drive.mean(window, name, SERIES[name].unit) for name in MEANS}
    return {
        "steady": steady,
        "wheels": {wheel: wheel_means(drive, window, wheel) for wheel in drive.names},
        "path": path_numbers(drive, window, steady),
        "bed": drive.bed_numbers(),
        "numerics": drive.steady_numerics() | {"coupling_interval": drive.coupling.interval},
    }


def wheel_means(drive: Any, window: dict[str, np.ndarray], wheel: str) -> dict[str, Any]:
    """Steady means of a wheel, and how deep it stood before it turned."""
    means = {name: drive.mean(window, f"{wheel}_{name}", entry.unit) for name, entry in WHEEL_SERIES.items()}
    return means | {"static_sinkage": {"mean": drive.at_rest(f"{wheel}_sinkage"), "unit": "m"}}


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


def criteria(drive: Any, result: dict[str, Any], window: dict[str, np.ndarray]) -> list[Criterion]:
    """What a finished drive is judged by."""
    checks = result["checks"]
    deepest = max(float(window[f"{name}_sinkage"].max()) for name in drive.names)
    spins = [f"{name}_angular_velocity" for name in drive.names]
    lost = checks["coupling_error"]["value"]
    mean = float(np.mean([window[f"{name}_sinkage"].mean() for name in drive.names]))
    return [
        *stance_criterion(drive, mean),
        *numerics_criteria(drive, window),
        *bed_criteria(drive, deepest),
        *lowering_criteria(drive),
        *steady_criteria(drive, window["command_slip"], window, spins, checks),
        Criterion("coupling", lost, 0.02, 0.1, "work lost between soil and rover, relative",
                  remedy=(f"scenario.coupling_interval={drive.coupling.interval / 2:.2g}",)),
    ]  # fmt: skip
