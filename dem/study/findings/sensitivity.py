"""What the numerics do to the answer: each arm changes one thing of the base, and its readings change by so much."""

from typing import Any

from dem.study.curves import Curve, curves_of
from dem.study.findings.finding import (
    MARKED,
    Difference,
    Finding,
    Table,
    difference,
    difference_text,
    joined,
    nothing_yet,
    point_text,
    progress_text,
    relative,
)  # fmt: skip
from dem.study.load import Study
from dem.study.words import number_text

BASE = "base"
SCALES = {"-": (100.0, "%"), "m": (1000.0, "mm")}  # of a unit for people: slips in percent, lengths in mm
SMALL = 0.05  # of the base's reading: what a change of the numerics may do


def sensitivity(study: Study) -> Finding:
    """Changes of every reading of the study, arm by arm."""
    changes: dict[str, dict[tuple[str, float], tuple[Difference, Difference]]] = {}
    tables = []
    for reading in study.spec.readings:
        curves = [curve for curve in curves_of(study, reading) if curve.points]
        base = _base(study, curves)
        if base and len(curves) > 1:
            tables.append(_table(study, base, curves))
            changes[reading] = _changes(base, curves)
    credible = [
        (reading, arm, x, *pair) for reading, rows in changes.items() for (arm, x), pair in rows.items()
        if pair[0].is_credible
    ]  # fmt: skip
    if not credible:
        return nothing_yet(study, "it takes credible, steady runs of the base and of an arm at the same place")
    finding = Finding(_headline(credible), [_sure_words(study, credible)], tables)
    finding.paragraphs += [text for text in (progress_text(study),) if text]
    finding.numbers = {
        reading: [_as_numbers(key, pair) for key, pair in rows.items()] for reading, rows in changes.items()
    }
    return finding


def _base(study: Study, curves: list[Curve]) -> Curve | None:
    """The arm called base, or the one that overrides nothing, or the first."""
    plain = [name for name, overrides in study.spec.arms.items() if not overrides]
    for name in (BASE, *plain):
        for curve in curves:
            if curve.arm == name:
                return curve
    return curves[0] if curves else None


def _changes(base: Curve, curves: list[Curve]) -> dict[tuple[str, float], tuple[Difference, Difference]]:
    found = {}
    for curve in curves:
        for point in curve.points:
            first = base.at(point.x)
            if curve is not base and first:
                found[curve.label, point.x] = difference(point, first), relative(point, first)
    return found


def _headline(credible: list[tuple[str, str, float, Difference, Difference]]) -> str:
    sure = [one for one in credible if one[3].is_sure]
    if not sure:
        lead = f"None of {len(credible)} changes exceeds two standard errors"
        return f"{lead}: the numerics are not shown to change the answer."
    reading, arm, x, _, share = max(sure, key=lambda one: abs(one[4].value))
    grave = "noticeably" if abs(share.value) > SMALL else f"by less than {100 * SMALL:.0f} %"
    return (
        f"The numerics change the answer {grave}: most by {arm}, {number_text(100 * share.value, 0, signed=True)} % in "
        f"{reading.replace('_', ' ')} at {x:g} ({len(sure)} of {len(credible)} changes exceed two standard errors)."
    )


def _sure_words(study: Study, credible: list[tuple[str, str, float, Difference, Difference]]) -> str:
    arms = dict.fromkeys(arm for _, arm, *_ in credible)
    said = []
    for arm in arms:
        rows = [one for one in credible if one[1] == arm]
        sure = sum(one[3].is_sure for one in rows)
        said.append(f"{arm}: {sure} of {len(rows)} beyond two standard errors")
    return f"Change from the base, arm by arm, over {study.spec.x or 'all cases'}: {joined(said)}."


def _table(study: Study, base: Curve, curves: list[Curve]) -> Table:
    scale, unit = SCALES.get(base.unit, (1.0, base.unit))
    places = [point.x for point in base.points]
    name = base.reading.replace("_", " ")
    heads = [f"{study.spec.x} = {x:g}" if study.spec.x else "" for x in places]
    table = Table(f"{name.capitalize()} [{unit}] of {base.label}, and what each arm adds to it", ["arm", *heads])
    for curve in curves:
        cells = []
        for x in places:
            point, first = curve.at(x), base.at(x)
            apart = difference(point, first) if point and first else None
            cells.append(point_text(point, scale) if curve is base else difference_text(apart, scale))
        table.rows.append([curve.label, *cells])
    table.note = MARKED if any("†" in cell for row in table.rows for cell in row) else ""
    return table


def _as_numbers(key: tuple[str, float], pair: tuple[Difference, Difference]) -> dict[str, Any]:
    return {"arm": key[0], "x": key[1], "change": pair[0].as_numbers(), "relative": pair[1].as_numbers()}
