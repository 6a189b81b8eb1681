"""How many bytes a step must move: an estimate from the arrays that each phase reads and writes.

Every array is counted once per phase for what is read of it and once for what is written, as if neighbours always came
from a cache: what a perfect machine would have to move. The lists say which arrays; a name that State no longer has is
an error here, so that the estimate cannot silently fall behind the kernels.
"""

from dataclasses import dataclass
from typing import Any

from dem.backend import component_count, number_bytes, ti
from dem.contact.contact_laws import Laws
from dem.records import OVERLAP
from dem.simulation import Simulation
from dem.state import State

VIEWED = ("position", "velocity", "angular_velocity", "radius", "mass", "material")  # of a grain, by its contacts
LISTED = ("first", "second", "key", "overlap")  # of a pair, to see whether it touches
ACTED = ("force", "torque")  # of a touching pair, on its second
OWN = ("own_force", "own_torque")  # of a grain, by the pairs it is the first of
MOVED = ("position", "velocity", "angular_velocity")


@dataclass(frozen=True)
class Census:
    """What there is of each kind, per grain.

    Attributes:
        listed: pairs within the list's reach; touching: those that touch.
        searches: per step.
    """

    listed: float
    touching: float
    searches: float


def bytes_per_particle_step(state: State, census: Census) -> dict[str, float]:
    """Bytes that each phase moves per grain and step, and their total."""
    grain, pair = state.particles, state.contacts
    remembered = [memory.name for memory in state.remembered if memory != OVERLAP]
    acted, kept = _size(pair, ACTED), _size(pair, remembered)
    run_force_pass = _size(grain, (*VIEWED, *OWN)) + census.listed * _size(pair, LISTED)
    run_force_pass += census.touching * (acted + 2 * kept + _size(pair, ("overlap",)))
    gather = _size(pair, ("incidence_start",)) + census.listed * (_size(pair, ("incidence",)) + acted)
    gather += _size(grain, OWN)
    move = gather + 2 * _size(grain, MOVED) + _size(grain, ("force", "torque"))
    move += _size(grain, ("radius", "mass", "inverse_mass", "position_at_search"))
    found = {"contacts": run_force_pass, "motion": move, "search": census.searches * _bytes_of_search(state, census)}
    return found | {"total": sum(found.values())}


def _bytes_of_search(state: State, census: Census) -> float:
    """Bytes of one search, per grain: grains are moved twice, rows of keys are written, read, and turned into pairs."""
    grain, pair = state.particles, state.contacts
    key = _size(pair, ("key",))
    sorting = 4 * _size(grain, grain.names) + 8 * key
    rows = 2 * census.listed * 3 * key + 8 * key
    remembering = 3 * _size(pair, ("key", *(memory.name for memory in state.remembered)))
    listing = _size(pair, ("first", "second", *ACTED)) + _size(pair, ("incidence",))
    return sorting + rows + census.listed * (remembering + listing)


def _size(owner: Any, names: tuple[str, ...] | list[str]) -> int:
    return sum(element_bytes(getattr(owner, name)) for name in names)


def element_bytes(field: ti.Field) -> int:
    """Bytes of one element, vector or scalar."""
    return component_count(field) * number_bytes(field.dtype)


def field_bytes(simulation: Simulation) -> int:
    """Bytes of all fields of a simulation."""
    context = simulation.context
    fields: dict[int, ti.Field] = {}
    for root in (context.state, context.grid, context.tables):
        _collect(root, fields, set())
    return sum(_length(field) * element_bytes(field) for field in fields.values())


def _collect(owner: Any, fields: dict[int, ti.Field], seen: set[int]) -> None:
    """Every field that hangs on the engine's own objects, once."""
    if id(owner) in seen:
        return
    seen.add(id(owner))
    for value in vars(owner).values():
        if isinstance(value, ti.StructField):
            continue  # tables of pairs: a few numbers
        if isinstance(value, ti.Field):
            fields[id(value)] = value
        elif type(value).__module__.startswith("dem.") and hasattr(value, "__dict__") and not isinstance(value, Laws):
            _collect(value, fields, seen)


def _length(field: ti.Field) -> int:
    length = 1
    for number in field.shape:
        length *= number
    return length
