"""`drawbar plan-earth-test`: the Earth test that is equivalent to a drive elsewhere, and what the usual one would say.

Reads the same groups as a run, so that what is planned here can be simulated by adding `test=scaled` or `test=offset`.
"""

import argparse
import csv
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dem.config import RunConfig, load_config
from dem.config_errors import override_keys
from dem.errors import ConfigError
from dem.rover.earth_test import Group, WheelTest, compare_groups, readings_back

EPILOG = """examples:
  drawbar plan-earth-test gravity=moon wheel=viper wheel.load_mass=111
  drawbar plan-earth-test gravity=moon wheel=viper --rover-mass 440 --wheels 4 --speed 0.2
  drawbar plan-earth-test gravity=mars wheel=curiosity test.size=0.5 --json plan.json"""
WORKED_EXAMPLE = Path(__file__).resolve().parent / "offset_error.csv"  # of experiment=gravity_offset


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.epilog = EPILOG
    parser.add_argument(
        "overrides", nargs="*", metavar="OVERRIDE",
        help="the flight, as in run: gravity, wheel, soil; and test.gravity, test.size, test.mass of the test",
    )  # fmt: skip
    parser.add_argument(
        "--rover-mass", type=float, metavar="KG", help="of the whole rover, in place of wheel.load_mass"
    )
    parser.add_argument("--wheels", type=int, metavar="N", help="that share it; with --rover-mass")
    parser.add_argument("--speed", type=float, metavar="M/S", help="of the flight, in place of the wheel's spin")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the plan there too")


def run(options: argparse.Namespace) -> int:
    """Print the plan."""
    plan = make_plan(options.overrides, options.rover_mass, options.wheels, options.speed)
    _print_plan(plan)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(plan, indent=2, default=_plain) + "\n", encoding="utf-8")
    return 0


def make_plan(
    overrides: Sequence[str], rover_mass: float | None = None, wheels: int | None = None, speed: float | None = None
) -> dict[str, Any]:
    """Plan the test of a flight.

    Args:
        overrides: of the flight and of its test.
        rover_mass: of the whole rover [kg], over `wheels`.
        wheels: that share it.
        speed: of the flight at no slip [m/s].

    Raises:
        ConfigError: something is missing, out of range, or given twice.
    """
    config = _flight_config(overrides)
    _take_rover(config, rover_mass, wheels, overrides)
    flight = _flight_wheel(config)
    if speed is not None:
        if not (speed > 0 and math.isfinite(speed)):
            raise ConfigError(f"--speed is {speed:g}, must be greater than 0; give m/s such as 0.2")
        flight = _with_speed(flight, speed)
    ratios = config.test.ratios(flight.gravity)
    scaled, offset = flight.scaled(ratios), flight.lightened(float(config.test.gravity or 0.0))
    return {
        "names": {"gravity": config.gravity.name, "wheel": config.wheel.name, "soil": config.soil.name},
        "wheels": wheels, "flight": flight, "scaled": scaled, "offset": offset, "ratios": ratios,
        "readings_back": readings_back(ratios),
        "scaled_groups": compare_groups(flight, scaled), "offset_groups": compare_groups(flight, offset),
        "offset_error": read_worked_example(), "command": _command(overrides, flight),
    }  # fmt: skip


def _flight_config(overrides: Sequence[str]) -> RunConfig:
    """The flight's config; the bed does not matter here, so the smallest is taken."""
    kind = next((text for text in overrides if text.startswith("test=")), "test=scaled")
    if kind != "test=scaled":
        raise ConfigError(
            f"{kind} is given, but plan-earth-test plans the scaled test and shows the offset test beside it; drop it, "
            "and give test.gravity, test.size or test.mass"
        )
    test = [text for text in overrides if text.startswith("test.")]
    config = load_config([text for text in overrides if text not in (kind, *test)])
    config.test = load_config(["test=scaled", *test]).test
    return config


def _take_rover(config: RunConfig, rover_mass: float | None, wheels: int | None, overrides: Sequence[str]) -> None:
    if rover_mass is None and wheels is None:
        return
    if rover_mass is None or wheels is None:
        raise ConfigError("--rover-mass and --wheels belong together; give both, or wheel.load_mass")
    if "wheel.load_mass" in override_keys(overrides):
        raise ConfigError("wheel.load_mass is given beside --rover-mass, must stand alone; drop one")
    if not (rover_mass > 0 and math.isfinite(rover_mass)):
        raise ConfigError(f"--rover-mass is {rover_mass:g}, must be greater than 0; give kg such as 440")
    if wheels < 1:
        raise ConfigError(f"--wheels is {wheels}, must be at least 1; give a count such as 4")
    config.wheel.load_mass = rover_mass / wheels


def _flight_wheel(config: RunConfig) -> WheelTest:
    wheel, soil = config.wheel, config.soil
    spin = config.scenario.angular_velocity or wheel.angular_velocity
    height = wheel.grouser_height if wheel.grouser_count else 0.0
    return WheelTest(
        config.gravity.strength(), wheel.radius, wheel.width, wheel.load_mass, spin, height,
        soil.bulk_density or soil.particle_density, soil.cohesion or soil.grain_cohesion,
    )  # fmt: skip


def _with_speed(flight: WheelTest, speed: float) -> WheelTest:
    return WheelTest(**{**vars(flight), "angular_velocity": speed / flight.radius})


