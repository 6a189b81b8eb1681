"""`drawbar sweep`, and `drawbar run -m`: options, what is printed, and the exit code."""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from dem.config import take_search_path
from dem.launch.help import EXAMPLES
from dem.launch.report import print_study, tell_gaps
from dem.launch.sweep import plan_study, run_study, write_study
from dem.launch.watch import Watch
from dem.study.spec import StudySpec

log = logging.getLogger(__name__)

FAILED = 1
INTERRUPTED = 130


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.epilog = f"examples:\n{EXAMPLES['sweep']}"
    parser.add_argument(
        "overrides", nargs="*", metavar="OVERRIDE", help="as in run; lists as key=a,b,c or range(0,1,0.2)"
    )
    parser.add_argument("--jobs", type=int, help="cases at once (launcher.jobs, 1); they share the cores")
    parser.add_argument("--timeout", type=float, help="wall-clock seconds a case may take (launcher.timeout, no limit)")
    parser.add_argument("--arms", default="", help="only these of the study, as a,b; a later sweep can add the others")
    parser.add_argument(
        "--study",
        type=Path,
        help="folder of the study (hydra.sweep.dir: the experiment's, or outputs/<scenario>_sweep)",
    )


def run(options: argparse.Namespace) -> int:
    """Sweep; returns 0 if every case has a result, else 1."""
    arms = [name for name in options.arms.split(",") if name]
    return sweep(options.overrides, options.study, options.jobs, options.timeout, arms)


def sweep(
    arguments: Sequence[str],
    folder: Path | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    arms: Sequence[str] = (),
    question: StudySpec | None = None,
) -> int:
    """Plan, run and sum up a study.

    Args:
        arguments: overrides, lists among them.
        folder: of the study; the config's own if not given.
        jobs: cases at once; the launcher's own if not given.
        timeout: wall-clock limit of a case [s]; the launcher's own if not given.
        arms: of the study that are wanted; all if none are named.
        question: what the study asks; as the config says if not given.

    Returns:
        The exit code: 0 if every case has a result.
    """
    arguments = take_search_path(arguments)
    study = plan_study(arguments, folder, jobs, timeout, arms, question)
    console = Console(soft_wrap=True)
    write_study(study)
    said = f"{len(study.cases)} cases in {study.folder}, {study.launcher.jobs} at a time"
    console.print(said, highlight=False, markup=False)
    try:
        with Watch(study, console) as watch:
            outcomes = run_study(study, watch.report)
    except KeyboardInterrupt:
        sys.stderr.write(f"drawbar: interrupted; finished cases stay in {study.folder}, the same command goes on\n")
        return INTERRUPTED
    print_study(outcomes, study.folder)
    if page := write_page(study.folder):
        console.print(f"report: {page}", highlight=False, markup=False)
    has_readings = tell_gaps(study.folder)
    return 0 if has_readings and all(outcome.good for outcome in outcomes) else FAILED


def write_page(folder: Path) -> Path | None:
    """Write the study's page; whatever it fails at, which is said, the cases are there."""
    try:
        return importlib.import_module("dem.study.report").write_report(folder)
    except Exception as error:
        log.debug("no report", exc_info=True)
        said = f"drawbar: all cases are kept, but not their report ({error}); try again: drawbar report {folder}\n"
        sys.stderr.write(said)
        return None
