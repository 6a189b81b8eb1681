"""`drawbar rovers`: the library at a glance, and one rover with every number's source."""

import argparse
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from dem.config import RunConfig, list_choices, load_config
from dem.config_errors import did_you_mean
from dem.errors import ConfigError
from dem.launch.wheels import wheel_mesh
from dem.rover.model_remarks import describe_doubts, describe_wheels
from dem.rover.rotations import rotate
from dem.rover.vehicle import Vehicle
from dem.rover.wheel_shape import shapes_by_side
from scenarios.rover_drive.recorder import chassis_mesh

WIDE = 160  # columns, where the output is no terminal
SHOWN = (
    "mass", "speed", "motor_torque", "motor_power", "steering_torque", "wheel_mass", "arm_mass", "hubs", "mass_center",
    "body_size", "rocker_pivot", "bogie_pivot", "spring_stiffness", "spring_damping", "spring_travel",
)  # fmt: skip
EPILOG = """\
examples:
  drawbar rovers          the library
  drawbar rovers viper    one rover: numbers and sources
  drawbar rovers --pictures outputs/rovers    a picture of each, or of the one that is named
  drawbar run scenario=rover_drive rover=viper bed=smoke"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.epilog = EPILOG
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a rover; all if none is named")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="draw each as it stands, into this folder")


def run(options: argparse.Namespace) -> int:
    """List the rovers, or show one."""
    known = list_choices()["rover"]
    if options.name is not None and options.name not in known:
        raise ConfigError(f"rover is {options.name!r}, not one of the library{did_you_mean(options.name, known)}")
    if options.pictures is not None:
        options.pictures.mkdir(parents=True, exist_ok=True)
        for name in [options.name] if options.name else known:
            sys.stdout.write(f"{draw(load_rover(name), options.pictures / f'{name}.png')}\n")
        return 0
    console = Console() if sys.stdout.isatty() else Console(width=WIDE)
    if options.name is None:
        console.print(library_table(map(load_rover, known)))
        return 0
    config = load_rover(options.name)
    console.print(rover_table(config))
    vehicle = Vehicle(config.rover, config.wheel.radius, config.wheel.width)
    doubts = describe_doubts(vehicle, config.wheel.radius, config.wheel.width)
    for line in (*describe_wheels(vehicle), *vehicle.remarks, *doubts):
        console.print(line, markup=False, highlight=False)
    return 0


def load_rover(name: str) -> RunConfig:
    """A rover with its wheels."""
    return load_config(["scenario=rover_drive", f"rover={name}"])


def draw(config: RunConfig, path: Path) -> Path:
    """Draw a rover as it stands on its wheels, into a PNG."""
    vehicle = Vehicle(config.rover, config.wheel.radius, config.wheel.width)
    vehicle.place(0.0, 0.0, config.wheel.radius)
    is_mirrored = config.rover.mirrored_wheels and config.wheel.is_chiral
    meshes = shapes_by_side(wheel_mesh(config.wheel), vehicle.hubs.values(), is_mirrored)
    surfaces = [mesh.surface_mesh() for mesh in meshes]
    wheels = [
        (place + rotate(turn[None], points), triangles)
        for place, turn, (points, triangles) in zip(*vehicle.wheel_poses(), surfaces, strict=True)
    ]
    body = chassis_mesh(SimpleNamespace(config=config, vehicle=vehicle))
    position, orientation = vehicle.body_pose()
    box = position + rotate(orientation[None], body.points), body.triangles
    arms = [_arm(vehicle, wheel.body) for wheel in vehicle.wheels]
    hung = config.rover.suspension.replace("_", " ")
    what = f"{vehicle.mass:g} kg, wheels: {len(wheels)} of {config.wheel.name}, suspension: {hung}"
    importlib.import_module("dem.viz.rover_picture").draw_rover(path, wheels, box, arms, (config.rover.name, what))
    return path


def _arm(vehicle: Vehicle, body: int) -> np.ndarray:
    """Origins (n, 3) [m] of the bodies that carry a wheel, from the wheel to the rover's body."""
    places = [vehicle.data.xpos[body]]
    while body != vehicle.root:
        body = int(vehicle.model.body_parentid[body])
        places.append(vehicle.data.xpos[body])
    return np.array(places)


def library_table(configs: Any) -> Table:
    """Table of the rovers, one a row."""
    table = Table(title="rovers", box=None)
    for heading, justify in (
        ("name", "left"), ("mass kg", "right"), ("wheels", "right"), ("steer", "right"), ("radius x width m", "right"),
        ("base x track m", "right"), ("speed m/s", "right"), ("suspension", "left"), ("from sources", "right"),
    ):  # fmt: skip
        table.add_column(heading, justify=justify)
    for config in configs:
        table.add_row(*_library_row(config))
    return table


def _library_row(config: RunConfig) -> list[str]:
    rover, wheel = config.rover, config.wheel
    hubs = np.array([hub[:2] for hub in rover.hubs.values()], float)
    trusted = sum(source.confidence != "low" for source in rover.sources.values())
    return [
        rover.name, "-" if rover.mass is None else f"{rover.mass:g}", str(len(hubs)), str(len(rover.steered)),
        f"{wheel.radius:g} x {wheel.width:g}", f"{np.ptp(hubs[:, 0]):.3g} x {np.ptp(hubs[:, 1]):.3g}",
        f"{rover.speed:g}", rover.suspension.replace("_", " "), f"{trusted} of {len(rover.sources)}",
    ]  # fmt: skip


def rover_table(config: RunConfig) -> Table:
    """A rover's numbers, each with its source and how far to trust it."""
    rover = config.rover
    table = Table(title=f"{rover.name}, on wheels {config.wheel.name}", box=None)
    for heading in ("number", "value", "trust", "source"):
        table.add_column(heading)
    for key in SHOWN:
        value, source = getattr(rover, key), rover.sources.get(key)
        if value is not None:
            table.add_row(key, _text(value), source.confidence if source else "-", source.source if source else "-")
    return table


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_text(place)}" for name, place in value.items())
    return ", ".join(f"{part:g}" for part in value) if isinstance(value, list) else f"{value:g}"
