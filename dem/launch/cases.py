"""From a sweep's overrides to its cases: the product of all lists, in Hydra's own grammar.

`scenario.slip=0,0.2 gravity=moon,earth` gives four cases; so do `hydra.sweeper.params` of an experiment, which the
command line overrules key by key. A case's folder is named by its overrides, sorted, so that it is found again.
"""

import hashlib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.core.override_parser.types import Glob, Override
from omegaconf import OmegaConf

from dem.config import compose_config, list_choices
from dem.config_errors import parse_override
from dem.errors import ConfigError

LONGEST_NAME = 180  # file systems stop at 255 bytes
UNNAMED = ("experiment", "hydra", "device", "output")  # groups that do not change what a case computes


@dataclass
class Case:
    """One run of a study."""

    name: str
    overrides: list[str]
    folder: Path


def expand_cases(arguments: Sequence[str]) -> list[list[str]]:
    """Return the overrides of every case of a sweep, in the order of the lists."""
    parsed = [parse_override(text) for text in arguments]
    given = {override.key_or_group for override in parsed}
    params = sweep_settings(arguments).params
    parsed += [parse_override(f"{key}={values}") for key, values in params.items() if key not in given]
    return [list(case) for case in itertools.product(*(_values(override) for override in parsed))]


@dataclass
class SweepSettings:
    """What the config says about a sweep: the study's folder, and an experiment's lists."""

    folder: Path
    params: dict[str, str]


def sweep_settings(arguments: Sequence[str]) -> SweepSettings:
    """Read the settings that no list touches."""
    parsed = [parse_override(text) for text in arguments]
    plain = [text for text, override in zip(arguments, parsed, strict=True) if not override.is_sweep_override()]
    for override in parsed:
        if override.key_or_group == "experiment" and override.is_sweep_override():
            raise ConfigError(
                "experiment is given several values, must be one in a study; sweep them one after the other"
            )
    settings = compose_config(plain, with_hydra=True)
    params = OmegaConf.select(settings, "hydra.sweeper.params") or {}
    return SweepSettings(folder=Path(settings.hydra.sweep.dir), params={str(key): str(params[key]) for key in params})


def make_cases(arguments: Sequence[str], study: Path) -> list[Case]:
    """Return the cases of a study, each once."""
    swept = {override.key_or_group for override in map(parse_override, arguments) if override.is_sweep_override()}
    swept |= set(sweep_settings(arguments).params)
    cases = {}
    for overrides in expand_cases(arguments):
        name = name_case(overrides, swept)
        cases[name] = Case(name=name, overrides=overrides, folder=study / name)
    return list(cases.values())


def name_case(overrides: Sequence[str], swept: set[str]) -> str:
    """Name a case by its overrides; of the groups that do not change the physics only what is swept."""
    parts = []
    for text in sorted(overrides):
        key = parse_override(text).key_or_group
        if key in swept or re.split(r"[./]", key)[0] not in UNNAMED:
            parts.append(re.sub(r"[^\w.,=+\[\]-]", "_", text))
    name = ",".join(parts) or "default"
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name


def _values(override: Override) -> list[str]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [f"{key}={override.get_value_element_as_str()}"]
    value = override.value()
    if isinstance(value, Glob):
        return [f"{key}={name}" for name in value.filter(list_choices().get(override.key_or_group, []))]
    if not override.is_discrete_sweep():
        raise ConfigError(f"{key} is given an interval, must be a list or a range; write {key}=0,0.2 or range(0,1,0.2)")
    return [f"{key}={text}" for text in override.sweep_string_iterator()]
