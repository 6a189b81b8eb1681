"""Is the state sound: everything finite, overlaps small. The maxima are exact whatever the order of reduction."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dem.backend import real_field, ti, types
from dem.errors import Fault
from dem.state import State, is_frozen, world_of
from dem.worlds import Worlds

REASONS = {
    Fault.NOT_FINITE: "a position or velocity is no longer a number; lower solver.time_step",
    Fault.OUT_OF_DOMAIN: "a grain left the domain through a face that is not periodic; widen it or add a wall",
    Fault.LARGE_OVERLAP: "grains overlap by more than solver.max_overlap, {limit:g} of the radius (now {now:.3g}); "
    "raise young_modulus, or solver.max_overlap if you mean it",
    Fault.STALE_NEIGHBORS: "a grain outran the neighbour search; raise solver.skin or lower solver.time_step",
}


class Failure(NamedTuple):
    """Why a world was stopped, and when."""

    time: float  # [s]
    reason: str


def explain_failures(failures: Mapping[int, Failure], worlds: Worlds) -> str:
    """One sentence, that names the worlds if there are several."""
    found = sorted(failures.items())
    return "; ".join(f"{worlds.name(world)}stopped at {time:.6g} s: {reason}" for world, (time, reason) in found)


def explain_faults(state: State, largest_overlap: float) -> dict[int, str]:
    """What the kernels found in worlds that are not frozen, in words; empty if all is sound."""
    said = {}
    numbers = {"limit": state.overlap_limit[None], "now": largest_overlap}
    bits = np.where(state.frozen.to_numpy(), 0, state.fault.to_numpy())
    for world in np.flatnonzero(bits):
        faults = Fault(int(bits[world]))
        said[int(world)] = " and ".join(text.format(**numbers) for bit, text in REASONS.items() if bit in faults)
    return said


class Health:
    """Largest overlap, as a fraction of the smaller radius, and largest speed [m/s], in worlds that go on."""

    def __init__(self) -> None:
        self.overlap = real_field()
        self.speed = real_field()

    def inspect(self, state: State) -> tuple[float, float]:
        """Largest overlap [-] and speed [m/s] now; sets `Fault.NOT_FINITE` where a number is none."""
        _inspect_state(self, state)
        return self.overlap[None], self.speed[None]


@ti.kernel
def _inspect_state(health: ti.template(), state: ti.template()):
    """Reduce overlaps and speeds."""
    particles, contacts = state.particles, state.contacts
    health.overlap[None] = 0.0
    health.speed[None] = 0.0
    ti.loop_config(serialize=state.serial)
    for c in range(contacts.count[None]):
        if contacts.overlap[c] > 0.0:
            radius = particles.radius[contacts.first[c]]
            if contacts.key[c] < state.particle_count:
                radius = ti.min(radius, particles.radius[contacts.second[c]])
            ti.atomic_max(health.overlap[None], contacts.overlap[c] / radius)
    ti.loop_config(serialize=state.serial)
    for i in range(state.particle_count):
        speed = particles.velocity[i].norm() + ti.cast(0.0 * particles.position[i].norm(), types.real)
        if is_frozen(state, world_of(state, i)):
            speed = 0.0
        if not speed < ti.static(1e30):  # false for a NaN too
            ti.atomic_or(state.fault[world_of(state, i)], ti.static(int(Fault.NOT_FINITE)))
        else:
            ti.atomic_max(health.speed[None], speed)
