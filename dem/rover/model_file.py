"""Reads an MJCF or URDF file, and says in one sentence what is wrong with one that cannot be driven.

A file may name others only in its own folder or below: a model from elsewhere shall not read what lies around.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.rover.model_guard import SCHEME, count_elements, files_of, is_urdf, tails, without_unread_meshes

LARGEST = 1e12  # SI units; a joint without limits has them at 0
NUMBERS = (
    "qpos0", "body_pos", "body_quat", "body_ipos", "body_iquat", "body_mass", "body_inertia", "jnt_pos", "jnt_axis",
    "jnt_range", "jnt_stiffness", "dof_damping", "dof_armature", "dof_frictionloss", "qpos_spring", "geom_pos",
)  # fmt: skip


def load_mujoco() -> Any:
    """Import the MuJoCo module, or say how to get it.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import mujoco
    except ImportError as error:
        raise ConfigError(
            "scenario=rover_drive needs MuJoCo, which is missing; pip install 'drawbar[rover]'"
        ) from error
    return mujoco


def read_model(path: Path) -> Any:
    """A MuJoCo spec of a file, whose masses, weights and meshes are what the file says they are.

    Raises:
        ConfigError: the file is no MJCF or URDF, or reaches out of its folder.
    """
    mujoco = load_mujoco()
    files_of(path)
    try:
        if is_urdf(path):
            spec = mujoco.MjSpec.from_string(without_unread_meshes(path)[0])
            spec.modelfiledir = str(path.parent)
        else:
            spec = mujoco.MjSpec.from_file(str(path))
    except Exception as error:  # its readers of meshes and of XML have errors of several kinds
        raise rejection(path, error) from error
    kinds = mujoco.mjtInertiaFromGeom
    if is_urdf(path) and spec.compiler.inertiafromgeom == kinds.mjINERTIAFROMGEOM_AUTO:
        # A link without <inertial> has no mass; MuJoCo would fill its collision shape with water.
        spec.compiler.inertiafromgeom = kinds.mjINERTIAFROMGEOM_FALSE
        _require_mimics(mujoco, spec, path)
    for mesh in spec.meshes:
        if SCHEME.match(mesh.file):
            mesh.file = _unpack(SCHEME.sub("", mesh.file), path.parent / spec.meshdir)
    flags = mujoco.mjtDisableBit
    spec.option.disableflags &= ~int(flags.mjDSBL_GRAVITY | flags.mjDSBL_ACTUATION)
    for body in spec.bodies:  # nothing carries a rover but its wheels
        body.gravcomp = 0.0
    return spec


def _require_mimics(mujoco: Any, spec: Any, path: Path) -> None:
    """Reject a differential that this MuJoCo would leave out."""
    linkages = [entry for entry in spec.equalities if entry.type == mujoco.mjtEq.mjEQ_JOINT]
    if count_elements(path, "mimic") > len(linkages):
        raise ConfigError(
            f"rover.model {path} links joints by <mimic>, which MuJoCo {mujoco.__version__} ignores; install a newer "
            "one (pip install 'mujoco>=4'), or state the linkage in an MJCF"
        )


def _unpack(name: str, folder: Path) -> str:
    """Where a file of a package is in the model's folder: in one of the package's name, or in the package itself."""
    return next((tail for tail in tails(name) if (folder / tail).is_file()), name)


def parse_model(text: str) -> Any:
    """A MuJoCo spec of MJCF text that drawbar wrote itself."""
    return load_mujoco().MjSpec.from_string(text)


def compile_model(spec: Any, path: Path | None) -> Any:
    """The MuJoCo model of a spec.

    Raises:
        ConfigError: MuJoCo rejects it.
    """
    try:
        model = spec.compile()
    except Exception as error:  # as above
        raise rejection(path, error) from error
    for name in NUMBERS:
        if not (np.abs(getattr(model, name)) < LARGEST).all():  # false for a NaN too, which MuJoCo lets pass
            raise ConfigError(
                f"rover.model {path} holds a number in {name} that is none, or beyond {LARGEST:g}; correct the file"
            )
    return model


NOT_FOUND = re.compile(r"(\w+) '([^']*)' not found(?: in (\w+))?")
SCENE = "the scene that includes this file may define it: give that file as rover.model, or define it here"


def rejection(path: Path | None, error: Exception) -> ConfigError:
    """MuJoCo's own words, in our sentence: a file that is missing, something else that is, or another fault."""
    said = " ".join(str(error).split()).rstrip(".")
    missing = NOT_FOUND.search(said)
    if missing and missing.group(1).lower() not in ("file", "resource"):
        what, name, place = missing.groups()
        where = f", which a {place} names" if place else ""
        return ConfigError(f"rover.model {path} lacks the {what} {name!r}{where}; {SCENE}")
    if "opening file" in said or "not found" in said.lower():
        return ConfigError(
            f"rover.model {path} names a file that is missing ({said}); put it there, seen from the model's folder, "
            "or drop what names it"
        )
    if path is not None and path.suffix.lower() in (".sdf", ".world"):
        return ConfigError(
            f"rover.model {path} is SDF, which MuJoCo does not read; convert it: gz sdf -p, then to URDF"
        )
    if "decoder" in said:
        return ConfigError(
            f"rover.model {path} names a mesh of a kind that MuJoCo does not read ({said}); convert it to STL or OBJ"
        )
    return ConfigError(f"rover.model {path} is not a model that MuJoCo can build ({said}); correct the file")
