"""What a study found, in words and numbers: one function a kind of study, by the name that an experiment states.

Add one: a module here with a function of a `Study` that returns a `Finding`, and its line in FINDINGS.
"""

from collections.abc import Callable

from dem.errors import ConfigError
from dem.study.findings.convergence import convergence
from dem.study.findings.finding import Finding
from dem.study.findings.gravity_offset import gravity_offset
from dem.study.findings.scaling_law import scaling_law
from dem.study.findings.sensitivity import sensitivity
from dem.study.findings.slope_slip import slope_slip
from dem.study.load import Study

FINDINGS: dict[str, Callable[[Study], Finding]] = {
    "gravity_offset": gravity_offset,
    "convergence": convergence,
    "slope_slip": slope_slip,
    "scaling_law": scaling_law,
    "resolution": sensitivity,
    "sensitivity": sensitivity,
}


def find(study: Study) -> Finding | None:
    """What a study found so far; None if it does not say how to look.

    Raises:
        ConfigError: there is no such finding.
    """
    name = study.spec.finding
    if name is None:
        return None
    if name not in FINDINGS:
        raise ConfigError(f"study.finding is {name!r}, must be one of {', '.join(FINDINGS)}, or null")
    return FINDINGS[name](study)


__all__ = ["FINDINGS", "Finding", "find"]
