"""Whether readings stand as grains get finer: their trend with grain size, its end at size 0, and where it is reached.

A reading is taken for a line in grain size, v(d) = v0 + s d, as the force on a blade is (docs/soil_lab.md), fitted by
least squares with the errors of its points as weights.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.study.curves import Curve, Point, curves_of
from dem.study.findings.finding import Finding, Table, finite, joined, nothing_yet, plus_minus, progress_text
from dem.study.findings.sensitivity import BASE, SCALES, sensitivity
from dem.study.load import Study
from dem.study.words import number_text

LEAST_POINTS = 2
TOLERANCE = 0.10  # of the extrapolation: within which a reading counts as converged, if its error is less


@dataclass(frozen=True)
class Trend:
    """A reading against grain size.

    Attributes:
        reading, unit: its name and unit.
        points: by rising size.
        limit, error: at size 0 and its standard error, NaN if unknown [unit].
        slope: [unit / m].
    """

    reading: str
    unit: str
    points: list[Point]
    limit: float
    error: float
    slope: float

    def stands(self, point: Point) -> bool:
        """Whether a point agrees with the limit, within a tenth or their errors."""
        errors = [error for error in (point.error, self.error) if math.isfinite(error)]
        return abs(point.mean - self.limit) <= max(TOLERANCE * abs(self.limit), math.hypot(*errors))

    @property
    def stands_from(self) -> float | None:
        """Largest size from which down all points agree with the limit [m]; None if the finest does not."""
        found = None
        for point in self.points:
            if not self.stands(point):
                break
            found = point.x
        return found

    def as_numbers(self) -> dict[str, Any]:
        """For finding.json."""
        return {
            "unit": self.unit, "extrapolated": self.limit, "standard_error": finite(self.error), "slope": self.slope,
            "stands_from": self.stands_from,
            "points": [{"x": point.x, "mean": point.mean, "standard_error": finite(point.error)}
                       for point in self.points],
        }  # fmt: skip


def convergence(study: Study) -> Finding:
    """The trend of every reading of the study with grain size, and what single changes of the numerics do."""
    trends = [trend for reading in study.spec.readings if (trend := _trend(_base(curves_of(study, reading))))]
    if not trends:
        return nothing_yet(study, "it takes runs at two grain sizes")
    finding = Finding(_headline(trends), [_words(trends)], [_table(trends)])
    others = sensitivity(study)
    if others.numbers:
        finding.paragraphs += [others.headline, *others.paragraphs[:1]]
        finding.tables += others.tables
    elif text := progress_text(study):
        finding.paragraphs.append(text)
    finding.numbers = {"trends": {trend.reading: trend.as_numbers() for trend in trends}, "changes": others.numbers}
    return finding


def _base(curves: list[Curve]) -> Curve | None:
    for curve in curves:
        if curve.arm in (BASE, None) and len(curve.points) >= LEAST_POINTS:
            return curve
    return None


def _trend(curve: Curve | None) -> Trend | None:
    if curve is None:
        return None
    points = sorted(curve.points, key=lambda point: point.x)
    size, mean = np.array([point.x for point in points]), np.array([point.mean for point in points])
    error = np.array([point.error for point in points])
    is_known = bool(np.isfinite(error).all() and (error > 0).all())
    weight = 1 / error if is_known else np.ones(len(points))
    columns = np.stack([np.ones(len(points)), size], axis=1) * weight[:, None]
    inverse = np.linalg.inv(columns.T @ columns)
    limit, slope = inverse @ columns.T @ (weight * mean)
    deviation = math.sqrt(inverse[0, 0]) if is_known else math.nan
    return Trend(curve.reading, curve.unit, points, float(limit), deviation, float(slope))


def _headline(trends: list[Trend]) -> str:
    standing = [trend for trend in trends if trend.stands_from is not None]
    if not standing:
        finest = trends[0].points[0].x
        return f"At {1e3 * finest:.3g} mm, the finest grains run, no reading agrees yet with its extrapolation."
    if len(standing) < len(trends):
        names = joined([_name(trend) for trend in trends if trend not in standing])
        return f"Not converged at the finest grains run: {names}; {len(standing)} of {len(trends)} readings stand."
    size = min(trend.stands_from or 0.0 for trend in standing)
    return f"All {len(trends)} readings agree with their extrapolation for grains of {1e3 * size:.3g} mm or finer."


def _words(trends: list[Trend]) -> str:
    said = []
    for trend in trends:
        scale, unit = SCALES.get(trend.unit, (1.0, trend.unit))
        value = f"{_name(trend)} {plus_minus(trend.limit, trend.error, scale)} {unit}"
        said.append(value + (f" (stands from {1e3 * trend.stands_from:.3g} mm)" if trend.stands_from else ""))
    rule = f"A reading stands where it is within {TOLERANCE:.0%} of that, or within its error"
    return f"Extrapolated to grains of no size: {joined(said)}. {rule}."


def _table(trends: list[Trend]) -> Table:
    sizes = sorted({point.x for trend in trends for point in trend.points}, reverse=True)
    heads = [f"{1e3 * size:.3g} mm" for size in sizes]
    table = Table("Readings against the grains' diameter at the surface", ["reading", *heads, "extrapolated"])
    for trend in trends:
        scale, unit = SCALES.get(trend.unit, (1.0, trend.unit))
        by_size = {point.x: point for point in trend.points}
        cells = [
            plus_minus(by_size[size].mean, by_size[size].error, scale) if size in by_size else "–" for size in sizes
        ]
        table.rows.append([f"{_name(trend)} [{unit}]", *cells, plus_minus(trend.limit, trend.error, scale)])
    slopes = [f"{_name(trend)} {number_text(trend.slope, 2, signed=True)} {trend.unit}/m" for trend in trends]
    table.note = f"Slopes: {joined(slopes)}."
    return table


def _name(trend: Trend) -> str:
    return trend.reading.replace("_", " ")
