"""Trials of a calibration: runs in folders of their own, which are all there is to remember.

`trial_007/trial.json` says which parameters were tried and how it ended; what was measured is in its `result.json`. So
a study goes on from its folders alone, and may be scored anew under other targets.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dem.errors import ConfigError
from dem.launch.calibration_plan import CalibrationPlan, Target
from dem.launch.cases import Case
from dem.launch.sweep import Outcome, Study, run_study
from dem.run_files import RESULT_FILE
from dem.spec import LauncherSpec

RECORD = "trial.json"
SETTINGS = "settings.json"
NOT_COMPARED = ("device.", "device=", "output.", "output=")  # they do not change what a trial measures


@dataclass
class Trial:
    """One set of parameters, and what came of it.

    Attributes:
        number: in the order they were asked for.
        parameters: values by key of the soil.
        folder: of the run.
        status: done, failed, or open while it has not ended.
        seconds: that it took.
        message: why it failed.
        measured: mean and standard error by target's key, in the target's unit.
        misfit: root mean square of the misses in tolerances [-]; infinite if it failed.
    """

    number: int
    parameters: dict[str, float]
    folder: Path
    status: str = "open"
    seconds: float = 0.0
    message: str = ""
    measured: dict[str, tuple[float, float]] = field(default_factory=dict)
    misfit: float = math.inf

    @property
    def is_done(self) -> bool:
        """Whether it measured what was wanted."""
        return self.status == "done"

    def write(self) -> None:
        """Put into its folder what a later session must know."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = {key: getattr(self, key) for key in ("parameters", "status", "seconds", "message")}
        (self.folder / RECORD).write_text(json.dumps(kept, indent=1) + "\n")

    def score(self, targets: Sequence[Target]) -> None:
        """Read what the run measured; a result without a target's number counts as a failure."""
        try:
            fit = json.loads((self.folder / RESULT_FILE).read_text())["fit"]
            self.measured = {target.key: target.read(fit) for target in targets}
        except (OSError, ValueError, KeyError) as error:
            self.status, self.message = "failed", f"result.json has no fit of {error}"
            return
        misses = [(self.measured[target.key][0] - target.value) / target.tolerance for target in targets]
        self.misfit = math.sqrt(sum(miss**2 for miss in misses) / len(misses))
        if not math.isfinite(self.misfit):
            self.status, self.message, self.misfit = "failed", "a target was measured as not a number", math.inf


def recall_trials(plan: CalibrationPlan) -> list[Trial]:
    """Read the trials of an earlier session from their folders.

    Raises:
        ConfigError: the folder holds trials that were made under other settings.
    """
    settings = sorted(text for text in plan.settings if not text.startswith(NOT_COMPARED))
    path = plan.folder / SETTINGS
    if path.exists() and (before := json.loads(path.read_text())) != settings:
        raise ConfigError(
            f"--study {plan.folder} holds trials made with {' '.join(before)}, must be {' '.join(settings)}; "
            "give another folder, or the same overrides"
        )
    plan.folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings) + "\n")
    trials = []
    for record in sorted(plan.folder.glob(f"trial_*/{RECORD}")):
        number = int(record.parent.name.removeprefix("trial_"))
        trials.append(Trial(number, folder=record.parent, **json.loads(record.read_text())))
    return trials


def run_trials(plan: CalibrationPlan, trials: Sequence[Trial], report: Callable[[Trial], None]) -> None:
    """Run trials side by side, and score them. One with a result under the very same config is not run again.

    Args:
        plan: with the targets.
        trials: their status, measures and misfit are filled in.
        report: called with each trial that has ended.
    """
    by_name = {trial.folder.name: trial for trial in trials}
    cases = [Case(name, plan.overrides(trial.parameters), trial.folder) for name, trial in by_name.items()]
    for trial in trials:
        if not (trial.folder / RECORD).exists():
            trial.write()
    launcher = LauncherSpec(jobs=plan.jobs, timeout=plan.timeout if math.isfinite(plan.timeout) else None)
    study = Study(plan.folder, cases, launcher, plan.command)
    run_study(study, lambda outcome: _end(by_name[outcome.case.name], outcome, plan.targets, report))


def _end(trial: Trial, outcome: Outcome, targets: Sequence[Target], report: Callable[[Trial], None]) -> None:
    if outcome.status != "skipped":
        trial.seconds, trial.message = round(outcome.seconds, 1), outcome.message
    trial.status = "done" if outcome.good else "failed"
    trial.write()  # before the score: other targets may be read from the same result
    if outcome.good:
        trial.score(targets)
    report(trial)


def confirm(plan: CalibrationPlan, best: Trial, settings: Mapping[str, int]) -> Trial:
    """Run the best parameters again with specimens that the search has not seen: the best of many is also the luckiest.

    Args:
        plan: of the calibration.
        best: trial to confirm.
        settings: seed and repeats of its specimens.

    Returns:
        The trial of the new specimens.
    """
    fresh = f"scenario.seed={settings['seed'] + settings['repeats']}"
    kept = [text for text in plan.settings if not text.startswith("scenario.seed=")]
    again = CalibrationPlan(**{**vars(plan), "settings": [*kept, fresh]})
    trial = Trial(best.number, dict(best.parameters), plan.folder / f"confirmation_{best.number:03d}")
    run_trials(again, [trial], lambda ended: None)
    return trial


def now() -> str:
    """Today's date in ISO format."""
    return time.strftime("%Y-%m-%d")
