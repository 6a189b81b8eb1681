"""What contact laws cost: steps of a settled bed, in turns, so that a busy machine slows all of them alike.

    python -m benchmarks.contact_laws                    # other laws against Hertz-Mindlin with a rolling spring
    python -m benchmarks.contact_laws --against CHECKOUT  # Hertz-Mindlin here against that of another checkout

Each candidate is a process of its own with the same bed, on one thread; medians of the processor times of the turns are
compared, over several starts, since where a process lands in memory alone is worth a few per cent.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
RADIUS = 1e-3  # [m]
ACROSS, HIGH = 20, 34  # grains of the bed: 13600
SETTLING_STEPS, TURN_STEPS = 1500, 100


def build_bed(laws: str):
    """A bed on a floor, periodic to the sides, with the laws of that name; pressed together by ten times gravity."""
    import dem

    kwargs = {}
    if laws == "energy":
        kwargs["track_energy"] = True
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -10 * 9.81), contact=_contact(dem, laws))
    numbers = {"restitution": 0.5, "sliding_friction": 0.4, "rolling_friction": 0.1}
    if laws in ("dmt", "jkr"):
        numbers["surface_energy"] = 1e-3
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, **numbers))
    spread = np.random.default_rng(1).uniform(-0.05, 0.05, (ACROSS * ACROSS * HIGH, 3))
    lattice = np.stack(np.meshgrid(*(np.arange(n) for n in (ACROSS, ACROSS, HIGH)), indexing="ij"), -1).reshape(-1, 3)
    lattice = lattice + 0.5 * (lattice[:, 2:] % 2) * [1, 1, 0]
    spacing = np.array([2.02, 2.02, 1.47])
    side = ACROSS * 2.02 * RADIUS
    position = ((lattice + spread) * spacing + [0.1, 0.1, 1.1]) * RADIUS
    builder.set_domain((0, 0, -side), (side, side, 10 * side), periodic=(True, True, False))
    builder.add_particles(position % [side, side, np.inf], RADIUS, sand)
    builder.add_plane((0, 0, 0), (0, 0, 1), sand)
    simulation = dem.Simulation(builder.finalize(), max_overlap=0.5, **kwargs)
    simulation.run(SETTLING_STEPS * simulation.time_step)
    return simulation


def _contact(dem, laws: str):
    if laws == "plain":
        return dem.ContactLaws(rolling=None)
    if laws == "linear":
        return dem.ContactLaws(normal=dem.LinearSpring(normal_stiffness=1e3), tangential=dem.LinearTangential())
    if laws == "twisting":
        return dem.ContactLaws(twisting=dem.MarshallTwisting())
    if laws in ("dmt", "jkr"):
        return dem.ContactLaws(cohesion=dem.DMT() if laws == "dmt" else dem.JKR())
    return dem.ContactLaws()


def work(laws: str) -> None:
    """Answer each line on standard input by the seconds of a turn."""
    import dem

    with dem.start(device="cpu", threads=1):
        simulation = build_bed(laws)
        print("ready", flush=True)
        for _ in sys.stdin:
            begin = time.process_time()
            simulation.run(TURN_STEPS * simulation.time_step)
            print(time.process_time() - begin, flush=True)


def open_worker(laws: str, checkout: Path) -> subprocess.Popen:
    """Start the worker process of a candidate."""
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", laws]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=checkout
    )


def compare(candidates: dict[str, tuple[str, Path]], turns: int, starts: int) -> None:
    """Print the median time of each candidate, and its ratio to the first."""
    rounds = [take_turns(candidates, turns) for _ in range(starts)]
    first = next(iter(candidates))
    for name in candidates:
        best = [statistics.median(seconds[name]) for seconds in rounds]
        ratios = [own / statistics.median(seconds[first]) for own, seconds in zip(best, rounds, strict=True)]
        rate = ACROSS * ACROSS * HIGH * TURN_STEPS / statistics.median(best) / 1e6
        listed = " ".join(f"{ratio:5.3f}" for ratio in ratios)
        print(f"{name:10s} {rate:6.2f} M particle-steps/s  time ratio {statistics.median(ratios):5.3f}  (of {listed})")


def take_turns(candidates: dict[str, tuple[str, Path]], turns: int) -> dict[str, list[float]]:
    """Start every candidate, let them step in turns, return the seconds of each turn."""
    workers = {name: open_worker(*candidate) for name, candidate in candidates.items()}
    for worker in workers.values():
        next(line for line in worker.stdout if "ready" in line)
    seconds = {name: [] for name in workers}
    for _ in range(turns):
        for name, worker in workers.items():
            worker.stdin.write("go\n")
            worker.stdin.flush()
            seconds[name].append(float(worker.stdout.readline()))
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    return seconds


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of drawbar to compare with")
    parser.add_argument("--laws", nargs="+", default=["plain", "linear", "twisting", "dmt", "jkr", "energy"])
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker)
    elif options.against:
        compare(
            {"other": ("default", options.against.resolve()), "here": ("default", ROOT)}, options.turns, options.starts
        )
    else:
        compare(
            {"default": ("default", ROOT)} | {laws: (laws, ROOT) for laws in options.laws},
            options.turns,
            options.starts,
        )


if __name__ == "__main__":
    main()
