"""Folders of a user's own configs, beside those that drawbar brings: `soil/`, `wheel/`, `experiment/` and so on.

Such folders are those that `DRAWBAR_CONF` names, which `--config-dir` adds to, and `conf/` in the working folder. A
folder with a `config.yaml` is drawbar's own conf, of this or another checkout, and not one of them.
"""

import os
from pathlib import Path

from dem.errors import ConfigError

VARIABLE = "DRAWBAR_CONF"
FLAG = "--config-dir"


def own_folders() -> list[Path]:
    """The folders, in the order in which choices are looked up, each once.

    Raises:
        ConfigError: one that is named does not exist.
    """
    named = [Path(text).expanduser() for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text]
    for folder in named:
        if not folder.is_dir():
            raise ConfigError(
                f"{folder}, named by {VARIABLE} or {FLAG} as a folder of configs, does not exist; correct it"
            )
    found = [*named, *([Path("conf")] if Path("conf").is_dir() else [])]
    own = [folder.resolve() for folder in found if not (folder / "config.yaml").is_file()]
    return list(dict.fromkeys(own))


def add_folder(folder: str) -> None:
    """Look up configs in a folder too, in this process and those that it starts."""
    before = [text for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text]
    os.environ[VARIABLE] = os.pathsep.join([str(Path(folder).expanduser().resolve()), *before])


def take_flag(words: list[str]) -> list[str]:
    """Words of a command without `--config-dir DIR`, whose folders are added.

    Raises:
        ConfigError: the flag has no folder.
    """
    rest, place = [], 0
    while place < len(words):
        word, place = words[place], place + 1
        if word == FLAG or word == "-cd":
            if place == len(words):
                raise ConfigError(f"{FLAG} names no folder; give one with soil/, wheel/ or experiment/ in it")
            add_folder(words[place])
            place += 1
        elif word.startswith(f"{FLAG}="):
            add_folder(word.partition("=")[2])
        else:
            rest.append(word)
    return rest


def find_file(key: str, name: str, group: str) -> Path:
    """A file that a config names: by a full path, or from here, or a user's or drawbar's conf/ folder of the group.

    Raises:
        ConfigError: there is none.
    """
    package = Path(__file__).resolve().parent
    own = [folder / group for folder in own_folders()]
    for place in (Path.cwd(), *own, package.parent / "conf" / group, package / "conf" / group):
        if (place / name).is_file():
            return place / name
    raise ConfigError(f"{key} is {name!r}, there is no such file here or in conf/{group}; correct it")
