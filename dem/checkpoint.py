"""All a simulation needs to go on bit for bit, as named arrays: grains by id, bodies, touching contacts' history.

The neighbour list itself is left out: what a step computes does not depend on when neighbours were searched.
"""

import hashlib
from typing import Any

import numpy as np

from dem.backend import fill_field
from dem.contact.energy import EnergyBalance
from dem.errors import StateError
from dem.state import State

BOOKS = "books/"  # prefix of the energy books, of world 0
LIST_FIELDS = ("key", "row_start", "slot_of_id")  # of the history: how contacts are found, not what they remember
BODY_FIELDS = ("position", "orientation", "velocity", "angular_velocity", "force", "torque", "impulse", "shape_wrench")


def pack_state(state: State) -> dict[str, np.ndarray]:
    """Arrays of a state, on the host."""
    count, slots = state.particle_count, state.slot_of_id.to_numpy()[: state.particle_count]
    arrays = {
        f"particles/{name}": getattr(state.particles, name).to_numpy()[:count][slots] for name in _grain_fields(state)
    }
    arrays |= {f"bodies/{name}": getattr(state.bodies, name).to_numpy() for name in BODY_FIELDS}
    contacts: Any = state.contacts  # what they remember depends on the laws
    touching = np.flatnonzero(contacts.overlap.to_numpy()[: contacts.count[None]] > 0)
    first = state.particles.id.to_numpy()[contacts.first.to_numpy()[touching]]
    key = contacts.key.to_numpy()[touching]
    order = np.lexsort((key, first))
    arrays |= {"contacts/first": first[order], "contacts/key": key[order]}
    for name in _memory(state):
        arrays[f"contacts/{name}"] = getattr(contacts, name).to_numpy()[touching][order]
    return arrays


def unpack_state(state: State, arrays: dict[str, np.ndarray]) -> None:
    """Put packed arrays back into a state of the same model; neighbours must be searched next.

    Raises:
        StateError: the arrays are of another model.
    """
    count = state.particle_count
    expected = {f"particles/{name}" for name in _grain_fields(state)} | {f"contacts/{name}" for name in _memory(state)}
    if not expected <= set(arrays) or len(arrays["particles/radius"]) != count:
        raise StateError("the checkpoint is of another model; build the model it was saved from")
    for name in _grain_fields(state):
        fill_field(getattr(state.particles, name), arrays[f"particles/{name}"])
    for name in BODY_FIELDS:
        fill_field(getattr(state.bodies, name), arrays[f"bodies/{name}"])
    order = np.arange(count, dtype=np.int32)
    fill_field(state.particles.id, order)
    fill_field(state.slot_of_id, order)
    first = arrays["contacts/first"]
    contacts = state.contacts
    for mark in (state.fault, state.frozen):
        mark.fill(0)
    contacts.count[None] = len(first)
    fill_field(contacts.first, first)
    fill_field(contacts.key, arrays["contacts/key"])
    fill_field(contacts.row_start, np.searchsorted(first, np.arange(count + 1)))
    for name in _memory(state):
        fill_field(getattr(contacts, name), arrays[f"contacts/{name}"])


def pack_books(balances: list[EnergyBalance]) -> dict[str, np.ndarray]:
    """Energy books of all worlds; none where none are kept."""
    arrays: dict[str, np.ndarray] = {}
    for world, balance in enumerate(balances):
        arrays |= {f"{_books(world)}{name}": values for name, values in balance.pack().items()}
    return arrays


def unpack_books(balances: list[EnergyBalance], arrays: dict[str, np.ndarray]) -> None:
    """Go on with packed books."""
    for world, balance in enumerate(balances):
        start = _books(world)
        balance.unpack({name.removeprefix(start): arrays[name] for name in arrays if name.startswith(start)})


def fingerprint(arrays: dict[str, np.ndarray]) -> str:
    """A short hash of named arrays, to tell one model or state from another."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def _books(world: int) -> str:
    """Prefix of a world's energy books."""
    return f"{BOOKS}{world}/" if world else BOOKS


def _grain_fields(state: State) -> list[str]:
    return [name for name in state.particles.names if name not in ("id", "position_at_search")]


def _memory(state: State) -> list[str]:
    return [name for name in vars(state.history) if name not in LIST_FIELDS]
