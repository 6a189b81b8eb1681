"""Is the state sound: everything finite, overlaps small; else what is wrong, and where.

The maxima are exact whatever the order of reduction.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dem.backend import real_field, ti, types
from dem.contact.worst_grain import describe_worst
from dem.errors import Fault
from dem.memory import read, write
from dem.state import State, is_frozen, world_of
from dem.worlds import Worlds

REASONS = {
    Fault.NOT_FINITE: "a position or velocity is no longer a number; lower solver.time_step",
    Fault.OUT_OF_DOMAIN: "a grain left the domain through a face that is not periodic; widen it or add a wall",
    Fault.LARGE_OVERLAP: "grains overlap by more than solver.max_overlap, {limit:g} of the radius (by {reached:.3g}); "
    "raise young_modulus, lower solver.time_step, or raise solver.max_overlap if you mean it",
    Fault.STALE_NEIGHBORS: "a grain outran the neighbour search; raise solver.skin or lower solver.time_step",
}


class Failure(NamedTuple):
    """Why a world was stopped, and when."""

    time: float  # [s]
    reason: str

    def __str__(self) -> str:
        return f"stopped at {self.time:.6g} s: {self.reason}"


def explain_failures(failures: Mapping[int, Failure], worlds: Worlds) -> str:
    """One sentence, that names the worlds if there are several."""
    return "; ".join(f"{worlds.name(world)}{failure}" for world, failure in sorted(failures.items()))


def explain_faults(state: State, largest_overlaps: np.ndarray) -> dict[int, str]:
    """What the kernels found in worlds that are not frozen, in words; empty if all is sound.

    Args:
        state: whose fault bits are read.
        largest_overlaps: in each world, over the smaller radius [-], shape (W,).
    """
    said = {}
    limit, reached = float(read(state.overlap_limit)), read(state.worst_overlap)
    bits = np.where(read(state.frozen), 0, read(state.fault))
    for world in np.flatnonzero(bits):
        faults = Fault(int(bits[world]))
        numbers = {"limit": limit, "reached": max(reached[world], largest_overlaps[world])}
        reason = " and ".join(text.format(**numbers) for bit, text in REASONS.items() if bit in faults)
        said[int(world)] = f"{reason}; {describe_worst(state, int(world), faults)}"
    return said


class Health:
    """Largest overlap of each world, as a fraction of the smaller radius, and largest speed [m/s]; 0 where frozen."""

    def __init__(self, world_count: int) -> None:
        self.overlap = real_field(world_count)
        self.speed = real_field(world_count)

    def inspect(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        """Largest overlaps [-] and speeds [m/s] now, (W,) each; sets `Fault.NOT_FINITE` where a number is none."""
        _inspect_state(self, state)
        _inspect_bodies(state)
        return read(self.overlap), read(self.speed)


@ti.kernel
def _inspect_state(health: ti.template(), state: ti.template()):
    """Reduce overlaps and speeds."""
    particles, contacts = state.particles, state.contacts
    for world in range(state.world_count):
        health.overlap[world] = 0.0
        health.speed[world] = 0.0
    ti.loop_config(serialize=state.serial)
    for c in range(contacts.count[None]):
        if contacts.overlap[c] > 0.0:
            i = contacts.first[c]
            radius = particles.radius[i]
            if contacts.key[c] < state.particle_count:
                radius = ti.min(radius, particles.radius[contacts.second[c]])
            ti.atomic_max(health.overlap[world_of(state, i)], contacts.overlap[c] / radius)
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        world = world_of(state, i)
        speed = particles.velocity[i].norm() + ti.cast(0.0 * particles.position[i].norm(), types.real)
        if is_frozen(state, world):
            speed = 0.0
        if not speed < ti.static(1e30):  # false for a NaN too
            ti.atomic_or(state.fault[world], ti.static(int(Fault.NOT_FINITE)))
        else:
            ti.atomic_max(health.speed[world], speed)


def _inspect_bodies(state: State) -> None:
    """Set `Fault.NOT_FINITE` where a body is no longer anywhere: no grain would feel it, nor tell."""
    places = (state.bodies.position, state.bodies.orientation, state.bodies.velocity, state.bodies.angular_velocity)
    sound = np.all([np.isfinite(read(field)).all(axis=1) for field in places], axis=0)
    if not sound.all():
        for world in range(state.world_count):
            if not sound[state.worlds.bodies(world)].all():
                write(state.fault, int(read(state.fault, world)) | int(Fault.NOT_FINITE), world)
