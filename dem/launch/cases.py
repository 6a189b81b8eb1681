"""From a sweep's overrides to its cases: the product of all lists, in Hydra's own grammar.

`scenario.slip=0,0.2 gravity=moon,earth` gives four cases; so do `hydra.sweeper.params` of an experiment, which the
command line overrules key by key. `repeats` is one more list, of `bed.seed`; the arms of a study are sets of overrides,
each crossed with the lists. A case's folder is named by its overrides, sorted, so that it is found again.
"""

import hashlib
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from hydra.core.override_parser.types import Override
from omegaconf import OmegaConf

from dem.config import compose_config
from dem.config_errors import parse_override
from dem.errors import ConfigError
from dem.launch.sweep_values import canonical, values_of
from dem.renamed import current_override, current_overrides
from dem.run_config import OF_A_SWEEP
from dem.spec import LauncherSpec, require_range
from dem.study.spec import StudySpec

LONGEST_NAME = 180  # file systems stop at 255 bytes
UNNAMED = ("experiment", "hydra", "device", "output")  # groups that do not change what a case computes
SEED = "bed.seed"


@dataclass
class Case:
    """One run of a study.

    Attributes:
        name: of its folder.
        overrides: with which `drawbar run` gives it.
        folder: of the run.
        arm: of the study that it belongs to.
        swept: values of the keys that vary over the study.
    """

    name: str
    overrides: list[str]
    folder: Path
    arm: str | None = None
    swept: dict[str, Any] = field(default_factory=dict)


@dataclass
class SweepSettings:
    """What the config says about a sweep.

    Attributes:
        folder: of the study.
        experiment: that it is, or none.
        params: lists of an experiment, by key.
        repeats: beds a point.
        seed: of the first of them; none if the config has no bed.
        study: what is asked.
        launcher: how the cases are run.
    """

    folder: Path
    experiment: str | None
    params: dict[str, str]
    repeats: int
    seed: int
    study: StudySpec
    launcher: LauncherSpec


def sweep_settings(arguments: Sequence[str]) -> SweepSettings:
    """Read the settings that no list touches."""
    parsed = [parse_override(text) for text in arguments]
    for override in parsed:
        key = override.key_or_group
        if override.is_sweep_override() and key.partition(".")[0] in ("experiment", *OF_A_SWEEP):
            raise ConfigError(f"{key} is given several values, must be one in a study; sweep them one after the other")
    plain = [text for text, override in zip(arguments, parsed, strict=True) if not override.is_sweep_override()]
    composed = compose_config(plain, with_hydra=True)
    require_range("repeats", composed.repeats, 1, math.inf, "give the number of beds a point shall have")
    params = OmegaConf.select(composed, "hydra.sweeper.params") or {}
    return SweepSettings(
        folder=Path(composed.hydra.sweep.dir),
        experiment=composed.hydra.runtime.choices.get("experiment"),
        params=dict(current_override(f"{key}={params[key]}").split("=", 1) for key in params),
        repeats=composed.repeats,
        seed=composed.bed.seed,
        study=cast(StudySpec, OmegaConf.to_object(composed.study)),
        launcher=cast(LauncherSpec, OmegaConf.to_object(composed.launcher)),
    )


def make_cases(
    arguments: Sequence[str], folder: Path, settings: SweepSettings | None = None, arms: Sequence[str] = ()
) -> list[Case]:
    """Return the cases of a study, each once.

    Args:
        arguments: overrides, lists among them.
        folder: of the study.
        settings: of the same arguments, where they are at hand.
        arms: of the study that are wanted; all if none are named.

    Raises:
        ConfigError: lists, arms and repeats do not go together, or the study has no such arm.
    """
    settings = settings or sweep_settings(arguments)
    there = settings.study.arms
    for name in arms:
        if name not in there:
            said = f"must be one of {', '.join(there)}" if there else "but this study has no arms"
            raise ConfigError(f"--arms names {name!r}, {said}")
    shared, swept = _shared_overrides(arguments, settings)
    # The bed that a study without repeats has keeps its name when there are more: its cases are done already.
    is_given = any(parse_override(text).key_or_group == SEED for text in arguments)
    first_bed = f"{SEED}={settings.seed}" if settings.repeats > 1 and not is_given else ""
    cases: dict[str, Case] = {}
    names = _Folders(folder, swept)
    made: dict[tuple[str, ...], Case] = {}
    requested: list[tuple[str | None, list[str]]] = [each for each in there.items() if each[0] in arms or not arms]
    for arm, own in requested or [(None, [])]:
        for overrides in expand_cases([*shared, *own]):
            named = [text for text in overrides if text != first_bed]
            parts = tuple(_named_parts(named, swept))
            if parts in made:
                if made[parts].arm != arm:
                    same = f"{arm} and {made[parts].arm} with the same case {made[parts].name}"
                    raise ConfigError(f"study.arms has {same}; drop one")
                continue
            name = names.name(named)
            cases[name] = made[parts] = Case(name, overrides, folder / name, arm, swept_values(overrides, swept))
    return list(cases.values())


