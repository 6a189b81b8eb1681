"""One wheel on one bed driven three ways: the rig on the device, the rig in MuJoCo, and the wheel as a mesh.

    python -m benchmarks.rig_comparison [--seeds 3] [--grains 16] [--slope 8] [--folder DIR] [--output FILE]

VIPER's wheel spins at its nominal speed up a slope on the Moon, free along the slope and across it, under 110 kg. All
arms have the same beds, phases, load, spin and steady window; the last halves MuJoCo's coupling interval. Of each bed
seed all arms are run, one after another, each in a folder of its own: what is finished is kept, so a run that was
stopped goes on. Prints and writes means, standard errors, and differences from the rig on the device in units of both
errors; and which share of the time of a run the coupling takes. Writes benchmarks/results/rig_comparison.json.
"""

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import dem
from benchmarks.coupling_clock import clocked
from dem.config import build_config, compose_config
from dem.experiment import run_experiment
from dem.io import read_result, write_result
from dem.launch.wheels import load_wheel, wheel_mesh
from dem.study.statistics import student
from scenarios import scenario_experiment

RESULTS = Path(__file__).resolve().parent / "results" / "rig_comparison.json"
FOLDER = Path("outputs") / "rig_comparison"
COUPLING_FILE = "coupling.json"
ARMS = ("device", "mujoco", "mesh", "mujoco_half")  # the last needs to know the interval of the second
SPIN, RADIUS = 0.8, 0.25  # of VIPER's wheel [rad/s], [m]
PHASES = {"settle_duration": 0.2, "lower_duration": 0.7, "ramp_duration": 0.2, "lower_clearance": 0.002}
STEADY = 0.6  # of the drive
STIFF = 1000.0  # [N m] of MuJoCo's motor: its servo then keeps the spin within 1e-3, as the rig on the device does
ROOM = 3.6 * RADIUS  # of a bed beyond the travel [m]; a rover asks for 3.5 radii
QUANTITIES = {  # of single_wheel's result, of a rover's wheel: the same
    "drawbar_pull": "N", "wheel_load": "N", "driving_torque": "N m", "sinkage": "m", "slip_ratio": "-",
    "angular_velocity": "rad/s",
}  # fmt: skip
IMPOSED = ("angular_velocity",)  # on the device exactly, so without an error to judge a difference by


def main() -> None:
    """Run what is not finished, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3, help="beds (3)")
    parser.add_argument("--grains", type=float, default=16.0, help="grain diameters across the wheel (16)")
    parser.add_argument("--slope", type=float, default=8.0, help="degrees (8)")
    parser.add_argument("--turns", type=float, default=0.3, help="of the wheel at full spin (0.3)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the runs, kept from one time to the next")
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    # What is kept must not be taken for a run of another size.
    options.folder /= f"grains-{options.grains:g}_slope-{options.slope:g}_turns-{options.turns:g}"
    for seed in range(1, options.seeds + 1):
        for arm in ARMS:
            run_case(options, arm, seed)
    found = compare({arm: [load_case(options.folder, arm, seed) for seed in seeds(options)] for arm in ARMS})
    size = {name: getattr(options, name) for name in ("seeds", "grains", "slope", "turns")}
    show(found)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps({"setup": size | PHASES, **found}, indent=1) + "\n")


def seeds(options: argparse.Namespace) -> range:
    """Seeds of the beds."""
    return range(1, options.seeds + 1)


def run_case(options: argparse.Namespace, arm: str, seed: int) -> None:
    """Run one arm on one bed, unless it is finished, and keep what the coupling took."""
    folder = options.folder / f"{arm}-{seed}"
    if (folder / "result.json").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    overrides = case_overrides(options, arm, seed)
    config = build_config(compose_config(overrides), overrides)
    began = time.process_time()
    with dem.start("cpu", "mixed", 1), clocked(time.process_time) as taken:
        result = run_experiment(scenario_experiment(config.scenario.name)(config), folder)
    (folder / COUPLING_FILE).write_text(json.dumps(taken))
    write_result(folder, result)
    print(f"{folder.name}: {time.process_time() - began:.0f} s of the processor", flush=True)


def case_overrides(options: argparse.Namespace, arm: str, seed: int) -> list[str]:
    """What makes an arm the same experiment as the others, but for what moves the wheel."""
    duration = 2 * math.pi * options.turns / SPIN
    travel = SPIN * RADIUS * (duration + 0.5 * PHASES["ramp_duration"])
    shared = [
        "gravity=moon", f"gravity.slope_deg={options.slope:g}", f"bed.seed={seed}", f"bed.length={travel + ROOM:.2f}",
        "bed.width=0.5", "bed.depth=0.2", f"bed.grains_per_wheel_diameter={options.grains:g}", "device=cpu",
        "device.threads=1", "solver.track_energy=false", "output.frame_interval=1e3", "output=light",
        f"scenario.steady_fraction={STEADY}", *(f"scenario.{key}={value}" for key, value in PHASES.items()),
    ]  # fmt: skip
    if arm in ("device", "mesh"):
        shared += ["scenario=single_wheel", "wheel=viper", "scenario.mode=slope", f"scenario.drive_duration={duration}"]
        return [*shared, f"wheel.mesh={exported(options.folder)}"] if arm == "mesh" else shared
    shared += ["scenario=rover_drive", "rover=rig", f"rover.motor_torque={STIFF:g}"]
    shared.append(f"scenario.distance={SPIN * RADIUS * duration}")
    if arm == "mujoco_half":
        interval = read_result(options.folder / f"mujoco-{seed}")["numerics"]["coupling_interval"]
        shared.append(f"scenario.coupling_interval={interval / 2}")
    return shared


def exported(folder: Path) -> Path:
    """VIPER's wheel as `drawbar wheels viper --export` writes it."""
    path = (folder / "viper.stl").resolve()
    if not path.exists():
        wheel_mesh(load_wheel("viper")).to_file(path)
    return path


