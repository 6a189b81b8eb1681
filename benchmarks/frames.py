"""What frames cost: a wheel on its bed written 50 times a simulated second, and the same wheel when it is not.

    python -m benchmarks.frames [--grains 50000] [--rounds 25] [--output FILE]

One simulation goes on by intervals, of each round one without a frame, two that begin with one, and one without, so
that a machine or a bed that grows slower weighs on both alike. The file is one, as of a run; an interval with a frame
counts until that is written. Writes benchmarks/results/frames_cpu.json.
"""

import argparse
import json
import math
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
NEVER = 1e9  # [s]: the rounds ask for frames themselves


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grains", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with dem.start("cpu", "mixed", options.threads):
        found = measure(options.grains, options.rounds) | describe()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found, indent=1) + "\n")
    cost, error = 100 * found["cost"], 100 * found["standard_error"]
    print(f"a frame every {INTERVAL} s costs {cost:.2f} +- {error:.2f} %")


def measure(grains: int, rounds: int) -> dict[str, Any]:
    """Seconds of intervals with a frame and without, and what frames cost as a share of the time without."""
    scene = make_scene("wheel", grains)
    simulation = scene.simulate()
    simulation.run(scene.warm_up * scene.time_step)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.vtkhdf"
        with BatchWriter(simulation, [path], frame_interval=NEVER) as writer:
            simulation.run(INTERVAL)  # the first frame creates the file's arrays
            for is_written in [False, True, True, False] * rounds:
                begin = time.perf_counter()
                trigger = simulation.every(NEVER, writer.write_frames) if is_written else None
                simulation.run(INTERVAL)
                if trigger:
                    simulation.cancel(trigger)
                    writer.flush()
                seconds[is_written].append(time.perf_counter() - begin)
        frame_bytes = path.stat().st_size / (2 * rounds + 1)
    bare = statistics.mean(seconds[False])
    extra = [
        (sum(seconds[True][k : k + 2]) - sum(seconds[False][k : k + 2])) / (2 * bare) for k in range(0, 2 * rounds, 2)
    ]
    return {
        "grains": scene.particle_count,
        "steps_between_frames": round(INTERVAL / scene.time_step),
        "bytes_a_grain_and_frame": frame_bytes / scene.particle_count,
        "seconds_without": seconds[False],
        "seconds_with": seconds[True],
        "cost": statistics.mean(extra),
        "standard_error": statistics.stdev(extra) / math.sqrt(rounds),
    }


if __name__ == "__main__":
    main()
