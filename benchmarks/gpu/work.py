"""What answers a part, in a process of its own: `python -m benchmarks.gpu.work PART SETTINGS FILE`.

The answer goes to FILE as JSON. A part that is timed makes FILE.ready when all is compiled, and goes on when a line
comes in: until then others may compile beside it.
"""

import json
import os
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu.launches import counted, kernels_of_a_step
from benchmarks.gpu.parts import FEW, ROOT, Part
from dem import backend
from dem.bench import machine
from dem.bench.measure import (
    Plan,
    kinetic_energy,
    measure_in_turn,
    measure_prepared,
    prepare,
    prepare_alone,
    run_steps,
)
from dem.bench.scenes import DIAMETER, bed_tile, make_scene
from dem.device_check import run_self_check
from dem.device_choice import candidates
from dem.errors import DemError
from dem.taichi_internals import forget_launches, recorded_launches, variable

SAME = {"mixed": 1e-3, "double": 1e-7}  # of a diameter: mean distance of a grain's two places that passes
TASK = re.compile(r"^(?P<kernel>.*)_c\d+_\d+_kernel_(?P<number>\d+)_(?P<kind>\w+)$")
UNREADABLE = re.compile(r"^ERROR (tests/\S+)")  # of a file that could not be imported, for one
OUTCOME = re.compile(r"^(tests/\S+::.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
COUNTED_STEPS = 400

Answer = Iterator[dict[str, Any]]  # an empty one where what follows is timed, then what was found


def tile(part: Part, settings: dict) -> Answer:
    """A settled tile, and how long it took: more is compiling than settling."""
    begun = time.perf_counter()
    known = (Path(settings["cache"]) / f"bed_{part.grains}.npz").exists()
    os.environ[variable("ADVANCED_OPTIMIZATION")] = "0"  # it gains nothing in a scene as small
    bed_tile(part.grains, Path(settings["cache"]))
    yield {"grains": part.grains, "was_there": known, "seconds": time.perf_counter() - begun}


def self_check(part: Part, settings: dict) -> Answer:
    """The scene of dem/self_check.py on the device and on the CPU."""
    yield run_self_check(next(candidates(part.device, part.precision)), part.precision)


def tests(part: Part, settings: dict) -> Answer:
    """Quick tests on the device; what did not end in time is counted, too."""
    log = Path(settings["folder"]) / f"{part.name}.txt".replace(" ", "_")
    options = ["-vv", "--tb=line", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    command = [sys.executable, "-m", "pytest", *options, *part.files]
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"DEM_DEVICE": part.device}, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            process.wait(part.limit)
            ended = True
        except subprocess.TimeoutExpired:
            process.kill()
            ended = False
    yield outcomes(log.read_text(errors="replace")) | {"ended": ended, "files": list(part.files)}


def outcomes(said: str) -> dict[str, Any]:
    """How many tests passed, were skipped and failed, and which, from the lines of pytest."""
    found = [match.groups() for match in map(OUTCOME.match, said.splitlines()) if match]
    counted = [name for name, outcome in found if outcome in ("FAILED", "ERROR")]
    unreadable = [match[1] for match in map(UNREADABLE.match, said.splitlines()) if match]
    failed = list(dict.fromkeys([*counted, *unreadable]))
    passed = sum(outcome in ("PASSED", "XPASS") for _, outcome in found)
    return {
        "passed": passed,
        "failed": failed,
        "left": len(found) - passed - len(counted),
        "last_line": (said.strip().splitlines() or ["no output"])[-1],
    }


def agreement(part: Part, settings: dict) -> Answer:
    """The bed on the device and on the CPU, grain by grain, after as many steps."""
    ends = [_end_of_bed(part, settings, device) for device in (part.device, "cpu")]
    shift = np.linalg.norm(ends[0]["position"] - ends[1]["position"], axis=1) / DIAMETER
    yield {
        "precision": part.precision,
        "particle_count": len(shift),
        "steps": settings["compared_steps"],
        "mean_shift_in_diameters": float(shift.mean()),
        "largest_shift_in_diameters": float(shift.max()),
        "energy_difference": float(ends[0]["energy"] / ends[1]["energy"] - 1),
        "limit": SAME[part.precision],
        "same": bool(np.isfinite(shift).all() and shift.mean() <= SAME[part.precision]),
    }


def _end_of_bed(part: Part, settings: dict, device: str) -> dict[str, Any]:
    scene = make_scene("bed", part.grains, folder=Path(settings["cache"]))
    with backend.start(device, part.precision):
        simulation = scene.simulate()
        run_steps(simulation, settings["compared_steps"])
        return {"position": simulation.snapshot()["position"].astype(float), "energy": kinetic_energy(simulation)}


def speed(part: Part, settings: dict) -> Answer:
    """A scene as `drawbar bench` measures it."""
    begun = time.perf_counter()
    with backend.start(part.device, part.precision):
        started = time.perf_counter() - begun
        prepared = prepare(_maker(part, settings), _plan(settings))
        yield {}
        yield measure_prepared(prepared, started)


def batch(part: Part, settings: dict) -> Answer:
    """Worlds at once, and one after the other."""
    with backend.start(part.device, part.precision):
        prepared = prepare(_maker(part, settings), _plan(settings))
        alone = prepare_alone(prepared.scene, _plan(settings))
        yield {}
        found = measure_prepared(prepared)
        rate = measure_in_turn(alone, prepared.scene)
        found["alone_particle_steps_per_second"] = rate
        yield found | {"batch_over_alone": found["particle_steps_per_second"] / rate}


def few(part: Part, settings: dict) -> Answer:
    """Beds of few grains, in one session."""
    sizes = [size for size in FEW if size <= part.grains]
    with backend.start(part.device, part.precision):
        prepared = [prepare(_maker(replace(part, grains=size), settings), _plan(settings)) for size in sizes]
        yield {}
        yield {"rows": [measure_prepared(one) for one in prepared]}


def launches(part: Part, settings: dict) -> Answer:
    """What the host does in a step, and Taichi's record of launches where it keeps one."""
    os.environ[variable("KERNEL_PROFILER")] = "1"
    scene = _maker(part, settings)()
    steps = settings["steps"] or COUNTED_STEPS
    with backend.start(part.device, part.precision):
        simulation = scene.simulate()
        run_steps(simulation, settings["warm_up"] or scene.warm_up)
        yield {}
        forget_launches()
        with counted() as counts:
            seconds = run_steps(simulation, steps)
        found = {"scene": scene.name, "particle_count": scene.particle_count, "steps": steps, "seconds": seconds}
        found |= {"kernels": sorted(kernels_of_a_step()), "counts": dict(counts)}
        yield found | {"tasks": tasks_of(recorded_launches())} | machine.describe()


def tasks_of(records: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """Launches by task, those that take longest first: how often, and how long altogether [s]."""
    found: dict[str, dict[str, Any]] = {}
    for name, seconds in records:
        parts = TASK.match(name)
        told = f"{parts['kernel']}, task {parts['number']} ({parts['kind']})" if parts else name
        entry = found.setdefault(told, {"task": told, "launches": 0, "seconds": 0.0})
        entry["launches"] += 1
        entry["seconds"] += seconds
    return sorted(found.values(), key=lambda entry: -entry["seconds"])


def _maker(part: Part, settings: dict) -> partial:
    worlds = part.worlds if part.scene == "batch" else 0
    return partial(make_scene, part.scene, part.grains, worlds, Path(settings["cache"]))


def _plan(settings: dict) -> Plan:
    return Plan(
        settings["repeats"],
        settings["steps"],
        settings["warm_up"],
        settings["seconds"],
        copies_little=settings["quick"],
    )


WORK = {one.__name__: one for one in (tile, self_check, tests, agreement, speed, batch, few, launches)}


def main(words: list[str]) -> int:
    """Answer a part; what went wrong is an answer, too."""
    part, settings, path = Part(**json.loads(words[0])), json.loads(words[1]), Path(words[2])
    if settings["quick"]:
        os.environ[variable("ADVANCED_OPTIMIZATION")] = "0"
    try:
        for found in WORK[part.kind](part, settings):
            if not found:
                path.with_suffix(".ready").touch()
                if not sys.stdin.readline():  # whoever asked is gone
                    return 1
        answer = {"status": "done", "result": found}
    except DemError as error:
        answer = {"status": "failed", "reason": str(error)}
    except Exception as error:
        traceback.print_exc()
        answer = {"status": "failed", "reason": f"{type(error).__name__}: {error}".splitlines()[0]}
    path.write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
