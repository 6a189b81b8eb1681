"""What makes two runs the same run: all that changes the numbers they compute, and nothing else.

Fields of the specs that do not count are marked there (`dem.spec.uncounted`): names of devices, what is written, limits
that only stop a run, the sources of numbers. Of files the content counts, not the path. Results, checkpoints, sweeps
and the cache of beds all ask this module.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from dem.run_config import GROUPS, SPECS, RunConfig
from dem.soil.contact_spec import ContactSpec
from dem.spec import COUNTS

Identity = dict[str, Any]
UNCOUNTED_GROUPS = ("device", "output")  # may be chosen anew; what of them counts is compared by its value
MOST_LISTED = 3  # differences in a message


def identity(config: RunConfig) -> Identity:
    """All that changes what a run computes, by dotted key, with values as JSON holds them."""
    groups = [name for name in GROUPS if name in ("scenario", *config.scenario.reads)]
    found = _contents(config, groups)
    for name in groups:
        found |= counted(getattr(config, name), f"{name}.")
    for key, value in counted(ContactSpec(), "contact.").items():
        if found.get(key) == value:
            del found[key]  # as of runs from before laws could be chosen
    return json.loads(json.dumps(found))


def _contents(config: RunConfig, groups: Sequence[str]) -> Identity:
    """What counts of the files that these groups name, by dotted key."""
    found = {f"scenario.{name}": value for name, value in config.scenario.content().items()}
    if "wheel" in groups:
        found |= {f"wheel.{name}": value for name, value in config.wheel.content().items()}
    if "rover" in groups:
        found |= {f"rover.model {name}": value for name, value in config.rover.content().items()}
    if "bed" in groups and config.bed.surface.file is not None:
        found["bed.surface.file"] = config.bed.surface.content()["file"]
    return found


def counted(spec: Any, prefix: str = "") -> Identity:
    """The fields of a dataclass that count, and of those in it, by dotted key."""
    found: Identity = {}
    for entry in fields(spec):
        value = getattr(spec, entry.name)
        if entry.metadata.get(COUNTS, True):
            if is_dataclass(value):
                found |= counted(value, f"{prefix}{entry.name}.")
            else:
                found[f"{prefix}{entry.name}"] = value
    return found


def may_change_results(key: str) -> bool:
    """Whether a key or group, as an override names it, may change what a run computes."""
    group, *path = key.split(".")
    if group in UNCOUNTED_GROUPS:
        return False
    spec: Any = SPECS.get(group)
    for name in path:
        entry = next((entry for entry in fields(spec) if entry.name == name), None) if is_dataclass(spec) else None
        if entry is not None and not entry.metadata.get(COUNTS, True):
            return False
        spec = entry.type if entry is not None else None
    return True


def digest(found: Mapping[str, Any]) -> str:
    """A short hash of an identity."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """How two identities differ, in words; empty if they do not."""
    usual = counted(ContactSpec(), "contact.")  # left out of identities
    before, now = usual | dict(before), usual | dict(now)
    keys = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    said = [f"{key} was {before.get(key)!r}, is {now.get(key)!r}" for key in keys[:MOST_LISTED]]
    more = [f"{len(keys) - MOST_LISTED} more"] if len(keys) > MOST_LISTED else []
    return "; ".join([*said, *more])
