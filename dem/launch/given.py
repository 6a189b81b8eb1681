"""A number given is a number used: overrides that a run would not act on, or that look like another unit, are told."""

import math
import sys
from collections.abc import Sequence

from dem.config_errors import parse_override
from dem.errors import ConfigError
from dem.run_config import RunConfig

CALIBRATE = "make grains of it with drawbar calibrate {}"
DESCRIBES = {  # keys that describe the real soil, which grains do not follow by themselves
    "soil.bulk_density": f"give bed.target_density for a bed of that density, or {CALIBRATE}",
    "soil.internal_friction_angle_deg": CALIBRATE,
    "soil.cohesion": f"give soil.grain_cohesion for grains that cling, or {CALIBRATE}",
    "soil.angle_of_repose_deg": CALIBRATE,
}
LEAST_SLOPE = 0.8  # [deg]; a slope in radians is smaller, one in degrees seldom


def require_acting(overrides: Sequence[str], config: RunConfig) -> None:
    """Reject keys on which this run would not act.

    Raises:
        ConfigError: one sentence with the command that acts on the number.
    """
    for override in map(parse_override, overrides):
        key = override.key_or_group
        if override.is_sweep_override() or override.value() is None:
            continue
        shown = f"{key} is {override.get_value_element_as_str()}"
        if key in DESCRIBES:
            said = DESCRIBES[key].format(f"soil={config.soil.name} {key}={override.get_value_element_as_str()}")
            raise ConfigError(f"{shown}, which describes the real soil and changes no grain of a run; {said}")
        if key in config.scenario.unused:
            said = config.scenario.unused[key]
            raise ConfigError(f"{shown}, but scenario={config.scenario.name} does not act on it; {said}")


def tell_doubts(overrides: Sequence[str], config: RunConfig) -> None:
    """Say on stderr what may be meant otherwise."""
    slope = config.gravity.slope_deg
    if 0.0 < abs(slope) < LEAST_SLOPE and any("slope_deg" in text for text in overrides):
        meant = f"gravity.slope_deg={math.degrees(slope):.3g}"
        sys.stderr.write(f"drawbar: gravity.slope_deg is {slope:g} deg; if it is in radians, give {meant}\n")
