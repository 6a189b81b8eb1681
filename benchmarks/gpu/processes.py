"""Processes of parts: some beside each other, those that are timed prepared together and measured one by one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.gpu.parts import ROOT, Part
from dem.device_check import SWITCH

LOOK_EVERY = 0.05  # [s]
LEAST = 5.0  # [s] in which a part may be answered; with less left it is left out
MEASURED_WITHIN = 90.0  # [s], once it is prepared
SHARE_TO_PREPARE = 0.6  # of what is left, at most

Report = Callable[[Part, dict[str, Any]], None]


class Clock:
    """The time that the campaign may take."""

    def __init__(self, minutes: float) -> None:
        self.begun, self.total = time.monotonic(), 60.0 * minutes

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.total - (time.monotonic() - self.begun)


class Process:
    """A part that is being answered."""

    def __init__(self, part: Part, settings: dict[str, Any]) -> None:
        self.part, self.begun = part, time.monotonic()
        folder = Path(settings["folder"])
        self.path = folder / f"{part.name}.json".replace(" ", "_").replace(",", "")
        self.log = self.path.with_suffix(".log")
        for left in (self.path, self.path.with_suffix(".ready")):
            left.unlink(missing_ok=True)
        command = [sys.executable, "-m", "benchmarks.gpu.work", json.dumps(asdict(part)), json.dumps(settings)]
        found_in = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        given = {SWITCH: "0", "PYTHONPATH": found_in}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, str(self.path)], cwd=ROOT, env=os.environ | given, text=True, start_new_session=True,
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begun

    @property
    def has_ended(self) -> bool:
        """Whether it answered, or died."""
        return self.process.poll() is not None

    @property
    def is_ready(self) -> bool:
        """Whether it waits to be timed, or has ended."""
        return self.has_ended or self.path.with_suffix(".ready").exists()

    def go(self, limit: float) -> dict[str, Any]:
        """Let it measure; its answer."""
        with suppress(OSError):
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(limit)
            return self.answer()
        return self.stop("timed out", f"it was not measured within {limit:.0f} s")

    def answer(self) -> dict[str, Any]:
        """What it found, or why it found nothing."""
        spent = {"seconds": self.seconds}
        with suppress(OSError, ValueError):
            return json.loads(self.path.read_text()) | spent
        code = self.process.returncode
        how = f"by signal {-code}" if code and code < 0 else f"with {code}"
        said = (self.log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        return {"status": "failed", "reason": f"its process ended {how} ({said})"} | spent

    def stop(self, status: str, reason: str) -> dict[str, Any]:
        """End it and what it started; why."""
        if hasattr(os, "killpg"):
            with suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()
        return {"status": status, "reason": reason, "seconds": self.seconds}


def left_out(reason: str) -> dict[str, Any]:
    """The answer of a part that was not begun."""
    return {"status": "left out", "reason": reason, "seconds": 0.0}


def run_together(parts: list[Part], settings: dict[str, Any], clock: Clock, jobs: int, report: Report) -> None:
    """Answer parts beside each other, at most `jobs` at once, each when what it needs has ended."""
    waiting, running, ended = list(parts), list[Process](), set[str]()
    while waiting or running:
        known = {part.name for part in parts} - ended
        for part in [part for part in waiting if not known.intersection(part.needs)][: jobs - len(running)]:
            waiting.remove(part)
            if clock.left < LEAST:
                report(part, left_out(f"{max(clock.left, 0):.0f} s were left"))
                ended.add(part.name)
            else:
                running.append(Process(part, settings))
        for process in list(running):
            limit = process.part.limit + LEAST  # tests end themselves, and tell what ended before
            if process.has_ended:
                answer = process.answer()
            elif process.seconds > limit or clock.left < 0:
                answer = process.stop("timed out", f"it did not end within {process.seconds:.0f} s")
            else:
                continue
            running.remove(process)
            ended.add(process.part.name)
            report(process.part, answer)
        time.sleep(LOOK_EVERY)


def run_in_turn(wave: list[Part], settings: dict[str, Any], clock: Clock, report: Report) -> list[Part]:
    """Prepare parts beside each other, then measure one after the other; those that lacked memory beside the others."""
    if clock.left < 2 * LEAST:
        for part in wave:
            report(part, left_out(f"{max(clock.left, 0):.0f} s were left"))
        return []
    limit = min(SHARE_TO_PREPARE * clock.left, max(part.limit for part in wave))
    processes = [Process(part, settings) for part in wave]
    while not all(process.is_ready for process in processes) and processes[0].seconds < limit:
        time.sleep(LOOK_EVERY)
    ready = [process for process in processes if process.is_ready]
    for process in processes:
        if process not in ready:
            report(process.part, process.stop("timed out", f"it was not prepared within {limit:.0f} s"))
    again = []
    for process in ready:
        if process.has_ended or clock.left > LEAST:
            answer = process.answer() if process.has_ended else process.go(min(clock.left, MEASURED_WITHIN))
        else:
            answer = process.stop("left out", f"it was prepared, but {max(clock.left, 0):.0f} s were left to measure")
        if len(wave) > 1 and answer["status"] == "failed" and "memory" in answer["reason"]:
            again.append(process.part)
        else:
            report(process.part, answer)
    return again
