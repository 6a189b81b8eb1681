"""Two studies side by side: the differences between points that both have."""

from dem.study.curves import Curve, curves_of
from dem.study.findings.finding import MARKED, Table, difference, difference_text, point_text
from dem.study.load import Study
from dem.study.words import axis_label, quantity


def compare(study: Study, other: Study) -> list[Table]:
    """One table a reading: this study, the other, and this minus the other with its error."""
    tables = []
    for reading in study.spec.readings:
        theirs = {curve.label: curve for curve in curves_of(other, reading)}
        pairs = [(curve, theirs[curve.label]) for curve in curves_of(study, reading) if curve.label in theirs]
        table = _table(study, other, reading, pairs)
        if table.rows:
            tables.append(table)
    return tables


def _table(study: Study, other: Study, reading: str, pairs: list[tuple[Curve, Curve]]) -> Table:
    shown = quantity(reading, pairs[0][0].unit if pairs else "-")
    heads = ["curve", axis_label(study), study.title, other.title, "difference", "beyond two standard errors"]
    table = Table(f"{shown.label.capitalize()}, ± one standard error", heads)
    for curve, their in pairs:
        for point in curve.points:
            twin = their.at(point.x)
            if twin is None:
                continue
            apart = difference(point, twin)
            cells = (point_text(point, shown.scale), point_text(twin, shown.scale))
            said = "yes" if apart.is_sure else "no"
            table.rows.append([curve.label, f"{point.x:g}", *cells, difference_text(apart, shown.scale), said])
    table.note = MARKED if any("†" in cell for row in table.rows for cell in row) else ""
    return table
