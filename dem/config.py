"""The schema of a run, and the way from overrides to a validated `RunConfig`.

Hydra composes the YAML groups under `conf/`, OmegaConf checks names and types against the spec dataclasses, and
`OmegaConf.to_object` builds them, which runs their own range checks. Whatever goes wrong comes out as one sentence.
This is the edge: below it nobody knows Hydra.
"""

import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf, open_dict

from dem.config_errors import Catalog, check_overrides, override_keys, parse_override, translate
from dem.errors import ConfigError
from dem.identity import counted
from dem.own_conf import add_folder, own_folders
from dem.renamed import current_overrides
from dem.run_config import SPECS, RunConfig, RunSchema, resolve
from dem.soil.contact_spec import ContactSpec
from dem.soil.contacts import check_contact
from dem.spec import LauncherSpec, Source
from dem.study.spec import StudySpec
from scenarios import SCENARIOS, scenario_spec

HYDRA_VERSION = "1.3"
CHASSIS = (  # what a rover's file says of its suspension, which a model says itself
    "mass", "wheel_mass", "arm_mass", "hubs", "steered", "mass_center", "body_size", "spring_stiffness",
    "spring_damping", "spring_travel", "rocker_pivot", "bogie_pivot",
)  # fmt: skip
CALLED = ("_target_", "class", "()")  # keys whose value Hydra or logging calls
CALLABLE = ("hydra._internal.core_plugins.", "logging.StreamHandler", "logging.FileHandler", "colorlog.Colored")
COMPOSING = threading.Lock()  # Hydra's state is global, and a study's cases are looked up in threads
# Mappings whose names the user chooses; their specs check them.
OPEN = ("contact.numbers", "contact.options", "rover.wheel_bodies")
GIVEN = Source(source="given by the user, in place of the number in conf/", confidence="low")


def config_folder() -> Path:
    """Return the folder of YAML groups: `conf/` beside the package in a clone, inside it once installed."""
    package = Path(__file__).resolve().parent
    for folder in (package.parent / "conf", package / "conf"):
        if (folder / "config.yaml").is_file():
            return folder
    raise ConfigError(f"no conf folder beside or inside {package}; install drawbar again with pip install -e .")


def register_schemas() -> None:
    """Tell Hydra the dataclasses that every key is checked against."""
    store = ConfigStore.instance()
    store.store(name="run_schema", node=RunSchema)
    for name in SCENARIOS:
        store.store(group="scenario", name=f"{name}_schema", node=scenario_spec(name))


def list_choices() -> dict[str, list[str]]:
    """Return the choices of each config group, in alphabetical order, a user's own among them."""
    groups = sorted(folder.name for folder in config_folder().iterdir() if folder.is_dir())
    return {group: sorted(choice_files(group)) for group in groups}


def choice_files(group: str) -> dict[str, Path]:
    """Return the file of each choice of a group; drawbar's own come before a user's of the same name."""
    found: dict[str, Path] = {}
    for folder in (config_folder(), *own_folders()):
        for path in sorted((folder / group).glob("*.yaml")):
            if found.setdefault(path.stem, path) != path:
                _tell_clash(group, path, found[path.stem])
    return found


@cache
def _tell_clash(group: str, path: Path, used: Path) -> None:
    sys.stderr.write(f"drawbar: {path} is not used: {group}={path.stem} is {used}; rename yours\n")


def search_override() -> list[str]:
    """Return the override with which Hydra finds a user's own folders; none if there are none."""
    places = ",".join(f"'file://{folder}'" for folder in own_folders())
    return [f"hydra.searchpath=[{places}]"] if places else []


def take_search_path(overrides: Sequence[str]) -> list[str]:
    """Return overrides without Hydra's own `hydra.searchpath`, whose folders are looked up by drawbar from now on."""
    rest = []
    for text in overrides:
        key, _, value = text.partition("=")
        if key.lstrip("+") != "hydra.searchpath":
            rest.append(text)
            continue
        for place in re.findall(r"file://([^,\]'\"]+)", value):
            add_folder(place)
    return rest


