"""A whole rover on many grains: how long it takes, what the vehicle adds to a step, and whether loads make its weight.

    python -m benchmarks.rover [--grains 22.5] [--distance 2.25] [--device cpu] [--folder DIR] [KEY=VALUE ...]

VIPER (440 kg) drives over level sand on the Moon at 0.2 m/s. A run that was stopped goes on where it was; its times
are then those of the last sitting. Writes benchmarks/results/rover_DEVICE.json.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import dem
from benchmarks.coupling_clock import clocked
from dem.bench.machine import describe
from dem.config import build_config, compose_config
from dem.experiment import run_experiment
from dem.io import read_result, write_result
from scenarios import scenario_experiment

RESULTS = Path(__file__).resolve().parent / "results"
FOLDER = Path("outputs") / "rover"


def main() -> None:
    """Drive, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grains", type=float, default=22.5, help="grain diameters across the wheel (22.5)")
    parser.add_argument("--distance", type=float, default=2.25, help="commanded [m], slip takes its share (2.25)")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the run")
    parser.add_argument("--output", type=Path, default=None)
    parser.add_argument("overrides", nargs="*", help="of the configuration, such as solver.track_energy=false")
    options = parser.parse_args()
    overrides = [
        "scenario=rover_drive", "rover=viper", "gravity=moon", "bed=coarse", f"device={options.device}",
        f"bed.grains_per_wheel_diameter={options.grains:g}", f"scenario.distance={options.distance:g}",
        *options.overrides,
    ]  # fmt: skip
    config = build_config(compose_config(overrides), overrides)
    options.folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    with dem.start(options.device, config.device.precision, options.threads), clocked(time.perf_counter) as taken:
        result = run_experiment(scenario_experiment(config.scenario.name)(config), options.folder)
        machine = describe()
    write_result(options.folder, result)
    found = (
        summarise(read_result(options.folder), taken, time.perf_counter() - began) | {"overrides": overrides} | machine
    )
    output = options.output or RESULTS / f"rover_{options.device}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=1) + "\n")
    for name, value in found.items():
        print(name, value)


def summarise(result: dict[str, Any], taken: dict[str, float], seconds: float) -> dict[str, Any]:
    """What was asked, of the run's result and its clocks."""
    numerics, steady = result["numerics"], result["steady"]
    steps = taken["exchanges"] * round(numerics["coupling_interval"] / numerics["time_step"])
    return {
        "grains": result["bed"]["grain_count"],
        "steps": numerics["step_count"],
        "seconds_with_bed": seconds,
        "seconds_of_steps": taken["run"],
        "ms_per_step": 1e3 * taken["run"] / steps,
        "coupling_share": taken["exchange"] / taken["run"],
        "mujoco_share": taken["vehicle"] / taken["run"],
        "ms_per_exchange": 1e3 * taken["exchange"] / taken["exchanges"],
        "travel_m": result["path"]["travel_x"]["mean"],
        "total_load_N": steady["total_load"],
        "command_slip": steady["command_slip"],
        "checks": result["checks"],
        "verdict": result["credibility"]["verdict"],
    }


if __name__ == "__main__":
    main()
