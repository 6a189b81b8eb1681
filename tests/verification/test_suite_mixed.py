"""Cases of the verification suite in mixed precision: a few here, the rest with the slow tests."""

import pytest
from suite_cases import parameters, passes

FAST = ("CO1 two spheres", "CO2 sphere on plane", "CO4 oblique impact", "CO9 restitution of two spheres")


@pytest.mark.parametrize("name", FAST)
def test_mixed(name, mixed):
    passes(name, mixed)


@pytest.mark.slow
@pytest.mark.parametrize("name", [case for case in parameters("mixed") if case.values[0] not in FAST])
def test_mixed_rest(name, mixed):
    passes(name, mixed)
