"""Checks that the specs of the tests that lift, tilt and push share. Imports nothing of the engine."""

from typing import Any

from dem.errors import ConfigError
from dem.spec import require_positive


def require_level(config: Any) -> None:
    """Refuse gravity that is not straight down.

    Args:
        config: a `RunConfig`.
    """
    gravity = config.gravity.vector_value()
    if gravity[0] or gravity[1]:
        raise ConfigError(
            f"gravity is {list(gravity)}, scenario={config.scenario.name} needs it straight down; "
            "drop gravity.slope_deg, or the first two numbers of gravity.vector"
        )


def check_push(spec: Any) -> None:
    """Ranges of what plates and cones share."""
    if spec.push_speed is not None:
        require_positive("scenario.push_speed", spec.push_speed, "give m/s, or null to follow gravity")
    if spec.preparation_gravity is not None:
        remedy = "give m/s2 such as 9.81, or null for the run's"
        require_positive("scenario.preparation_gravity", spec.preparation_gravity, remedy)


def require_room(key: str, value: Any, least: float) -> None:
    """Refuse a bed smaller than `least` [m]."""
    if value < least * (1 - 1e-9):
        raise ConfigError(
            f"scenario.{key} is {value:g} m, must be at least {least:g} m for what is pushed into it; enlarge it"
        )
