"""Times drawbar and each peer in turn, and compares their trajectories.

    python -m benchmarks.peers [--styles lammps_hertz ...] [--grains 40000] [--rounds 5] [--steps 500] [--output FILE]

A round is a process of drawbar and one of the peer, both on as many threads or processes; what counts is the median of
the rounds' ratios. Compilation and set-up are left out on both sides: drawbar's by a warm-up, the peer's by taking the
"Loop time" of a second run. drawbar follows the peer's conventions of the tangential spring, unless told not to. The
agreement is that of the kinetic energy over 2000 steps from the same start.
"""

import argparse
import json
import logging
import re
import statistics
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.peers.inputs import STYLES, write_data
from benchmarks.peers.install import FOLDER, Peers, install
from benchmarks.peers.own import Task
from dem.bench.scenes import make_scene
from dem.bench.tiles import CACHE
from dem.io import collect_provenance

TRAJECTORY_STEPS, TRAJECTORY_EVERY = 2000, 100
AGREEMENT = 0.03  # of the kinetic energy, at every sample after the first tenth
LOOP_TIME = re.compile(r"Loop time of (\S+) on (\d+) procs")


class Comparison:
    """One style of a peer against drawbar, on one scene."""

    def __init__(self, style: str, options: argparse.Namespace, peers: Peers) -> None:
        self.style, self.options, self.peers = style, options, peers
        self.scene_name, self.program, self.write = STYLES[style]
        grains = options.grains if self.scene_name == "bed" else options.chute_grains
        self.scene = make_scene(self.scene_name, grains, folder=options.cache)
        self.grains = self.scene.particle_count
        self.folder = options.folder.resolve() / f"{style}_{self.grains}"
        self.folder.mkdir(parents=True, exist_ok=True)
        write_data(self.folder / "grains.data", self.scene)

    def run(self) -> dict[str, Any]:
        """Trajectories first, whose mean overlap sets gran/hertz/history's damping; then the rounds."""
        self.own = self._own(TRAJECTORY_EVERY, TRAJECTORY_STEPS)
        self.text = self.write(self.scene, self.own["mean_overlap"])
        theirs = self._peer([f"thermo {TRAJECTORY_EVERY}", f"run {TRAJECTORY_STEPS}"])
        energies = read_energies(theirs)
        rounds = [self._round() for _ in range(self.options.rounds)]
        ratios = [theirs / ours for ours, theirs in rounds]
        rate = self.grains * self.options.steps
        return {
            "style": self.style,
            "scene": self.scene_name,
            "particle_count": self.grains,
            "ratio": statistics.median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "own_particle_steps_per_second": rate / statistics.median(ours for ours, _ in rounds),
            "peer_particle_steps_per_second": rate / statistics.median(theirs for _, theirs in rounds),
            "energy_difference": largest_difference(self.own["energies"], energies),
            "energy_difference_of_mean": abs(sum(self.own["energies"]) / sum(energies) - 1),
            "energies": self.own["energies"],
            "peer_energies": energies,
            "mean_overlap": self.own["mean_overlap"],
            "rounds": len(rounds),
            "input": self.text,
        }

    def _round(self) -> tuple[float, float]:
        """Seconds of drawbar, then of the peer."""
        ours = self._own(0, self.options.steps)["seconds"]
        said = self._peer(["thermo 100000", f"run {self.options.warm_up}", f"run {self.options.steps}"])
        return ours, float(LOOP_TIME.findall(said)[-1][0])

    def _own(self, every: int, steps: int) -> dict[str, Any]:
        task = Task(
            self.scene_name, self.grains, self.options.processes, self.options.precision, self.options.warm_up, steps,
            str(self.options.cache), every,
            "" if self.options.own_conventions or self.scene_name != "bed" else self.style,
        )  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.peers.own", json.dumps(asdict(task))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"drawbar failed on {self.scene_name}:\n{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def _peer(self, runs: list[str]) -> str:
        (self.folder / "in.scene").write_text(self.text + "\n".join(runs) + "\n")
        command = [*getattr(self.peers, self.program), "-in", "in.scene", "-log", "none"]
        done = subprocess.run(
            command, cwd=self.folder, env=self.peers.environment, capture_output=True, text=True, check=False
        )
        found = LOOP_TIME.findall(done.stdout)
        if done.returncode or not found:
            raise SystemExit(f"{self.style} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        if int(found[-1][1]) != self.options.processes:
            raise SystemExit(
                f"{self.style} ran on {found[-1][1]} processes, not {self.options.processes}; is its MPI right?"
            )
        return done.stdout


def read_energies(said: str) -> list[float]:
    """Kinetic energies of a run's thermo table, without that of the start."""
    rows = re.findall(r"^\s*(\d+)\s+([-+.\deE]+)\s*$", said, re.MULTILINE)
    return [float(energy) for step, energy in rows if int(step) > 0]


def largest_difference(ours: list[float], theirs: list[float]) -> float:
    """The largest relative difference after the first tenth of the samples, where energies are next to nothing."""
    skipped = len(ours) // 10
    pairs = list(zip(ours, theirs, strict=True))[skipped:]
    return max(abs(own - other) / abs(other) for own, other in pairs)


def table_of(rows: list[dict[str, Any]]) -> Table:
    """Ratios above 1 are in drawbar's favour."""
    table = Table(title="drawbar beside its peers, in turn", box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("peer", "grains", "drawbar M/s", "peer M/s", "ratio", "range", "energy off", "its mean"):
        table.add_column(name, justify="left" if name == "peer" else "right", no_wrap=name == "peer")
    for row in rows:
        slow, fast = row["ratio_range"]
        verdict = "" if row["energy_difference"] <= AGREEMENT else " !"
        table.add_row(
            row["style"], str(row["particle_count"]), f"{row['own_particle_steps_per_second'] / 1e6:.2f}",
            f"{row['peer_particle_steps_per_second'] / 1e6:.2f}", f"{row['ratio']:.2f}", f"{slow:.2f}-{fast:.2f}",
            f"{100 * row['energy_difference']:.2f} %{verdict}", f"{100 * row['energy_difference_of_mean']:.2f} %",
        )  # fmt: skip
    return table


def main() -> int:
    """Install what is missing, compare, print, write; 1 if a trajectory does not agree."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options, console, rows = _parse(), Console(), []
    peers = install(options.processes, options.folder, "liggghts" in options.styles)
    known = collect_provenance(argv=[])
    about = {"commit": known["git_commit"], "versions": known["versions"], "processes": options.processes}
    for style in options.styles:
        with console.status(style):
            rows.append(Comparison(style, options, peers).run())
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps({**about, "rows": rows}, indent=2) + "\n")
    console.print(table_of(rows), str(options.output))
    return 0 if all(row["energy_difference"] <= AGREEMENT for row in rows) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--styles", nargs="+", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--grains", type=int, default=40_000, help="of the bed (40000)")
    parser.add_argument("--chute-grains", type=int, default=32_000, help="of the chute (32000)")
    parser.add_argument("--rounds", type=int, default=5, help="of drawbar and peer (5)")
    parser.add_argument("--steps", type=int, default=500, help="timed in a round (500)")
    parser.add_argument("--warm-up", type=int, default=200, help="steps before (200)")
    parser.add_argument("--processes", type=int, default=2, help="of the peer, and threads of drawbar (2)")
    parser.add_argument("--precision", default="mixed", help="of drawbar (mixed)")
    parser.add_argument("--own-conventions", action="store_true", help="our tangential law, not the peer's variant")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"of programs and inputs ({FOLDER})")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"of settled tiles ({CACHE})")
    parser.add_argument("--output", type=Path, default=FOLDER / "peers.json", help=f"({FOLDER / 'peers.json'})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
