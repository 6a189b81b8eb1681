"""What a frame of a world of a simulation holds, as `RunWriter` takes it: grains, bodies, contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dem.io.schema import BodyMesh

Arrays = dict[str, np.ndarray]

FRAME_ARRAYS = ("position", "velocity", "angular_velocity", "contact_count")
POSES = ("body_position", "body_orientation")


def read_frame(
    simulation: Any, world: int, grain_arrays: Sequence[str], has_contacts: bool
) -> tuple[Arrays, Arrays, Arrays | None]:
    """Read what a frame of a world holds.

    Returns:
        Arrays of the grains and the list of contacts, as `RunWriter.write_frame` takes them, the latter None where it
        is not asked for; between them those arrays with `POSES` of all bodies.
    """
    names = (*FRAME_ARRAYS, *grain_arrays)
    found = simulation.snapshot(world, (*names, *POSES))
    contacts = simulation.contact_pairs(world) if has_contacts else None
    return {name: found[name] for name in names}, found, contacts


def mesh_poses(meshes: Mapping[int, BodyMesh], found: Arrays) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Position and orientation of bodies by name, from `POSES` of all bodies; meshes by the body's number."""
    return {mesh.name: (found[POSES[0]][body], found[POSES[1]][body]) for body, mesh in meshes.items()}


def body_meshes(model: Any) -> dict[int, BodyMesh]:
    """Surface of every body of a model that has one, in its own frame, by the body's number."""
    found = {}
    for number, body in enumerate(model.bodies):
        parts = [entry.shape.surface_mesh() for entry in model.shapes if entry.body == number]
        offsets = np.cumsum([0, *(len(points) for points, _ in parts)])
        if offsets[-1]:
            points = np.concatenate([points for points, _ in parts])
            faces = np.concatenate([faces + offset for (_, faces), offset in zip(parts, offsets, strict=False)])
            found[number] = BodyMesh(body.name, points, faces)
    return found
