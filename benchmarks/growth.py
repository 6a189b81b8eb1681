"""How speed grows: with grains, threads, size ratio, and a batch against its worlds one after the other.

    python -m benchmarks.growth [--device cpu] [--largest 4000000] [--afresh]

Keeps what it measured in benchmarks/results/growth_DEVICE.json: the same command goes on where it stopped, and a later
one with larger sizes adds to it (`--afresh` starts over). Draws docs/figures/growth.png from all devices' results.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402

from dem.bench.command import Case  # noqa: E402
from dem.bench.tiles import CACHE  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
FIGURE = ROOT / "docs" / "figures" / "growth.png"
SIZES = (1_000, 4_000, 10_000, 40_000, 100_000, 400_000, 1_000_000, 4_000_000, 10_000_000, 20_000_000, 40_000_000)
THREAD_GRAINS, RATIO_GRAINS = 40_000, 10_000
RATIOS = (1.0, 2.0, 4.0, 6.0, 8.0, 10.0)
BATCH_GRAINS, BATCH_WORLDS = 1_000, (4, 16, 64)
LEFT_OUT = ("folder", "repeats", "steps", "warm_up")  # of a case: they do not tell cases apart

log = logging.getLogger(__name__)


def cases_of(options: argparse.Namespace) -> Iterator[tuple[str, Case]]:
    """All cases with the curve each is on."""
    plain = Case(
        "bed", device=options.device, repeats=options.repeats, steps=options.steps, folder=str(options.cache),
        warm_up=options.warm_up,
    )  # fmt: skip
    threads = options.threads[-1] if options.device == "cpu" else 0
    for grains in [size for size in SIZES if size <= options.largest]:
        yield "grains", replace(plain, grains=grains, threads=threads)
    if options.device == "cpu":
        for count in options.threads:
            yield "threads", replace(plain, grains=min(THREAD_GRAINS, options.largest), threads=count)
    for ratio in RATIOS:
        grains = min(RATIO_GRAINS, options.largest)
        yield "ratio", replace(plain, scene="mixture", ratio=ratio, grains=grains, threads=threads)
    for worlds in BATCH_WORLDS:
        grains = options.batch_grains
        yield "batch", replace(plain, scene="batch", grains=grains, worlds=worlds, threads=threads, alone=True)


def name_of(curve: str, case: Case) -> str:
    """What a case is kept under."""
    return json.dumps([curve, {name: value for name, value in asdict(case).items() if name not in LEFT_OUT}])


def measure_missing(options: argparse.Namespace, path: Path) -> dict[str, Any]:
    """Measure what is not there yet, writing after each case; all that was ever kept."""
    kept = json.loads(path.read_text()) if path.exists() and not options.afresh else {}
    for curve, case in cases_of(options):
        name = name_of(curve, case)
        if name in kept:
            continue
        log.info("%s: %s", curve, name)
        kept[name] = {"curve": curve, **asdict(case), **case.run_apart()}
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=2) + "\n")
        part.replace(path)
    return kept


def draw(results: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Four panels, a colour a device."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
    panels: dict[str, tuple[Axes, str, str]] = {
        "grains": (axes[0, 0], "particle_count", "grains"),
        "threads": (axes[0, 1], "threads", "CPU threads"),
        "ratio": (axes[1, 0], "ratio", "largest over smallest diameter"),
        "batch": (axes[1, 1], "worlds", "worlds in a batch"),
    }
    for device, rows in results.items():
        for curve, (panel, key, label) in panels.items():
            _draw_curve(panel, [row for row in rows if row["curve"] == curve], key, device)
            panel.set_xlabel(label)
    _finish(panels)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _draw_curve(panel: Axes, rows: list[dict[str, Any]], key: str, device: str) -> None:
    if not rows:
        return
    rows = sorted(rows, key=lambda row: row[key])
    at = [row[key] for row in rows]
    speed = [row["particle_steps_per_second"] / 1e6 for row in rows]
    (line,) = panel.plot(at, speed, "o-", label=device)
    low, high = ([row["range"][end] / 1e6 for row in rows] for end in (0, 1))
    panel.fill_between(at, low, high, alpha=0.2, color=line.get_color())
    if all("alone_particle_steps_per_second" in row for row in rows):
        alone = [row["alone_particle_steps_per_second"] / 1e6 for row in rows]
        panel.plot(at, alone, "s--", color=line.get_color(), label=f"{device}, one after the other")


def _finish(panels: dict[str, tuple[Axes, str, str]]) -> None:
    for panel, _, _ in panels.values():
        panel.set_ylabel("million particle-steps/s")
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
        if panel.lines:
            panel.legend(frameon=False)
    for curve in ("grains", "batch"):
        panels[curve][0].set_xscale("log")


def main() -> int:
    """Measure what is missing, draw everything that was measured."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _parse()
    path = options.results / f"growth_{options.device}.json"
    measure_missing(options, path)
    results = {
        entry.stem.removeprefix("growth_"): list(json.loads(entry.read_text()).values())
        for entry in sorted(options.results.glob("growth_*.json"))
    }
    draw(results, options.figure)
    log.info("%s\n%s", path, options.figure)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda, vulkan or metal (cpu)")
    parser.add_argument("--largest", type=int, default=4_000_000, help="bed (4000000)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="the last is used elsewhere (1 2)")
    parser.add_argument("--batch-grains", type=int, default=BATCH_GRAINS, help=f"of a world ({BATCH_GRAINS})")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=0, help="of a repeat (as many as take 2 s)")
    parser.add_argument("--warm-up", type=int, default=0, help="steps before (the scene's own)")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"of settled tiles ({CACHE})")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON")
    parser.add_argument("--figure", type=Path, default=FIGURE)
    parser.add_argument("--afresh", action="store_true", help="forget what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
