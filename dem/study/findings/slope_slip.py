"""Slip against slope beside what a rover measured: the misses' root mean square, beside the best published DEM's."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dem.study.curves import Curve, curves_of
from dem.study.findings.finding import (
    MARKED,
    Finding,
    Table,
    difference,
    difference_text,
    nothing_yet,
    point_text,
    progress_text,
)  # fmt: skip
from dem.study.load import Study
from dem.study.words import number_text
from dem.viz.curves import DrawnCurve

REFERENCE = Path(__file__).parents[1] / "references" / "mgru3_slope_slip.csv"
EDGE = 0.5  # degrees: measured slopes that lie so close beyond the ends of a curve are taken at its end


@dataclass(frozen=True)
class Miss:
    """Departure of a curve from the measured one: RMSE in slip [-], the measured slopes [deg], and each miss [-]."""

    rmse: float
    slopes: np.ndarray
    misses: np.ndarray


def read_reference(path: Path = REFERENCE) -> dict[str, np.ndarray]:
    """Series name to its slopes and slips, shape (n, 2) [deg, -]."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found: dict[str, list[tuple[float, float]]] = {}
    for row in csv.DictReader(lines):
        found.setdefault(row["series"], []).append((float(row["slope_deg"]), float(row["slip_ratio"])))
    return {name: np.array(rows) for name, rows in found.items()}


def slope_slip(study: Study) -> Finding:
    """How well slip against slope is predicted, and what each arm does to it."""
    curves = [curve for curve in curves_of(study, "slip_ratio") if len(_trusted(curve))]
    reference = read_reference()
    misses = {curve.label: miss_of(_trusted(curve), reference["measured"]) for curve in curves}
    kept = [(curve, misses[curve.label]) for curve in curves if misses[curve.label] is not None]
    if not kept:
        return nothing_yet(study, "it takes credible runs at two slopes within those that were measured")
    curve, miss = kept[0]
    assert miss is not None
    published = miss_of(reference["published_dem"], reference["measured"], miss.slopes)
    whole = miss_of(reference["published_dem"], reference["measured"])
    assert published is not None
    assert whole is not None
    finding = Finding(_headline(curve, miss, published), _paragraphs(study, miss, published, whole))
    finding.tables = [_measured_table(curve, reference), *_arm_tables(curves, misses)]
    finding.numbers = {
        "rmse": {label: found.rmse for label, found in misses.items() if found},
        "measured_slopes_deg": miss.slopes.tolist(),
        "misses": miss.misses.tolist(),
        "published_dem_rmse_same_slopes": published.rmse,
        "published_dem_rmse": whole.rmse,
    }
    finding.references = {"slip_ratio": _drawn(reference)}
    return finding


def miss_of(curve: np.ndarray, measured: np.ndarray, slopes: np.ndarray | None = None) -> Miss | None:
    """Misses of a curve, by straight lines between its points, at the measured slopes within its range.

    Args:
        curve: slope and slip, shape (n, 2) [deg, -].
        measured: likewise.
        slopes: only at these [deg].
    """
    low, high = curve[0, 0] - EDGE, curve[-1, 0] + EDGE
    inside = (measured[:, 0] >= low) & (measured[:, 0] <= high)
    if slopes is not None:
        inside &= np.isin(measured[:, 0], slopes)
    if len(curve) < 2 or inside.sum() < 2:
        return None
    at = measured[inside]
    misses = np.interp(at[:, 0], curve[:, 0], curve[:, 1]) - at[:, 1]
    return Miss(float(np.sqrt((misses**2).mean())), at[:, 0], misses)


def _trusted(curve: Curve) -> np.ndarray:
    return np.array([(point.x, point.mean) for point in curve.points if point.is_credible])


def _headline(curve: Curve, miss: Miss, published: Miss) -> str:
    better = "closer than" if miss.rmse < published.rmse else "no closer than"
    return (
        f"Slip misses the measured curve by {100 * miss.rmse:.1f} points (RMSE, {curve.label}), {better} the best "
        f"published DEM with {100 * published.rmse:.1f} at the same slopes."
    )


def _paragraphs(study: Study, miss: Miss, published: Miss, whole: Miss) -> list[str]:
    worst = int(np.abs(miss.misses).argmax())
    said = [
        f"Compared at the {len(miss.slopes)} measured slopes from {miss.slopes[0]:g}° to {miss.slopes[-1]:g}°, within "
        f"the simulated range, by straight lines between credible points. The largest miss is "
        f"{number_text(100 * miss.misses[worst], 1, signed=True)} points at {miss.slopes[worst]:g}°; the mean "
        f"{number_text(100 * miss.misses.mean(), 1, signed=True)} "
        f"({'too much' if miss.misses.mean() > 0 else 'too little'} slip).",
        f"The best published DEM misses by {100 * whole.rmse:.1f} points over all {len(whole.slopes)} measured "
        f"slopes, and by {100 * published.rmse:.1f} over those used here. Both are digitised from figures.",
    ]
    return [*said, *([progress_text(study)] if progress_text(study) else [])]


def _measured_table(curve: Curve, reference: dict[str, np.ndarray]) -> Table:
    table = Table(
        f"Slip [%] at the measured slopes: {curve.label}", ["slope [°]", "measured", "published DEM", "ours", "miss"]
    )
    ours, published = _trusted(curve), reference["published_dem"]
    for slope, slip in reference["measured"]:
        inside = ours[0, 0] - EDGE <= slope <= ours[-1, 0] + EDGE
        here = float(np.interp(slope, ours[:, 0], ours[:, 1]))
        there = f"{100 * np.interp(slope, published[:, 0], published[:, 1]):.1f}"
        last = (
            (f"{100 * here:.1f}", number_text(100 * (here - slip), 1, signed=True))
            if inside
            else ("not simulated", "–")
        )
        table.rows.append([f"{slope:g}", f"{100 * slip:.1f}", there, *last])
    return table


def _arm_tables(curves: list[Curve], misses: dict[str, Miss | None]) -> list[Table]:
    """What each arm does to slip: only where there are several."""
    if len(curves) < 2:
        return []
    base, slopes = curves[0], sorted({x for curve in curves for x in curve.x})
    table = Table(
        f"Sensitivity: slip [%] of {base.label}, and what each arm adds to it [points]",
        ["arm", "RMSE [points]", *(f"{slope:g}°" for slope in slopes)],
    )
    for curve in curves:
        miss, cells = misses[curve.label], []
        for slope in slopes:
            point, first = curve.at(slope), base.at(slope)
            if curve is base or point is None or first is None:
                cells.append(point_text(point, 100))
            else:
                cells.append(difference_text(difference(point, first), 100))
        table.rows.append([curve.label, f"{100 * miss.rmse:.1f}" if miss else "–", *cells])
    table.note = MARKED if any("†" in cell for row in table.rows for cell in row) else ""
    return [table]


def _drawn(reference: dict[str, np.ndarray]) -> list[DrawnCurve]:
    names = {"measured": "measured, MGRU3", "published_dem": "best published DEM"}
    return [
        DrawnCurve(names[name], rows[:, 0].tolist(), rows[:, 1].tolist(), is_reference=True, color=place)
        for place, (name, rows) in enumerate(reference.items())
    ]
