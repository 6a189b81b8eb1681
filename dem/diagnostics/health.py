"""Is the state sound: everything finite, overlaps small; else what is wrong, and where.

The maxima are exact whatever the order of reduction.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dem.backend import real_vectors, ti, types
from dem.diagnostics.worst_particle import describe_worst
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


@ti.data_oriented
class Health:
    """Largest overlap of each world, as a fraction of the smaller radius, and largest speed [m/s]; 0 where frozen."""

    def __init__(self, state: State) -> None:
        tree = state.tree
        self.block, self.group, self.world = (
            real_vectors(count, 2) for count in (tree.block_count, tree.group_count, state.world_count)
        )

    def inspect(self, state: State) -> tuple[np.ndarray, np.ndarray]:
        """Largest overlaps [-] and speeds [m/s] now, (W,) each; sets `Fault.NOT_FINITE` where a number is none."""
        _inspect_state(self, state)
        _inspect_bodies(state)
        found = read(self.world)
        return found[:, 0], found[:, 1]


@ti.kernel
def _inspect_state(health: ti.template(), state: ti.template()):
    """Reduce overlaps and speeds.

    Reads: position, velocity and radius of grains; overlaps of contacts; frozen.
    Writes: block, group and world of `health`; fault.
    """
    tree = state.tree
    ti.loop_config(serialize=state.serial)
    for block in range(tree.block_count):
        most, is_sound = ti.Vector.zero(types.real, 2), True
        for i in range(tree.block_start[block], tree.block_start[block + 1]):
            speed = speed_of(state, i)
            if not speed < ti.static(1e30):  # false for a NaN too
                speed, is_sound = 0.0, False
            most = ti.max(most, ti.Vector([largest_overlap(state, i), speed]))
        health.block[block] = most
        if not is_sound:
            world = world_of(state, tree.block_start[block])
            ti.atomic_or(state.fault[world], ti.static(int(Fault.NOT_FINITE)))
    ti.loop_config(serialize=state.serial)
    for group in range(tree.group_count):
        health.group[group] = largest_rows(health.block, tree.group_start[group], tree.group_start[group + 1])
    ti.loop_config(serialize=state.few_bodies)
    for world in range(state.world_count):
        health.world[world] = largest_rows(health.group, tree.first_group[world], tree.first_group[world + 1])


@ti.func
def largest_rows(field: ti.template(), first, stop):
    """The largest of each number from row `first` to before `stop`, none below 0."""
    most = ti.Vector.zero(types.real, field.n)
    for k in range(first, stop):
        most = ti.max(most, field[k])
    return most


@ti.func
def largest_overlap(state: ti.template(), i):
    """Largest overlap of the contacts that a grain owns, over the smaller radius."""
    particles, contacts = state.particles, state.contacts
    most = 0.0 * particles.radius[i]
    for c in range(contacts.row_start[i], contacts.row_start[i + 1]):
        if contacts.overlap[c] > 0.0:
            radius = particles.radius[i]
            if contacts.key[c] < state.particle_count:
                radius = ti.min(radius, particles.radius[contacts.second[c]])
            most = ti.max(most, contacts.overlap[c] / radius)
    return most


@ti.func
def speed_of(state: ti.template(), i):
    """A grain's speed [m/s], 0 where it is frozen, not a number where its place is none."""
    particles = state.particles
    speed = particles.velocity[i].norm() + ti.cast(0.0 * particles.position[i].norm(), types.real)
    if is_frozen(state, world_of(state, i)):
        speed = 0.0
    return speed


def _inspect_bodies(state: State) -> None:
    """Set `Fault.NOT_FINITE` where a body is no longer anywhere: no grain would feel it, nor tell."""
    places = (state.bodies.position, state.bodies.orientation, state.bodies.velocity, state.bodies.angular_velocity)
    sound = np.all([np.isfinite(read(field)).all(axis=1) for field in places], axis=0)
    if not sound.all():
        for world in range(state.world_count):
            if not sound[state.worlds.bodies(world)].all():
                write(state.fault, int(read(state.fault, world)) | int(Fault.NOT_FINITE), world)