def default_choices() -> dict[str, str | None]:
    """Return the choice of each group when none is given."""
    entries = yaml.safe_load((config_folder() / "config.yaml").read_text())["defaults"]
    pairs = [next(iter(entry.items())) for entry in entries if isinstance(entry, dict)]
    return {group.removeprefix("optional "): choice for group, choice in pairs}


def make_catalog(overrides: Sequence[str] = ()) -> Catalog:
    """Return the groups, choices and keys that overrides are checked against."""
    choices = list_choices()
    given = dict(override.partition("=")[::2] for override in overrides)
    name = str(default_choices()["scenario"])
    if given.get("experiment") in choices["experiment"]:
        name = _scenario_of(given["experiment"]) or name
    if given.get("scenario") in choices["scenario"]:
        name = given["scenario"]
    files = {group: config_folder() / group / f"{choice}.yaml" for group, choice in default_choices().items()}
    specs = {"scenario": scenario_spec(name), **SPECS, "study": StudySpec, "launcher": LauncherSpec, "": RunSchema}
    return Catalog(choices=choices, specs=specs, scenario_spec=scenario_spec, files=files)


def _scenario_of(experiment: str) -> str | None:
    """Return the scenario that an experiment chooses, or None."""
    entries = yaml.safe_load(choice_files("experiment")[experiment].read_text()).get("defaults", [])
    chosen = [entry.get("override /scenario") for entry in entries if isinstance(entry, dict)]
    return next((name for name in chosen if name), None)


def compose_config(overrides: Sequence[str], with_hydra: bool = False) -> DictConfig:
    """Compose the groups and overrides into a typed config, or raise one sentence."""
    overrides = current_overrides(overrides)
    catalog = make_catalog(overrides)
    check_overrides(overrides, catalog)
    try:
        with COMPOSING:
            register_schemas()
            GlobalHydra.instance().clear()
            with initialize_config_dir(str(config_folder()), version_base=HYDRA_VERSION):
                words = [*opened(overrides), *search_override()]
                composed = compose("config", overrides=words, return_hydra_config=True)
    except Exception as error:  # every failure of Hydra, OmegaConf and YAML becomes one sentence for the user
        raise translate(error, overrides, catalog) from error
    _reject_code(OmegaConf.to_container(composed.hydra, resolve=False), "hydra")
    if not with_hydra:
        with open_dict(composed):
            del composed["hydra"]
    return composed


def opened(overrides: Sequence[str]) -> list[str]:
    """The overrides as Hydra takes them: what may add a name to a mapping is marked as an addition."""
    keys = override_keys(overrides)
    return [f"++{text}" if key.startswith(OPEN) else text for key, text in zip(keys, overrides, strict=True)]


