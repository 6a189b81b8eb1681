"""The grain that shows best what went wrong, in words: where to look first."""

from typing import Any

import numpy as np

from dem.errors import Fault
from dem.memory import read
from dem.state import State


def describe_worst(state: State, world: int, faults: Fault) -> str:
    """Id, place, speed and overlap of the grain of a world that shows its faults best; of a body, where it is that.

    Args:
        state: as it stands, its contacts too.
        world: that failed.
        faults: what was found; none where energy grew, of which the fastest grain has most.
    """
    found = state.snapshot(world, ("position", "velocity", "radius"))
    if not len(found["radius"]):
        return "there are no grains"
    overlap = overlap_ratios(state, world, found["radius"])
    sound = np.isfinite(found["position"]).all(axis=1) & np.isfinite(found["velocity"]).all(axis=1)
    if Fault.NOT_FINITE in faults and sound.all():
        return f"no grain is to blame but body {_lost_body(state, world)!r}"
    found["speed"] = np.linalg.norm(found["velocity"], axis=1)
    grain = int(np.nanargmax(_badness(state, world, faults, {**found, "overlap": overlap.copy(), "sound": sound})))
    place = found["position"][grain]
    if not np.isfinite(place).all():
        slot = int(read(state.slot_of_id, state.worlds.particles(world))[grain])
        place = read(state.particles.position_at_search, slot)
    said = ", ".join(f"{value:.4g}" for value in place)
    return (
        f"the worst is grain {grain} at ({said}) m, with a speed of {found['speed'][grain]:.3g} m/s and an overlap "
        f"of {overlap[grain]:.3g} of the radius"
    )


def _lost_body(state: State, world: int) -> str:
    found = state.snapshot(world, ("body_position", "body_orientation", "body_velocity", "body_angular_velocity"))
    sound = np.all([np.isfinite(values).all(axis=1) for values in found.values()], axis=0)
    return state.worlds.models[world].bodies[int(sound.argmin())].name


def overlap_ratios(state: State, world: int, radius: np.ndarray) -> np.ndarray:
    """Largest overlap of each grain of a world over the smaller radius of its contact [-], (N,)."""
    contacts, ratios = state.contact_arrays(world), np.zeros(len(radius))
    first, second = contacts["first"], contacts["second"]
    smaller = np.where(second >= 0, np.minimum(radius[first], radius[second]), radius[first])
    share = contacts["overlap"] / smaller
    np.maximum.at(ratios, first, share)
    np.maximum.at(ratios, second[second >= 0], share[second >= 0])
    return ratios


def _badness(state: State, world: int, faults: Fault, found: dict[str, Any]) -> np.ndarray:
    """What is largest for the grain to name, (N,)."""
    if Fault.NOT_FINITE in faults:
        return (~found["sound"]).astype(float)
    if Fault.OUT_OF_DOMAIN in faults:
        domain, position = state.worlds.models[world].domain, found["position"]
        beyond = np.maximum(domain.lower - position, position - domain.upper)
        return np.where(domain.periodic, -np.inf, beyond).max(axis=1)
    if Fault.LARGE_OVERLAP in faults:  # which may be past: what the kernel saw counts most
        found["overlap"][int(read(state.worst_particle, world)) - state.worlds.particles(world).start] = np.inf
        return found["overlap"]
    return found["speed"]
