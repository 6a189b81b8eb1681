"""What the campaign found, as one page of Markdown that needs nothing else to be read."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from dem.bench.report import phases_of
from dem.device_choice import SMALL_SCENE

GIB = 2**30
PHASES = {"forces": ("contacts", "motion"), "search": ("search",)}  # and what of the bytes is moved in each
MOST_TASKS = 12

Row = dict[str, Any]


def page_of(found: dict[str, Any]) -> str:
    """The page of a campaign's results, HTML."""
    sections = (
        _made, _left_out, _checks, _tests, _agreement, _speed, _against_cpu, _batch, _phases, _launches, _tasks,
        _time_taken,
    )  # fmt: skip
    return "\n".join(line for section in sections for line in section(found)) + "\n"


def _made(found: Row) -> Iterator[str]:
    made = found["made"]
    yield "# drawbar on a GPU" if made["device"] != "cpu" else "# drawbar on a CPU, for want of a GPU"
    yield ""
    if made["is_quick"]:
        yield "A quick run: it tells whether all of it runs; its speeds mean nothing."
        yield ""
    size = f", {made['memory_bytes'] / GIB:.0f} GiB" if made["memory_bytes"] else ""
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    yield from _table(
        ("what", ""),
        [
            ("device", f"{made['device']}: {made['device_name']}{size}"),
            ("driver", made["driver"] or "not told"),
            ("CPU", f"{made['cpu_name']}, {made['cores']} cores"),
            ("system", made["system"]),
            ("versions", versions),
            ("commit", made["commit"] + (", with uncommitted changes" if made["uncommitted_changes"] else "")),
            ("date", made["date"]),
            ("command", f"`{made['command']}`"),
            ("time", f"{made.get('seconds', math.nan):.0f} s of {60 * made['minutes']:.0f} s"),
        ],
    )
    yield "Devices that the drivers tell of:"
    yield ""
    for one in made["found"]:
        yield f"- {one['kind']}: {one['name'] or 'none'}" + (f" ({one['problem']})" if one["problem"] else "")
    yield ""


def _left_out(found: Row) -> Iterator[str]:
    missing = [(name, part) for name, part in found["parts"].items() if part["status"] != "done"]
    yield "## Left out or failed"
    yield ""
    for name, part in missing:
        yield f"- {name} {part['status']}: {part['reason']}"
    if not missing:
        yield "Nothing."
    yield ""


def _checks(found: Row) -> Iterator[str]:
    rows = [
        (part["result"].get("precision", name), part["result"]["problem"] or "agrees", _worst(part["result"]),
         f"{part['result'].get('limit', math.nan):g}", f"{part['seconds']:.0f} s")
        for name, part in _of(found, "self_check")
    ]  # fmt: skip
    yield from _section(
        found, "Self-check against the CPU", ("precision", "verdict", "largest difference", "limit", "took"), rows,
        "Differences are root mean squares over the change in the run, see docs/devices.md.",
    )  # fmt: skip


def _worst(result: Row) -> str:
    known = result.get("differences") or {}
    name = max(known, key=lambda one: known[one], default="")
    return f"{known[name]:.2g} ({name})" if name else "-"


def _tests(found: Row) -> Iterator[str]:
    parts = _of(found, "tests")
    rows = [
        (name, str(part["result"]["passed"]), str(len(part["result"]["failed"])), str(part["result"]["left"]),
         "ended" if part["result"]["ended"] else "stopped when its time was over")
        for name, part in parts
    ]  # fmt: skip
    yield from _section(found, "Tests on the device", ("part", "passed", "failed", "skipped", ""), rows)
    failed = [name for _, part in parts for name in part["result"]["failed"]]
    yield from (f"- failed: `{name}`" for name in failed)
    yield from [""] if failed else []


def _agreement(found: Row) -> Iterator[str]:
    rows = [
        (one["precision"], _count(one["particle_count"]), str(one["steps"]), f"{one['mean_shift_in_diameters']:.2g}",
         f"{one['largest_shift_in_diameters']:.2g}", f"{one['energy_difference']:.2g}",
         f"{'yes' if one['same'] else 'no'} (limit {one['limit']:g})")
        for one in _results(found, "agreement")
    ]  # fmt: skip
    yield from _section(
        found, "The bed grain by grain against the CPU",
        ("precision", "grains", "steps", "mean shift", "largest shift", "energy", "same"), rows,
        "Shifts between a grain's places on the two are in diameters, energy is the relative difference.",
    )  # fmt: skip


