"""`drawbar plan-earth-test`: the Earth test that is equivalent to a drive elsewhere, and what the usual one would say.

Reads the same groups as a run, so that what is planned here can be simulated by adding `similitude=scaled` or
`similitude=gravity_offload`.
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
from dem.renamed import current_overrides
from dem.rover.scaled_drive import Group, WheelDrive, compare_groups, readings_back

EPILOG = """examples:
  drawbar plan-earth-test gravity=moon wheel=viper wheel.load_mass=111
  drawbar plan-earth-test gravity=moon wheel=viper --rover-mass 440 --wheels 4 --speed 0.2
  drawbar plan-earth-test gravity=mars wheel=curiosity similitude.size=0.5 --json plan.json"""
WORKED_EXAMPLE = Path(__file__).resolve().parent / "offload_error.csv"  # of experiment=gravity_offset


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.epilog = EPILOG
    parser.add_argument(
        "overrides", nargs="*", metavar="OVERRIDE",
        help="the prototype, as in run: gravity, wheel, soil; and of its test similitude.gravity, .size and .mass",
    )  # fmt: skip
    parser.add_argument(
        "--rover-mass", type=float, metavar="KG", help="of the whole rover, in place of wheel.load_mass"
    )
    parser.add_argument("--wheels", type=int, metavar="N", help="that share it; with --rover-mass")
    parser.add_argument("--speed", type=float, metavar="M/S", help="of the prototype, in place of the wheel's spin")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the plan there too")


def run(options: argparse.Namespace) -> int:
    """Make and print the plan."""
    plan = make_plan(options.overrides, options.rover_mass, options.wheels, options.speed)
    _print_plan(plan)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(plan, indent=2, default=_plain) + "\n", encoding="utf-8")
    return 0


def make_plan(
    overrides: Sequence[str], rover_mass: float | None = None, wheels: int | None = None, speed: float | None = None
) -> dict[str, Any]:
    """Plan the test of a prototype.

    Args:
        overrides: of the prototype and of its test.
        rover_mass: of the whole rover [kg], over `wheels`.
        wheels: that share it.
        speed: of the prototype at no slip [m/s].

    Raises:
        ConfigError: something is missing, out of range, or given twice.
    """
    overrides = current_overrides(overrides)
    config = _prototype_config(overrides)
    _take_rover(config, rover_mass, wheels, overrides)
    prototype = _prototype_wheel(config)
    if speed is not None:
        if not (speed > 0 and math.isfinite(speed)):
            raise ConfigError(f"--speed is {speed:g}, must be greater than 0; give m/s such as 0.2")
        prototype = _with_speed(prototype, speed)
    ratios = config.similitude.ratios(prototype.gravity)
    scaled, offload = prototype.scaled(ratios), prototype.lightened(float(config.similitude.gravity or 0.0))
    return {
        "names": {"gravity": config.gravity.name, "wheel": config.wheel.name, "soil": config.soil.name},
        "wheels": wheels, "prototype": prototype, "scaled": scaled, "offload": offload, "ratios": ratios,
        "readings_back": readings_back(ratios),
        "scaled_groups": compare_groups(prototype, scaled), "offload_groups": compare_groups(prototype, offload),
        "offload_error": read_worked_example(), "command": _command(overrides, prototype),
    }  # fmt: skip


def _prototype_config(overrides: Sequence[str]) -> RunConfig:
    """The prototype's config; the bed does not matter here, so the smallest is taken."""
    kind = next((text for text in overrides if text.startswith("similitude=")), "similitude=scaled")
    if kind != "similitude=scaled":
        raise ConfigError(
            f"{kind} is given, but plan-earth-test plans the scaled test and shows the gravity-offload test beside it; "
            "drop it, and give similitude.gravity, similitude.size or similitude.mass"
        )
    ratios = [text for text in overrides if text.startswith("similitude.")]
    config = load_config([text for text in overrides if text not in (kind, *ratios)])
    config.similitude = load_config(["similitude=scaled", *ratios]).similitude
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


def _prototype_wheel(config: RunConfig) -> WheelDrive:
    wheel, soil = config.wheel, config.soil
    spin = config.scenario.angular_velocity or wheel.angular_velocity
    height = wheel.grouser_height if wheel.grouser_count else 0.0
    return WheelDrive(
        config.gravity.strength(), wheel.radius, wheel.width, wheel.load_mass, spin, height,
        soil.bulk_density or soil.particle_density, soil.cohesion or soil.grain_cohesion,
    )  # fmt: skip


