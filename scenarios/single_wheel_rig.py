"""The single-wheel rig: where the wheel starts, how soft its grains may be, and the model of bed and wheel."""

import math
from typing import Any

import numpy as np

import dem
from dem.errors import ConfigError
from dem.model import Motion
from dem.rover.wheel_shape import wheel_shape
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.stiffness import modulus_for_pressure, wheel_pressure
from scenarios.bed_preparation import add_box, box_builder, grain_material
from scenarios.bed_quality import PreparedBed
from scenarios.wheel_recorder import WHEEL

ROTOR_SHARE = 0.1  # of the load mass that turns with the wheel, where the wheel's own mass is not known


def place_axle(config: Any, speed: float) -> float:
    """Where along x the axle starts, so that the travel lies in the middle of the bed [m].

    Raises:
        ConfigError: the bed is too short.
    """
    spec, bed = config.scenario, config.bed
    travel = (1 - spec.expected_slip) * speed * (spec.drive_duration + 0.5 * spec.ramp_duration)
    needed = travel + 2 * config.wheel.radius + 2 * bed.grain_diameter
    if needed > bed.length:
        raise ConfigError(
            f"bed.length is {bed.length} m, must be at least {needed:.3g} m: {travel:.3g} m of travel and the wheel at "
            f"both ends; set bed.length={math.ceil(10 * needed) / 10:g}, a shorter scenario.drive_duration "
            "or, if it slips, scenario.expected_slip"
        )
    return (bed.length - travel) / 2


def soften_grains(config: Any, weight: float) -> float:
    """Young's modulus of the grains [Pa] under a wheel of `weight` [N]."""
    solver, soil, bed, wheel = config.solver, config.soil, config.bed, config.wheel
    if solver.young_modulus != "auto":
        return float(solver.young_modulus)
    pressure = wheel_pressure(weight, wheel.radius, wheel.width)
    # The bed is prepared with the same grains, and must not be crushed by its own weight there.
    own = soil.particle_density * bed.preparation_gravity * bed.depth
    if bed.compaction.method == "press":
        own += bed.compaction.pressure
    needed = modulus_for_pressure(max(pressure, own), solver.overlap_target, soil.poisson_ratio)
    return min(needed, soil.young_modulus)


def build_bed(
    config: Any, bed: PreparedBed, young_modulus: float, fixed: np.ndarray | bool = False
) -> tuple[dem.ModelBuilder, int]:
    """A builder with the bed in its box, its `fixed` grains (n,) held, and the number of the wheels' material."""
    soil = config.soil
    builder = box_builder(config.bed, soil_laws(soil), (0.0, 0.0, -config.bed.preparation_gravity))
    sand = builder.add_material(grain_material(soil, young_modulus))
    metal = builder.add_material(dem.Material.rigid())
    builder.set_pair(sand, sand, **grain_numbers(soil, config.bed.grain_diameter))
    on_wheel = dry_numbers(
        soil, restitution=soil.wheel_restitution, sliding_friction=soil.wheel_friction,
        rolling_friction=soil.wheel_rolling_friction,
    )  # fmt: skip
    builder.set_pair(sand, metal, **on_wheel)
    builder.add_particles(bed.position, bed.radius, sand, fixed=fixed)
    add_box(builder, config.bed, sand)
    return builder, metal


def build_rig(config: Any, bed: PreparedBed, young_modulus: float, start_x: float) -> tuple[dem.Model, int]:
    """The model, and its wheel's body."""
    builder, metal = build_bed(config, bed, young_modulus)
    body = _add_wheel(builder, metal, config, bed, start_x)
    return builder.finalize(), body


def _add_wheel(builder: dem.ModelBuilder, material: int, config: Any, bed: PreparedBed, start_x: float) -> int:
    wheel = config.wheel
    rotor = wheel.wheel_mass or ROTOR_SHARE * wheel.load_mass
    inertia = (rotor * wheel.radius**2 / 4, rotor * wheel.radius**2 / 2, rotor * wheel.radius**2 / 4)
    top = bed.clear_height(config.bed, start_x, wheel.radius)
    position = (start_x, config.bed.width / 2, top + wheel.radius + config.scenario.lower_clearance)
    body = builder.add_body(WHEEL, wheel.load_mass, inertia, position, motion=Motion.fixed())
    builder.add_shape(wheel_shape(wheel), material, body)
    return body
