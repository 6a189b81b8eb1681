"""One run of a scenario, from its config to its result; this imports the engine."""

from pathlib import Path
from typing import Any

import dem
from dem.experiment import run_experiment
from dem.run_config import RunConfig
from scenarios import scenario_experiment


def run_scenario(config: RunConfig, folder: Path) -> dict[str, Any]:
    """Run the scenario of a config.

    Args:
        config: of the run.
        folder: where `run.vtkhdf` goes; a checkpoint of this config in it is gone on from.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads, config.scenario.expected_grains(config)):
        return run_experiment(scenario_experiment(config.scenario.name)(config), folder)