def load_case(folder: Path, arm: str, seed: int) -> dict[str, Any]:
    """Means and their errors over periods of grousers, in one form for all arms; numerics; the coupling's time."""
    path = folder / f"{arm}-{seed}"
    result = read_result(path)
    steady = result["wheels"]["wheel"] if "wheels" in result else result["steady"]
    found = {name: (steady[name]["mean"], steady[name]["standard_error"]) for name in QUANTITIES}
    failed = [name for name, check in result["checks"].items() if not check["passed"]]
    return {
        "steady": found, "numerics": result["numerics"], "failed_checks": failed, "bed": result["bed"]["key"],
        "grain_count": result["bed"]["grain_count"], "time": json.loads((path / COUPLING_FILE).read_text()),
    }  # fmt: skip


def compare(cases: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Each arm's means over beds; each quantity's difference from the rig on the device, in units of both errors."""
    means = {arm: {name: mean_over_beds(found, name) for name in QUANTITIES} for arm, found in cases.items()}
    differences = {
        arm: {name: differ(means["device"][name], entry) for name, entry in found.items()}
        for arm, found in means.items()
        if arm != "device"
    }
    judged = [(arm, name) for arm in differences for name in QUANTITIES if name not in IMPOSED]
    largest = max(abs(differences[arm][name]["in_errors"]) for arm, name in judged)
    by_chance = student(2 * max(len(next(iter(cases.values()))) - 1, 1))
    halving = {name: differ(means["mujoco"][name], means["mujoco_half"][name]) for name in QUANTITIES}
    return {
        "means": means,
        "differences_from_device": differences,
        "differences_of_half_interval": halving,
        "largest_difference_in_errors": largest,
        "likely_by_chance_in_errors": by_chance,
        "agree": largest <= by_chance,
        "coupling": {arm: coupling_share(found) for arm, found in cases.items() if arm.startswith("mujoco")},
        "cases": cases,
    }


def mean_over_beds(cases: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The mean over beds and its standard error: of their spread, or of their own errors where that says more.

    Two or three beds may by chance be alike, and their spread then says too little.
    """
    values, errors = zip(*(case["steady"][name] for case in cases), strict=True)
    count, mean = len(values), sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / max(count - 1, 1) / count)
    own = math.sqrt(sum(error**2 for error in errors)) / count
    return {"mean": mean, "standard_error": max(spread, own), "by_bed": list(values), "unit": QUANTITIES[name]}


def differ(reference: dict[str, Any], entry: dict[str, Any]) -> dict[str, float]:
    """By how much a mean differs from another, and how many combined standard errors that is."""
    difference = entry["mean"] - reference["mean"]
    error = math.hypot(entry["standard_error"], reference["standard_error"])
    return {"difference": difference, "combined_error": error, "in_errors": difference / error if error else 0.0}


def coupling_share(cases: list[dict[str, Any]]) -> dict[str, float]:
    """What the exchanges take of the time of a run, MuJoCo in them, and what one takes [ms]."""
    total = {key: sum(case["time"][key] for case in cases) for key in ("run", "exchange", "vehicle", "exchanges")}
    steps = sum(case["numerics"]["step_count"] for case in cases)
    return {
        "interval": cases[0]["numerics"]["coupling_interval"],
        "time_step": cases[0]["numerics"]["time_step"],
        "share_of_run": total["exchange"] / total["run"],
        "share_of_vehicle": total["vehicle"] / total["run"],
        "ms_per_exchange": 1e3 * total["exchange"] / total["exchanges"],
        "ms_per_step": 1e3 * total["exchange"] / steps,
        "ms_per_step_of_all": 1e3 * total["run"] / steps,
    }


def show(found: dict[str, Any]) -> None:
    """Print a table: each quantity in each arm, and how far it is from the rig on the device."""
    for name, unit in QUANTITIES.items():
        print(f"{name} [{unit}]")
        for arm, means in found["means"].items():
            entry = means[name]
            off = found["differences_from_device"].get(arm, {}).get(name, {"in_errors": 0.0})["in_errors"]
            print(f"  {arm:12} {entry['mean']:10.5g} +- {entry['standard_error']:.2g}  {off:+.2f} errors")
    for arm, share in found["coupling"].items():
        print(arm, {key: float(f"{value:.4g}") for key, value in share.items()})
    largest, by_chance = found["largest_difference_in_errors"], found["likely_by_chance_in_errors"]
    print(f"the largest difference is {largest:.2f} errors; one in twenty exceeds {by_chance:.2f} by chance")


if __name__ == "__main__":
    main()
