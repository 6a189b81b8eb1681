"""The suite's other cases in double precision, and what the suite says of itself."""

import pytest
from suite_cases import IMPACTS, MOTION, parameters, passes

import dem
from dem.verify import CASES


@pytest.mark.parametrize("name", parameters("double", but=(*IMPACTS, *MOTION)))
def test_double(name, double):
    passes(name, double)


def test_unknown_case_is_rejected():
    with pytest.raises(dem.ConfigError, match="--case is 'nothing'"):
        dem.verify.select_cases(["nothing"])


@pytest.mark.parametrize("name", CASES)
def test_case_says_whose_numbers_it_meets(name):
    assert CASES[name].source
    assert CASES[name].section
    assert CASES[name].measure.__doc__
