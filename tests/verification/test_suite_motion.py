"""Sliding, rolling, springs and conservation: the suite's cases in double precision."""

import pytest
from suite_cases import MOTION, parameters, passes


@pytest.mark.parametrize("name", parameters("double", MOTION))
def test_double(name, double):
    passes(name, double)
