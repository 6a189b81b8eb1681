"""`drawbar run --resume DIR`: the command that goes on with a run that was stopped, from what its folder recorded."""

import importlib
from collections.abc import Sequence
from pathlib import Path

import yaml

from dem.config_errors import override_keys
from dem.errors import ConfigError, ResultsError
from dem.identity import identity, may_change_results
from dem.run_config import RunConfig
from dem.run_files import CHECKPOINT_FILE, RESULT_FILE

FLAG = "--resume"
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
    changed = [key for key in override_keys(rest) if may_change_results(key)]
    if changed:
        raise ConfigError(f"{changed[0]} is given beside {FLAG}, but a run goes on as it began; drop it")
    quoted = str(folder).replace("\\", "\\\\").replace("'", "\\'")
    return [*_recorded(folder), *rest, f"{RUN_DIR}='{quoted}'"]


def require_own(arguments: Sequence[str], config: RunConfig) -> None:
    """Reject to resume a run that this config would start over: its frames would be lost.

    Args:
        arguments: as given, with or without `--resume DIR`.
        config: that they lead to.

    Raises:
        ConfigError: the checkpoint is torn, of another version, or of numbers or files that were changed since.
    """
    words = list(arguments)
    folder = Path(words[words.index(FLAG) + 1]) if FLAG in words else None
    if folder is None or not (folder / CHECKPOINT_FILE).exists():
        return  # killed before it saved anything: it starts from the beginning
    procedure = importlib.import_module("dem.experiment.procedure")  # which imports the engine
    try:
        procedure.load_matching(folder / CHECKPOINT_FILE, identity(config))
    except procedure.AnotherRunError as error:
        raise ConfigError(
            f"{error}; put back what conf/ and its files held when the run began, or start anew in another folder"
        ) from error
    except ResultsError as error:
        raise ConfigError(f"{error}; start the run anew in another folder") from error


def _recorded(folder: Path) -> list[str]:
    path = folder / ".hydra" / "overrides.yaml"
    if not path.is_file():
        raise ConfigError(f"{folder} holds no run to resume (no {path.relative_to(folder)}); give the folder of a run")
    if (folder / RESULT_FILE).exists():
        raise ConfigError(f"{folder} is complete: nothing to resume; start it anew with {RUN_DIR}={folder}")
    try:
        listed = yaml.safe_load(path.read_text())  # of an empty one, cut off, None
        recorded = [str(text).removeprefix("++") for text in listed]
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no list of overrides; start the run anew in another folder") from error
    if foreign := [key for key in override_keys(recorded) if key.replace("/", ".").partition(".")[0] == "hydra"]:
        raise ConfigError(f"{path} sets {foreign[0]}, which drawbar never records; was it written by hand? Drop it")
    return recorded
