"""Functions of dem/maths.py against NumPy, the device's own and those worked out where it has none."""

import numpy as np
import pytest

import dem
from dem import maths
from dem.backend import ti, types

ANGLES = np.concatenate([np.linspace(-7.0, 7.0, 4001), 10.0 ** np.linspace(-12, 4, 500), [0.0, np.pi / 4, np.pi / 2]])


@pytest.fixture(params=["double", "mixed"])
def precision(request, device):
    """A session in which a literal has 64 bits, and one in which it has 32 and must not be used for more."""
    with dem.start(device, request.param, threads=1):
        yield


@pytest.fixture(params=[True, False], ids=["its own", "worked out"])
def way(request, precision, monkeypatch):
    """Functions as they come with the device, if they do, and as worked out."""
    if request.param and not types.has_functions:
        pytest.skip("the device has no such functions of 64 bits")
    monkeypatch.setattr(types, "has_functions", request.param)


def test_sine_and_cosine_are_right_to_the_last_bits(way, evaluate):
    near = np.abs(ANGLES) < 10.0
    for func, expected in ((maths.sine, np.sin(ANGLES)), (maths.cosine, np.cos(ANGLES))):
        error = np.abs(evaluate(func, ANGLES, returns=(1,)) - expected)
        assert error[near].max() < 2e-16
        assert error.max() < 1e-15


def test_the_sine_of_a_small_angle_keeps_its_digits(way, evaluate):
    small = ANGLES[(ANGLES > 0) & (ANGLES < 0.1)]
    np.testing.assert_allclose(evaluate(maths.sine, small, returns=(1,)), np.sin(small), rtol=3e-16)


def test_cube_root_is_right_to_the_last_bits(way, evaluate):
    values = np.concatenate([10.0 ** np.linspace(-9, 6, 2001), [0.0, 1.0, 8.0, 27.0]])
    # In mixed precision the exponent, a literal, has 32 bits, as have the radii whose root is taken.
    few = types.has_functions and types.real == ti.f32
    np.testing.assert_allclose(
        evaluate(maths.cube_root, values, returns=(1,)), np.cbrt(values), rtol=5e-7 if few else 2e-15
    )
