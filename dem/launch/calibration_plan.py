"""What a calibration is asked: overrides in Hydra's grammar, with `targets.`, `tolerances.` and `search.` of its own.

`soil=grc1_1670 targets.friction_angle_secant_deg=33.4 search.sliding_friction=[0.1,1.0] scenario.repeats=3`: what is
not one of the three goes to every trial as it stands. Everything is checked here, before the first trial.
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dem.config import load_config
from dem.config_errors import did_you_mean, parse_override
from dem.errors import ConfigError
from dem.soil.spec import SoilSpec
from dem.spec import require_number, require_positive, require_range
from scenarios import SCENARIOS, scenario_spec

# What may be wanted: unit, tolerance, and whether that is a fraction of the target. Angles are read in degrees.
KNOWN_TARGETS = {
    "bulk_density": ("kg/m3", 0.01, True),
    "solid_fraction": ("-", 0.01, True),
    "friction_angle_peak_deg": ("deg", 1.0, False),
    "friction_angle_secant_deg": ("deg", 1.0, False),
    "friction_angle_steady_deg": ("deg", 1.0, False),
    "dilation_angle_deg": ("deg", 2.0, False),
    "angle_of_repose_deg": ("deg", 1.0, False),
    "angle_of_first_avalanche_deg": ("deg", 1.0, False),
    "cohesion": ("Pa", 50.0, False),
    "sinkage_exponent": ("-", 0.05, False),
    "frictional_modulus": ("N/m^(n+2)", 0.1, True),
    "shear_deformation_modulus": ("m", 0.2, True),
}
# A dry soil's angle is the secant's: a line of strength fits an intercept, which three specimens cannot tell from 0.
OWN_TARGETS = {"bulk_density": "bulk_density", "friction_angle_secant_deg": "internal_friction_angle_deg"}
SEARCH = {  # wide enough for what spheres are commonly given in place of grains of sand
    "sliding_friction": (0.1, 1.2),
    "rolling_friction": (0.01, 0.5),
    "preparation_friction": (0.01, 1.0),
}
COHESION_SEARCH = (10.0, 3000.0)  # of soil.grain_cohesion [Pa], where cohesion is a target
OWN = ("targets", "tolerances", "search")
DEFAULTS = {"scenario": "triaxial", "gravity": "earth"}  # an element of soil without walls that grip; on Earth
FEWEST = 4  # trials that a surface through three parameters needs


@dataclass
class Target:
    """One number that the soil shall show.

    Attributes:
        key: `bulk_density`, or with `_deg` for an angle.
        value: wanted, in `unit`.
        tolerance: one sigma of the search, in `unit`; a miss within it counts as met.
        unit: of both.
    """

    key: str
    value: float
    tolerance: float
    unit: str

    def read(self, fit: dict[str, Any]) -> tuple[float, float]:
        """Mean and standard error (NaN if unknown) from a result's `fit`, in the target's unit."""
        name, factor = self.key.removesuffix("_deg"), math.degrees(1.0) if self.key.endswith("_deg") else 1.0
        error = fit[name].get("standard_error")
        return factor * fit[name]["mean"], factor * (math.nan if error is None else error)


@dataclass
class CalibrationPlan:
    """A calibration, validated.

    Attributes:
        soil: name of the soil.
        targets: what it shall show.
        search: lowest and highest value of each parameter, all above 0: they are searched in logarithms.
        settings: overrides that every trial gets.
        folder: of the study.
        trial_count: runs of the search.
        jobs: runs at once.
        timeout: wall-clock limit of a run [s].
        command: what starts a run; a test may put its own.
    """

    soil: str
    targets: list[Target]
    search: dict[str, tuple[float, float]]
    settings: list[str]
    folder: Path
    trial_count: int = 20
    jobs: int = 1
    timeout: float = math.inf
    command: list[str] = field(default_factory=lambda: [sys.executable, "-m", "dem.cli", "run", "--again"])

    def overrides(self, parameters: dict[str, float]) -> list[str]:
        """Overrides of a trial."""
        return [*self.settings, *(f"soil.{key}={value!r}" for key, value in parameters.items())]


def plan_calibration(
    arguments: Sequence[str], folder: Path | None, trial_count: int, jobs: int, timeout: float
) -> CalibrationPlan:
    """Read and check what was asked.

    Args:
        arguments: overrides.
        folder: of the study; outputs/calibration/SOIL if not given.
        trial_count: runs of the search.
        jobs: runs at once.
        timeout: wall-clock limit of a run [s].

    Raises:
        ConfigError: something is wrong; nothing was started.
    """
    require_range("--trials", trial_count, FEWEST, math.inf, "give a number of runs such as 20")
    require_range("--jobs", jobs, 1, math.inf, "give the number of runs at once")
    if not timeout > 0:
        raise ConfigError(f"--timeout is {timeout:g}, must be greater than 0; give seconds per run")
    requested, settings = _sort(arguments)
    soil = load_config(settings).soil
    targets = _targets(requested["targets"], requested["tolerances"], soil)
    usual = SEARCH | ({"grain_cohesion": COHESION_SEARCH} if "cohesion" in requested["targets"] else {})
    search = _search(requested["search"], usual, settings)
    folder = folder or Path("outputs/calibration") / soil.name
    plan = CalibrationPlan(soil.name, targets, search, settings, folder, trial_count, jobs, timeout)
    for end in (0, 1):  # the specs themselves say which values they reject
        load_config(plan.overrides({key: span[end] for key, span in search.items()}))
    return plan


def _sort(arguments: Sequence[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Part the calibration's own keys from the overrides of its trials."""
    requested: dict[str, dict[str, Any]] = {group: {} for group in OWN}
    settings = {"scenario": f"scenario={DEFAULTS['scenario']}"}
    for text in arguments:
        override = parse_override(text)
        group, _, key = override.key_or_group.partition(".")
        if group in requested and key:
            requested[group][key] = override.value()
        elif group in ("hydra", *OWN):
            raise ConfigError(
                f"{text!r} is not for a calibration; give --study DIR, or {group}.KEY=VALUE in place of it"
            )
        else:
            settings[override.key_or_group] = text
    scenario = settings["scenario"].partition("=")[2]
    if scenario in SCENARIOS and "gravity" in scenario_spec(scenario).reads:
        settings.setdefault("gravity", f"gravity={DEFAULTS['gravity']}")
    return requested, list(settings.values())


