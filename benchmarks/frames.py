"""What frames cost: a bed that is written 50 times a simulated second, and the same bed that is not.

    python -m benchmarks.frames [--grains 40000] [--rounds 7] [--frames 4] [--output FILE]

One simulation goes on round after round, in turn with frames and without, so that both see the same machine and the
same bed. The time with frames counts until all are on disk. Writes benchmarks/results/frames_cpu.json.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import dem
from dem.bench.machine import describe
from dem.bench.scenes import make_scene
from dem.io import BatchWriter

RESULTS = Path(__file__).resolve().parent / "results" / "frames_cpu.json"
INTERVAL = 0.02  # [s] of simulated time between frames


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grains", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--frames", type=int, default=4, help="in a round")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with dem.start("cpu", "mixed", options.threads):
        found = measure(options.grains, options.rounds, options.frames) | describe()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found, indent=1) + "\n")
    print(f"a frame every {INTERVAL} s costs {100 * found['cost']:.2f} % ({found['costs_percent']} % by round)")


def measure(grains: int, rounds: int, frames: int) -> dict[str, Any]:
    """Seconds a round with frames and without, and what the frames cost, as a share of the time without."""
    scene = make_scene("bed", grains)
    simulation, duration = scene.simulate(), frames * INTERVAL
    simulation.run(scene.warm_up * scene.time_step)
    bare, written = [], []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(2 * rounds):
            begin = time.perf_counter()
            if turn % 4 in (0, 3):  # each comes first as often as second
                simulation.run(duration)
                bare.append(time.perf_counter() - begin)
            else:
                path = Path(folder) / f"{turn}.vtkhdf"
                with BatchWriter(simulation, [path], frame_interval=INTERVAL):
                    simulation.run(duration)
                written.append(time.perf_counter() - begin)
    costs = [with_frames / without - 1 for with_frames, without in zip(written, bare, strict=True)]
    return {
        "grains": scene.particle_count,
        "steps_between_frames": round(INTERVAL / scene.time_step),
        "seconds_without": bare,
        "seconds_with": written,
        "costs_percent": [round(100 * cost, 2) for cost in costs],
        "cost": statistics.median(costs),
    }


if __name__ == "__main__":
    main()