def _speed(found: Row) -> Iterator[str]:
    rows = [
        (_scene(row), _where(row), _count(row["particle_count"]), *_rates(row), f"{1e3 * _step(row):.3g}",
         f"{row['contacts_per_second'] / 1e6:.0f}", f"{1e-9 * row['field_bytes']:.2f}",
         f"{row['field_bytes_per_particle']:.0f}", f"{row['scene_seconds']:.1f}", f"{row['compile_seconds']:.0f}")
        for row in speeds(found)
    ]  # fmt: skip
    yield from _section(
        found, "Speed",
        ("scene", "on", "grains", "million particle-steps/s", "range", "ms a step", "million contacts/s", "GB",
         "bytes a grain", "scene made in s", "compiled in s"),
        rows, "Medians. Scenes are compiled several at once where cores allow it, and measured alone.",
    )  # fmt: skip


def _against_cpu(found: Row) -> Iterator[str]:
    rows = [
        (scene, _count(count), f"{own / 1e6:.2f}", f"{cpu / 1e6:.2f}", f"{own / cpu:.2f}")
        for (scene, count), (own, cpu) in pairs_with_cpu(found).items()
    ]
    header = ("scene", "grains", "device, million particle-steps/s", "CPU, all cores", "device over CPU")
    yield from _section(found, "Against the CPU", header, rows)
    if rows:
        yield f"{_winning(found)} `SMALL_SCENE` of dem/device_choice.py is {SMALL_SCENE}."
        yield ""


def _winning(found: Row) -> str:
    least = wins_from(found)
    if least is None:
        return "From how many grains the device wins cannot be told from these sizes."
    return f"The device wins from about {_count(least)} grains of a bed on."


def pairs_with_cpu(found: Row) -> dict[tuple[str, int], tuple[float, float]]:
    """Particle-steps a second on the device and on the CPU, by scene and grains, in mixed precision."""
    rates: dict[tuple[str, int], dict[bool, float]] = {}
    for row in speeds(found):
        if row["precision"] == "mixed" and row["scene"] in ("bed", "wheel"):
            by_place = rates.setdefault((row["scene"], row["particle_count"]), {})
            by_place[row["device"] == "cpu"] = row["particle_steps_per_second"]
    return {key: (both[False], both[True]) for key, both in sorted(rates.items()) if len(both) == 2}


def wins_from(found: Row) -> int | None:
    """Grains of a bed where the device becomes faster: between two sizes on a power law; None if at none of them."""
    ratios = [(count, own / cpu) for (scene, count), (own, cpu) in pairs_with_cpu(found).items() if scene == "bed"]
    slower = [(count, ratio) for count, ratio in ratios if ratio < 1]
    if not ratios or not slower or slower[-1] == ratios[-1]:
        return None
    (below, low), (above, high) = slower[-1], next(one for one in ratios if one[0] > slower[-1][0])
    share = math.log(1 / low) / math.log(high / low)
    return round(below * (above / below) ** share)


def _batch(found: Row) -> Iterator[str]:
    rows = [
        (f"{row['worlds']} x {_count(row['particle_count'] // row['worlds'])}", _where(row), *_rates(row),
         f"{row['alone_particle_steps_per_second'] / 1e6:.1f}", f"{row['batch_over_alone']:.2f}")
        for row in _results(found, "batch")
    ]  # fmt: skip
    header = ("worlds", "on", "at once, million particle-steps/s", "range", "one after the other", "ratio")
    yield from _section(found, "A batch of worlds", header, rows)


def _phases(found: Row) -> Iterator[str]:
    rows = [_phase_row(row) for row in speeds(found) if row["device"] == found["made"]["device"]]
    yield from _section(
        found, "Where the time of a step goes",
        ("scene", "precision", "grains", "forces ms", "begin ms", "search ms a step", "rest ms", "searches a step",
         "bytes a grain and step", "copy GB/s", "of copy: step", "forces", "search"),
        rows, "Phases are timed in a run of their own that waits for the device after each; bytes are an estimate, "
        "every array moved once a phase; the step's share is that of the run that is not clocked.",
    )  # fmt: skip


def _phase_row(row: Row) -> tuple[str, ...]:
    step, count, moved = _step(row), row["particle_count"], row["bytes_per_particle_step_estimate"]
    shares, seconds = phases_of(row["phase_shares"]), row["phase_seconds_per_step"]
    clocked = sum(seconds.values()) / max(1 - row["phase_shares"].get("python", 0.0), 1e-9)
    spent = {name: clocked * share for name, share in shares.items()}
    fractions = [
        count * sum(moved[part] for part in parts) / spent[name] / row["copy_bandwidth"] if spent[name] else math.nan
        for name, parts in PHASES.items()
    ]
    of_step = count * moved["total"] / step / row["copy_bandwidth"]
    return (
        _scene(row), row["precision"], _count(count),
        *(f"{1e3 * spent[name]:.3g}" for name in ("forces", "begin", "search", "rest")),
        f"{row['searches_per_step']:.3g}", f"{moved['total']:.0f}", f"{row['copy_bandwidth'] / 1e9:.0f}",
        *(f"{100 * share:.0f} %" if math.isfinite(share) else "-" for share in (of_step, *fractions)),
    )  # fmt: skip


