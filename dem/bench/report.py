"""What was measured, as tables for people; JSON has all of it."""

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

CALLED = {"run_force_pass": "forces", "meet": "forces", "begin_step": "begin", "search": "search"}  # "meet" formerly
SPEED_CAPTION = (
    "M/s: million particle-steps a second, median; contacts: M/s;\n"
    "of copy: estimated share of copy bandwidth; ready in: start, compile"
)
INSIDE_CAPTION = (
    "pairs: listed/touching, per grain; forces to rest: per cent of the time;\n"
    "B/step: bytes moved per particle-step, estimated; B/grain: of all fields"
)
ABOUT = ("scene", "grains", "on")
COLUMNS = ("forces", "begin", "search", "rest")


def speed_table(rows: Sequence[dict[str, Any]]) -> Table:
    """How fast each case runs."""
    title = f"drawbar {rows[0]['versions'].get('drawbar', '')} at {rows[0]['commit'][:9]}, {rows[0]['device_name']}"
    table = _table(title, "M/s", "range", "contacts", "of copy", "ready in")
    table.caption = SPEED_CAPTION
    for row in rows:
        slow, fast = row["range"]
        table.add_row(
            *_about(row),
            f"{row['particle_steps_per_second'] / 1e6:.2f}",
            f"{slow / 1e6:.2f}-{fast / 1e6:.2f}",
            f"{row['contacts_per_second'] / 1e6:.1f}",
            f"{100 * row['bandwidth_fraction_estimate']:.0f} %",
            f"{row['startup_seconds'] + row['compile_seconds']:.1f} s",
        )
        if "batch_over_alone" in row:
            rate = row["alone_particle_steps_per_second"] / 1e6
            table.add_row("", "in turn", "", f"{rate:.2f}", f"x {row['batch_over_alone']:.2f}", "", "", "")
    return table


def inside_table(rows: Sequence[dict[str, Any]]) -> Table:
    """What each case consists of: pairs, shares of the time, bytes moved (an estimate), memory."""
    table = _table("", "pairs", *COLUMNS, "B/step", "B/grain", "MiB", about=ABOUT[:2])
    table.caption = INSIDE_CAPTION
    for row in rows:
        count, phases = row["particle_count"], phases_of(row["phase_shares"])
        table.add_row(
            *_about(row)[:2],
            f"{row['pairs_listed'] / count:.1f}/{row['contacts_touching'] / count:.1f}",
            *(f"{100 * phases[name]:.0f}" for name in COLUMNS),
            f"{row['bytes_per_particle_step_estimate']['total']:.0f}",
            f"{row['field_bytes_per_particle']:.0f}",
            f"{row['resident_bytes'] / 2**20:.0f}",
        )
    return table


def phases_of(found: dict[str, float]) -> dict[str, float]:
    """Shares by what is done, from those by function; Python and what has no name here are the rest."""
    shares = dict.fromkeys(COLUMNS, 0.0)
    for name, share in found.items():
        shares[CALLED.get(name, "rest")] += share
    return shares


def _table(title: str, *numbers: str, about: Sequence[str] = ABOUT) -> Table:
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    for name in about:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _about(row: dict[str, Any]) -> tuple[str, str, str]:
    precision = "" if row["precision"] == "mixed" else f" {row['precision']}"
    where = f"{row['device']}{precision}" + (f" x{row['threads']}" if row["threads"] else "")
    scene = row["scene"] + (f" of {row['worlds']}" if row["worlds"] > 1 else "")
    return scene, f"{row['particle_count']}", where
