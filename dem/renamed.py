"""Names that this version still reads where it has another now, each with a warning that gives the new one.

Configs, command lines and run folders of the version before go on working. When a version has passed a line here is
deleted, and with it the old name.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

log = logging.getLogger(__name__)

GROUPS = {"test": "similitude"}  # of configs
CHOICES = {"similitude": {"flight": "prototype", "offset": "gravity_offload"}}  # by group, of it and of its `kind`
RESULTS = {"foretold": "predicted", "doubts": "warnings", "test": "similitude", "flight_gravity": "prototype_gravity"}
PHASES = {"firm up": "stiffness ramp"}  # of experiments, in checkpoints
ARRAYS = {"account": "energy_tally", "books": "energy", "ledger": "tally", "spin": "angular_velocity"}  # of checkpoints


def current_key(key: str) -> str:
    """The dotted key of a config by its present name."""
    group, dot, rest = key.partition(".")
    if group not in GROUPS:
        return key
    _warn(group, GROUPS[group])
    return f"{GROUPS[group]}{dot}{rest}"


def current_value(key: str, value: Any) -> Any:
    """The choice of a group by its present name, given the present name of its key; other values as they are."""
    group, _, field = key.partition(".")
    renamed = CHOICES.get(group, {}) if field in ("", "kind") else {}
    if not isinstance(value, str) or value not in renamed:
        return value
    _warn(f"{group}={value}", f"{group}={renamed[value]}")
    return renamed[value]


def current_override(text: str) -> str:
    """An override, or the list of a sweep, by present names: `test=flight,scaled` as `similitude=prototype,scaled`."""
    key, equals, value = text.partition("=")
    if not equals:
        return text
    sign = re.match(r"[+~]*", key).group()  # type: ignore[union-attr]
    key = current_key(key[len(sign) :])
    if key.partition(".")[0] in CHOICES:
        value = re.sub(r"\w+", lambda word: current_value(key, word.group()), value)
    return f"{sign}{key}{equals}{value}"


def current_overrides(overrides: Sequence[str]) -> list[str]:
    """Overrides by present names."""
    return [current_override(text) for text in overrides]


def current_label(name: str) -> str:
    """What a legend's label is for, an override or a choice, by present names."""
    if "=" in name:
        return current_override(name)
    return next((renamed[name] for renamed in CHOICES.values() if name in renamed), name)


def current_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted key, as identities and sweeps have them, by present names."""
    found = {current_key(key): value for key, value in values.items()}
    return {key: current_value(key, value) for key, value in found.items()}


def current_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config as it was recorded, groups of keys, by present names."""
    found = {current_key(group): values for group, values in config.items()}
    for group in CHOICES:
        if isinstance(found.get(group), Mapping) and "kind" in found[group]:
            found[group] = {**found[group], "kind": current_value(group, found[group]["kind"])}
    return found


def current_result(result: Any) -> Any:
    """What a result.json holds, by present names."""
    if not isinstance(result, Mapping):
        return result
    found = {}
    for key, value in result.items():
        if key in RESULTS:
            _warn(key, RESULTS[key])
        found[RESULTS.get(key, key)] = value
    similitude = found.get("similitude")
    if isinstance(similitude, Mapping):
        named = {RESULTS.get(key, key): value for key, value in similitude.items()}
        found["similitude"] = named | {"kind": current_value("similitude", named.get("kind"))}
    return found


def current_phase(name: str) -> str:
    """The name of a phase in a checkpoint."""
    return PHASES.get(name, name)


def current_array(name: str) -> str:
    """The name of an array in a checkpoint: each part of the path by its present name."""
    return "/".join(ARRAYS.get(part, part) for part in name.split("/"))


@cache
def _warn(old: str, new: str) -> None:
    """Warn once in a session."""
    log.warning("%s is called %s now; the old name will not be read by the next version", old, new)
