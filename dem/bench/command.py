"""`drawbar bench`: measure scenes, each case in a process of its own, print a table, write JSON.

A process of its own: memory is then the case's alone, and start-up and compilation are what a user waits for.
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console

from dem import backend
from dem.bench.measure import Plan, measure, measure_alone
from dem.bench.report import inside_table, speed_table
from dem.bench.scenes import SCENES, make_scene
from dem.bench.tiles import CACHE
from dem.errors import DemError


@dataclass(frozen=True)
class Case:
    """What is measured: a scene at a size, how it is run, and for how long; 0 leaves a number to the scene."""

    scene: str
    grains: int = 0
    worlds: int = 0
    ratio: float = 0.0
    device: str = "cpu"
    precision: str = "mixed"
    threads: int = 0
    repeats: int = 5
    steps: int = 0
    warm_up: int = 0
    folder: str = str(CACHE)
    alone: bool = False  # also the worlds of a batch one after the other

    def run(self, begun: float | None = None) -> dict[str, Any]:
        """Measure it in this process, which began at that time (`time.time()`)."""
        with backend.start(self.device, self.precision, self.threads or None, self._grain_count):
            startup = time.time() - begun if begun else 0.0
            plan = Plan(self.repeats, self.steps, self.warm_up)
            found = measure(self._make, plan, startup)
            if self.alone:
                rate = measure_alone(self._make(), Plan(max(self.repeats // 2, 1), self.steps, self.warm_up))
                found["alone_particle_steps_per_second"] = rate
                found["batch_over_alone"] = found["particle_steps_per_second"] / rate
            return found

    def run_apart(self) -> dict[str, Any]:
        """Measure it in a process of its own, the tiles it needs being settled before.

        Raises:
            DemError: the process failed; with the last line it said.
        """
        self._make()  # settles tiles where they are missing, on the CPU
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "measured.json"
            command = [sys.executable, "-m", "dem.bench.command", "--worker", json.dumps(asdict(self)), str(path)]
            done = subprocess.run([*command, str(time.time())], stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode or not path.exists():
                said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise DemError(f"measuring {self.scene} with {self.grains or 'its own'} grains failed: {said}")
            return json.loads(path.read_text())

    @property
    def _grain_count(self) -> int:
        """Number of grains of all worlds together, about."""
        kind = SCENES[self.scene]
        return (self.grains or kind.grains[0]) * (self.worlds or kind.worlds)

    @property
    def _make(self) -> partial:
        return partial(make_scene, self.scene, self.grains, self.worlds, Path(self.folder), self.ratio)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the verb's options."""
    parser.add_argument("scene", nargs="*", default=["bed"], help=f"of {', '.join(SCENES)} (bed)")
    parser.add_argument("--grains", type=int, nargs="+", metavar="N", help="sizes (the scene's own); rounded to tiles")
    parser.add_argument("--threads", type=int, nargs="+", default=[0], metavar="N", help="of the CPU (all cores)")
    parser.add_argument("--precision", nargs="+", default=["mixed"], choices=("mixed", "double", "single"))
    parser.add_argument("--device", default="cpu", help="cpu, cuda, vulkan, metal or auto (cpu)")
    parser.add_argument("--worlds", type=int, default=0, help="of the batch (64)")
    parser.add_argument("--alone", action="store_true", help="also measure the worlds of a batch one after the other")
    parser.add_argument("--ratio", type=float, default=0.0, help="of the mixture's sizes (2)")
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of a case; their median counts (5)")
    parser.add_argument("--steps", type=int, default=0, help="of a timed run (as many as take 2 s)")
    parser.add_argument("--warm-up", type=int, default=0, metavar="STEPS", help="before the first (the scene's own)")
    parser.add_argument("--cache", type=Path, default=CACHE, metavar="DIR", help=f"of settled tiles ({CACHE})")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write what was measured there, as JSON")


def run(arguments: argparse.Namespace | Sequence[str]) -> int:
    """Run the verb with its options, parsed or as words; the exit code."""
    options = arguments if isinstance(arguments, argparse.Namespace) else _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    console, rows = Console(), []
    for case in cases_of(options):
        with console.status(f"{case.scene} {case.grains or ''}"):
            rows.append(case.run_apart())
        if options.output:  # after each, so that what was measured stays
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(json.dumps(rows, indent=2) + "\n")
    console.print(speed_table(rows), inside_table(rows))
    if options.output:
        console.print(str(options.output), highlight=False)
    return 0


def cases_of(options: argparse.Namespace) -> list[Case]:
    """The cases that options ask for.

    Raises:
        ConfigError: there is no such scene.
    """
    found = []
    for scene in options.scene:
        if scene not in SCENES:
            make_scene(scene)  # complains
        sizes = options.grains or SCENES[scene].grains
        for grains, precision, threads in product(sizes, options.precision, options.threads):
            found.append(
                Case(
                    scene, grains, options.worlds, options.ratio, options.device, precision, threads,
                    options.repeats, options.steps, options.warm_up, str(options.cache), options.alone,
                )
            )  # fmt: skip
    return found


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drawbar bench")
    add_options(parser)
    return parser.parse_args(words)


def _work(words: Sequence[str]) -> int:
    case, path, begun = words
    Path(path).write_text(json.dumps(Case(**json.loads(case)).run(float(begun))))
    return 0


if __name__ == "__main__":
    sys.exit(_work(sys.argv[2:]) if sys.argv[1:2] == ["--worker"] else run(sys.argv[1:]))
