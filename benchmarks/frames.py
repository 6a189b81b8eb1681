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
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import dem
from dem.bench.machine import describe
from dem.bench.scenes import make_scene
from dem.io import BodyMesh, RunWriter, ThreadedWriter
from dem.io.world_frames import body_meshes, mesh_poses, read_frame

RESULTS = Path(__file__).resolve().parent / "results" / "frames_cpu.json"
INTERVAL = 0.02  # [s] of simulated time between frames
NEVER = 1e9  # [s]: of a trigger, which is then due at once and never again


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


def open_file(simulation: Any, path: Path, meshes: Mapping[int, BodyMesh]) -> ThreadedWriter:
    """The file of a simulation of one world, written by a thread as that of a run is."""
    particles = simulation.model.particles
    soil = {name: particles[name] for name in ("radius", "material")}
    return ThreadedWriter(RunWriter(path, soil=soil, bodies=list(meshes.values())))


def write_frame(simulation: Any, writer: ThreadedWriter, meshes: Mapping[int, BodyMesh]) -> None:
    """Append a frame: all grains and bodies."""
    soil, found, _ = read_frame(simulation, 0, (), False)
    writer.write_frame(simulation.time, soil, mesh_poses(meshes, found))


def measure(grains: int, rounds: int) -> dict[str, Any]:
    """Seconds of intervals with a frame and without, and what frames cost as a share of the time without."""
    scene = make_scene("wheel", grains)
    simulation = scene.simulate()
    meshes = body_meshes(simulation.model)
    simulation.run(scene.warm_up * scene.time_step)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.vtkhdf"
        with open_file(simulation, path, meshes) as writer:
            write_frame(simulation, writer, meshes)  # the first frame creates the file's arrays
            simulation.run(INTERVAL)
            for is_written in [False, True, True, False] * rounds:
                begin = time.perf_counter()
                trigger = (
                    simulation.every(NEVER, partial(write_frame, writer=writer, meshes=meshes)) if is_written else None
                )
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
