"""Cases of the verification suite in mixed precision: a few here, the rest with the slow tests."""

import pytest
from test_suite import parameters, passes

FAST = ("CO1 two spheres", "CO2 sphere on plane", "CO4 oblique impact", "CO9 restitution of two spheres")


@pytest.mark.parametrize("name", parameters("mixed", FAST))
def test_mixed(name, mixed):
    passes(name, mixed)
