"""`drawbar wheels`: the library at a glance, one wheel with its sources, and its surface as a mesh for CAD."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dem.config import list_choices, load_config
from dem.config_errors import did_you_mean
from dem.errors import ConfigError
from dem.rover.spec import WheelSpec
from dem.rover.wheel_shape import wheel_shape
from dem.shapes import TriangleMesh

WIDE = 160  # columns, where the output is no terminal
SHOWN = (
    "radius", "width", "grouser_height", "grouser_thickness", "grouser_count", "load_mass", "angular_velocity",
    "wheel_mass", "form", "grouser_angle_deg", "crown_radius", "side_plates", "sheet_thickness", "mesh", "mesh_scale",
)  # fmt: skip
EPILOG = """\
examples:
  drawbar wheels                                                       the library
  drawbar wheels viper                                                 one wheel: numbers and sources
  drawbar wheels viper --export viper.stl                              its surface, in metres, the axle along y
  drawbar wheels viper wheel.form=chevron wheel.grouser_angle_deg=20 --export chevron.stl
  drawbar run wheel=viper wheel.mesh=chevron.stl bed=smoke             and back, as any wheel from CAD"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.epilog = EPILOG
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a wheel; all if none is named")
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE", help="wheel.key=value")
    parser.add_argument("--export", type=Path, metavar="FILE", help="write its surface as .stl, .obj or .ply")


def run(options: argparse.Namespace) -> int:
    """List the wheels, or show or export one."""
    known = list_choices()["wheel"]
    console = Console() if sys.stdout.isatty() else Console(width=WIDE)
    if options.name is None:
        if options.export is not None:
            raise ConfigError(f"--export is {options.export}, but no wheel is named; say drawbar wheels NAME --export")
        console.print(library_table(load_wheel(name) for name in known))
    elif options.name not in known:
        raise ConfigError(f"wheel is {options.name!r}, not one of the library{did_you_mean(options.name, known)}")
    elif options.export is None:
        console.print(wheel_table(load_wheel(options.name, options.overrides)))
    else:
        mesh = wheel_mesh(load_wheel(options.name, options.overrides))
        mesh.to_file(options.export)
        closed = "each closed" if mesh.is_closed else "not watertight"
        console.print(f"{options.export}: {mesh.element_count} triangles, parts that overlap, {closed}", soft_wrap=True)
    return 0


def load_wheel(name: str, overrides: Iterable[str] = ()) -> WheelSpec:
    """A wheel of the library, changed by what is given."""
    return load_config([f"wheel={name}", *overrides]).wheel


def wheel_mesh(wheel: WheelSpec) -> TriangleMesh:
    """A wheel's surface, a mesh even where the soil meets an exact shape."""
    shape = wheel_shape(wheel)
    return shape if isinstance(shape, TriangleMesh) else wheel.outline().mesh()


def library_table(wheels: Iterable[WheelSpec]) -> Table:
    """Table of the wheels, one a row."""
    table = Table(title="wheels", box=None)
    for heading in ("name", "radius x width m", "grousers", "height mm", "form", "load kg", "spin rad/s"):
        table.add_column(heading, justify="left" if heading in ("name", "form") else "right")
    for wheel in wheels:
        table.add_row(
            wheel.name, f"{wheel.radius:g} x {wheel.width:g}", str(wheel.grouser_count),
            f"{1000 * (wheel.radius - wheel.rim_radius):.3g}", "mesh" if wheel.mesh else wheel.form,
            f"{wheel.load_mass:g}", f"{wheel.angular_velocity:g}",
        )  # fmt: skip
    return table


def wheel_table(wheel: WheelSpec) -> Table:
    """A wheel's numbers, each with its source and how far to trust it."""
    table = Table(title=wheel.name, box=None)
    for heading in ("number", "value", "trust", "source"):
        table.add_column(heading)
    for key in SHOWN:
        value, source = getattr(wheel, key), wheel.sources.get(key)
        if value is not None:
            shown = value if isinstance(value, str) else f"{value:g}"
            table.add_row(key, shown, source.confidence if source else "-", source.source if source else "-")
    return table
