"""Whether scaled tests predict the prototype: every reading scaled back, its departure relative to the prototype.

Granular scaling laws hold without cohesion; with one that is not scaled along, departures grow. Where the study sweeps
something else (cohesion, slope), each value is judged by itself. What cohesion does to each test: `cohesion.py`.
"""

import math
from dataclasses import dataclass
from typing import Any

from dem.study.curves import Curve, Point, curves_of
from dem.study.findings.cohesion import COHESION, Change, change_table, change_words, changes_of
from dem.study.findings.finding import (
    MARKED,
    SURE,
    Difference,
    Finding,
    Table,
    difference_text,
    joined,
    nothing_yet,
    of_kind,
    progress_text,
    relative,
)  # fmt: skip
from dem.study.load import Study
from dem.study.words import number_text

WITHIN = 0.05
CLEAR = 3.0  # standard errors: a prototype reading below is too near zero to be departed from relatively
READINGS = {
    "slip_ratio": "slip", "sinkage": "sinkage", "drawbar_pull": "drawbar pull", "driving_torque": "torque",
    "drive_power": "power",
}  # fmt: skip


@dataclass(frozen=True)
class Departure:
    """Departure of one reading of one scaled test at one place: relative to the prototype [-]."""

    pair: str
    x: float
    reading: str
    apart: Difference

    @property
    def judgement(self) -> str:
        """Judgement: within 5 %, outside, or open, which is outside by less than its error."""
        value, error = abs(self.apart.value), self.apart.error
        if value <= WITHIN:
            return "within"
        return "open" if math.isfinite(error) and value - SURE * error <= WITHIN else "outside"


def scaling_law(study: Study) -> Finding:
    """Departures of all scaled tests from the prototype."""
    found = [departure for name in READINGS for departure in _departures(study, name)]
    credible = [departure for departure in found if departure.apart.is_credible]
    if not credible:
        return nothing_yet(
            study, "it takes credible, steady runs of the prototype and of a scaled test at the same place"
        )
    finding = Finding(
        _headline(study, credible), [text for text in (_reading_words(credible), _growth(study, credible)) if text]
    )
    finding.paragraphs += [text for text in (progress_text(study),) if text]
    finding.tables = [_table(study, found)]
    finding.numbers = {"limit": WITHIN, "departures": [_as_numbers(study, one) for one in found]}
    if changes := changes_of(study, READINGS):
        _add_changes(finding, changes)
    return finding


def _add_changes(finding: Finding, changes: list[Change]) -> None:
    finding.paragraphs += [text for text in (change_words(changes, READINGS),) if text]
    finding.tables.append(change_table(changes, READINGS))
    finding.numbers["changes_by_cohesion"] = [one.as_numbers() for one in changes]


def _departures(study: Study, reading: str) -> list[Departure]:
    curves = [curve for curve in curves_of(study, reading, scaled_back=True) if curve.points]
    prototypes = of_kind(curves, "prototype")
    found = []
    for curve in curves:
        prototype = next((one for one in prototypes if _same_place(one, curve)), None)
        if prototype is None or curve in prototypes or curve.kind == "gravity_offload":
            continue
        for point in curve.points:
            base = prototype.at(point.x)
            if base and _is_clear(base):
                found.append(Departure(_pair(study, curve), point.x, reading, relative(point, base)))
    return found


def _same_place(prototype: Curve, curve: Curve) -> bool:
    """Whether two curves differ only in in their similitude."""
    one, other = (
        {key: value for key, value in each.key if key.split(".")[0] != "similitude"} for each in (prototype, curve)
    )
    return all(other.get(key) == value for key, value in one.items())


def _pair(study: Study, curve: Curve) -> str:
    if curve.arm:
        arm = study.spec.labels.get(curve.arm, curve.arm)
        return arm + curve.label.removeprefix(arm)  # which goes on with what else tells the curve from others
    return curve.label


def _is_clear(base: Point) -> bool:
    return abs(base.mean) > (CLEAR * base.error if math.isfinite(base.error) else 0.0)


def _headline(study: Study, credible: list[Departure]) -> str:
    dry = [one for one in credible if study.spec.x == COHESION and one.x == 0.0]
    if dry and len(dry) < len(credible):
        wet = [one for one in credible if one.x != 0.0]
        return f"Without cohesion: {_judge(dry)} With cohesion: {_judge(wet)}"
    return _judge(credible)


def _judge(credible: list[Departure]) -> str:
    kinds = {kind: [one for one in credible if one.judgement == kind] for kind in ("within", "open", "outside")}
    if len(kinds["within"]) == len(credible):
        count = f"all {len(credible)} readings"
        return f"The scaling laws hold: {count} scale back to the prototype within {100 * WITHIN:.0f} %."
    worst = max(credible, key=lambda one: abs(one.apart.value))
    lead = f"{len(kinds['within'])} of {len(credible)} readings scale back to the prototype within {100 * WITHIN:.0f} %"
    if not kinds["outside"]:
        return f"{lead}; the others depart by no more than their errors allow."
    doubt = f", {len(kinds['open'])} may within their errors" if kinds["open"] else ""
    return (
        f"{lead}{doubt}, {len(kinds['outside'])} do not: the largest departure is "
        f"{number_text(100 * worst.apart.value, 0, signed=True)} % in {READINGS[worst.reading]} ({worst.pair})."
    )


def _reading_words(credible: list[Departure]) -> str:
    said = []
    for name, word in READINGS.items():
        values = [abs(one.apart.value) for one in credible if one.reading == name]
        if values:
            said.append(f"{word} {100 * sum(values) / len(values):.1f} % (at most {100 * max(values):.1f} %)")
    return f"Mean size of the departure by reading: {joined(said)}."


def _growth(study: Study, credible: list[Departure]) -> str:
    """How departures change along x."""
    places = sorted({one.x for one in credible})
    if len(places) < 2:
        return ""
    means = {x: [abs(one.apart.value) for one in credible if one.x == x] for x in places}
    said = [f"{100 * sum(values) / len(values):.1f} % at {x:g}" for x, values in means.items()]
    first, last = means[places[0]], means[places[-1]]
    grows = sum(last) / len(last) > 2 * sum(first) / len(first)
    verdict = "grows" if grows else "does not clearly grow"
    return f"Along {study.spec.x} the mean departure is {joined(said)}: it {verdict}."


def _table(study: Study, found: list[Departure]) -> Table:
    names = [name for name in READINGS if any(one.reading == name for one in found)]
    table = Table(
        "Departure from the prototype [%], scaled back, ± one standard error",
        ["test", str(study.spec.x or ""), *(READINGS[name] for name in names), f"all within {100 * WITHIN:.0f} %?"],
    )
    for pair, x in dict.fromkeys((one.pair, one.x) for one in found):
        here = {one.reading: one for one in found if (one.pair, one.x) == (pair, x)}
        cells = [difference_text(here[name].apart if name in here else None, 100) for name in names]
        judged = {one.judgement for one in here.values()}
        verdict = "no" if "outside" in judged else "open" if "open" in judged else "yes"
        table.rows.append([pair, f"{x:g}", *cells, verdict])
    table.note = "Open: outside by less than two standard errors. A dash: the prototype's reading is too near zero."
    if any("†" in cell for row in table.rows for cell in row):
        table.note += f" {MARKED}"
    return table


def _as_numbers(study: Study, one: Departure) -> dict[str, Any]:
    return {"test": one.pair, str(study.spec.x or "x"): one.x, "reading": one.reading, "judgement": one.judgement,
            **one.apart.as_numbers()}  # fmt: skip
