"""All a simulation needs to go on bit for bit, as named arrays: grains by id, bodies, touching contacts' history.

The neighbour list itself is left out: what a step computes does not depend on when neighbours were searched. What is
packed of a batch can be split into what each world would have packed alone, and be put together from such parts.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from dem.diagnostics.energy import EnergyBalance
from dem.errors import StateError
from dem.memory import read, write
from dem.state import State
from dem.worlds import Worlds

ENERGY = "energy/"  # prefix of the energy balance of world 0
Packed = tuple[dict[str, np.ndarray], dict[str, Any]]
PARTS = ("particles", "bodies", "contacts")  # prefixes of what a world has a part of
LIST_FIELDS = ("key", "row_start", "slot_of_id")  # of the history: how contacts are found, not what they remember
BODY_FIELDS = ("position", "orientation", "velocity", "angular_velocity", "force", "torque", "impulse", "shape_wrench")


def pack_state(state: State) -> dict[str, np.ndarray]:
    """Arrays of a state, on the host."""
    slots = read(state.slot_of_id, slice(state.particle_count))
    arrays = {f"particles/{name}": read(getattr(state.particles, name), slots) for name in _particle_fields(state)}
    arrays |= {f"bodies/{name}": read(getattr(state.bodies, name)) for name in BODY_FIELDS}
    contacts: Any = state.contacts  # what they remember depends on the laws
    touching = np.flatnonzero(read(contacts.overlap, slice(int(read(contacts.count)))) > 0)
    first = read(state.particles.id, read(contacts.first, touching))
    key = read(contacts.key, touching)
    order = np.lexsort((key, first))
    arrays |= {"contacts/first": first[order], "contacts/key": key[order]}
    for name in _memory(state):
        arrays[f"contacts/{name}"] = read(getattr(contacts, name), touching[order])
    return arrays


def unpack_state(state: State, arrays: dict[str, np.ndarray]) -> None:
    """Put packed arrays back into a state of the same model; neighbours must be searched next.

    Raises:
        StateError: the arrays are of another model.
    """
    count = state.particle_count
    expected = {f"particles/{name}" for name in _particle_fields(state)} | {
        f"contacts/{name}" for name in _memory(state)
    }
    if not expected <= set(arrays) or len(arrays["particles/radius"]) != count:
        raise StateError("the checkpoint is of another model; build the model it was saved from")
    for name in _particle_fields(state):
        write(getattr(state.particles, name), arrays[f"particles/{name}"])
    for name in BODY_FIELDS:
        write(getattr(state.bodies, name), arrays[f"bodies/{name}"])
    order = np.arange(count, dtype=np.int32)
    write(state.particles.id, order)
    write(state.slot_of_id, order)
    first = arrays["contacts/first"]
    contacts = state.contacts
    state.clear_faults()
    write(contacts.count, len(first))
    write(contacts.first, first)
    write(contacts.key, arrays["contacts/key"])
    write(contacts.row_start, np.searchsorted(first, np.arange(count + 1)))
    for name in _memory(state):
        write(getattr(contacts, name), arrays[f"contacts/{name}"])


def pack_balances(balances: list[EnergyBalance]) -> dict[str, np.ndarray]:
    """Pack the energy balances of all worlds; nothing where none are kept."""
    arrays: dict[str, np.ndarray] = {}
    for world, balance in enumerate(balances):
        arrays |= {f"{_balance_prefix(world)}{name}": values for name, values in balance.pack().items()}
    return arrays


def unpack_balances(balances: list[EnergyBalance], arrays: dict[str, np.ndarray]) -> None:
    """Continue packed energy balances."""
    for world, balance in enumerate(balances):
        balance.unpack(_balance_of(arrays, world))


def pack_worlds(simulation: Any) -> list[Packed]:
    """What each world of a `Simulation` would pack had it run alone, arrays and numbers."""
    arrays, meta = simulation.pack()
    worlds: Worlds = simulation.worlds
    own = {"step_count": meta["step_count"], "time_step": meta["time_step"], "failures": []}
    return [
        (_take_world(arrays, worlds, world), {**own, "model": fingerprint(model.particles)})
        for world, model in enumerate(worlds.models)
    ]


def unpack_worlds(simulation: Any, parts: Sequence[Packed]) -> None:
    """Go on from what `pack_worlds` gave of each world, in whatever batches they ran, or alone.

    Raises:
        StateError: one was packed from another model, with another time step or at another time; nothing has changed.
    """
    worlds: Worlds = simulation.worlds
    metas = [meta for _, meta in parts]
    if [meta["model"] for meta in metas] != [fingerprint(model.particles) for model in worlds.models]:
        raise StateError("a checkpoint was saved from another model; build the models it was saved from")
    if len({(meta["time_step"], meta["step_count"]) for meta in metas}) != 1:
        raise StateError("the checkpoints are of different times or time steps; go on from each by itself")
    meta = {**metas[0], "model": fingerprint(simulation.model.particles)}
    simulation.unpack(_join_worlds([arrays for arrays, _ in parts], worlds), meta)


def _take_world(arrays: dict[str, np.ndarray], worlds: Worlds, world: int) -> dict[str, np.ndarray]:
    """A world's part of packed arrays, its grains and elements counted from 0."""
    grains, bodies = worlds.particles(world), worlds.bodies(world)
    shapes = slice(*worlds.first_shape[world : world + 2])
    rows = slice(*np.searchsorted(arrays["contacts/first"], [grains.start, grains.stop]))
    parts = dict(zip(PARTS, (grains, bodies, rows), strict=True))
    part = {name: arrays[name][parts[name.split("/")[0]]] for name in arrays if name.split("/")[0] in parts}
    part["bodies/shape_wrench"] = arrays["bodies/shape_wrench"][shapes]
    part["contacts/first"] = part["contacts/first"] - grains.start
    key, count = part["contacts/key"], worlds.union.particle_count
    element = key - count - worlds.first_element[world] + grains.stop - grains.start
    part["contacts/key"] = np.where(key < count, key - grains.start, element).astype(key.dtype)
    return part | {f"{ENERGY}{name}": values for name, values in _balance_of(arrays, world).items()}


