"""What a second thread gives: one bed stepped by one thread and by two, in turn, so that both see the same machine.

    python -m benchmarks.threads [--grains 40000] [--threads 1 2] [--rounds 9] [--steps 300] [--output FILE]

Each is a process of its own that waits while the other steps; the median of the rounds' ratios counts. Writes
benchmarks/results/threads_cpu.json.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dem
from dem.bench.machine import describe
from dem.bench.scenes import make_scene

RESULTS = Path(__file__).resolve().parent / "results" / "threads_cpu.json"
WARM_UP = 1000  # steps: the bed slides by then


def main() -> None:
    """Measure, print and write; or be one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grains", type=int, default=40_000)
    parser.add_argument("--threads", type=int, nargs=2, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=300, help="in a round")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--worker", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return step_when_told(options.grains, options.worker, options.steps)
    found = measure(options)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(found, indent=1) + "\n")
    few, many = options.threads
    print(f"{many} threads are {found['ratio']:.2f} times as fast as {few} ({found['ratios']} by round)")
    return None


def step_when_told(grains: int, threads: int, steps: int) -> None:
    """Step the bed once for every line that comes in, and answer with the seconds."""
    with dem.start("cpu", "mixed", threads):
        scene = make_scene("bed", grains)
        simulation = scene.simulate()
        simulation.run(WARM_UP * scene.time_step)
        print(json.dumps(describe() | {"grains": scene.particle_count}), flush=True)
        for _ in sys.stdin:
            begin = time.perf_counter()
            simulation.run(steps * scene.time_step)
            print(time.perf_counter() - begin, flush=True)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Seconds of all rounds, and the ratios."""
    make_scene("bed", options.grains)  # settles its tile once for both
    command = [sys.executable, "-m", "benchmarks.threads", f"--grains={options.grains}", f"--steps={options.steps}"]
    workers = {
        count: subprocess.Popen(
            [*command, f"--worker={count}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for count in options.threads
    }
    about = {count: json.loads(_answer(worker)) for count, worker in workers.items()}
    few, many = options.threads
    seconds: dict[int, list[float]] = {count: [] for count in options.threads}
    for turn in range(options.rounds):
        for count in (few, many) if turn % 2 else (many, few):
            print("go", file=workers[count].stdin, flush=True)
            seconds[count].append(float(_answer(workers[count])))
    for worker in workers.values():
        worker.communicate()
    ratios = [one / other for one, other in zip(seconds[few], seconds[many], strict=True)]
    found = {"steps": options.steps, "seconds": seconds, "ratios": [round(ratio, 3) for ratio in ratios]}
    return found | {"ratio": statistics.median(ratios)} | about[many]


def _answer(worker: Any) -> str:
    line = worker.stdout.readline()
    if not line:
        raise SystemExit(f"{' '.join(worker.args)} ended without an answer")
    return line


if __name__ == "__main__":
    main()
