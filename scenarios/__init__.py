"""Experiment procedures, by name. The registry holds where each lives, and imports it only when it is asked for."""

import importlib
from typing import Any

from dem.errors import ConfigError

SCENARIOS = {
    "prepare_bed": ("scenarios.prepare_bed_spec:PrepareBedSpec", "scenarios.prepare_bed:run"),
    "single_wheel": ("scenarios.single_wheel_spec:SingleWheelSpec", "scenarios.single_wheel:run"),
}


def scenario_spec(name: str) -> type:
    """Return the spec class of a scenario."""
    return _load(name, 0)


def scenario_run(name: str) -> Any:
    """Return a scenario's `run(config, folder) -> dict`; this is what imports the engine."""
    return _load(name, 1)


def _load(name: str, place: int) -> Any:
    if name not in SCENARIOS:
        raise ConfigError(
            f"scenario.name is {name!r}, must be one of {', '.join(SCENARIOS)}; choose with scenario=NAME"
        )
    module, attribute = SCENARIOS[name][place].split(":")
    return getattr(importlib.import_module(module), attribute)
