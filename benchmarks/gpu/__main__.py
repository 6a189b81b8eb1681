"""Everything to be asked of a GPU, in one command of under ten minutes; it also runs on a CPU, and says so.

    python -m benchmarks.gpu [--device auto] [--minutes 9] [--tests] [--quick] [--output outputs/gpu.json]

First, beside each other: the self-check by precision, tests with the device (`--tests`), the bed against the CPU's
grain by grain, and the tiles that beds are laid from. Then, one after the other while nothing else runs: the bed from
40 k to 10 M grains, wheels, a batch of worlds against the same worlds in turn, launches and looks of the host, the same
on the CPU. What is timed is compiled before, several at once. Each part has a process of its own, and what it found is
written when it ends: as JSON, and as a page beside it.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.gpu.page import page_of
from benchmarks.gpu.parts import QUICK, Part, Scale, checks_of, timed_of, waves_of
from benchmarks.gpu.processes import Clock, left_out, run_in_turn, run_together
from dem.bench.tiles import CACHE
from dem.device_check import SWITCH
from dem.device_choice import candidates
from dem.devices import Device, ask_cpu, find_devices, free_memory
from dem.errors import ConfigError
from dem.io import collect_provenance

QUICK_RUN = {"repeats": 2, "steps": 20, "warm_up": 20, "seconds": 0.2}
USUAL = {"repeats": 3, "steps": 0, "warm_up": 0, "seconds": 1.0}
ROOM = 0.5  # of a device's memory, for parts that are prepared together
TEST_SECONDS = 150.0


class Campaign:
    """What is found, kept in a file after each part."""

    def __init__(self, options: argparse.Namespace, device: Device, console: Console) -> None:
        self.options, self.console = options, console
        self.found: dict[str, Any] = {"made": describe(options, device), "parts": {}}

    def report(self, part: Part, answer: dict[str, Any]) -> None:
        """Keep an answer, and say it."""
        self.found["parts"][part.name] = {"kind": part.kind, "device": part.device} | answer
        why = f": {answer['reason']}" if "reason" in answer else ""
        self.console.print(f"{answer['seconds']:6.0f} s  {part.name} {answer['status']}{why}", highlight=False)
        self.keep()

    def keep(self) -> None:
        """Write the results there are so far."""
        path = self.options.output
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = {path: json.dumps(self.found, indent=1) + "\n", path.with_suffix(".md"): page_of(self.found)}
        for target, text in texts.items():
            part = target.with_name(f"{target.name}.part")
            part.write_text(text)
            part.replace(target)


def describe(options: argparse.Namespace, device: Device) -> dict[str, Any]:
    """What every figure must be read with."""
    known = collect_provenance()
    return {
        "device": device.kind,
        "device_name": device.name,
        "driver": device.driver,
        "memory_bytes": device.memory_bytes,
        "cores": os.cpu_count(),
        "cpu_name": next((found.name for found in find_devices() if found.kind == "cpu"), ""),
        "found": [vars(found) for found in find_devices()],
        "versions": known["versions"],
        "commit": known["git_commit"] if options.commit is None else options.commit,
        "uncommitted_changes": known["git_dirty"],
        "system": known["system"],
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python -m benchmarks.gpu", *sys.argv[1:]]),
        "minutes": options.minutes,
        "is_quick": options.quick,
    }


def run(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Ask all there is time for; what was found."""
    os.environ[SWITCH] = "0"  # the self-check is a part
    clock = Clock(options.minutes)
    device = next(candidates(options.device, "mixed"))
    campaign = Campaign(options, device, console)
    console.print(f"device {device.kind} ({device.name}), {os.cpu_count()} cores", highlight=False)
    if device.kind == "cpu":
        console.print("No GPU here: this runs on the CPU, and compares the CPU with itself.")
    jobs = options.jobs or max(min((os.cpu_count() or 1) // 2, 8), 1)
    scale = QUICK if options.quick else Scale(largest=options.largest)
    shards = max(jobs // 2, 1)
    checks = _wanted(checks_of(device.kind, scale, TEST_SECONDS if options.tests else 0.0, shards), options.parts)
    waves = waves_of(_wanted(timed_of(device.kind, scale), options.parts), jobs, _room(device))
    with tempfile.TemporaryDirectory() as folder:
        numbers = QUICK_RUN if options.quick else USUAL
        settings = numbers | {
            "cache": str(options.cache.resolve()), "folder": folder, "quick": options.quick,
            "compared_steps": scale.compared[1],
        }  # fmt: skip
        run_together(checks, settings, clock, options.jobs or min(os.cpu_count() or 1, 8), campaign.report)
        again = [part for wave in waves for part in run_in_turn(wave, settings, clock, campaign.report)]
        for part in again:
            run_in_turn([part], settings, clock, campaign.report)
    if device.kind == "cpu":
        campaign.report(Part("device against CPU", "none"), left_out("the device is the CPU"))
    campaign.found["made"]["seconds"] = clock.total - clock.left
    campaign.keep()
    return campaign.found


def _wanted(parts: list[Part], names: list[str]) -> list[Part]:
    """Those whose kind is asked for, or all; tiles in any case."""
    return [part for part in parts if not names or part.kind in (*names, "tile")]


def _room(device: Device) -> int:
    """Bytes for parts that are prepared together: they take memory of the host, too."""
    own = device.memory_bytes if device.kind != "cpu" else 0
    return int(ROOM * min(filter(None, (own, free_memory(ask_cpu())))))


def agrees(found: dict[str, Any]) -> bool:
    """Whether nothing that was compared with the CPU differs, and no test failed."""
    results = [(part["kind"], part["result"]) for part in found["parts"].values() if "result" in part]
    return not any(
        (kind == "self_check" and result["problem"])
        or (kind == "agreement" and not result["same"])
        or (kind == "tests" and result["failed"])
        for kind, result in results
    )


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto", help="auto takes the first of cuda, vulkan, metal, cpu")
    parser.add_argument("--minutes", type=float, default=9.0, help="it may take altogether (9)")
    parser.add_argument("--largest", type=int, default=10_000_000, help="bed (10000000)")
    parser.add_argument("--tests", action="store_true", help=f"run quick tests, too, for {TEST_SECONDS:.0f} s at most")
    parser.add_argument("--quick", action="store_true", help="a thousand grains: does it run at all?")
    parser.add_argument("--parts", nargs="+", default=[], metavar="KIND", help="of self_check, tests, agreement, "
                        "speed, batch, few, launches (all)")  # fmt: skip
    parser.add_argument("--jobs", type=int, default=0, help="processes that compile beside each other (half the cores)")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"of settled tiles ({CACHE})")
    parser.add_argument("--commit", help="of this source, where git does not tell")
    parser.add_argument("--output", type=Path, default=Path("outputs") / "gpu.json", help="JSON; a page lies beside it")
    return parser.parse_args(words)


def main() -> int:
    """Run it; 1 if the device and the CPU do not agree, 2 if there is no such device."""
    options, console = parse(), Console()
    try:
        found = run(options, console)
    except ConfigError as error:
        console.print(str(error), highlight=False)
        return 2
    console.print(f"{options.output} and {options.output.with_suffix('.md')}", highlight=False)
    return 0 if agrees(found) else 1


if __name__ == "__main__":
    sys.exit(main())
