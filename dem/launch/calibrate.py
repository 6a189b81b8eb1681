"""Calibration: the grains' friction, rolling friction and preparation friction with which a test shows its targets.

Space-specimen trials first (a Kronecker sequence), then in turn: the point where response surfaces promise the least
misfit, a draw from the points they find likely, and one of Optuna's tree-structured Parzen estimators (Bergstra et al.,
NIPS 2011), which trusts no surface. Optuna keeps the record of the session by ask and tell; what lasts are the folders.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from dem.errors import NumericalError
from dem.launch.calibration_plan import CalibrationPlan
from dem.launch.trials import Trial, recall_trials, run_trials
from dem.measure.response import Posterior, ResponseSurface, find_posterior

DIGITS = 4  # of a parameter: what the config, the folder and the soil file say is the same number
STARTERS_PER_PARAMETER = 2  # space-specimen trials: 3 for surfaces to have slopes, 6 for three parameters
SURFACE_TRIALS = 4  # done trials from which surfaces are believed


@dataclass
class Found:
    """What a calibration found.

    Attributes:
        trials: all, in order.
        best: of the least misfit.
        posterior: which parameters fit.
    """

    trials: list[Trial]
    best: Trial
    posterior: Posterior


def calibrate(plan: CalibrationPlan, report: Callable[[Trial], None]) -> Found:
    """Search; goes on from the trials that the study's folder holds.

    Args:
        plan: from `plan_calibration`.
        report: called with each trial as it ends.

    Raises:
        NumericalError: too few trials gave a result.
    """
    trials = recall_trials(plan)
    again = [trial for trial in trials if trial.status != "failed"]
    run_trials(plan, again, report)  # skips what is done, and runs what was interrupted
    for trial in trials:
        if trial not in again:
            report(trial)
    while len(trials) < plan.trial_count:
        batch = propose(plan, trials, min(plan.jobs, plan.trial_count - len(trials)))
        run_trials(plan, batch, report)
        trials += batch
    done = [trial for trial in trials if trial.is_done]
    if len(done) < SURFACE_TRIALS:
        logs = plan.folder / "trial_*/stdout.log"
        raise NumericalError(f"{len(done)} of {len(trials)} trials gave a result, too few to tell; read {logs}")
    best = min(done, key=lambda trial: trial.misfit)
    return Found(trials, best, posterior_of(plan, done))


def propose(plan: CalibrationPlan, trials: Sequence[Trial], count: int) -> list[Trial]:
    """Propose the next trials.

    Args:
        plan: of the calibration.
        trials: ended.
        count: how many to propose.
    """
    study = _study_of(plan, trials)
    done = [trial for trial in trials if trial.is_done]
    first = max((trial.number for trial in trials), default=-1) + 1
    proposed = []
    for number in range(first, first + count):
        point = _point(plan, done, number)
        if point is not None:
            study.enqueue_trial(to_parameters(plan, point))
        requested = study.ask(_distributions(plan))
        parameters = {key: _rounded(value) for key, value in requested.params.items()}
        proposed.append(Trial(number, parameters, plan.folder / f"trial_{number:03d}"))
    return proposed


def _point(plan: CalibrationPlan, done: Sequence[Trial], number: int) -> np.ndarray | None:
    """Where to try next, scaled to [-1, 1]; None leaves it to Optuna."""
    width = len(plan.search)
    if number < STARTERS_PER_PARAMETER * width or len(done) < SURFACE_TRIALS:
        return _kronecker(number, width)
    if number % 3 == 2:
        return None
    posterior = posterior_of(plan, done)
    return posterior.best if number % 3 == 0 else posterior.draw(seed=number)


def _kronecker(number: int, width: int) -> np.ndarray:
    """Point of an even sequence, by powers of the root of x^(p+1) = x + 1, scaled to [-1, 1]."""
    root = 1.5
    for _ in range(50):
        root = (1.0 + root) ** (1.0 / (width + 1))
    return 2.0 * ((0.5 + (number + 1) * root ** -np.arange(1.0, width + 1)) % 1.0) - 1.0


def posterior_of(plan: CalibrationPlan, done: Sequence[Trial]) -> Posterior:
    """Response surfaces through the done trials, and the points at which they meet the targets."""
    points = np.array([to_point(plan, trial.parameters) for trial in done])
    surfaces = [
        ResponseSurface(points, np.array([trial.measured[target.key][0] for trial in done])) for target in plan.targets
    ]
    values, tolerances = zip(*((target.value, target.tolerance) for target in plan.targets), strict=True)
    return find_posterior(surfaces, values, tolerances, seed=len(done))


def to_point(plan: CalibrationPlan, parameters: dict[str, float]) -> np.ndarray:
    """Parameters scaled to [-1, 1], by their logarithms (p,)."""
    spans = [(math.log(parameters[key]), *np.log(span)) for key, span in plan.search.items()]
    return np.array([2.0 * (value - low) / (high - low) - 1.0 for value, low, high in spans])


def to_parameters(plan: CalibrationPlan, point: Sequence[float] | np.ndarray) -> dict[str, float]:
    """Parameters at a scaled point."""
    spans = zip(plan.search.items(), point, strict=True)
    return {key: _rounded(low * (high / low) ** (0.5 * (float(x) + 1.0))) for (key, (low, high)), x in spans}


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _distributions(plan: CalibrationPlan) -> dict[str, optuna.distributions.BaseDistribution]:
    # a hair wider than the search: rounding must not put a parameter outside
    hair = 10.0**-DIGITS
    spans = plan.search.items()
    return {
        key: optuna.distributions.FloatDistribution(low * (1 - hair), high * (1 + hair), log=True)
        for key, (low, high) in spans
    }


def _study_of(plan: CalibrationPlan, trials: Sequence[Trial]) -> optuna.Study:
    """Optuna's study of the trials so far; seeded by their number, so that a session that goes on asks for others."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            seed=len(trials), n_startup_trials=0, multivariate=True, constant_liar=True
        )
    study = optuna.create_study(sampler=sampler)
    for trial in trials:
        state = optuna.trial.TrialState.COMPLETE if trial.is_done else optuna.trial.TrialState.FAIL
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                params=trial.parameters,
                distributions=_distributions(plan),
                value=trial.misfit if trial.is_done else None,
            )
        )
    return study
