"""Everything to be asked of a GPU, in one command that also runs on a CPU, and says so.

    python -m benchmarks.gpu [--device auto] [--largest 4000000] [--quick] [--tests] [--output FILE]

1. Tests with the device, where pytest is installed (`--tests`). 2. The bed from 40 k grains up. 3. A batch of worlds
against the same worlds one after the other. 4. The bed after 200 steps on the device against the CPU: grains are
compared one by one, in double precision too, where rounding alone should tell them apart.
"""

import argparse
import importlib.util
import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

import dem
from dem.bench.command import Case
from dem.bench.measure import kinetic_energy
from dem.bench.report import inside_table, speed_table
from dem.bench.scenes import DIAMETER, make_scene
from dem.bench.tiles import CACHE

ROOT = Path(__file__).resolve().parent.parent
SIZES = (40_000, 100_000, 400_000, 1_000_000, 4_000_000, 10_000_000, 20_000_000)
COMPARED_STEPS = 200
SAME = {"mixed": 1e-3, "double": 1e-7}  # of a diameter: mean distance of a grain's two places that passes


def measure_speed(options: argparse.Namespace, device: str) -> list[dict[str, Any]]:
    """The bed by size, then a batch against its worlds in turn."""
    plain = Case("bed", device=device, repeats=options.repeats, steps=options.steps, folder=str(options.cache))
    sizes = [size for size in SIZES if size <= options.largest] or [options.largest]
    rows = [replace(plain, grains=size).run_apart() for size in sizes]
    grains, worlds = options.batch
    rows.append(replace(plain, scene="batch", grains=grains, worlds=worlds, alone=True).run_apart())
    return rows


def compare_with_cpu(options: argparse.Namespace, device: str, precision: str) -> dict[str, Any]:
    """The bed on both, grain by grain, after as many steps."""
    grains = min(options.largest, 40_000)
    ends = [_run_bed(options, name, precision, grains) for name in (device, "cpu")]
    shift = np.linalg.norm(ends[0]["position"] - ends[1]["position"], axis=1) / DIAMETER
    energy = ends[0]["energy"] / ends[1]["energy"] - 1
    return {
        "precision": precision,
        "particle_count": len(shift),
        "steps": COMPARED_STEPS,
        "mean_shift_in_diameters": float(shift.mean()),
        "largest_shift_in_diameters": float(shift.max()),
        "energy_difference": float(energy),
        "same": bool(np.isfinite(shift).all() and shift.mean() <= SAME[precision]),
    }


def _run_bed(options: argparse.Namespace, device: str, precision: str, grains: int) -> dict[str, Any]:
    scene = make_scene("bed", grains, folder=options.cache)
    with dem.start(device, precision):
        simulation = scene.simulate()
        simulation.run(COMPARED_STEPS * scene.time_step)
        return {"position": simulation.snapshot()["position"].astype(float), "energy": kinetic_energy(simulation)}


def run_tests(device: str) -> str:
    """The last line of the quick tests on the device."""
    if not importlib.util.find_spec("pytest"):
        return "pytest is not installed; tests left out"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/engine", "tests/contact"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DEM_DEVICE": device}, capture_output=True, text=True, check=False
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return "\n".join([*failed, (done.stdout.strip().splitlines() or ["no output"])[-1]])


def choose_device(wanted: str) -> str:
    """The device asked for, or the one that is taken by itself."""
    if wanted != "auto":
        return wanted
    with dem.start() as session:
        return session.device


def main() -> int:
    """Run all of it; 1 if the device and the CPU do not agree."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options, console = _parse(), Console()
    if options.quick:
        options.largest, options.batch, options.steps = 1_000, (1_000, 4), options.steps or 100
    device = choose_device(options.device)
    if device == "cpu":
        console.print("No GPU here: this runs on the CPU, and compares the CPU with itself.")
    found: dict[str, Any] = {"device": device, "agreement": [], "rows": []}
    if options.tests:
        found["tests"] = run_tests(device)
        console.print(found["tests"], highlight=False)
    for precision in SAME:
        found["agreement"].append(compare_with_cpu(options, device, precision))
        console.print(found["agreement"][-1])
        _keep(options.output, found)
    found["rows"] = measure_speed(options, device)
    _keep(options.output, found)
    console.print(speed_table(found["rows"]), inside_table(found["rows"]), str(options.output))
    return 0 if all(entry["same"] for entry in found["agreement"]) else 1


def _keep(path: Path, found: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help="auto takes the first of cuda, vulkan, metal, cpu")
    parser.add_argument("--largest", type=int, default=4_000_000, help="bed (4000000)")
    parser.add_argument("--batch", type=int, nargs=2, default=(30_000, 64), metavar=("GRAINS", "WORLDS"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=0, help="of a repeat (as many as take 2 s)")
    parser.add_argument("--quick", action="store_true", help="a thousand grains: does it run at all?")
    parser.add_argument("--tests", action="store_true", help="run the quick tests of engine and contacts first")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"of settled tiles ({CACHE})")
    parser.add_argument("--output", type=Path, default=Path("outputs") / "gpu.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
