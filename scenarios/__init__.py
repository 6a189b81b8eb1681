"""Experiment procedures, by name. The registry holds where each lives, and imports it only when it is asked for."""

import importlib
from typing import Any

from dem.errors import ConfigError

SCENARIOS = {
    "annular_shear": ("scenarios.annular_shear_spec:AnnularShearSpec", "scenarios.annular_shear:run"),
    "direct_shear": ("scenarios.direct_shear_spec:DirectShearSpec", "scenarios.direct_shear:run"),
    "cone_penetrometer": ("scenarios.cone_penetrometer_spec:ConePenetrometerSpec", "scenarios.cone_penetrometer:run"),
    "plate_sinkage": ("scenarios.plate_sinkage_spec:PlateSinkageSpec", "scenarios.plate_sinkage:run"),
    "repose_cylinder": ("scenarios.repose_cylinder_spec:ReposeCylinderSpec", "scenarios.repose_cylinder:run"),
    "repose_tilting_box": (
        "scenarios.repose_tilting_box_spec:ReposeTiltingBoxSpec",
        "scenarios.repose_tilting_box:run",
    ),
    "prepare_bed": ("scenarios.prepare_bed_spec:PrepareBedSpec", "scenarios.prepare_bed:run"),
    "rover_drive": ("scenarios.rover_drive_spec:RoverDriveSpec", "scenarios.rover_drive:run"),
    "single_wheel": ("scenarios.single_wheel_spec:SingleWheelSpec", "scenarios.single_wheel:run"),
    "triaxial": ("scenarios.triaxial_spec:TriaxialSpec", "scenarios.triaxial:run"),
}

AS_WORLDS = {  # whose cases can run side by side
    "rover_drive": "scenarios.rover_drive:RoverDrive",
    "single_wheel": "scenarios.single_wheel:SingleWheel",
}


def scenario_spec(name: str) -> type:
    """Return the spec class of a scenario."""
    return _load(name, 0)


def scenario_run(name: str) -> Any:
    """Return a scenario's `run(config, folder) -> dict`; this is what imports the engine."""
    return _load(name, 1)


def scenario_test(name: str) -> Any:
    """Return the class of a scenario's test, each of which can be a world among others, see `schedule.py`.

    Raises:
        ConfigError: the scenario has none.
    """
    if name not in AS_WORLDS:
        raise ConfigError(
            f"scenario is {name}, must be one of {', '.join(AS_WORLDS)} with launcher=batch: its cases cannot run as "
            "worlds of one simulation; use launcher=process"
        )
    return _find(AS_WORLDS[name])


def _load(name: str, place: int) -> Any:
    if name not in SCENARIOS:
        raise ConfigError(
            f"scenario.name is {name!r}, must be one of {', '.join(SCENARIOS)}; choose with scenario=NAME"
        )
    return _find(SCENARIOS[name][place])


def _find(place: str) -> Any:
    module, attribute = place.split(":")
    return getattr(importlib.import_module(module), attribute)
