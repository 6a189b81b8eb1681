"""A study: many cases, each a fresh `drawbar run` process.

Not a Hydra launcher plugin: those must live in a top-level package `hydra_plugins`, see cases only after Hydra has
composed them, and lose the report when one job fails. Expanding Hydra's sweep grammar ourselves (`cases.py`) and
starting processes is less code and does more: all cases are validated before the first starts, a crash or a hang takes
one case with it, what has its `result.json` under the same config is skipped, and the summary is always written. A
fresh process also frees the GPU's memory; it costs about a second.
"""

import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dem.config import build_config, compose_config
from dem.errors import ConfigError
from dem.launch.cases import Case, make_cases, sweep_settings

SAID_OF_SOIL = ("parameter_sets", "calibration", "sources")
GRACE = 15.0  # seconds a case has to close its files after it was told to stop


@dataclass
class Outcome:
    """How a case ended: done, skipped, failed, timeout or stopped."""

    case: Case
    status: str
    seconds: float = 0.0
    message: str = ""

    @property
    def good(self) -> bool:
        """Whether there is a result."""
        return self.status in ("done", "skipped")


@dataclass
class Study:
    """Cases and how to run them.

    Attributes:
        folder: of the study.
        cases: all validated.
        jobs: processes at once.
        timeout: wall-clock limit of a case [s]; infinite for none.
        command: what starts a run; a test may put its own.
    """

    folder: Path
    cases: list[Case]
    jobs: int = 1
    timeout: float = math.inf
    command: list[str] = field(default_factory=lambda: [sys.executable, "-m", "dem.cli", "run"])
    running: set[subprocess.Popen] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)


def plan_study(arguments: Sequence[str], folder: Path | None, jobs: int, timeout: float) -> Study:
    """Expand and validate every case of a sweep, before anything starts.

    Args:
        arguments: overrides, lists among them.
        folder: of the study; the config's `hydra.sweep.dir` if not given.
        jobs: processes at once.
        timeout: wall-clock limit of a case [s].

    Raises:
        ConfigError: one of the cases is wrong.
    """
    if jobs < 1:
        raise ConfigError(f"--jobs is {jobs}, must be at least 1; give the number of cases to run at once")
    if not timeout > 0:
        raise ConfigError(f"--timeout is {timeout:g}, must be greater than 0; give seconds per case")
    folder = folder or sweep_settings(arguments).folder
    cases = make_cases(arguments, folder)
    for case in cases:
        try:
            build_config(compose_config(case.overrides), case.overrides)
        except ConfigError as error:
            raise ConfigError(f"{error} (in case {case.name}; no case was started)") from None
    return Study(folder=folder, cases=cases, jobs=jobs, timeout=timeout)


def run_study(study: Study, report: Callable[[Outcome], None]) -> list[Outcome]:
    """Run the cases, `jobs` at a time, and return how each ended, in the order of the cases.

    Args:
        study: from `plan_study`.
        report: told of each outcome as it comes.
    """
    outcomes: dict[str, Outcome] = {}
    with ThreadPoolExecutor(max_workers=study.jobs) as pool:
        futures = [pool.submit(_run_one, study, case) for case in study.cases]
        try:
            for future in as_completed(futures):
                outcome = future.result()
                outcomes[outcome.case.name] = outcome
                report(outcome)
        except KeyboardInterrupt:
            _stop(study)
            pool.shutdown(cancel_futures=True)
            raise
    return [outcomes[case.name] for case in study.cases]


def _stop(study: Study) -> None:
    study.stopped.set()
    running = list(study.running)
    for process in running:
        process.terminate()
    for process in running:
        _end(process)


def _run_one(study: Study, case: Case) -> Outcome:
    if study.stopped.is_set():
        return Outcome(case, "stopped")
    if is_done(case):
        return Outcome(case, "skipped")
    case.folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    command = [*study.command, *_child_overrides(study, case)]
    with (case.folder / "stdout.log").open("w") as output:
        # a session of its own: Ctrl-C reaches us alone, and each case is then told once, by SIGTERM
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        study.running.add(process)
        code = _wait(process, study.timeout)
        study.running.discard(process)
    return _judge(case, code, time.monotonic() - start)


def _child_overrides(study: Study, case: Case) -> list[str]:
    quoted = str(case.folder.resolve()).replace("\\", "\\\\").replace("'", "\\'")
    overrides = [*case.overrides, f"hydra.run.dir='{quoted}'"]
    if study.jobs > 1 and not any(text.startswith("device.threads=") for text in case.overrides):
        overrides.append(f"device.threads={max(1, (os.cpu_count() or 1) // study.jobs)}")
    return overrides


def _wait(process: subprocess.Popen, timeout: float) -> int | None:
    """Return the exit code, or None after a timeout; the case is asked to stop before it is killed."""
    try:
        return process.wait(None if math.isinf(timeout) else timeout)
    except subprocess.TimeoutExpired:
        process.terminate()
        _end(process)
        return None


def _end(process: subprocess.Popen) -> None:
    """Wait for a case that was asked to stop, and kill it if it does not."""
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _judge(case: Case, code: int | None, seconds: float) -> Outcome:
    if code is None:
        return Outcome(case, "timeout", seconds, "ran past --timeout")
    if code == 0 and (case.folder / "result.json").exists():
        return Outcome(case, "done", seconds)
    lines = (case.folder / "stdout.log").read_text(errors="replace").splitlines()
    said = [line.removeprefix("drawbar: ") for line in lines if line.startswith("drawbar: ")]
    reason = said[-1] if said else f"exit code {code}, see {case.folder / 'stdout.log'}"
    return Outcome(case, "failed", seconds, reason)


def is_done(case: Case) -> bool:
    """Whether the case has a result that was computed from the very config it has now."""
    recorded = case.folder / ".hydra" / "config.yaml"
    if not ((case.folder / "result.json").exists() and recorded.exists()):
        return False
    try:
        json.loads((case.folder / "result.json").read_text())
        before = OmegaConf.to_container(OmegaConf.load(recorded))
    except (ValueError, OSError):
        return False
    return _what_counts(before) == _what_counts(OmegaConf.to_container(compose_config(case.overrides)))


def _what_counts(config: Any) -> dict[str, Any]:
    """Drop what does not change the results: pictures, the device, its threads, what is said about a soil."""
    kept = {key: value for key, value in config.items() if key not in ("output", "device")}
    kept["soil"] = {key: value for key, value in kept["soil"].items() if key not in SAID_OF_SOIL}
    return {**kept, "precision": config["device"]["precision"]}
