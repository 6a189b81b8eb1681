"""Builds a `Model`: add materials, pairs, grains, shapes and bodies, then `finalize()`. Everything in SI."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dem.contact.contact_laws import ContactLaws
from dem.contact.pair_table import derive_pairs
from dem.errors import ConfigError
from dem.model import Body, Domain, Gravity, Material, Model, Motion, ShapeEntry, check_surface_number
from dem.shapes import Plane

GROUND = 0  # the body that holds what does not move


class ModelBuilder:
    """Collects the materials, grains, bodies and shapes of a scene.

    Args:
        gravity: vector (3,) [m/s2], or a function of time [s] that gives one.
        contact: the contact laws; Hertz-Mindlin with a rolling spring if not given.
    """

    def __init__(
        self,
        gravity: Gravity = (0.0, 0.0, -9.81),
        contact: ContactLaws | None = None,
    ) -> None:
        self.gravity = gravity
        self.contact = contact or ContactLaws()
        self.materials: list[Material] = []
        self.pairs: dict[tuple[int, int], dict[str, float]] = {}
        self.particles: list[dict[str, np.ndarray]] = []
        self.shapes: list[ShapeEntry] = []
        self.bodies = [Body("ground", 1.0, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), motion=Motion.fixed())]
        self.domain = Domain(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(3, bool))

    def add_material(self, material: Material) -> int:
        """Add a material; returns its index."""
        self.materials.append(material)
        return len(self.materials) - 1

    def set_pair(self, first: int, second: int, **numbers: float) -> None:
        """Set surface numbers of two materials: restitution, sliding_friction, rolling_friction."""
        self._require_material(first)
        self._require_material(second)
        known = self.contact.pair_numbers
        for name, value in numbers.items():
            if name not in known:
                raise ConfigError(
                    f"set_pair got {name}={value}, the laws read {', '.join(sorted(known))}; correct the name"
                )
            check_surface_number(f"set_pair({first}, {second}).{name}", name, value)
        self.pairs.setdefault((min(first, second), max(first, second)), {}).update(numbers)

    def add_particles(
        self,
        position: ArrayLike,
        radius: ArrayLike,
        material: int,
        velocity: ArrayLike | None = None,
        angular_velocity: ArrayLike | None = None,
        fixed: ArrayLike = False,
    ) -> np.ndarray:
        """Add grains; returns their ids (n,).

        Args:
            position: [m], shape (n, 3).
            radius: [m], shape (n,) or one for all.
            material: index from `add_material`.
            velocity: [m/s], shape (n, 3) or (3,); at rest if not given.
            angular_velocity: [rad/s], likewise.
            fixed: shape (n,) or one for all: keeps its velocity and spin whatever pushes it.
        """
        self._require_material(material)
        position = np.atleast_2d(np.asarray(position, float))
        count = len(position)
        if position.shape != (count, 3) or not np.isfinite(position).all():
            raise ConfigError(
                f"add_particles: position has shape {position.shape}, must be finite and (n, 3); correct it"
            )
        radius = np.broadcast_to(np.asarray(radius, float), (count,)).copy()
        if count and not (radius.min() > 0 and np.isfinite(radius).all()):
            raise ConfigError(f"add_particles: the smallest radius is {radius.min()}, must be above 0 m; correct it")
        still = np.zeros(3)
        self.particles.append(
            {
                "position": position,
                "radius": radius,
                "mass": self.materials[material].density * (4 / 3) * np.pi * radius**3,
                "material": np.full(count, material, np.int32),
                "velocity": np.broadcast_to(still if velocity is None else velocity, (count, 3)).astype(float),
                "angular_velocity": np.broadcast_to(
                    still if angular_velocity is None else angular_velocity, (count, 3)
                ).astype(float),
                "fixed": np.broadcast_to(fixed, (count,)).copy(),
            }
        )
        first = sum(len(part["radius"]) for part in self.particles[:-1])
        return np.arange(first, first + count)

    def add_body(self, name: str, mass: float, inertia: Sequence[float], position: Sequence[float], **start) -> int:
        """Add a rigid body; returns its index.

        Args:
            name: how results call it.
            mass: [kg].
            inertia: principal moments [kg m2], shape (3,).
            position: centre of mass [m], shape (3,).
            **start: orientation, velocity, angular_velocity, motion, as in `Body`.
        """
        if not mass > 0 or not min(inertia) > 0:
            raise ConfigError(
                f"body {name!r} has mass {mass} kg and inertia {tuple(inertia)}, all must be above 0; give them"
            )
        self.bodies.append(Body(name, mass, _triple(inertia), _triple(position), **start))
        return len(self.bodies) - 1

    def add_shape(self, shape: Any, material: int, body: int = GROUND) -> int:
        """Fix a shape to a body, in the body's frame; returns the shape's index."""
        self._require_material(material)
        if not 0 <= body < len(self.bodies):
            raise ConfigError(f"add_shape got body {body}, there are {len(self.bodies)}; add the body first")
        self.shapes.append(ShapeEntry(shape, material, body))
        return len(self.shapes) - 1

    def add_plane(self, point: Sequence[float], normal: Sequence[float], material: int, body: int = GROUND) -> int:
        """Add a plane whose `normal` points to the free side; returns the shape's index."""
        return self.add_shape(Plane(_triple(point), _triple(normal)), material, body)

    def add_box_walls(
        self, lower: Sequence[float], upper: Sequence[float], material: int, faces: str = "-x +x -y +y -z"
    ) -> list[int]:
        """Add walls around a box, open at the top unless `faces` names "+z"; returns the shapes' indices."""
        found = []
        for face in faces.split():
            sign, axis = 1.0 if face[0] == "-" else -1.0, "xyz".index(face[1])
            normal = [0.0, 0.0, 0.0]
            normal[axis] = sign
            found.append(self.add_plane(lower if face[0] == "-" else upper, normal, material))
        return found

    def set_domain(self, lower: ArrayLike, upper: ArrayLike, periodic: ArrayLike = (False, False, False)) -> None:
        """Bound the scene: grains that leave through a face that is not periodic stop the run with an error."""
        low, high, wrapped = np.asarray(lower, float), np.asarray(upper, float), np.asarray(periodic, bool)
        if not (high > low).all():
            raise ConfigError(f"set_domain got lower {low} and upper {high}, upper must be larger; swap them")
        if not np.isfinite(np.concatenate([low[wrapped], high[wrapped]])).all():
            raise ConfigError("set_domain got a periodic axis without finite bounds; give both its bounds")
        self.domain = Domain(low, high, wrapped)

    def finalize(self) -> Model:
        """Check the scene and return its model.

        Raises:
            ConfigError: materials that can touch lack a number that a law reads, or are both rigid; a grain lies
                outside the domain; gravity is none.
        """
        names = ("position", "velocity", "angular_velocity", "radius", "mass", "material", "fixed")
        empty = {"material": np.zeros(0, np.int32), "fixed": np.zeros(0, bool)}
        vectors = names[:3]
        particles = {
            name: np.concatenate([part[name] for part in self.particles])
            if self.particles
            else empty.get(name, np.zeros((0, 3) if name in vectors else 0))
            for name in names
        }
        self._require_gravity()
        self._require_inside(particles["position"])
        model = Model(
            self.materials, self.pairs, particles, self.shapes, self.bodies, self.gravity, self.domain, self.contact
        )
        derive_pairs(model)  # complains of what is missing
        return model

    def _require_gravity(self) -> None:
        if not callable(self.gravity) and not (
            len(self.gravity) == 3 and all(math.isfinite(component) for component in self.gravity)
        ):
            raise ConfigError(
                f"gravity is {self.gravity}, must be three finite numbers; use (0, 0, -1.62) for the Moon"
            )

    def _require_inside(self, position: np.ndarray) -> None:
        bounded = ~self.domain.periodic
        outside = ((position < self.domain.lower) | (position > self.domain.upper))[:, bounded].any(axis=1)
        if outside.any():
            first = int(np.flatnonzero(outside)[0])
            raise ConfigError(
                f"particle {first} lies at {position[first]}, outside the domain; move it or widen set_domain(...)"
            )

    def _require_material(self, index: int) -> None:
        if not 0 <= index < len(self.materials):
            raise ConfigError(
                f"material {index} does not exist, there are {len(self.materials)}; call add_material first"
            )


def _triple(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
