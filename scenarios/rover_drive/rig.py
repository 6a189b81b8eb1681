"""A rover over its bed: where it starts, and the model of the sand and all its wheels."""

import math

import numpy as np

import dem
from dem.beds.quality import PreparedBed
from dem.model import Motion
from dem.rover.coupling import choose_interval
from dem.rover.vehicle import Vehicle
from dem.rover.wheel_shape import shapes_by_side, wheel_shape
from dem.run_config import RunConfig
from scenarios.rover_drive.spec import room_needed
from scenarios.shared.drive import build_bed


def turned_gravity(config: RunConfig) -> np.ndarray:
    """Gravity (3,) [m/s2], its tilt turned to where the slope's uphill is."""
    x, y, z = config.gravity.vector_value()
    angle = math.radians(config.scenario.slope_azimuth_deg)
    return np.array([x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle), z])


def start_place(config: RunConfig) -> np.ndarray:
    """Where the rover's middle starts (2,) [m], so that its path lies in the middle of the bed."""
    lower, upper = room_needed(config)
    return (np.array([config.bed.length, config.bed.width]) - (lower + upper)) / 2


def place_vehicle(config: RunConfig, bed: PreparedBed, vehicle: Vehicle) -> None:
    """Put the rover over the bed, every wheel clear of it."""
    start, radius = start_place(config), config.wheel.radius
    below = [bed.clear_height(config.bed, start[0] + hub[0], radius) - hub[2] for hub in vehicle.hubs.values()]
    lowest = min(hub[2] for hub in vehicle.hubs.values())
    vehicle.place(start[0], start[1], max(below) + lowest + radius + config.scenario.lower_clearance)


def build_model(
    config: RunConfig, bed: PreparedBed, young_modulus: float, vehicle: Vehicle, fixed: np.ndarray
) -> tuple[dem.Model, list[int]]:
    """The model, and the wheels' bodies in the vehicle's order; `fixed` says which grains (n,) nothing moves."""
    builder, metal = build_bed(config, bed, young_modulus, fixed)
    bodies = _add_wheels(builder, metal, config, vehicle)
    return builder.finalize(), bodies


def _add_wheels(builder: dem.ModelBuilder, metal: int, config: RunConfig, vehicle: Vehicle) -> list[int]:
    """A body for each wheel; MuJoCo moves it, so its mass is not felt."""
    wheel = config.wheel
    is_mirrored = config.rover.mirrored_wheels and wheel.is_chiral
    shapes = shapes_by_side(wheel_shape(wheel), vehicle.hubs.values(), is_mirrored)
    bodies = []
    for entry, shape, position, orientation in zip(vehicle.wheels, shapes, *vehicle.wheel_poses(), strict=True):
        mass = float(vehicle.model.body_mass[entry.body])
        body = builder.add_body(
            entry.name, mass, (mass * wheel.radius**2,) * 3, position, orientation=orientation, motion=Motion.fixed()
        )
        builder.add_shape(shape, metal, body)
        bodies.append(body)
    return bodies


def coupling_steps(config: RunConfig, vehicle: Vehicle, time_step: float, weight: float) -> int:
    """Time steps between exchanges: as given, or by the stiffest footing that the grains' softness allows."""
    if config.scenario.coupling_interval is not None:
        return max(round(config.scenario.coupling_interval / time_step), 1)
    mass = min(float(vehicle.model.body_mass[entry.body]) for entry in vehicle.wheels)
    # The layers of grains below a wheel yield one after another, each by an overlap of both its radii.
    layers = max(config.bed.depth / config.bed.grain_diameter, 1.0)
    give = config.solver.overlap_target * config.bed.grain_diameter / 2 * layers
    return choose_interval(time_step, weight / len(vehicle.wheels), mass, give)
