"""How optimistic a gravity-offload test on Earth's sand is, and how far a scaled test departs from the prototype.

At every slope: slip, sinkage and power of the prototype; of the scaled test, scaled back; and of the gravity-offload
test, read as it is. Hu et al., arXiv 2405.11001.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.study.curves import Curve, curves_of
from dem.study.findings.finding import (
    MARKED,
    SURE,
    Difference,
    Finding,
    Table,
    difference,
    difference_text,
    finite,
    joined,
    nothing_yet,
    of_kind,
    plus_minus,
    point_text,
    progress_text,
)  # fmt: skip
from dem.study.load import Study
from dem.study.statistics import crossing
from dem.study.words import number_text

AGREEMENT = 0.05  # slip
LEVELS = (0.2, 0.4, 0.6)  # slip: NASA's design point, a hard climb, and where a rover digs itself in
KINDS = ("prototype", "scaled", "gravity_offload")
NAMES = {"prototype": "the prototype", "scaled": "the scaled test", "gravity_offload": "the gravity-offload test"}
READINGS = {  # name: word, factor to what people read, unit, digits
    "slip_ratio": ("slip", 100.0, "%", 1),
    "sinkage": ("sinkage", 1000.0, "mm", 1),
    "drive_power": ("power", 1.0, "W", 2),
}


@dataclass(frozen=True)
class Row:
    """One slope: slip of each way of testing, and its differences from the prototype."""

    slope: float
    differences: dict[str, Difference]


def gravity_offset(study: Study) -> Finding:
    """What the gravity-offload test and the scaled test predict, beside the prototype."""
    curves = {name: _by_kind(study, name) for name in READINGS}
    slip = curves["slip_ratio"]
    if "prototype" not in slip or not set(slip) - {"prototype"}:
        return nothing_yet(study, "it takes steady runs of the prototype and of a test at the same slope")
    rows = _rows(slip)
    crossings = {kind: {level: _cross(curve, level) for level in LEVELS} for kind, curve in slip.items()}
    words = [
        _offset_words(rows),
        _climb_words(slip),
        _scaled_words(rows),
        _sinkage_words(curves["sinkage"] if "prototype" in curves["sinkage"] else {}),
    ]
    finding = Finding(_headline(rows, crossings), [text for text in (*words, progress_text(study)) if text])
    finding.tables = [_table(name, kinds) for name, kinds in curves.items() if "prototype" in kinds]
    finding.tables.append(_crossing_table(slip))
    finding.numbers = {
        "agreement_limit": AGREEMENT,
        "slopes": {name: _numbers(kinds) for name, kinds in curves.items()},
        "slope_at_slip": {kind: {str(level): x for level, x in found.items()} for kind, found in crossings.items()},
        "offset_optimism": _overall(rows, "gravity_offload"),
        "scaled_departure": _overall(rows, "scaled"),
    }
    return finding


def _by_kind(study: Study, reading: str) -> dict[str, Curve]:
    """The first curve with points of each way of testing, at prototype scale."""
    curves = curves_of(study, reading, scaled_back=True)
    found = {kind: [curve for curve in of_kind(curves, kind) if curve.points] for kind in KINDS}
    return {kind: listed[0] for kind, listed in found.items() if listed}


def _rows(slip: dict[str, Curve]) -> list[Row]:
    rows = []
    for point in slip["prototype"].points:
        others = {kind: slip[kind].at(point.x) for kind in ("scaled", "gravity_offload") if kind in slip}
        rows.append(Row(point.x, {kind: difference(other, point) for kind, other in others.items() if other}))
    return rows


def _credible(rows: list[Row], kind: str) -> list[tuple[float, Difference]]:
    return [
        (row.slope, row.differences[kind])
        for row in rows
        if kind in row.differences and row.differences[kind].is_credible
    ]


def _cross(curve: Curve, level: float) -> float | None:
    """Slope at which a curve reaches a slip; from credible points alone."""
    points = [point for point in curve.points if point.is_credible]
    return crossing([point.x for point in points], [point.mean for point in points], level)


def _headline(rows: list[Row], crossings: dict[str, dict[float, float | None]]) -> str:
    found = _credible(rows, "gravity_offload")
    if not found:
        return "No answer yet: no slope has a credible pair of prototype and gravity-offload test."
    slope, worst = min(found, key=lambda pair: pair[1].value)
    if worst.value >= 0 or not worst.is_sure:
        return "The gravity-offload test is not shown to be optimistic at any slope: no difference exceeds its error."
    lead = f"The gravity-offload test is optimistic by up to {abs(100 * worst.value):.0f} slip points (at {slope:g}°)"
    prototype, offset = crossings["prototype"], crossings.get("gravity_offload", {})
    both = [level for level in LEVELS if prototype.get(level) is not None and offset.get(level) is not None]
    if not both:
        return f"{lead}."
    level = 0.4 if 0.4 in both else both[0]
    climbs = f"the prototype climbs {prototype[level]:.1f}°"
    return f"{lead}: it promises {offset[level]:.1f}° at {100 * level:.0f} % slip, {climbs}."


def _offset_words(rows: list[Row]) -> str:
    found = _credible(rows, "gravity_offload")
    if not found:
        return ""
    sure = [(slope, apart) for slope, apart in found if apart.is_sure and apart.value < 0]
    values = np.array([apart.value for _, apart in found])
    error = _mean_error(found)
    said = "; ".join(f"{number_text(-100 * apart.value, 1)} at {slope:g}°" for slope, apart in found)
    return (
        f"The gravity-offload test slips less than the prototype by, in slip points: {said}. On average over these "
        f"slopes it is optimistic by {plus_minus(-float(values.mean()), error, 100)} points; the difference exceeds "
        f"two standard errors at {len(sure)} of {len(found)} slopes."
    )


def _mean_error(found: list[tuple[float, Difference]]) -> float:
    """Standard error of the mean difference; NaN where none is known."""
    errors = np.array([apart.error for _, apart in found])
    return float(np.sqrt(np.nansum(errors**2)) / len(errors)) if np.isfinite(errors).any() else math.nan


def _climb_words(slip: dict[str, Curve]) -> str:
    said = []
    for level in LEVELS:
        prototype = _cross(slip["prototype"], level)
        others = [f"{NAMES[kind]} {_promise(slip[kind], level)}" for kind in slip if kind != "prototype"]
        if prototype is not None:
            said.append(f"at {100 * level:.0f} % slip the prototype climbs {prototype:.1f}°, {joined(others)}")
    return f"Read as a promise to climb: {'; '.join(said)}. Between slopes, straight lines." if said else ""


def _promise(curve: Curve, level: float) -> str:
    x, last = _cross(curve, level), max((point.x for point in curve.points if point.is_credible), default=math.nan)
    return f"stays below it up to {last:g}°" if x is None else f"promises {x:.1f}°"


def _scaled_words(rows: list[Row]) -> str:
    found = _credible(rows, "scaled")
    if not found:
        return ""
    limit, largest = 100 * AGREEMENT, 100 * max(abs(apart.value) for _, apart in found)
    off = [f"{slope:g}°" for slope, apart in found if abs(apart.value) > AGREEMENT]
    open_ = [f"{slope:g}°" for slope, apart in found if _may_depart(apart)]
    verdict = f"more than {limit:.0f} slip points off it at {joined(off)}" if off else (
        f"within {limit:.0f} slip points of it at every slope"
    )  # fmt: skip
    doubt = f", though two standard errors reach beyond {limit:.0f} at {joined(open_)}" if open_ else ""
    return (
        f"The scaled test, scaled back to the prototype, is {verdict}{doubt}. Its largest departure over {len(found)} "
        f"slopes is {largest:.1f}."
    )


def _may_depart(apart: Difference) -> bool:
    """Whether a difference within the limit may be beyond it, by its error."""
    return abs(apart.value) <= AGREEMENT < abs(apart.value) + SURE * np.nan_to_num(apart.error)


def _sinkage_words(kinds: dict[str, Curve]) -> str:
    said = []
    for kind in ("gravity_offload", "scaled"):
        pairs = [(kinds[kind].at(point.x), point) for point in kinds["prototype"].points] if kind in kinds else []
        apart = [difference(other, point) for other, point in pairs if other]
        values = [1000.0 * one.value for one in apart if one.is_credible]
        if values:
            span = f"{number_text(min(values), 0, signed=True)} to {number_text(max(values), 0, signed=True)} mm"
            said.append(f"{NAMES[kind]} by {span}")
    return f"Sinkage departs from the prototype's, over the slopes: {joined(said)}." if said else ""


def _table(name: str, kinds: dict[str, Curve]) -> Table:
    word, scale, unit, digits = READINGS[name]
    tests = [kind for kind in ("scaled", "gravity_offload") if kind in kinds]
    columns = ["slope [°]", "prototype", *tests, *(f"{kind} − prototype" for kind in tests)]
    table = Table(f"{word.capitalize()} [{unit}], at prototype scale, ± one standard error", columns)
    for point in kinds["prototype"].points:
        others = [kinds[kind].at(point.x) for kind in tests]
        apart = [difference(other, point) if other else None for other in others]
        row = [f"{point.x:g}", *(point_text(one, scale, digits) for one in (point, *others))]
        table.rows.append([*row, *(difference_text(one, scale, digits) for one in apart)])
    table.note = MARKED if any("†" in cell for row in table.rows for cell in row) else ""
    return table


def _crossing_table(slip: dict[str, Curve]) -> Table:
    table = Table("Slope [°] at which slip reaches a level", ["slip", *slip])
    for level in LEVELS:
        table.rows.append([f"{100 * level:.0f} %", *(_reached(curve, level) for curve in slip.values())])
    return table


def _reached(curve: Curve, level: float) -> str:
    points = [point for point in curve.points if point.is_credible]
    if not points:
        return "–"
    if points[0].mean >= level:
        return f"below {points[0].x:g}"
    x = _cross(curve, level)
    return f"beyond {points[-1].x:g}" if x is None else f"{x:.1f}"


def _numbers(kinds: dict[str, Curve]) -> list[dict[str, Any]]:
    rows = []
    for point in kinds["prototype"].points if "prototype" in kinds else []:
        row: dict[str, Any] = {"slope_deg": point.x}
        for kind, curve in kinds.items():
            if other := curve.at(point.x):
                row[kind] = {"mean": other.mean, "standard_error": finite(other.error), "seeds": other.seeds}
                row[kind]["verdict"] = other.verdict
                if kind != "prototype":
                    row[f"{kind}_minus_prototype"] = difference(other, point).as_numbers()
        rows.append(row)
    return rows


def _overall(rows: list[Row], kind: str) -> dict[str, Any]:
    """Flight minus offset, or the size of the scaled test's departure, over credible slopes."""
    found = _credible(rows, kind)
    if not found:
        return {"slopes": 0}
    values = np.array([-apart.value if kind == "gravity_offload" else abs(apart.value) for _, apart in found])
    return {"slopes": len(found), "mean": float(values.mean()), "largest": float(values.max()),
            "mean_standard_error": finite(_mean_error(found))}  # fmt: skip