def _join_worlds(parts: Sequence[dict[str, np.ndarray]], worlds: Worlds) -> dict[str, np.ndarray]:
    """Packed arrays of a batch, of those of its worlds."""
    placed = []
    for world, part in enumerate(parts):
        grains, key = worlds.particles(world), part["contacts/key"]
        count, shift = grains.stop - grains.start, worlds.union.particle_count + worlds.first_element[world]
        own = np.where(key < count, key + grains.start, key - count + shift).astype(key.dtype)
        placed.append(part | {"contacts/first": part["contacts/first"] + grains.start, "contacts/key": own})
    shared = [name for name in placed[0] if name.split("/")[0] in PARTS]  # whatever else was put beside them
    arrays = {name: np.concatenate([part[name] for part in placed]) for name in shared}
    for world, part in enumerate(placed):
        arrays |= {f"{_balance_prefix(world)}{name}": values for name, values in _balance_of(part, 0).items()}
    return arrays


def fingerprint(arrays: dict[str, np.ndarray]) -> str:
    """A short hash of named arrays, to tell one model or state from another."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def _balance_prefix(world: int) -> str:
    """Prefix of a world's energy balance."""
    return f"{ENERGY}{world}/" if world else ENERGY


def _balance_of(arrays: dict[str, np.ndarray], world: int) -> dict[str, np.ndarray]:
    start = _balance_prefix(world)
    names = {name: name.removeprefix(start) for name in arrays if name.startswith(start)}
    return {short: arrays[name] for name, short in names.items() if "/" not in short}


def _particle_fields(state: State) -> list[str]:
    return [name for name in state.particles.names if name not in ("id", "position_at_search", "extra_skin")]


def _memory(state: State) -> list[str]:
    return [name for name in vars(state.history) if name not in LIST_FIELDS]
