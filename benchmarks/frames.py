"""What frames cost: a bed that is written 50 times a simulated second, and the same bed that is not.

    python -m benchmarks.frames [--grains 40000] [--rounds 11] [--frames 8] [--output FILE]

One simulation goes on round after round, in turn with frames and without, so that both see the same machine and the
same bed. The file is one, as of a run; the time with frames counts until all of a round are written. Writes
benchmarks/results/frames_cpu.json.
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
NEVER = 1e9  # [s]: the rounds ask for frames themselves


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grains", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--frames", type=int, default=8, help="in a round")
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
        path = Path(folder) / "run.vtkhdf"
        with BatchWriter(simulation, [path], frame_interval=NEVER) as writer:
            for turn in range(2 * rounds):
                is_written = turn % 4 in (1, 2)  # each comes first as often as second
                begin = time.perf_counter()
                trigger = simulation.every(INTERVAL, writer.write_frames) if is_written else None
                simulation.run(duration)
                if trigger:
                    simulation.cancel(trigger)
                    writer.sync()
                (written if is_written else bare).append(time.perf_counter() - begin)
        frame_bytes = path.stat().st_size / (rounds * frames)
    costs = [with_frames / without - 1 for with_frames, without in zip(written, bare, strict=True)]
    return {
        "grains": scene.particle_count,
        "steps_between_frames": round(INTERVAL / scene.time_step),
        "bytes_a_grain_and_frame": frame_bytes / scene.particle_count,
        "seconds_without": bare,
        "seconds_with": written,
        "costs_percent": [round(100 * cost, 2) for cost in costs],
        "cost": statistics.median(costs),
    }


if __name__ == "__main__":
    main()