def _launches(found: Row) -> Iterator[str]:
    rows = [
        (
            f"{one['scene']} of {_count(one['particle_count'])}",
            *_per_step(one),
            str(one["counts"].get("launches_in_vain", 0)),
        )
        for one in _results(found, "launches")
    ]
    yield from _section(
        found, "Launches, and looks of the host, a step",
        ("scene", "launches", "calls of kernels", "looks", "searches", "reads", "writes", "copies from the device",
         "copies to it", "calls in vain, altogether"),
        rows, "Counted. A call of a kernel is one or more launches, which Taichi records where its profiler works on "
        "the device; a call in vain came after one that had found neighbours stale.",
    )  # fmt: skip
    for one in _results(found, "launches"):
        calls = ", ".join(
            f"{name} {one['counts'][name] / one['steps']:.3g}" for name in one["kernels"] if one["counts"].get(name)
        )
        yield f"- {one['scene']}, {one['steps']} steps, calls a step: {calls}"
    yield ""


def _per_step(one: Row) -> list[str]:
    counts, steps = one["counts"], one["steps"]
    launched = sum(task["launches"] for task in one["tasks"])
    called = sum(counts.get(name, 0) for name in one["kernels"])
    names = ("looks", "searches", "reads", "writes", "copies_from_device", "copies_to_device")
    return [
        f"{launched / steps:.3g}" if launched else "not told",
        *(f"{number / steps:.3g}" for number in (called, *(counts.get(name, 0) for name in names))),
    ]


def _tasks(found: Row) -> Iterator[str]:
    for one in _results(found, "launches"):
        total = sum(task["seconds"] for task in one["tasks"])
        rows = [
            (task["task"], f"{task['launches'] / one['steps']:.3g}", f"{1e6 * task['seconds'] / one['steps']:.3g}",
             f"{100 * task['seconds'] / total:.0f} %" if total else "-")
            for task in one["tasks"][:MOST_TASKS]
        ]  # fmt: skip
        title = f"Tasks of a step, {one['scene']} of {_count(one['particle_count'])}"
        header = ("task", "launches a step", "microseconds a step", "share")
        yield from _section(found, title, header, rows, "On the device, by Taichi's profiler.")


def _time_taken(found: Row) -> Iterator[str]:
    rows = [
        (name, part["status"], f"{part['seconds']:.0f}") for name, part in found["parts"].items() if part["seconds"]
    ]
    yield from _section(
        found, "What the parts took", ("part", "", "s"), rows,
        "From the start of its process; parts that wait for others to be measured count that, too. Tiles are settled "
        "once, on the CPU, and kept: most of it is compiling.",
    )  # fmt: skip


def speeds(found: Row) -> list[Row]:
    """Every row of a speed that was measured, but for batches."""
    rows = [*_results(found, "speed"), *(row for one in _results(found, "few") for row in one["rows"])]
    return sorted(rows, key=lambda row: (row["scene"], row["device"] == "cpu", row["precision"], row["particle_count"]))


def _of(found: Row, kind: str) -> list[tuple[str, Row]]:
    return [(name, part) for name, part in found["parts"].items() if part["kind"] == kind and "result" in part]


def _results(found: Row, kind: str) -> list[Row]:
    return [part["result"] for _, part in _of(found, kind)]


def _section(found: Row, title: str, header: tuple[str, ...], rows: list, note: str = "") -> Iterator[str]:
    """A heading, a table, and what it was made on; nothing where there are no rows."""
    if rows:
        yield f"## {title}"
        yield ""
        yield from _table(header, rows)
        yield " ".join(filter(None, (note, _source(found["made"]))))
        yield ""


def _source(made: Row) -> str:
    """What every figure must be read with, in a line."""
    versions = made["versions"]
    package = next((f"{name} {versions[name]}" for name in ("quadrants", "taichi") if name in versions), "")
    parts = (made["device_name"], made["driver"], package, f"drawbar {made['commit'][:9]}", made["date"][:10])
    return f"*{', '.join(filter(None, parts))}*"


def _table(header: tuple[str, ...], rows: list) -> Iterator[str]:
    line: Callable[[Any], str] = lambda cells: f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"  # noqa: E731
    yield line(header)
    yield f"|{'---|' * len(header)}"
    yield from map(line, rows)
    yield ""


def _scene(row: Row) -> str:
    return row["scene"] + (f" of {row['worlds']} worlds" if row["worlds"] > 1 else "")


def _where(row: Row) -> str:
    threads = f" x{row['threads']}" if row["threads"] else ""
    return f"{row['device']}{threads}, {row['precision']}"


def _step(row: Row) -> float:
    return row["particle_count"] / row["particle_steps_per_second"]


def _rates(row: Row) -> tuple[str, str]:
    slow, fast = row["range"]
    return f"{row['particle_steps_per_second'] / 1e6:.2f}", f"{slow / 1e6:.2f} to {fast / 1e6:.2f}"


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
