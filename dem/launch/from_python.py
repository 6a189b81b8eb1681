"""Cases and studies from Python: what `drawbar run` and `drawbar sweep` do, from a script or a notebook."""

import importlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from dem.config import build_config, compose_config, record_config
from dem.errors import ConfigError
from dem.launch import sweep
from dem.launch.given import require_acting
from dem.launch.run import make_pictures, reject_sweeps, run_in_folder
from dem.launch.sweep_command import write_page
from dem.launch.watch import Watch
from dem.run_config import RunConfig

OUTPUTS = Path("outputs")


@dataclass(frozen=True)
class CaseRun:
    """A finished case.

    Attributes:
        folder: with `result.json`, `run.vtkhdf` and pictures.
        config: that it was run from, validated.
        result: what `result.json` holds.
    """

    folder: Path
    config: RunConfig
    result: dict[str, Any]

    def open(self) -> Any:
        """The reader of the results file: time series and frames, see `dem.open_results`."""
        return importlib.import_module("dem.io.run_reader").open_results(self.folder)


@dataclass(frozen=True)
class StudyRun:
    """A finished study.

    Attributes:
        folder: of the study; outcomes: how each case ended.
        report: the page that sums it up, None where it could not be written.
    """

    folder: Path
    outcomes: list[sweep.Outcome]
    report: Path | None

    def table(self) -> Any:
        """The cases as a pandas.DataFrame: what was swept, and the readings of the results with their errors."""
        study = importlib.import_module("dem.study.load").load_study(self.folder)
        return importlib.import_module("dem.study.table").case_table(study)[0]


def run_case(
    scenario: str, *, overrides: Sequence[str] = (), folder: str | os.PathLike[str] | None = None, **choices: str
) -> CaseRun:
    """Run one case, as `drawbar run` does.

    A checkpoint of this case in `folder` is gone on from.

    Args:
        scenario: its name, such as "single_wheel".
        overrides: of single keys, such as "scenario.slip=0.2".
        folder: of the run; a new one under outputs/ if None.
        choices: of config groups, such as gravity="moon", wheel="viper".

    Raises:
        ConfigError: an override is wrong, before anything is computed.
        DemError: the run failed; frames and checkpoints so far stay in the folder.
    """
    given = [f"scenario={scenario}", *(f"{group}={choice}" for group, choice in choices.items()), *overrides]
    reject_sweeps(given)
    composed = compose_config(given)
    config = build_config(composed, given)
    require_acting(given, config)
    place = Path(folder) if folder is not None else OUTPUTS / scenario / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    record_config(composed, given, place)
    with _progress_logged():
        result = run_in_folder(config, place)
    make_pictures(config, place)
    return CaseRun(place, config, result)


def run_study(
    scenario: str,
    *,
    overrides: Sequence[str] = (),
    folder: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    **choices: str | Sequence[Any],
) -> StudyRun:
    """Run a case for each combination of what is listed, as `drawbar sweep` does; finished cases are not run again.

    Args:
        scenario: its name, such as "single_wheel".
        overrides: of single keys; lists are swept, as in "scenario.slip=0.1,0.2,0.3".
        folder: of the study; outputs/SCENARIO_sweep if None.
        jobs: cases at once; they share the cores.
        choices: of config groups; a list is swept, as in gravity=["moon", "earth"].

    Raises:
        ConfigError: one of the cases is wrong; none was started.
    """
    given = [f"scenario={scenario}", *(f"{group}={_listed(choice)}" for group, choice in choices.items()), *overrides]
    study = sweep.plan_study(given, Path(folder) if folder is not None else None, jobs)
    sweep.write_study(study)
    console = Console(stderr=True, soft_wrap=True)
    with Watch(study, console) as watch:
        outcomes = sweep.run_study(study, watch.report)
    return StudyRun(study.folder, outcomes, write_page(study.folder))


def _listed(choice: str | Sequence[Any]) -> str:
    if isinstance(choice, str):
        return choice
    if not choice:
        raise ConfigError("a group is given an empty list, must have one choice or more; drop it, or name them")
    return ",".join(map(str, choice))


@contextmanager
def _progress_logged() -> Iterator[None]:
    """Lines of progress on the standard error output, where nobody has set up logging."""
    if logging.getLogger().handlers:
        yield
        return
    logger, handler = logging.getLogger("dem"), logging.StreamHandler()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
