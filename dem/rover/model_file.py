"""Reads an MJCF or URDF file, and says in one sentence what is wrong with one that cannot be driven.

A file may name others only in its own folder or below: a model from elsewhere shall not read what lies around.
"""

from pathlib import Path
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.rover.model_guard import files_of

LARGEST = 1e12  # SI units; a joint without limits has them at 0
NUMBERS = (
    "qpos0", "body_pos", "body_quat", "body_ipos", "body_iquat", "body_mass", "body_inertia", "jnt_pos", "jnt_axis",
    "jnt_range", "jnt_stiffness", "dof_damping", "dof_armature", "dof_frictionloss", "qpos_spring", "geom_pos",
)  # fmt: skip


def load_mujoco() -> Any:
    """The MuJoCo module.

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
    """A MuJoCo spec of a file.

    Raises:
        ConfigError: the file is no MJCF or URDF, or reaches out of its folder.
    """
    mujoco = load_mujoco()
    files_of(path)
    try:
        return mujoco.MjSpec.from_file(str(path))
    except Exception as error:  # its readers of meshes and of XML have errors of several kinds
        raise refusal(path, error) from error


def parse_model(text: str) -> Any:
    """A MuJoCo spec of MJCF text that drawbar wrote itself."""
    return load_mujoco().MjSpec.from_string(text)


def compile_model(spec: Any, path: Path | None) -> Any:
    """The MuJoCo model of a spec.

    Raises:
        ConfigError: MuJoCo refuses it.
    """
    try:
        model = spec.compile()
    except Exception as error:  # as above
        raise refusal(path, error) from error
    for name in NUMBERS:
        if not (np.abs(getattr(model, name)) < LARGEST).all():  # false for a NaN too, which MuJoCo lets pass
            raise ConfigError(
                f"rover.model {path} holds a number in {name} that is none, or beyond {LARGEST:g}; correct the file"
            )
    return model


def refusal(path: Path | None, error: Exception) -> ConfigError:
    """MuJoCo's own words, in our sentence."""
    said = " ".join(str(error).split()).rstrip(".")
    if "opening file" in said or "not found" in said.lower():
        return ConfigError(f"rover.model {path} names a file that is missing ({said}); put it beside the model")
    return ConfigError(f"rover.model {path} is not a model that MuJoCo can build ({said}); correct the file")
