"""What does not change in a run: materials, pairs, grains as added, shapes, bodies, domain.

A `Model` is NumPy on the host. It comes from a `ModelBuilder` (dem/builder.py) and is validated there; `Tables`
puts on the device what kernels read of it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dem.backend import integer_field, position_vectors, real_vectors
from dem.errors import ConfigError
from dem.memory import write
from dem.mesh_tables import MeshTables

Vector = Sequence[float] | np.ndarray  # (3,)
Gravity = Vector | Callable[[float], Vector]  # [m/s2], or a function of time [s] that gives it
AXES = ("x", "y", "z", "rx", "ry", "rz")
SHAPE_PARAMETERS = 8  # floats that describe a shape on the device; the grouser wheel needs six


@dataclass(frozen=True)
class Material:
    """An elastic or rigid solid.

    Attributes:
        density: [kg/m3].
        young_modulus: [Pa]; math.inf makes a rigid wall.
        poisson_ratio: [-].
        restitution, sliding_friction, rolling_friction: own surface numbers [-], mixed by the geometric mean where a
            pair was not set; None if only pairs give them. So are those below, which only some laws read.
        normal_stiffness, tangential_stiffness: of linear springs [N/m].
        tangential_damping: of viscous friction [N s/m].
        twisting_stiffness: [N m/rad]; twisting_damping: [N m s/rad]; twisting_friction: M = mu_tw R* N [-].
        surface_energy: of one surface [J/m2]; pull_off_force: [N]; cohesion_energy_density: [J/m3]; bond_number: [-].
    """

    density: float
    young_modulus: float
    poisson_ratio: float
    restitution: float | None = None
    sliding_friction: float | None = None
    rolling_friction: float | None = None
    normal_stiffness: float | None = None
    tangential_stiffness: float | None = None
    tangential_damping: float | None = None
    twisting_stiffness: float | None = None
    twisting_damping: float | None = None
    twisting_friction: float | None = None
    surface_energy: float | None = None
    pull_off_force: float | None = None
    cohesion_energy_density: float | None = None
    bond_number: float | None = None

    def __post_init__(self) -> None:
        if not (self.density > 0 and math.isfinite(self.density)):
            raise ConfigError(f"Material.density is {self.density}, must be above 0 kg/m3; sand grains have about 2600")
        if not self.young_modulus > 0:
            raise ConfigError(f"Material.young_modulus is {self.young_modulus}, must be above 0 Pa; use 1e7 to 7e10")
        if not -1 < self.poisson_ratio <= 0.5:
            raise ConfigError(f"Material.poisson_ratio is {self.poisson_ratio}, must lie in (-1, 0.5]; sand has 0.3")
        for name in SURFACE_RANGES:
            check_surface_number(f"Material.{name}", name, getattr(self, name, None))

    @property
    def shear_modulus(self) -> float:
        """G = E / 2(1 + nu) [Pa]."""
        return self.young_modulus / (2 * (1 + self.poisson_ratio))

    @classmethod
    def rigid(cls, **surface: float) -> "Material":
        """A wall that does not deform: 1/E = 0."""
        return cls(density=1.0, young_modulus=math.inf, poisson_ratio=0.0, **surface)


SMALLEST_STIFFNESS = 1e-30  # [N/m, N m/rad]; a spring of 0 is none
SURFACE_RANGES = {
    "restitution": (0.0, 1.0),
    "sliding_friction": (0.0, math.inf),
    "rolling_friction": (0.0, math.inf),
    "normal_stiffness": (SMALLEST_STIFFNESS, math.inf),
    "tangential_stiffness": (SMALLEST_STIFFNESS, math.inf),
    "tangential_damping": (0.0, math.inf),
    "twisting_stiffness": (SMALLEST_STIFFNESS, math.inf),
    "twisting_damping": (0.0, math.inf),
    "twisting_friction": (0.0, math.inf),
    "surface_energy": (0.0, math.inf),
    "pull_off_force": (0.0, math.inf),
    "cohesion_energy_density": (0.0, math.inf),
    "bond_number": (0.0, math.inf),
}


def check_surface_number(key: str, name: str, value: float | None) -> None:
    """Raise `ConfigError` if a surface number lies outside its range; None passes."""
    low, high = SURFACE_RANGES.get(name, (-math.inf, math.inf))
    if value is not None and not low <= value <= high:
        raise ConfigError(f"{key} is {value}, must lie in [{low:g}, {high:g}]; give a {name} in that range")


@dataclass(frozen=True)
class Motion:
    """How a body moves, per axis x, y, z, rx, ry, rz (world axes, rotations about the centre).

    An axis named in `prescribed` has that velocity [m/s, rad/s]; every other axis is free and feels the soil, gravity
    and what `applied` names [N, N m]. Values are numbers, or functions of time [s].
    """

    prescribed: dict[str, float | Callable[[float], float]] = field(default_factory=dict)
    applied: dict[str, float | Callable[[float], float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.prescribed, *self.applied):
            if name not in AXES:
                raise ConfigError(f"Motion names the axis {name!r}, must be one of {', '.join(AXES)}; correct the name")

    @classmethod
    def fixed(cls) -> "Motion":
        """A body that does not move."""
        return cls(prescribed=dict.fromkeys(AXES, 0.0))

    @property
    def varies(self) -> bool:
        """Whether any value is a function of time."""
        return any(callable(value) for value in (*self.prescribed.values(), *self.applied.values()))

    def at(self, time: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Prescribed flags (6,), velocities (6,) [m/s, rad/s] and applied loads (6,) [N, N m] at `time` [s]."""
        flags = np.array([name in self.prescribed for name in AXES], np.int32)
        velocities = np.array([_value(self.prescribed.get(name, 0.0), time) for name in AXES])
        loads = np.array([_value(self.applied.get(name, 0.0), time) for name in AXES])
        return flags, velocities, loads


