"""Running the suite: choose cases, run each with a report of its own, gather them."""

import logging
import time
from collections.abc import Callable, Sequence

import dem
from dem import backend
from dem.verify.case import CASES, Case, Outcome
from dem.verify.case_report import CaseReport, SimulationCache
from dem.verify.report import Report

log = logging.getLogger(__name__)


def select_cases(names: Sequence[str] = (), full: bool = False, precision: str = "double") -> list[Case]:
    """Cases by name, or all fast ones, or with `full` all; those whose limits this precision cannot keep are left out.

    Raises:
        ConfigError: a name that no case has.
    """
    for name in names:
        if name not in CASES:
            raise dem.ConfigError(f"--case is {name!r}, must be one of {', '.join(CASES)}; correct the name")
    chosen = [CASES[name] for name in names] or [case for case in CASES.values() if full or not case.slow]
    return [case for case in chosen if precision in case.precisions]


def run_suite(
    names: Sequence[str] = (),
    full: bool = False,
    precision: str = "double",
    device: str = "cpu",
    on_outcome: Callable[[Outcome], None] = lambda outcome: None,
) -> Report:
    """Run the suite in a backend session of its own.

    Args:
        names: cases to run; the fast ones if empty.
        full: the slow ones too.
        precision: "double" or "mixed".
        device: as in `dem.start`.
        on_outcome: called after each case.
    """
    cases = select_cases(names, full, precision)
    with dem.start(device=device, precision=precision) as session:
        simulation_cache = SimulationCache()
        outcomes = []
        for case in cases:
            outcomes.append(run_case(case, simulation_cache))
            on_outcome(outcomes[-1])
        return Report(outcomes, precision, session.device)


def run_case(case: Case, simulation_cache: SimulationCache) -> Outcome:
    """Run one case in the running session; a case that raises has failed, with the reason in `problem`."""
    outcome = Outcome(case, backend.current().precision)
    start = time.perf_counter()
    try:
        case.measure(CaseReport(outcome, simulation_cache))
    except Exception as error:  # the other cases are still worth running
        log.debug("case %s raised", case.name, exc_info=True)
        outcome.problem = f"{type(error).__name__}: {error}"
    outcome.seconds = time.perf_counter() - start
    return outcome
