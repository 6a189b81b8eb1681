"""Worlds stepped together: each an experiment of its own, that never touches another.

Grains, bodies and shapes of all worlds lie one world after another, in the order in which each added its own. The
neighbour search sorts grains by (world, cell, id), so that the grains of a world lie together in memory too, and one
table tells the world of a slot as of an id. Whatever is summed, is summed within a world in the order it has alone: a
world's results are those of its own run, bit for bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from dem.errors import ConfigError
from dem.mesh_tables import mesh_sizes, shape_contact_capacity
from dem.model import Body, Model, ShapeEntry

LEVEL_RATIO = 2.0  # of the largest to the smallest radius of a class of sizes
CONTACTS_PER_PARTICLE = 9  # candidates: half of about 15 neighbours within 1.1 diameters, and some elements


class Worlds:
    """The models of a batch, and where each world's part begins.

    Attributes:
        models: one a world.
        union: all grains, bodies and shapes as one model, without materials; the model itself where there is one world.
        first_particle, first_body, first_shape, first_element: where each world's begin, shape (W + 1,).
        contact_capacity: candidate contacts to expect; the list grows if there are more.
    """

    def __init__(self, models: Model | Sequence[Model]) -> None:
        self.models = [models] if isinstance(models, Model) else list(models)
        if not self.models:
            raise ConfigError("Simulation got no models; give one, or a list of at least one")
        for world, model in enumerate(self.models[1:], 1):
            _require_alike(self.models[0], model, world)
        self.first_particle = _starts([model.particle_count for model in self.models])
        self.first_body = _starts([len(model.bodies) for model in self.models])
        self.first_shape = _starts([len(model.shapes) for model in self.models])
        elements = [sum(entry.shape.element_count for entry in model.shapes) for model in self.models]
        self.first_element = _starts(elements)
        self.contact_capacity = sum(_contact_capacity(model) for model in self.models)
        self.union = self.models[0] if self.count == 1 else self._unite()

    @property
    def count(self) -> int:
        """Number of worlds."""
        return len(self.models)

    @property
    def signature(self) -> tuple:
        """What a batch must share with another to be loaded in its place."""
        return tuple(compatibility_signature(model) for model in self.models)

    @property
    def reach(self) -> float:
        """The widest gap [m] across which contacts hold in any world."""
        return max(model.contact.reach(model) for model in self.models)

    @property
    def default_skin(self) -> float:
        """A tenth of the mean diameter [m], of the world with the finest grains."""
        return min(_default_skin(model) for model in self.models)

    def least(self, choose: Callable[[Model], float]) -> float:
        """The smallest number that `choose` gives for a model; its complaints name the world."""
        found = []
        for world, model in enumerate(self.models):
            try:
                found.append(choose(model))
            except ConfigError as error:
                raise ConfigError(f"{self.name(world)}{error}") from error
        return min(found)

    def name(self, world: int) -> str:
        """How messages begin that are about one world: with its number, if there are several."""
        return f"world {world}: " if self.count > 1 else ""

    def particles(self, world: int) -> slice:
        """Ids, and slots, of a world's grains."""
        return self._part(self.first_particle, world)

    def bodies(self, world: int) -> slice:
        """Numbers of a world's bodies in the batch."""
        return self._part(self.first_body, world)

    def body(self, body: int, world: int) -> int:
        """Number in the batch of a world's body."""
        part = self.bodies(world)
        if not 0 <= body < part.stop - part.start:
            raise ConfigError(
                f"{self.name(world)}there is no body {body}, there are {part.stop - part.start}; give add_body's number"
            )
        return part.start + body

    def _part(self, first: np.ndarray, world: int) -> slice:
        if not 0 <= world < self.count:
            raise ConfigError(f"there is no world {world}, there are {self.count}; count them from 0")
        return slice(int(first[world]), int(first[world + 1]))

    def _unite(self) -> Model:
        shapes: list[ShapeEntry] = []
        bodies: list[Body] = []
        for model in self.models:
            shapes += [replace(entry, body=entry.body + len(bodies)) for entry in model.shapes]
            bodies += model.bodies
        names = self.models[0].particles
        particles = {name: np.concatenate([model.particles[name] for model in self.models]) for name in names}
        return replace(self.models[0], materials=[], pairs={}, particles=particles, shapes=shapes, bodies=bodies)


def compatibility_signature(model: Model) -> tuple:
    """What a model must share with another to be loaded in its place: its counts, and what is built in of its laws."""
    counts = model.particle_count, len(model.bodies), len(model.shapes), len(model.materials)
    levels = len(level_radii(model.particles["radius"]))
    return (*counts, levels, *mesh_sizes(model.shapes), model.contact.built_in)


def level_radii(radius: np.ndarray) -> np.ndarray:
    """The largest radius [m] of each class of sizes within LEVEL_RATIO, falling; see dem/neighbors/grid.py."""
    if not len(radius):
        return np.array([1.0])
    found, rest = [], np.unique(radius)
    while len(rest):
        found.append(rest[-1])
        rest = rest[rest < rest[-1] / LEVEL_RATIO]
    return np.array(found)


def _require_alike(first: Model, model: Model, world: int) -> None:
    """Raise `ConfigError` if a world differs from the first in what a batch shares."""
    expected = shared_by_worlds(first)
    for what, got in shared_by_worlds(model).items():
        if got != expected[what]:
            raise ConfigError(
                f"world {world}: the {what} are {got}, must be those of world 0, {expected[what]}; "
                "simulate them apart, or make them the same"
            )


def shared_by_worlds(model: Model) -> dict[str, list]:
    """What all worlds of a batch must have the same, by its name in words."""
    return {
        "contact laws": _said(model.contact.built_in),
        "periodic flags": model.domain.periodic.tolist(),
        "domain's lower bounds": model.domain.lower.tolist(),
        "domain's upper bounds": model.domain.upper.tolist(),
    }


def _said(built_in: tuple) -> list:
    return [getattr(entry, "__name__", entry) for entry in built_in if entry is not type(None)]


def _starts(counts: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


def _contact_capacity(model: Model) -> int:
    capacity = shape_contact_capacity(model.shapes, model.particles["radius"])
    return CONTACTS_PER_PARTICLE * model.particle_count + capacity + 64


def _default_skin(model: Model) -> float:
    radius = model.particles["radius"]
    return 0.2 * float(radius.mean()) if len(radius) else 1.0
