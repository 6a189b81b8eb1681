"""A study: many cases, each validated before the first starts, and run by the launcher that the config chooses.

Not a Hydra launcher plugin: those must live in a top-level package `hydra_plugins`, see cases only after Hydra has
composed them, and lose the report when one job fails. Expanding Hydra's sweep grammar ourselves (`cases.py`) is less
code and does more: a crash or a hang takes one case with it, what has its `result.json` under the same config is
skipped, and the summary is always written.
"""

import importlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dem.config import build_config, compose_config
from dem.errors import ConfigError, ResultsError
from dem.identity import digest, identity
from dem.io.files import replace_whole
from dem.launch.cases import Case, make_cases, sweep_settings
from dem.launch.given import require_acting
from dem.renamed import current_config
from dem.run_files import RESULT_FILE
from dem.spec import LauncherSpec
from dem.study.spec import StudySpec

OUTCOME_FILE = "outcome.json"
STUDY_FILE = "study.json"
FORMAT = 1  # of the study file
COMMAND = [sys.executable, "-m", "dem.cli", "run", "--again"]
LAUNCHERS = {
    "process": ("dem.launch.processes", "run_processes"),
    "batch": ("dem.launch.batch", "run_batch"),
    "slurm": ("dem.launch.slurm", "run_slurm"),
}


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

    def write(self) -> None:
        """Leave in the case's folder how it ended; one that was skipped ended before, well."""
        kept = {"status": self.status, "seconds": round(self.seconds, 1), "message": self.message}
        if self.status == "skipped":
            before = read_outcome(self.case)
            if before and before.status == "done":
                return
            kept |= {"status": "done", "message": "ended unwatched"}
        _write_json(self.case.folder / OUTCOME_FILE, kept)


def read_outcome(case: Case) -> Outcome | None:
    """Return how a case ended when it last ran, if it did."""
    try:
        return Outcome(case, **json.loads((case.folder / OUTCOME_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


@dataclass
class Study:
    """Cases and how to run them.

    Attributes:
        folder: of the study.
        cases: all validated.
        launcher: how they are run.
        command: what starts a run; a test may put its own.
        spec: what the study asks.
        arguments: overrides of the sweep.
        experiment: that it is, or none.
        running: when each case that runs now started, on the monotonic clock [s]; launchers keep it.
    """

    folder: Path
    cases: list[Case]
    launcher: LauncherSpec = field(default_factory=LauncherSpec)
    command: list[str] = field(default_factory=lambda: list(COMMAND))
    spec: StudySpec = field(default_factory=StudySpec)
    arguments: list[str] = field(default_factory=list)
    experiment: str | None = None
    running: dict[str, float] = field(default_factory=dict)


def plan_study(
    arguments: Sequence[str],
    folder: Path | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    arms: Sequence[str] = (),
    question: StudySpec | None = None,
) -> Study:
    """Expand and validate every case of a sweep, before anything starts.

    Args:
        arguments: overrides, lists among them.
        folder: of the study; the config's `hydra.sweep.dir` if not given.
        jobs: cases at once; the launcher's own if not given.
        timeout: wall-clock limit of a case [s]; the launcher's own if not given.
        arms: of the study that are wanted; all if none are named.
        question: what the study asks; as the config says if not given.

    Raises:
        ConfigError: one of the cases is wrong.
    """
    settings = sweep_settings(arguments)
    settings.study = question or settings.study
    given: dict[str, Any] = {"jobs": jobs, "timeout": timeout}
    launcher = replace(settings.launcher, **{key: value for key, value in given.items() if value is not None})
    folder = folder or settings.folder
    cases = make_cases(arguments, folder, settings, arms)
    for case in cases:
        try:
            require_acting(case.overrides, build_config(compose_config(case.overrides), case.overrides))
        except ConfigError as error:
            raise ConfigError(f"{error} (in case {case.name}; no case was started)") from None
    return Study(
        folder, cases, launcher, spec=settings.study, arguments=list(arguments), experiment=settings.experiment
    )


def write_study(study: Study) -> Path:
    """Write `study.json`, which says what is asked and which cases there are; those of earlier sweeps stay in it.

    Raises:
        ResultsError: there is one that cannot be read.
    """
    path = study.folder / STUDY_FILE
    cases = {}
    if path.exists():
        try:
            cases = {case["name"]: case for case in json.loads(path.read_text())["cases"]}
        except (ValueError, KeyError, TypeError) as error:
            raise ResultsError(f"{path} cannot be read ({error!r}); move it away, or give another --study") from None
    for case in study.cases:
        cases[case.name] = {key: value for key, value in asdict(case).items() if key != "folder"}
    content = {
        "format": FORMAT,
        "experiment": study.experiment,
        "study": asdict(study.spec),
        "command": study.arguments,
        "cases": list(cases.values()),
    }
    _write_json(path, content)
    return path


def _write_json(path: Path, content: Any) -> None:
    with replace_whole(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n")


def run_study(study: Study, report: Callable[[Outcome], None]) -> list[Outcome]:
    """Run the cases, and return how each ended, in the order of the cases.

    Args:
        study: from `plan_study`.
        report: called with each outcome as it comes.

    Raises:
        ConfigError: the launcher cannot run here.
    """
    outcomes: dict[str, Outcome] = {}

    def note(outcome: Outcome) -> None:
        outcomes[outcome.case.name] = outcome
        report(outcome)

    _find_launcher(study.launcher.kind)(study, note)
    return [outcomes[case.name] for case in study.cases]


def _find_launcher(kind: str) -> Callable[[Study, Callable[[Outcome], None]], Any]:
    place, name = LAUNCHERS[kind]
    try:
        return getattr(importlib.import_module(place), name)
    except ModuleNotFoundError as error:
        if error.name != place:
            raise
        raise ConfigError(f"launcher is '{kind}', which this drawbar does not have; use launcher=process") from None


def is_done(case: Case) -> bool:
    """Whether the case has a result that was computed from a config of the same identity as it has now.

    A result that does not tell its identity, or that lacks keys which drawbar has had since, is known by the config
    that was recorded with it.
    """
    try:
        result = json.loads((case.folder / RESULT_FILE).read_text())
        recorded = current_config(
            cast(dict, OmegaConf.to_container(OmegaConf.load(case.folder / ".hydra" / "config.yaml")))
        )
    except (ValueError, OSError):
        return False
    composed = compose_config(case.overrides)
    now = identity(build_config(composed, case.overrides))
    if result.get("identity") == digest(now):
        return True
    try:
        before = build_config(cast(DictConfig, OmegaConf.merge(composed, _with_new_keys(recorded, composed))), [])
    except (ConfigError, OmegaConfBaseException):
        return False
    return identity(before) == now


def _with_new_keys(before: Any, now: DictConfig) -> Any:
    """Give an older config the keys that it did not have, at the defaults of their specs: so it ran."""
    spec = OmegaConf.get_type(now)
    defaults: Any = OmegaConf.to_container(OmegaConf.structured(spec)) if is_dataclass(spec) else {}
    filled = {**defaults, **before}
    for key in now:
        if isinstance(filled.get(key), dict) and OmegaConf.is_dict(now[key]):
            filled[key] = _with_new_keys(filled[key], now[key])
    return filled
