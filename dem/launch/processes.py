"""Cases as processes of this machine, each a fresh `drawbar run`, `jobs` of them at a time.

A fresh process keeps a crash or a hang to one case, and frees the GPU's memory; it costs about a second.

Each case's folder has a lock, and the case's process itself holds it until it ends, whatever becomes of the sweep. So a
sweep that was killed leaves its running cases to finish, and the next one waits for them where it comes to them, rather
than write into the same folder; two sweeps of one study share its cases.
"""

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import IO

from dem.io.locks import take_lock
from dem.launch.cases import Case
from dem.launch.sweep import OUTCOME_FILE, Outcome, Study, is_done
from dem.run_files import RESULT_FILE

GRACE = 15.0  # seconds a case has to close its files after it was told to stop
POLL = 0.2  # seconds between checks whether a case ended
WAIT = 1.0  # seconds between checks whether another sweep's case ended
INTERRUPTED = 130
LOG_FILE = "stdout.log"


def run_processes(study: Study, report: Callable[[Outcome], None]) -> None:
    """Run the cases of a study.

    Args:
        study: from `plan_study`.
        report: called with each outcome as it comes.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(max_workers=study.launcher.jobs) as pool:
        futures = [pool.submit(run_one, study, case, stopped) for case in study.cases]
        try:
            for future in as_completed(futures):
                report(future.result())
        except BaseException:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            raise


def run_one(study: Study, case: Case, stopped: threading.Event | None = None) -> Outcome:
    """Run one case, unless it is done, and leave in its folder how it ended.

    Args:
        study: that it belongs to.
        case: to run.
        stopped: set when the sweep is to end.
    """
    stopped = stopped or threading.Event()
    if stopped.is_set():
        return Outcome(case, "stopped")
    study.running[case.name] = time.monotonic()
    with locked(case, stopped) as lock:
        if lock is None:
            outcome = Outcome(case, "stopped")
        else:
            outcome = Outcome(case, "skipped") if is_done(case) else _run(study, case, lock, stopped)
            outcome.write()
    del study.running[case.name]
    return outcome


@contextmanager
def locked(case: Case, stopped: threading.Event) -> Iterator[IO | None]:
    """Wait for the lock of a case's folder; none if the sweep is to end first."""
    case.folder.mkdir(parents=True, exist_ok=True)
    with (case.folder / ".lock").open("w") as lock:
        while not stopped.is_set():
            if take_lock(lock, waits=False):
                yield lock
                return
            stopped.wait(WAIT)
        yield None


def _run(study: Study, case: Case, lock: IO, stopped: threading.Event) -> Outcome:
    """Start the case's process, which inherits the lock, and wait for its end."""
    (case.folder / OUTCOME_FILE).unlink(missing_ok=True)
    start = time.monotonic()
    command = [*study.command, *_child_overrides(study, case)]
    with (case.folder / LOG_FILE).open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and each case is then told once, by SIGTERM
            pass_fds=[lock.fileno()],
            env={**os.environ, "PYTHONFAULTHANDLER": "1"},  # a crash leaves in the log where it was
        )
        status = _wait(process, study.launcher.timeout or math.inf, stopped)
    return judge(case, status or process.returncode, time.monotonic() - start)


def _child_overrides(study: Study, case: Case) -> list[str]:
    quoted = str(case.folder.resolve()).replace("\\", "\\\\").replace("'", "\\'")
    overrides = [*case.overrides, f"hydra.run.dir='{quoted}'"]
    if not any(text.startswith("device.threads=") for text in case.overrides) and (threads := _threads(study)):
        overrides.append(f"device.threads={threads}")
    return overrides


def _threads(study: Study) -> int | None:
    """CPU threads of a case; none leaves it all cores."""
    launcher = study.launcher
    if launcher.threads or launcher.kind == "slurm":
        return launcher.threads or launcher.cpus
    return max(1, (os.cpu_count() or 1) // launcher.jobs) if launcher.jobs > 1 else None


def _wait(process: subprocess.Popen, timeout: float, stopped: threading.Event) -> str | None:
    """Wait for the end of a process; return why it was ended, if it was."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            process.wait(POLL)
            return None
        except subprocess.TimeoutExpired:
            if stopped.is_set() or time.monotonic() > deadline:
                _end(process)
                return "stopped" if stopped.is_set() else "timeout"


def _end(process: subprocess.Popen) -> None:
    """Ask a case to stop, and kill it if it does not."""
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def judge(case: Case, ended: str | int, seconds: float) -> Outcome:
    """Tell how a case ended from its exit code and files.

    Args:
        case: that ended.
        ended: why it was ended, or its exit code.
        seconds: that it took [s].
    """
    if ended == "timeout":
        return Outcome(case, "timeout", seconds, "ran past launcher.timeout")
    if ended == 0 and (case.folder / RESULT_FILE).exists():
        return Outcome(case, "done", seconds)
    status = "stopped" if ended in ("stopped", INTERRUPTED) else "failed"
    log = case.folder / LOG_FILE
    lines = log.read_text(errors="replace").splitlines()
    said = [line.removeprefix("drawbar: ") for line in lines if line.startswith("drawbar: ")]
    return Outcome(case, status, seconds, said[-1] if said else f"{_name_code(ended)}, see {log}")


def _name_code(ended: str | int) -> str:
    if isinstance(ended, str) or ended >= 0:
        return f"ended: {ended}" if isinstance(ended, str) else f"exit code {ended}"
    memory = ", as when memory runs out" if -ended == signal.SIGKILL else ""
    return f"killed by {signal.Signals(-ended).name}{memory}"
