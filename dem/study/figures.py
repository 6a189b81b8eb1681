"""The figures of a study: one a reading, and all of them together."""

import re
from collections.abc import Mapping
from pathlib import Path

from dem.study.curves import Curve, curves_of
from dem.study.load import Study
from dem.study.words import Quantity, axis_label, quantity
from dem.viz.curves import DrawnCurve, Panel, draw_panels

MOST_IN_OVERVIEW = 6


def study_panel(study: Study, reading: str, references: list[DrawnCurve], against: Study | None = None) -> Panel | None:
    """The panel of one reading; None while it has no point."""
    curves = curves_of(study, reading)
    if not any(curve.points for curve in curves):
        return None
    shown = quantity(reading, next(curve.unit for curve in curves if curve.points))
    panel = Panel(shown.words.capitalize(), axis_label(study), shown.label)
    others = curves_of(against, reading) if against else []
    colors = {curve.label: place for place, curve in enumerate(curves)}
    panel.curves = [drawn(curve, shown, colors[curve.label]) for curve in curves if curve.points]
    for place, curve in enumerate(one for one in others if one.points):
        faint = drawn(curve, shown, colors.get(curve.label, len(curves) + place))
        faint.label, faint.is_faint = f"{against.title if against else ''}: {faint.label}", True
        panel.curves.append(faint)
    panel.curves += [_scaled(one, shown.scale) for one in references]
    if study.spec.x is None:
        _set_side_by_side(panel, curves)
    return panel


def drawn(curve: Curve, shown: Quantity, color: int) -> DrawnCurve:
    """A curve in the units people read."""
    points = curve.points
    return DrawnCurve(
        label=f"{curve.label} ({curve.seeds})",
        x=curve.x,
        y=[shown.scale * value for value in curve.y],
        band=[shown.scale * point.uncertainty.band for point in points],
        verdicts=[point.verdict for point in points],
        dots=[(one.x, shown.scale * one.reading.mean) for point in points if point.seeds > 1 for one in point.used],
        crosses=[(one.x, shown.scale * one.reading.mean) for point in points for one in point.doubted],
        color=color,
    )


def _scaled(curve: DrawnCurve, scale: float) -> DrawnCurve:
    return DrawnCurve(curve.label, curve.x, [scale * value for value in curve.y], is_reference=True, color=curve.color)


def _set_side_by_side(panel: Panel, curves: list[Curve]) -> None:
    """Without an x each curve is one point: give each a place with its name."""
    panel.ticks = [curve.label for curve in curves if curve.points]
    for place, curve in enumerate(panel.curves):
        curve.x = [float(place % len(panel.ticks))] * len(curve.x)
        curve.dots = [(curve.x[0], y) for _, y in curve.dots]
        curve.crosses = [(curve.x[0], y) for _, y in curve.crosses]


def draw_study(
    study: Study, references: Mapping[str, list[DrawnCurve]], against: Study | None = None
) -> dict[str, tuple[Path, Path]]:
    """Draw the figures into the study's folder.

    Args:
        study: read.
        references: other people's curves, by reading.
        against: another study, drawn faintly on the same axes.

    Returns:
        PNG and SVG by reading, and by `overview` if there are several.
    """
    made = {name: study_panel(study, name, references.get(name, []), against) for name in study.spec.readings}
    panels = {name: panel for name, panel in made.items() if panel}
    folder = study.folder / "figures"
    paths = {name: draw_panels([panel], folder / _file_name(name)) for name, panel in panels.items()}
    if len(panels) > 1:
        paths["overview"] = draw_panels([*panels.values()][:MOST_IN_OVERVIEW], folder / "overview")
    return paths


def _file_name(reading: str) -> str:
    return re.sub(r"\W", "_", reading)