def _shared_overrides(arguments: Sequence[str], settings: SweepSettings) -> tuple[list[str], set[str]]:
    """What every arm gets, plain and in lists, and the keys that vary over the study."""
    given = {parse_override(text).key_or_group: text for text in arguments}
    given = {key: text for key, text in given.items() if not key.startswith((*OF_A_SWEEP, "hydra.sweep"))}
    shared = {**given, **{key: f"{key}={text}" for key, text in settings.params.items() if key not in given}}
    swept = {key for key, text in shared.items() if parse_override(text).is_sweep_override()} | set(settings.params)
    of_arms = {parse_override(text).key_or_group for own in settings.study.arms.values() for text in own}
    for key in sorted(of_arms & set(shared)):
        raise ConfigError(f"{shared[key]} is given, but the study's arms set {key}; drop one of the two")
    swept |= of_arms
    if settings.repeats > 1:
        if SEED in swept:
            raise ConfigError(f"repeats is {settings.repeats}, must be 1 where {SEED} is swept; drop one of the two")
        seeds = range(settings.seed, settings.seed + settings.repeats)
        shared[SEED] = f"{SEED}={','.join(map(str, seeds))}"
        swept.add(SEED)
    return list(shared.values()), swept


def expand_cases(overrides: Sequence[str]) -> list[list[str]]:
    """Return every combination of the values of lists among overrides, in the order of the lists."""
    return [list(case) for case in itertools.product(*(_values(parse_override(text)) for text in overrides))]


def swept_values(overrides: Sequence[str], swept: set[str]) -> dict[str, Any]:
    """Return the values of swept keys, numbers as numbers."""
    parsed = map(parse_override, overrides)
    return {override.key_or_group: override.value() for override in parsed if override.key_or_group in swept}


def name_case(overrides: Sequence[str], swept: set[str]) -> str:
    """Name a case by its overrides; of the groups that do not change the physics only what is swept."""
    parts = [re.sub(r"[^\w.,=+\[\]-]", "_", text) for text in _named_parts(overrides, swept)]
    name = ",".join(parts) or "default"
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}_{_hash(name)}"
    return name


def _named_parts(overrides: Sequence[str], swept: set[str]) -> list[str]:
    """Overrides that tell cases apart, sorted, their numbers written in one way."""
    found = []
    for text in sorted(overrides):
        key = parse_override(text).key_or_group
        if key in swept or re.split(r"[./]", key)[0] not in UNNAMED:
            name, equals, value = text.partition("=")
            found.append(f"{name}{equals}{canonical(value)}")
    return found


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _canonical_name(name: str) -> str:
    """A folder's name with its numbers written in one way, as a file system without case has it."""
    return re.sub(r"(?<==)[^,\[\]=]+", lambda match: canonical(match.group()), name).casefold()


class _Folders:
    """Names of folders for cases, none shared by two, also where a file system ignores case.

    Folders of earlier sweeps stay those of their cases, however numbers were written then.

    Args:
        folder: of the study.
        swept: keys that vary.
    """

    def __init__(self, folder: Path, swept: set[str]) -> None:
        self.folder, self.swept = folder, swept
        names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        self._there: dict[str, list[str]] = {}
        for name in names:
            self._there.setdefault(_canonical_name(name), []).append(name)
        self._taken: set[str] = set()

    def name(self, overrides: Sequence[str]) -> str:
        """The folder's name of a case."""
        plain, parts = name_case(overrides, self.swept), _named_parts(overrides, self.swept)
        marked = f"{plain}_{_hash(','.join(parts))}"
        for name in self._there.get(_canonical_name(plain), []):
            if name not in self._taken and self._is_of(name, parts):
                return self._take(name)
        foreign = any(name.casefold() == plain.casefold() for name in self._there.get(_canonical_name(plain), []))
        return self._take(marked if foreign or plain.casefold() in self._taken else plain)

    def _take(self, name: str) -> str:
        self._taken |= {name, name.casefold()}
        return name

    def _is_of(self, name: str, parts: Sequence[str]) -> bool:
        """Whether a folder is of the case with these overrides; one that does not say so is, by its name."""
        path = self.folder / name / ".hydra" / "overrides.yaml"
        try:
            recorded = [str(text) for text in yaml.safe_load(path.read_text()) or []]
            return _named_parts(current_overrides(recorded), self.swept) == list(parts)
        except (OSError, yaml.YAMLError, TypeError, ConfigError):
            return True


def _values(override: Override) -> list[str]:
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [f"{key}={override.get_value_element_as_str()}"]
    return [f"{key}={text}" for text in values_of(override)]
