"""Impacts and rebound maps: the suite's cases in double precision."""

import pytest
from suite_cases import IMPACTS, parameters, passes


@pytest.mark.parametrize("name", parameters("double", IMPACTS))
def test_double(name, double):
    passes(name, double)
