"""Exceptions for the host, fault bits for the device.

A message names the field, the value got, the rule, and what to do. Kernels cannot raise: they OR a `Fault` bit into a
field, which the simulation reads at its ticks and turns into a sentence.
"""

from enum import IntFlag


class DemError(Exception):
    """Anything drawbar reports on purpose: shown to the user as one sentence, without a traceback."""


class ConfigError(DemError, ValueError):
    """A number or a name given by the user breaks a rule."""


class StateError(DemError, RuntimeError):
    """A call came in the wrong order, or on a simulation that cannot take it."""


class NumericalError(DemError, RuntimeError):
    """The computation itself went wrong: a particle lost, a value not finite, an overlap too large."""


class DeviceError(DemError, RuntimeError):
    """The device failed: no memory left, lost, or a kernel that it could not carry out."""


class ResultsError(DemError, OSError):
    """A results file is missing, torn, or not one of ours."""


class Fault(IntFlag):
    """What a kernel can report."""

    LARGE_OVERLAP = 1
    NOT_FINITE = 2
    OUT_OF_DOMAIN = 4
    STALE_NEIGHBORS = 8
