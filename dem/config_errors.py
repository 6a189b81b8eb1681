"""What is wrong with an override, in one sentence that says what to do.

Most mistakes are found here before Hydra sees them, since its own messages speak of composition and search paths. What
only Hydra or OmegaConf can find (types, interpolations) is translated after the fact.
"""

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import errors as omega

from dem.errors import ConfigError
from dem.renamed import current_override

WORDS = {
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    str: "a word",
    list: "a list of numbers",
    dict: "values by name",
}
EXAMPLES = {float: "0.2", int: "2", bool: "true", str: "name", list: "[0,0,-1.62]", dict: "{name:1.0}"}


@dataclass
class Catalog:
    """What overrides may say: choices of each group, and the spec behind it; that of the whole config is under ""."""

    choices: dict[str, list[str]]
    specs: dict[str, type]
    scenario_spec: Callable[[str], Any]  # of a scenario's name
    files: dict[str, Path]  # of the default choice of each group, whose numbers serve as examples

    def keys(self, group: str) -> list[str]:
        """Return the keys of a group's spec, or of a spec in it, such as `bed.surface`."""
        spec = self.spec_at(group)
        return [entry.name for entry in dataclasses.fields(spec)] if spec else []

    def spec_at(self, path: str) -> type | None:
        """Return the spec of a group or, by a dotted path, of a part of it that is a spec itself."""
        group, *names = path.split(".")
        spec = self.specs.get(group)
        for name in names:
            spec = typing.get_type_hints(spec).get(name) if spec else None
            spec = spec if dataclasses.is_dataclass(spec) else None
        return spec

    def scenarios_with(self, name: str) -> list[str]:
        """Return the scenarios that have a key, the others having none."""
        return [
            scenario for scenario in self.choices["scenario"]
            if name in {entry.name for entry in dataclasses.fields(self.scenario_spec(scenario))}
        ]  # fmt: skip

    def is_mapping(self, group: str, name: str) -> bool:
        """Return whether a key holds entries under names that the user chooses, such as `sources`."""
        spec = self.spec_at(group)
        return spec is not None and typing.get_origin(typing.get_type_hints(spec)[name]) is dict


def parse_override(text: str) -> Override:
    """Parse one override, with present names in place of old ones, or say how to write it."""
    try:
        override = OverridesParser.create().parse_override(current_override(text))
    except HydraException:
        override = None
    if override is None or not override.key_or_group:
        raise ConfigError(
            f"cannot read {text!r}, must be key=value; write for instance gravity=mars or scenario.slip=0.2, "
            "and quote a value with special characters"
        )
    return override


def override_keys(overrides: Sequence[str]) -> list[str]:
    """Return the dotted keys that overrides set."""
    return [parse_override(text).key_or_group for text in overrides]


def check_overrides(overrides: Sequence[str], catalog: Catalog) -> None:
    """Reject an override that names no key, no choice, or no single value."""
    for text in overrides:
        override = parse_override(text)
        key = override.key_or_group
        if key.split(".")[0].split("/")[0] == "hydra":
            continue
        group, _, field = key.partition(".")
        known = list(dict.fromkeys([*catalog.choices, *catalog.keys("")]))
        if group not in known:
            raise ConfigError(_no_group(group, override, catalog, known))
        _check_form(text, key, override)
        if field:
            _check_field(group, field, override, catalog)
        elif group in catalog.choices:
            _check_choice(group, override, catalog)
        else:
            _check_field("", group, override, catalog)


def _no_group(group: str, override: Override, catalog: Catalog, known: Sequence[str]) -> str:
    """Of a word that is no group: a key without its group is told with it."""
    owners = [name for name in catalog.specs if name and group in catalog.keys(name) and group != "name"]
    if owners:
        meant = f"{owners[0]}.{group}={override.get_value_element_as_str()}"
        return f"{group} is not a config group but a key of one; write {meant}"
    return f"{group} is not a config group{did_you_mean(group, known)}"


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return the rest of a sentence: the nearest known word and all of them."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    guess = f"did you mean {near[0]}? Known" if near else "known"
    return f"; {guess}: {', '.join(known)}"


def _check_form(text: str, key: str, override: Override) -> None:
    if override.package is not None:
        raise ConfigError(f"{text!r} places a group elsewhere with @, which drawbar has no use for; write {key}=...")
    if override.is_delete():
        raise ConfigError(f"{text!r} deletes {key}, which a run needs; give it another value with {key}=...")
    if override.is_sweep_override():
        raise ConfigError(f"{key} is given several values in {text!r}, must be one in a run; use drawbar sweep {text}")
    if override.is_add() or override.is_force_add():
        raise ConfigError(f"{text!r} adds a key, but drawbar's are fixed; write it without the +")