def _with_speed(prototype: WheelDrive, speed: float) -> WheelDrive:
    return WheelDrive(**{**vars(prototype), "angular_velocity": speed / prototype.radius})


def read_worked_example() -> list[dict[str, float]]:
    """Slip of the worked example at every slope [deg]: prototype, scaled test and gravity-offload test."""
    with WORKED_EXAMPLE.open(newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return [{name: float(text) for name, text in row.items()} for row in csv.DictReader(lines)]


def advise(plan: dict[str, Any]) -> list[str]:
    """What a test engineer must know beside the numbers."""
    ratios, prototype, offload = plan["ratios"], plan["prototype"], plan["offload"]
    mass = plan["offload_groups"][1]
    said = [
        f"The equivalent test bears {ratios.force:.3g} times the prototype's forces, {ratios.torque:.3g} times its "
        f"torque and {ratios.power:.3g} times its power: choose rig and motors for that, or another similitude.size.",
        *(_mismatch(plan, group) for group in plan["scaled_groups"] if not group.matches),
        f"The gravity-offload test bears the prototype's {prototype.weight:.3g} N with {offload.mass:.3g} kg: to its "
        f"soil it is a prototype of {mass.model / mass.prototype:.0%} of the mass ({mass.formula} {mass.model:.3g}, "
        f"not {mass.prototype:.3g}).",
    ]
    return said + _expected_error(plan)


def _mismatch(plan: dict[str, Any], group: Group) -> str:
    """What a group that differs does to the test."""
    values = f"{group.model:.3g} instead of {group.prototype:.3g}"
    said = f"{group.name.capitalize()} ({group.formula}) does not match: {values}."
    if group.name != "cohesion":
        return said
    way = "pessimistic" if group.model < group.prototype else "optimistic"
    size = 1.0 / plan["ratios"].gravity
    return (
        f"{said} As far as the soil holds together the test is {way}; use a soil with {plan['ratios'].stress:.3g} "
        f"times the cohesion, or similitude.size={size:.3g}, with which any cohesion matches."
    )


def _expected_error(plan: dict[str, Any]) -> list[str]:
    """How far the gravity-offload test was off where it was simulated; another wheel's figures differ."""
    rows = plan["offload_error"]
    points = ", ".join(
        f"{100 * (row['offload'] - row['prototype']):+.0f} at {row['slope_deg']:g} deg" for row in rows
    )  # fmt: skip
    agreed = ", ".join(f"{100 * (row['scaled'] - row['prototype']):+.0f}" for row in rows)
    return [
        f"Its expected error, in slip points, as simulated for a VIPER wheel of 111 kg on the Moon in GRC-1 "
        f"(experiment=gravity_offset): {points}. The equivalent test there: {agreed}. For your wheel, simulate:"
    ]


def _command(overrides: Sequence[str], prototype: WheelDrive) -> str:
    """How to simulate prototype, scaled and gravity-offload test on slopes."""
    kept = [text for text in overrides if not text.startswith(("similitude", "wheel.load_mass", "scenario"))]
    more = [f"wheel.load_mass={prototype.mass:g}", f"scenario.angular_velocity={prototype.angular_velocity:.4g}"]
    return " ".join(["drawbar sweep experiment=gravity_offset", *kept, *more])


def _plain(value: Any) -> Any:
    if isinstance(value, Group):
        return {**vars(value), "matches": value.matches}
    if isinstance(value, WheelDrive):
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
    for column in ("", "prototype", "equivalent test", "gravity-offload test (misleads)"):
        table.add_column(column, justify="left" if not column else "right")
    three = [plan[name] for name in ("prototype", "scaled", "offload")]
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
    for column in ("group", "", "prototype", "equivalent test", "gravity-offload test"):
        table.add_column(column, justify="left" if column in ("group", "") else "right")
    for scaled, offload in zip(plan["scaled_groups"], plan["offload_groups"], strict=True):
        values = [f"{scaled.prototype:.4g}", *(_marked(group) for group in (scaled, offload))]
        table.add_row(scaled.name, scaled.formula, *values)
    return table


def _marked(group: Group) -> str:
    return f"[green]{group.model:.4g} ok[/]" if group.matches else f"[red]{group.model:.4g} no[/]"


def _readings_table(back: dict[str, float]) -> Table:
    table = Table(title="\nReadings of the equivalent test, times", title_justify="left", box=None, pad_edge=False,
                  show_header=False, min_width=60)  # fmt: skip
    for name, factor in back.items():
        table.add_row(name, f"{factor:.4g}")
    return table
