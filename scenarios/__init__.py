"""Scenarios: one folder each, with the keys a user may set in `spec.py` and what is done in `procedure.py`.

Folder `direct_shear` holds the classes `DirectShearSpec` and `DirectShear`. They are imported only when asked for.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dem.errors import ConfigError

if TYPE_CHECKING:
    from dem.experiment import Experiment
    from dem.run_config import ScenarioSpec

SHARED = "shared"  # what several scenarios use
SCENARIOS = tuple(
    sorted(path.parent.name for path in Path(__file__).parent.glob("*/procedure.py") if path.parent.name != SHARED)
)


def scenario_spec(name: str) -> "type[ScenarioSpec]":
    """Return the spec class of a scenario."""
    return _find(name, "spec", "Spec")


def scenario_experiment(name: str) -> "type[Experiment]":
    """Return the class of a scenario's experiment; this is what imports the engine."""
    return _find(name, "procedure", "")


def _find(name: str, module: str, suffix: str) -> Any:
    if name not in SCENARIOS:
        raise ConfigError(
            f"scenario.name is {name!r}, must be one of {', '.join(SCENARIOS)}; choose with scenario=NAME"
        )
    class_name = "".join(word.capitalize() for word in name.split("_")) + suffix
    return getattr(importlib.import_module(f"scenarios.{name}.{module}"), class_name)