def _reject_code(node: Any, place: str) -> None:
    """Reject what Hydra or logging would call by name: a config states numbers, and runs nothing of its own."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        if key in CALLED and not str(value).startswith(CALLABLE):
            raise ConfigError(f"{place}.{key} is {value!r}, but a config may not name code to run; drop it")
        _reject_code(value, f"{place}.{key}")


def record_config(composed: DictConfig, overrides: Sequence[str], folder: Path) -> None:
    """Leave in a run folder what Hydra leaves there: the config as composed, and the overrides."""
    recorded = folder / ".hydra"
    recorded.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(composed, recorded / "config.yaml")
    OmegaConf.save(OmegaConf.create(current_overrides(overrides)), recorded / "overrides.yaml")


def build_config(composed: DictConfig, overrides: Sequence[str]) -> RunConfig:
    """Turn a composed config into validated specs.

    Args:
        composed: what Hydra composed.
        overrides: the user's own; the numbers they replace lose their source.
    """
    composed = _with_own_mesh(_with_own_model(composed, overrides), overrides)
    try:
        schema = cast(RunSchema, OmegaConf.to_object(composed))
    except Exception as error:  # as above
        raise translate(error, overrides, make_catalog(overrides)) from error
    config = RunConfig(**vars(schema), overrides=list(overrides))
    scenario_spec(config.scenario.name)
    _check_slope(config)
    check_contact(config.soil, config.contact)
    _check_reads(config, overrides)
    resolve(config)
    _disown(config, overrides)
    read = {name: asdict(getattr(schema, name)) for name in ("scenario", *SPECS) if _reads(config, name)}
    config.text = yaml.safe_dump(read, sort_keys=False)
    return config


def _with_own_model(composed: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The config without what the library's rover says of its own suspension, where the user gives a model instead.

    Names in `rover.wheel_bodies` are then those that the user gives, or none: the wheels are found.
    """
    given = dict(zip(override_keys(overrides), overrides, strict=True))
    if not {"rover.model", "rover.suspension", "rover.wheel_bodies"} & {*given} or composed.rover.suspension != "model":
        return composed
    changed = composed.copy()
    with open_dict(changed):
        for key in (key for key in CHASSIS if f"rover.{key}" not in given):
            changed.rover[key] = {} if key == "hubs" else [] if key == "steered" else None
            changed.rover.sources.pop(key, None)
        if "rover.model" in given or "rover.wheel_bodies" in given:
            whole: Any = parse_override(given["rover.wheel_bodies"]).value() if "rover.wheel_bodies" in given else {}
            named = {key.removeprefix("rover.wheel_bodies."): parse_override(text).value()
                     for key, text in given.items() if key.startswith("rover.wheel_bodies.")}  # fmt: skip
            changed.rover.wheel_bodies = {**whole, **named}
    return changed


def _with_own_mesh(composed: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The config without the library wheel's grousers, where the user gives a mesh and no grousers of its own."""
    keys = override_keys(overrides)
    if "wheel.mesh" not in keys or composed.wheel.mesh is None or any(key.startswith("wheel.grouser_") for key in keys):
        return composed
    changed = composed.copy()
    with open_dict(changed):
        changed.wheel.grouser_count = 0
    return changed


def _disown(config: RunConfig, overrides: Sequence[str]) -> None:
    """Take the source from a number that the user replaced, its calibration from a soil with other numbers or laws."""
    for group, _, key in (name.partition(".") for name in override_keys(overrides)):
        sources = getattr(getattr(config, group, None), "sources", {})
        if key in sources:
            sources[key] = GIVEN
        if group == "soil" and key:
            config.soil.calibration = None
    if counted(config.contact) != counted(ContactSpec()):
        config.soil.calibration = None


def load_config(overrides: Sequence[str]) -> RunConfig:
    """Return the validated config of a run.

    Args:
        overrides: in Hydra's grammar, such as `gravity=mars` and `scenario.slip=0.2`.

    Raises:
        ConfigError: one sentence that names the key, the rule and the remedy.
    """
    return build_config(compose_config(overrides), overrides)


def _reads(config: RunConfig, group: str) -> bool:
    """Whether the scenario reads a group."""
    return group == "scenario" or group in config.scenario.reads


def _check_reads(config: RunConfig, overrides: Sequence[str]) -> None:
    for key in override_keys(overrides):
        group = key.partition(".")[0]
        if group in SPECS and not _reads(config, group):
            raise ConfigError(
                f"{key} is given, but scenario={config.scenario.name} reads no {group}; drop it, or see its own keys "
                "with drawbar run --help"
            )


def _check_slope(config: RunConfig) -> None:
    mode = getattr(config.scenario, "mode", "slope")
    if config.gravity.slope_deg != 0.0 and mode != "slope":
        raise ConfigError(
            f"gravity.slope_deg is {config.gravity.slope_deg}, must be 0 in scenario.mode={mode}; "
            "use scenario.mode=slope or drop it"
        )