def _value(number: float | Callable[[float], float], time: float) -> float:
    return float(number(time) if callable(number) else number)


@dataclass
class Body:
    """A rigid body as it starts.

    Attributes:
        mass: [kg]; inertia: principal moments (3,) in the body frame [kg m2].
        position: centre of mass (3,) [m]; orientation: quaternion (w, x, y, z).
        velocity: (3,) [m/s]; angular_velocity: (3,) [rad/s].
    """

    name: str
    mass: float
    inertia: tuple[float, float, float]
    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    angular_velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    motion: Motion = field(default_factory=Motion)


@dataclass
class ShapeEntry:
    """A shape fixed to a body, in that body's frame."""

    shape: Any
    material: int
    body: int


@dataclass
class Domain:
    """Box that holds the grains: corners (3,) [m], periodic faces per axis; infinite where nothing bounds it."""

    lower: np.ndarray
    upper: np.ndarray
    periodic: np.ndarray


def gravity_at(gravity: Gravity, time: float) -> np.ndarray:
    """The vector (3,) [m/s2] at `time` [s] of a gravity that may be a function of time."""
    return np.asarray(gravity(time) if callable(gravity) else gravity, float)


@dataclass
class Model:
    """Everything that does not change in a run, on the host.

    Attributes:
        materials: in the order added; pairs: surface numbers by (low, high) material index.
        particles: arrays of shape (N,) or (N, 3) by name, in the order added: position [m], velocity [m/s],
            angular_velocity [rad/s], radius [m], mass [kg], material, fixed.
        shapes, bodies: in the order added; body 0 is the ground.
        gravity: at the start of a run (3,) [m/s2], or a function of time [s] that gives it.
        contact: the laws, see dem/contact.
    """

    materials: list[Material]
    pairs: dict[tuple[int, int], dict[str, float]]
    particles: dict[str, np.ndarray]
    shapes: list[ShapeEntry]
    bodies: list[Body]
    gravity: Gravity
    domain: Domain
    contact: Any

    @property
    def particle_count(self) -> int:
        """Number of grains."""
        return len(self.particles["radius"])


class Tables:
    """What kernels read of a model: fields only, since Python scalars would be baked in at the first compile.

    Per world `gravity`, which the simulation sets, and `first_shape` and `first_body`, where its shapes and bodies
    begin; per body `body_world`; per shape `shape_kind`, `shape_body`, `shape_material`, `shape_parameters`,
    `shape_first_element` (elements are numbered through all shapes); the triangles of `meshes`; and the `laws` with
    their pair tables.
    """

    def __init__(self, worlds: Any, laws: Any) -> None:
        self.laws = laws
        shape_count = max(len(worlds.union.shapes), 1)
        self.gravity = real_vectors(worlds.count)
        self.first_shape = integer_field(worlds.count + 1)
        self.first_body = integer_field(worlds.count + 1)
        self.body_world = integer_field(len(worlds.union.bodies))
        self.shape_kind = integer_field(shape_count)
        self.shape_body = integer_field(shape_count)
        self.shape_material = integer_field(shape_count)
        self.shape_first_element = integer_field(shape_count + 1)
        self.shape_parameters = position_vectors(shape_count, SHAPE_PARAMETERS)
        self.meshes = MeshTables(worlds.union.shapes)
        self.fill(worlds)

    def fill(self, worlds: Any) -> None:
        """Take the numbers of worlds, see dem/worlds.py, with as many bodies, shapes and materials each."""
        self._fill_shapes(worlds.union.shapes)
        self.meshes.fill(worlds.union.shapes)
        write(self.first_shape, worlds.first_shape)
        write(self.first_body, worlds.first_body)
        write(self.body_world, np.repeat(np.arange(worlds.count, dtype=np.int32), np.diff(worlds.first_body)))
        self.laws.fill(*worlds.models)

    def set_gravity(self, vectors: np.ndarray) -> None:
        """Set gravity (W, 3) [m/s2]."""
        write(self.gravity, np.asarray(vectors, float))

    def _fill_shapes(self, entries: list[ShapeEntry]) -> None:
        elements = [entry.shape.element_count for entry in entries]
        numbers = np.zeros((len(entries), SHAPE_PARAMETERS))
        for index, entry in enumerate(entries):
            own = entry.shape.parameters()
            numbers[index, : len(own)] = own
        write(self.shape_kind, [entry.shape.kind for entry in entries])
        write(self.shape_body, [entry.body for entry in entries])
        write(self.shape_material, [entry.material for entry in entries])
        write(self.shape_first_element, np.cumsum([0, *elements]))
        write(self.shape_parameters, numbers)
