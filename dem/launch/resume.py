"""`drawbar run --resume DIR`: the command that goes on with a run that was stopped, from what its folder recorded."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from dem.config_errors import override_keys
from dem.errors import ConfigError

FLAG = "--resume"
FREE = ("device", "output")  # what may change: where it runs and what is written, not what is computed
RUN_DIR = "hydra.run.dir"


def resumed(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with `--resume DIR` replaced by what the run in DIR was given, and its folder.

    Raises:
        ConfigError: there is nothing to resume, or more is to be changed than may be.
    """
    words = list(arguments)
    if FLAG not in words:
        return words
    place = words.index(FLAG)
    if place + 1 == len(words):
        raise ConfigError(f"{FLAG} names no folder; give that of the run: drawbar run {FLAG} outputs/demo")
    folder, rest = Path(words[place + 1]), words[:place] + words[place + 2 :]
    changed = [key for key in override_keys(rest) if key.partition(".")[0] not in FREE]
    if changed:
        raise ConfigError(f"{changed[0]} is given beside {FLAG}, but a run goes on as it began; drop it")
    quoted = str(folder).replace("\\", "\\\\").replace("'", "\\'")
    return [*_recorded(folder), *rest, f"{RUN_DIR}='{quoted}'"]


def _recorded(folder: Path) -> list[str]:
    path = folder / ".hydra" / "overrides.yaml"
    if not path.is_file():
        raise ConfigError(f"{folder} holds no run to resume (no {path.relative_to(folder)}); give the folder of a run")
    if (folder / "result.json").exists():
        raise ConfigError(f"{folder} is complete: nothing to resume; start it anew with {RUN_DIR}={folder}")
    return [str(text) for text in yaml.safe_load(path.read_text()) or []]
