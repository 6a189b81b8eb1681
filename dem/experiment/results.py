"""What all results hold alike: estimates over repetitions, checks against limits, and the numerics of the run."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dem import backend
from dem.diagnostics.energy_watch import energy_gain

FLAGGED_OVERLAP = 0.03  # of the radius, of the worst contact: several times the mean, which is to stay below 0.01
ENERGY_TOLERANCE = 0.01  # of all energy turned over


def estimate(values: Sequence[float], unit: str = "-") -> dict[str, Any]:
    """A number over repetitions, as results hold it: mean, standard error (NaN of one), unit, the values."""
    found = np.asarray(values, float)
    error = float(found.std(ddof=1) / math.sqrt(len(found))) if len(found) > 1 else math.nan
    return {"mean": float(found.mean()), "standard_error": error, "unit": unit, "values": found.tolist()}


def jackknifed(values: Sequence[float], unit: str = "-") -> dict[str, Any]:
    """Estimate a number that does not average: `values` has it of all repetitions, then of all but each."""
    left_out = np.asarray(values[1:], float)
    count = len(left_out)
    error = math.sqrt((count - 1) * float(left_out.var())) if count > 1 else math.nan
    return {"mean": float(values[0]), "standard_error": error, "unit": unit, "values": left_out.tolist()}


def verdict(value: float, limit: float) -> dict[str, Any]:
    """One check of a result: passed if the value keeps to its limit."""
    return {"value": value, "limit": limit, "passed": bool(value <= limit)}


def not_measured(limit: float) -> dict[str, Any]:
    """A check that this run cannot fail, and so says nothing: neither passed nor failed."""
    return {"value": None, "limit": limit, "passed": None}


def backend_in_use() -> dict[str, Any]:
    """What the kernels run on."""
    session = backend.current()
    return {"device": session.device, "precision": session.precision, "threads": session.threads}


def numerics(experiment: Any) -> dict[str, Any]:
    """Device, time step, stiffness and overlap of an experiment that is done."""
    simulation, overlap = experiment.simulation, experiment.recorder.largest_overlap
    models = [simulation.worlds.models[world] for world in experiment.worlds]
    return {
        **backend_in_use(), "time_step": simulation.time_step, "step_count": simulation.step_count,
        "world_count": len(models), "grain_count": sum(model.particle_count for model in models),
        "young_modulus": experiment.young_modulus, "largest_overlap": overlap,
        "overlap_limit": simulation.max_overlap, "overlap_flagged": overlap > FLAGGED_OVERLAP,
    }  # fmt: skip


def energy_check(experiment: Any) -> dict[str, Any]:
    """Energy that nobody put in, over all that was turned over, of the worst world; nothing where it is not tracked."""
    if not experiment.simulation.state.tracks_energy:
        return {}
    gains = [energy_gain(experiment.simulation.energy(world))[1] for world in experiment.worlds]
    return {"energy_gain": verdict(max(gains), ENERGY_TOLERANCE)}