def _check_choice(group: str, override: Override, catalog: Catalog) -> None:
    value = override.value()
    if value is None and group == "experiment":
        return
    known = catalog.choices[group]
    if value == "":
        raise ConfigError(f"{group} has no value; write {group}={known[0]}, or another of: {', '.join(known)}")
    if value not in known:
        shown = repr(value) if isinstance(value, str) else override.get_value_element_as_str()
        if group == "gravity" and isinstance(value, int | float) and not isinstance(value, bool):
            vector = f"gravity=custom gravity.vector=[0,0,{-abs(value):g}]"
            raise ConfigError(
                f"gravity is {shown}, must be a body's name; write {vector}, or one of {', '.join(known)}"
            )
        raise ConfigError(f"{group} is {shown}, not one of its choices{did_you_mean(str(value), known)}")


def _check_field(group: str, field: str, override: Override, catalog: Catalog) -> None:
    known, (name, *deeper) = catalog.keys(group), field.split(".")
    key = f"{group}.{name}".lstrip(".")
    if name not in known:
        if group == "scenario" and (others := catalog.scenarios_with(name)):
            raise ConfigError(f"{key} is not a key of this scenario; add scenario={' or scenario='.join(others)}")
        raise ConfigError(f"{key} is not a config key{did_you_mean(name, known)}")
    if parts := catalog.keys(key):
        if deeper:
            return _check_field(key, ".".join(deeper), override, catalog)
        if not isinstance(override.value(), dict):
            raise ConfigError(
                f"{key} is {override.get_value_element_as_str()}, but has parts; write "
                f"{key}.{parts[0]}=..., or another of: {', '.join(parts)}"
            )
        return None
    if deeper and not catalog.is_mapping(group, name):
        raise ConfigError(f"{group}.{field} is not a config key, {key} has no parts; write {key}=...")
    if override.value() == "":
        word, example = describe(catalog, key)
        raise ConfigError(f"{key} has no value, must be {word}; write {key}={example}")
    return None


def describe(catalog: Catalog, key: str) -> tuple[str, str]:
    """Return what a key takes, in words, and an example value."""
    group = key.split(".sources.")[0].rpartition(".")[0]
    name = key.removeprefix(f"{group}.").split(".")[0]
    spec = catalog.spec_at(group)
    if spec is None or name not in catalog.keys(group):
        return "a value of another type", "..."
    kind: Any = typing.get_type_hints(spec)[name]
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    kind = next((typing.get_origin(option) or option for option in options if option is not type(None)), str)
    usual = _usual_value(catalog, group, spec, name)
    example = str(usual).lower() if isinstance(usual, bool | int | float | str) else EXAMPLES.get(kind, "auto")
    return WORDS.get(kind, "auto or a number") + (", or null" if type(None) in options else ""), example


def _usual_value(catalog: Catalog, group: str, spec: type, name: str) -> Any:
    """What the default choice says, or the spec where its file says nothing."""
    if group in catalog.files:
        return yaml.safe_load(catalog.files[group].read_text()).get(name)
    return next(entry.default for entry in dataclasses.fields(spec) if entry.name == name)


def translate(error: Exception, overrides: Sequence[str], catalog: Catalog) -> ConfigError:
    """Turn a failure of Hydra, OmegaConf or YAML into one sentence."""
    if isinstance(error, ConfigError):
        return error
    cause = error if isinstance(error, omega.OmegaConfBaseException) else error.__cause__
    key = str(getattr(cause, "full_key", None) or "").split("[")[0]
    if key.startswith("hydra."):
        return ConfigError(
            f"{key} is not one of Hydra's own settings, or has the wrong type; see drawbar run --cfg hydra"
        )
    if isinstance(cause, omega.MissingMandatoryValue):
        word, example = describe(catalog, key)
        return ConfigError(f"{key} is missing, must be {word}; add {key}={example}")
    if isinstance(cause, omega.ValidationError):
        word, example = describe(catalog, key)
        return ConfigError(
            f"{key} is {_value_of(key, cause, overrides)}, must be {word}; give one such as {key}={example}"
        )
    if isinstance(cause, omega.InterpolationResolutionError):
        return ConfigError(f"{key} cannot be resolved ({_first_line(cause)}); give it a plain value")
    if isinstance(cause, omega.ConfigAttributeError | omega.ConfigKeyError):
        group, _, name = key.rpartition(".")
        return ConfigError(
            f"{key} is not a config key{did_you_mean(name, catalog.keys(group) or list(catalog.choices))}"
        )
    return ConfigError(f"the config cannot be composed ({_first_line(error)}); check {' '.join(overrides) or 'conf/'}")


def _value_of(key: str, cause: Exception, overrides: Sequence[str]) -> str:
    given = {text.partition("=")[0].lstrip("+"): text.partition("=")[2] for text in overrides}
    if key in given:
        return given[key]
    found = re.search(r"Value '(.*?)'", str(cause))
    return found.group(1) if found else "of another type"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
