"""The single-wheel rig: where the wheel starts, and the model of bed and wheel."""

import logging
import math

import numpy as np

import dem
from dem.beds.quality import PreparedBed
from dem.errors import ConfigError
from dem.model import Motion
from dem.rover.wheel_shape import wheel_shape
from dem.run_config import RunConfig
from scenarios.shared.drive import build_bed

log = logging.getLogger(__name__)

WHEEL = "wheel"  # name of the body
ROTOR_SHARE = 0.1  # of the load mass that turns with the wheel, where the wheel's own mass is not known


def place_axle(config: RunConfig, speed: float) -> float:
    """Where along x the axle starts [m].

    Raises:
        ConfigError: the bed is too short, or the wheel would leave it.
    """
    spec, bed = config.scenario, config.bed
    travel = (1 - spec.expected_slip) * speed * (spec.drive_duration + 0.5 * spec.ramp_duration)
    clear = config.wheel.radius + bed.grain_diameter
    needed = travel + 2 * clear
    if needed > bed.length:
        raise ConfigError(
            f"bed.length is {bed.length} m, must be at least {needed:.3g} m: {travel:.3g} m of travel and the wheel at "
            f"both ends; set bed.length={math.ceil(10 * needed) / 10:g}, a shorter scenario.drive_duration "
            "or, if it slips, scenario.expected_slip"
        )
    start = (bed.length - travel) / 2 if bed.surface.is_level else clear
    if spec.start_x is not None:
        start = spec.start_x
    if not clear <= start + 1e-9 <= bed.length - travel - clear + 2e-9:
        raise ConfigError(
            f"scenario.start_x is {start:.4g} m, must lie in [{clear:.4g}, {bed.length - travel - clear:.4g}] for the "
            "wheel to stay on the bed; move it, or enlarge bed.length"
        )
    log.info("the axle starts at x = %.3f m and may travel to x = %.3f m of %.3f m", start, start + travel, bed.length)
    return float(start)


def build_rig(
    config: RunConfig, bed: PreparedBed, young_modulus: float, start_x: float, fixed: np.ndarray
) -> tuple[dem.Model, int]:
    """The model, and its wheel's body; `fixed` says which grains (n,) nothing moves."""
    builder, metal = build_bed(config, bed, young_modulus, fixed)
    body = _add_wheel(builder, metal, config, bed, start_x)
    return builder.finalize(), body


def _add_wheel(builder: dem.ModelBuilder, material: int, config: RunConfig, bed: PreparedBed, start_x: float) -> int:
    wheel = config.wheel
    rotor = wheel.wheel_mass or ROTOR_SHARE * wheel.load_mass
    inertia = (rotor * wheel.radius**2 / 4, rotor * wheel.radius**2 / 2, rotor * wheel.radius**2 / 4)
    top = bed.clear_height(config.bed, start_x, wheel.radius)
    position = (start_x, config.bed.width / 2, top + wheel.radius + config.scenario.lower_clearance)
    body = builder.add_body(WHEEL, wheel.load_mass, inertia, position, motion=Motion.fixed())
    builder.add_shape(wheel_shape(wheel), material, body)
    return body