def _targets(requested: dict[str, Any], tolerances: dict[str, Any], soil: SoilSpec) -> list[Target]:
    """What was asked for; of the soil's own bulk numbers where nothing was."""
    own = {key: getattr(soil, name) for key, name in OWN_TARGETS.items() if getattr(soil, name) is not None}
    requested = requested or own
    if not requested:
        raise ConfigError(
            f"soil={soil.name} states no targets; give some, such as targets.friction_angle_secant_deg=35"
        )
    found = []
    for key, value in requested.items():
        if key not in KNOWN_TARGETS:
            raise ConfigError(f"targets.{key} is not a target{did_you_mean(key, list(KNOWN_TARGETS))}")
        unit, tolerance, is_relative = KNOWN_TARGETS[key]
        value = require_number(f"targets.{key}", value, f"give one in {unit}")
        usual = tolerance * abs(value) if is_relative else tolerance
        given = tolerances.get(key, usual)
        require_positive(f"tolerances.{key}", given, f"give one in {unit}, or another target")
        found.append(Target(key, value, float(given), unit))
    if unknown := set(tolerances) - set(requested):
        raise ConfigError(f"tolerances.{min(unknown)} is given, but not targets.{min(unknown)}; give the target too")
    return found


def _search(
    requested: dict[str, Any], usual: dict[str, tuple[float, float]], settings: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """The ranges: the usual ones, less what the user has set, and those that were asked for."""
    is_set = {parse_override(text).key_or_group for text in settings}
    found = {key: span for key, span in usual.items() if f"soil.{key}" not in is_set}
    for key, span in requested.items():
        if f"soil.{key}" in is_set:
            raise ConfigError(f"soil.{key} is set and searched for at once; drop one of soil.{key} and search.{key}")
        if not (isinstance(span, list) and len(span) == 2):
            raise ConfigError(
                f"search.{key} is {span}, must be a range; write search.{key}=[0.1,1.0], or set soil.{key}"
            )
        low, high = (require_number(f"search.{key}", end, "give [low,high]") for end in span)
        require_positive(f"search.{key}", low, "the search runs in logarithms: give a small number in place of 0")
        if not low < high:
            raise ConfigError(f"search.{key} is [{low:g},{high:g}], must rise; give [low,high]")
        found[key] = (low, high)
    if not found:
        raise ConfigError("nothing is left to search for; drop one of soil.sliding_friction=... and the like")
    return found
