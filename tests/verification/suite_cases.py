"""Cases of the verification suite as tests; the files that run them hold some sections each: a file is one worker's."""

import pytest

from dem.verify import CASES, run_case

IMPACTS = ("normal impact", "oblique impact", "rebound maps")
MOTION = ("sliding and rolling", "conservation", "linear spring")


def parameters(precision: str, sections: tuple[str, ...] = (), but: tuple[str, ...] = ()) -> list:
    """Names of the cases that run in a precision, of some sections, or of all but some; slow ones are marked."""
    chosen = [case for case in CASES.values() if precision in case.precisions and case.section not in but]
    return [
        pytest.param(case.name, marks=[pytest.mark.slow] if case.slow else [])
        for case in chosen
        if not sections or case.section in sections
    ]


def passes(name: str, simulation_cache) -> None:
    """Run a case and name the rows that fail."""
    outcome = run_case(CASES[name], simulation_cache)
    assert not outcome.problem
    assert outcome.rows
    assert [row for row in outcome.rows if not row.passed] == []
