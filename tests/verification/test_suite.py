"""Every case of the verification suite by its name, in double precision."""

import pytest

import dem
from dem.verify import CASES, run_case


def parameters(precision: str, fast: tuple[str, ...] = ()) -> list:
    """Names of the cases that run in a precision; slow ones are marked, and all but `fast` where those are given."""
    chosen = [case for case in CASES.values() if precision in case.precisions]
    return [
        pytest.param(case.name, marks=[pytest.mark.slow] if case.slow or (fast and case.name not in fast) else [])
        for case in chosen
    ]


def passes(name: str, workshop) -> None:
    """Run a case and name the rows that fail."""
    outcome = run_case(CASES[name], workshop)
    assert not outcome.problem
    assert outcome.rows
    assert [row for row in outcome.rows if not row.passed] == []


@pytest.mark.parametrize("name", parameters("double"))
def test_double(name, double):
    passes(name, double)


def test_unknown_case_is_refused():
    with pytest.raises(dem.ConfigError, match="--case is 'nothing'"):
        dem.verify.select_cases(["nothing"])


@pytest.mark.parametrize("name", CASES)
def test_case_says_whose_numbers_it_meets(name):
    assert CASES[name].source
    assert CASES[name].section
    assert CASES[name].measure.__doc__
