"""A finished run is not computed over unless that is asked for: its folder says so, and `--again` allows it."""

import json
from collections.abc import Sequence
from pathlib import Path

from dem.config_errors import parse_override
from dem.errors import ConfigError
from dem.identity import digest, identity
from dem.run_config import RunConfig
from dem.run_files import RESULT_FILE

FLAG = "--again"
RUN_DIR = "hydra.run.dir"


def run_folder(overrides: Sequence[str]) -> Path | None:
    """The run's folder, where the overrides name it."""
    named = [override.value() for override in map(parse_override, overrides) if override.key_or_group == RUN_DIR]
    return Path(str(named[-1])) if named else None


def is_finished(folder: Path | None, config: RunConfig) -> bool:
    """Whether a folder holds the result of this very run.

    Raises:
        ConfigError: it holds the result of another.
    """
    if folder is None or not (folder / RESULT_FILE).exists():
        return False
    try:
        found = json.loads((folder / RESULT_FILE).read_text()).get("identity")
    except (OSError, ValueError, AttributeError):
        return False  # torn: nothing is lost by computing it again
    if found == digest(identity(config)):
        return True
    raise ConfigError(
        f"{folder} holds the result of another run, which would be lost; name another folder, or add {FLAG} to "
        "compute over it"
    )
