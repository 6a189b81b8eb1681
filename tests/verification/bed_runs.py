"""Beds run for some steps, and compared to the last bit."""

import numpy as np

from dem.verify.bed import Bed
from dem.verify.case_report import SimulationCache

MOVING = ("position", "velocity", "angular_velocity", "force", "torque", "body_position", "body_force", "body_torque")


def run_bed(simulation_cache: SimulationCache, bed: Bed, steps: int = 500) -> dict[str, np.ndarray]:
    """Snapshot after some steps; the wheel on the bed unless it is held up."""
    simulation = simulation_cache.simulate(bed.build(), time_step=bed.time_step)
    simulation.run(steps * bed.time_step)
    return simulation.state.snapshot()


def differing(one: dict, other: dict) -> list[str]:
    """Names of arrays that are not equal to the last bit."""
    return [name for name in MOVING if not np.array_equal(one[name], other[name])]
