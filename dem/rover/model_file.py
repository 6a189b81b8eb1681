"""Reads an MJCF or URDF file, and says in one sentence what is wrong with one that cannot be driven.

A file may name others only in its own folder or below: a model from elsewhere shall not read what lies around.
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dem.errors import ConfigError

FILE_KEYS = ("file", "filename", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback")
FOLDER_KEYS = ("meshdir", "texturedir", "assetdir")
PACKAGE = "package://"  # of URDF: the importer takes the file's name alone


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
    check_file(path, path.resolve().parent, set())
    try:
        return mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
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
        return spec.compile()
    except ValueError as error:
        raise refusal(path, error) from error


def refusal(path: Path | None, error: Exception) -> ConfigError:
    """MuJoCo's own words, in our sentence."""
    said = " ".join(str(error).split()).rstrip(".")
    if "opening file" in said or "not found" in said.lower():
        return ConfigError(f"rover.model {path} names a file that is missing ({said}); put it beside the model")
    return ConfigError(f"rover.model {path} is not a model that MuJoCo can build ({said}); correct the file")


def check_file(path: Path, folder: Path, seen: set[Path]) -> None:
    """Refuse XML that is malformed, and names of files outside `folder`, in what it includes too."""
    seen.add(path.resolve())
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise ConfigError(f"rover.model {path} is not well-formed XML ({error}); correct that line") from error
    for element in root.iter():
        for key in (*FILE_KEYS, *FOLDER_KEYS):
            _check_name(path, folder, element, key)
        if element.tag == "include":
            included = (folder / element.get("file", "")).resolve()
            if not included.is_file():
                raise ConfigError(f"rover.model {path} includes {element.get('file')!r}, which is missing; add it")
            if included not in seen:
                check_file(included, folder, seen)


def _check_name(path: Path, folder: Path, element: ElementTree.Element, key: str) -> None:
    name = element.get(key)
    if not name or name.startswith(PACKAGE):
        return
    if not (folder / name).resolve().is_relative_to(folder):
        raise ConfigError(
            f"rover.model {path} names {name!r} (<{element.tag} {key}>), which lies outside {folder}; copy it there"
        )
