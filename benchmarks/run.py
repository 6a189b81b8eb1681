"""Speed of a settled bed: particle-steps a second by size, precision and threads, in turns, so that noise hits all.

    python -m benchmarks.run [--device cpu] [--grains 5000 20000] [--rounds 3] [--write]

Each measurement is a process of its own; the median of the rounds counts. `--write` puts the figures, with device, date
and commit, into benchmarks/results/.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import dem
from dem.io import collect_provenance

RESULTS = Path(__file__).parent / "results"
DIAMETER = 0.02  # m
SETTLE = 0.25  # s: the lattice collapses in a tenth
MEASURED_STEPS = 400


def main() -> int:
    """Measure, print, and perhaps write."""
    options = _parser().parse_args()
    if options.worker:
        print(json.dumps(measure(options.device, options.precision, options.threads, options.grains[0])))
        return 0
    cases = [
        (count, precision, threads) for count in options.grains for precision, threads in _variants(options.device)
    ]
    rates: dict[tuple, list[float]] = {case: [] for case in cases}
    for _ in range(options.rounds):
        for case in cases:
            rates[case].append(_in_process(options.device, *case))
    rows = [dict(zip(("grains", "precision", "threads"), case, strict=True)) for case in cases]
    for row, case in zip(rows, cases, strict=True):
        row["particle_steps_per_second"] = statistics.median(rates[case])
        base = statistics.median(rates[(case[0], *_variants(options.device)[0])])
        row["ratio"] = row["particle_steps_per_second"] / base
        print(
            "{grains:>8} {precision:>7} {threads:>2} threads {particle_steps_per_second:>12.3e} /s  {ratio:.2f}".format(
                **row
            )
        )
    if options.write:
        _write(options.device, rows)
    return 0


def measure(device: str, precision: str, threads: int, count: int) -> float:
    """Particle-steps a second of `count` settled grains."""
    with dem.start(device, precision, threads or None):
        simulation = dem.Simulation(settled_model(count), max_overlap=0.3)
        simulation.run(SETTLE)
        begin = time.perf_counter()
        simulation.run(MEASURED_STEPS * simulation.time_step)
        return simulation.model.particle_count * MEASURED_STEPS / (time.perf_counter() - begin)


def settled_model(count: int) -> dem.Model:
    """A loose lattice ten grains deep over a floor, periodic on both sides; it settles when it is run."""
    side, spacing = max(int((count / 10) ** 0.5), 4), 1.1 * DIAMETER
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), np.arange(10), indexing="ij"), axis=-1).reshape(-1, 3)
    random = np.random.default_rng(1)
    radius = DIAMETER / 2 * random.uniform(0.85, 1.0, len(grid))
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(2600.0, 2e7, 0.3))
    builder.set_pair(sand, sand, restitution=0.3, sliding_friction=0.5, rolling_friction=0.1)
    builder.add_particles((grid + 0.5) * spacing + random.uniform(-0.04, 0.04, grid.shape) * DIAMETER, radius, sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    builder.set_domain((0, 0, -DIAMETER), (side * spacing, side * spacing, 1.0), periodic=(True, True, False))
    return builder.finalize()


def _variants(device: str) -> list[tuple[str, int]]:
    if device == "cpu":
        return [("mixed", 0), ("mixed", 1), ("double", 0)]
    return [("mixed", 0), ("double", 0), ("single", 0)]


def _in_process(device: str, count: int, precision: str, threads: int) -> float:
    command = [sys.executable, "-m", "benchmarks.run", "--worker", "--device", device, "--grains", str(count)]
    command += ["--precision", precision, "--threads", str(threads)]
    return float(
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    )


def _write(device: str, rows: list[dict]) -> None:
    RESULTS.mkdir(exist_ok=True)
    known = collect_provenance()
    about = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "device": device,
        "commit": known["git_commit"],
        "machine": known["machine"],
    }
    path = RESULTS / f"settled_bed_{device}.json"
    path.write_text(json.dumps({**about, "versions": known["versions"], "rows": rows}, indent=2) + "\n")
    print(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda, vulkan or metal")
    parser.add_argument("--grains", type=int, nargs="+", default=[5000, 20000], help="bed sizes")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; the median counts")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/settled_bed_DEVICE.json")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--precision", default="mixed", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=0, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