def read_worked_example() -> list[dict[str, float]]:
    """Slip of the worked example at every slope [deg]: flight, scaled test and offset test."""
    with WORKED_EXAMPLE.open(newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return [{name: float(text) for name, text in row.items()} for row in csv.DictReader(lines)]


def advise(plan: dict[str, Any]) -> list[str]:
    """What a test engineer must know beside the numbers."""
    ratios, flight, offset = plan["ratios"], plan["flight"], plan["offset"]
    mass = plan["offset_groups"][1]
    said = [
        f"The equivalent test bears {ratios.force:.3g} times the flight's forces, {ratios.torque:.3g} times its torque "
        f"and {ratios.power:.3g} times its power: choose rig and motors for that, or another test.size.",
        *(_mismatch(plan, group) for group in plan["scaled_groups"] if not group.matches),
        f"The offset test bears the flight's {flight.weight:.3g} N with {offset.mass:.3g} kg: to its soil it is a "
        f"flight of {mass.test / mass.flight:.0%} of the mass ({mass.formula} {mass.test:.3g}, not {mass.flight:.3g}).",
    ]
    return said + _expected_error(plan)


def _mismatch(plan: dict[str, Any], group: Group) -> str:
    """What a group that differs does to the test."""
    said = (
        f"{group.name.capitalize()} ({group.formula}) does not match: {group.test:.3g} instead of {group.flight:.3g}."
    )
    if group.name != "cohesion":
        return said
    way = "pessimistic" if group.test < group.flight else "optimistic"
    size = 1.0 / plan["ratios"].gravity
    return (
        f"{said} As far as the soil holds together the test is {way}; use a soil with {plan['ratios'].stress:.3g} "
        f"times the cohesion, or test.size={size:.3g}, with which any cohesion matches."
    )


def _expected_error(plan: dict[str, Any]) -> list[str]:
    """How far the offset test was off where it was simulated; another wheel's figures differ."""
    rows = plan["offset_error"]
    points = ", ".join(
        f"{100 * (row['offset'] - row['flight']):+.0f} at {row['slope_deg']:g} deg" for row in rows
    )  # fmt: skip
    agreed = ", ".join(f"{100 * (row['scaled'] - row['flight']):+.0f}" for row in rows)
    return [
        f"Its expected error, in slip points, as simulated for a VIPER wheel of 111 kg on the Moon in GRC-1 "
        f"(experiment=gravity_offset): {points}. The equivalent test there: {agreed}. For your wheel, simulate:"
    ]


def _command(overrides: Sequence[str], flight: WheelTest) -> str:
    """How to simulate flight, scaled and offset test on slopes."""
    kept = [text for text in overrides if not text.startswith(("test", "wheel.load_mass", "scenario"))]
    more = [f"wheel.load_mass={flight.mass:g}", f"scenario.angular_velocity={flight.angular_velocity:.4g}"]
    return " ".join(["drawbar sweep experiment=gravity_offset", *kept, *more])


def _plain(value: Any) -> Any:
    if isinstance(value, Group):
        return {**vars(value), "matches": value.matches}
    if isinstance(value, WheelTest):
        return {**vars(value), "speed": value.speed, "weight": value.weight}
    return vars(value)


def _print_plan(plan: dict[str, Any]) -> None:
    console = Console(highlight=False)
    names = plan["names"]
    console.print(f"\n[bold]{names['wheel']} wheel on the {names['gravity']}, {names['soil']}[/]\n")
    console.print(_tests_table(plan))
    console.print(_groups_table(plan))
    console.print(_readings_table(plan["readings_back"]))
    for sentence in advise(plan):
        console.print(f"- {sentence}")
    console.print(f"  {plan['command']}", soft_wrap=True)


def _tests_table(plan: dict[str, Any]) -> Table:
    table = Table(title="What to test", title_justify="left", box=None, pad_edge=False)
    for column in ("", "flight", "equivalent test", "offset test (misleads)"):
        table.add_column(column, justify="left" if not column else "right")
    three = [plan[name] for name in ("flight", "scaled", "offset")]
    rows = [
        ("gravity, m/s2", lambda w: w.gravity), ("wheel radius, m", lambda w: w.radius),
        ("wheel width, m", lambda w: w.width), ("mass a wheel, kg", lambda w: w.mass),
        ("weight a wheel, N", lambda w: w.weight), ("wheel spin, rad/s", lambda w: w.angular_velocity),
        ("speed at no slip, m/s", lambda w: w.speed),
    ]  # fmt: skip
    if plan["wheels"]:
        rows.insert(4, ("rover mass, kg", lambda w: plan["wheels"] * w.mass))
    for name, of in rows:
        table.add_row(name, *(f"{of(wheel):.4g}" for wheel in three))
    return table


def _groups_table(plan: dict[str, Any]) -> Table:
    table = Table(title="\nGroups that decide the slip", title_justify="left", box=None, pad_edge=False)
    for column in ("group", "", "flight", "equivalent test", "offset test"):
        table.add_column(column, justify="left" if column in ("group", "") else "right")
    for scaled, offset in zip(plan["scaled_groups"], plan["offset_groups"], strict=True):
        values = [f"{scaled.flight:.4g}", *(_marked(group) for group in (scaled, offset))]
        table.add_row(scaled.name, scaled.formula, *values)
    return table


def _marked(group: Group) -> str:
    return f"[green]{group.test:.4g} ok[/]" if group.matches else f"[red]{group.test:.4g} no[/]"


def _readings_table(back: dict[str, float]) -> Table:
    table = Table(title="\nReadings of the equivalent test, times", title_justify="left", box=None, pad_edge=False,
                  show_header=False, min_width=60)  # fmt: skip
    for name, factor in back.items():
        table.add_row(name, f"{factor:.4g}")
    return table
