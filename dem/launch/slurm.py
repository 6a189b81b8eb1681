"""Cases as jobs of one array on a Slurm cluster, submitted through submitit.

A job does what a process of this machine would (`processes.run_one`), and leaves `outcome.json` in the case's folder,
which is how its end is known here: nothing is asked of Slurm's accounting. The queue is asked which jobs are left, so
one that ended without a word (its node was lost) is told as failed. Jobs outlive a sweep that is killed: its next start
finds their numbers in the folders and waits for them.
"""

import functools
import importlib
import math
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from dem.errors import ConfigError
from dem.launch.cases import Case
from dem.launch.processes import GRACE, run_one
from dem.launch.sweep import OUTCOME_FILE, Outcome, Study, is_done, read_outcome
from dem.spec import LauncherSpec

JOB_FILE = ".slurm_job"
LOGS = "slurm"  # folder of submitit's own files, in the study's
POLL = 2.0  # seconds between checks for outcomes
ASK = 10.0  # seconds between questions to the queue
PATIENCE = 40.0  # seconds that a cancelled job may take to leave the queue, and an outcome to be seen here after that
WARNING = 90  # seconds before a job's limit at which submitit wants to be told
GONE = "invalid job id"  # what squeue says when it has forgotten all the jobs it is asked about


def run_slurm(study: Study, report: Callable[[Outcome], None]) -> None:
    """Run the cases of a study.

    Args:
        study: from `plan_study`.
        report: called with each outcome as it comes.

    Raises:
        ConfigError: there is no Slurm here, or no submitit, or Slurm rejects the jobs.
    """
    submitit = _find_submitit()
    left: dict[str, Case] = {}
    for case in study.cases:
        if is_done(case):
            outcome = Outcome(case, "skipped")
            outcome.write()
            report(outcome)
        else:
            left[case.name] = case
    jobs = _recall_jobs(left)
    try:
        jobs |= _submit(submitit, study, [case for name, case in left.items() if name not in jobs])
        _wait(study, left, jobs, report)
    except BaseException:
        _cancel({name: jobs[name] for name in left if name in jobs}, left)
        raise


def _find_submitit() -> ModuleType:
    if not shutil.which("sbatch"):
        raise ConfigError("launcher is 'slurm', but this machine has no sbatch; use launcher=process, or a login node")
    try:
        return importlib.import_module("submitit")
    except ModuleNotFoundError:
        raise ConfigError(
            "launcher is 'slurm', which needs submitit; install it with pip install 'drawbar[slurm]'"
        ) from None


def _submit(submitit: ModuleType, study: Study, cases: list[Case]) -> dict[str, str]:
    """Submit cases as one array; return the numbers of their jobs."""
    if not cases:
        return {}
    for case in cases:
        case.folder.mkdir(parents=True, exist_ok=True)
        (case.folder / OUTCOME_FILE).unlink(missing_ok=True)
    executor = submitit.SlurmExecutor(folder=study.folder.resolve() / LOGS)
    executor.update_parameters(**slurm_parameters(study.launcher))
    try:
        submitted = executor.map_array(functools.partial(run_one, study), cases)
    except submitit.core.utils.FailedJobError as error:
        raise ConfigError(f"Slurm rejects the jobs ({_last_line(error)}); change launcher.partition, ...") from None
    jobs = {case.name: str(job.job_id) for case, job in zip(cases, submitted, strict=True)}
    for case in cases:
        (case.folder / JOB_FILE).write_text(jobs[case.name])
    return jobs


def slurm_parameters(launcher: LauncherSpec) -> dict[str, Any]:
    """Return what submitit is told of the jobs; their limit lets a case end by its own timeout first."""
    seconds = (launcher.timeout or 0.0) + WARNING + 2.0 * GRACE
    requested = {
        "job_name": "drawbar",
        "array_parallelism": launcher.jobs,
        "time": math.ceil(seconds / 60.0),
        "signal_delay_s": WARNING,
        "cpus_per_task": launcher.cpus,
        "partition": launcher.partition,
        "mem": launcher.memory,
        "gpus_per_node": launcher.gpus or None,
        "additional_parameters": dict(option.split("=", 1) for option in launcher.options),
    }
    return {name: value for name, value in requested.items() if value is not None}


def _wait(study: Study, left: dict[str, Case], jobs: Mapping[str, str], report: Callable[[Outcome], None]) -> None:
    """Report each case as its outcome is there, until none is left."""
    seen = {name: time.monotonic() for name in left}  # when its job was last known to be in the queue
    requested = -math.inf
    while left:
        if time.monotonic() - requested > ASK:
            requested = time.monotonic()
            _check_queue(study, left, jobs, seen)
        for name, case in list(left.items()):
            outcome = read_outcome(case)
            if outcome is None and time.monotonic() - seen[name] > ASK + PATIENCE:
                logs = study.folder / LOGS / f"{jobs[name]}_*"
                outcome = Outcome(case, "failed", message=f"Slurm's job {jobs[name]} ended without a word, see {logs}")
                outcome.write()
            if outcome is not None:
                del left[name]
                study.running.pop(name, None)
                (case.folder / JOB_FILE).unlink(missing_ok=True)
                report(outcome)
        time.sleep(POLL if left else 0.0)


def _check_queue(study: Study, left: Mapping[str, Case], jobs: Mapping[str, str], seen: dict[str, float]) -> None:
    """Note which jobs are still in the queue, and which of them run."""
    states = _queue(jobs.values())
    for name in left:
        if states is None or jobs[name] in states:
            seen[name] = time.monotonic()
        if states and states.get(jobs[name]) == "RUNNING":
            study.running.setdefault(name, time.monotonic())


def _recall_jobs(left: Mapping[str, Case]) -> dict[str, str]:
    """Return the jobs of an earlier sweep that are still in the queue."""
    files = {name: case.folder / JOB_FILE for name, case in left.items()}
    jobs = {name: file.read_text().strip() for name, file in files.items() if file.exists()}
    states = _queue(jobs.values())
    return {name: job for name, job in jobs.items() if states is None or job in states}


def _cancel(jobs: Mapping[str, str], cases: Mapping[str, Case]) -> None:
    """Cancel jobs, and wait until their cases have closed their files and left the queue."""
    _call("scancel", *jobs.values())
    deadline = time.monotonic() + PATIENCE
    while set(jobs.values()) & set(_queue(jobs.values()) or {}) and time.monotonic() < deadline:
        time.sleep(POLL)
    for name in jobs:
        (cases[name].folder / JOB_FILE).unlink(missing_ok=True)


def _queue(jobs: Iterable[str]) -> dict[str, str] | None:
    """Return the states of those jobs that are in the queue, by number; none if it does not answer."""
    arrays = sorted({job.split("_")[0] for job in jobs})
    if not arrays:
        return {}
    done = _call("squeue", "--noheader", "--array", "--format=%i %T", f"--jobs={','.join(arrays)}")
    if done.returncode != 0:
        return {} if GONE in done.stderr.lower() else None
    return dict(line.split() for line in done.stdout.splitlines())


def _call(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, text=True, check=False)


def _last_line(error: Exception) -> str:
    return next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
