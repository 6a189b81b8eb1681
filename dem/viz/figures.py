"""The time-series figure: what a run measured, one panel a quantity, phases and steady window marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dem.errors import ResultsError
from dem.io import RunReader

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = (
    ("force", "N"),
    ("torque", "N m"),
    ("length", "m"),
    ("slip and ratios", "-"),
    ("power", "W"),
    ("energy", "J"),
    ("speed", "m/s"),
    ("angular speed", "rad/s"),
)
"""Order and axis label of the panels by unit; other units follow, labelled by the unit alone."""

COLORS = ("#24567f", "#c4562f", "#3d8f72", "#8e5aa0", "#d0962f", "#6b7480", "#a03a52", "#4aa3c4")
PANEL_HEIGHT = 2.0
"""Inches; the width of 9 suits a page and half a slide."""

ONE_COLUMN = 9
"""Panels; more stand in two columns."""

UNPLOTTED = ("position_x", "position_y", "position_z", "kinetic", "gravitational", "elastic", "gravity_work")
"""Metres of travel would flatten the millimetres of sinkage, and the bed's potential energy what the wheel does."""

MOST_POINTS = 4000
"""A line of 9 inches shows no more."""

USUAL = (5.0, 95.0)
"""Percentiles between which a curve usually is, where it has no steady window."""

FARTHEST = 10.0
"""Times the usual range that a panel still shows: the slip of a wheel that hardly turns would flatten all the rest."""

ROOM = 0.1
"""Of a panel's height between two numbers at its right edge; of its width between two names of phases."""


@dataclass
class Panel:
    """Series to draw together.

    Attributes:
        label: of the axis, without the unit.
        unit: of all series.
        names: series name -> its name in the legend.
    """

    label: str
    unit: str
    names: dict[str, str] = field(default_factory=dict)


def render_figure(path: str | Path, target: str | Path) -> Path:
    """Draw all series of a run into one file.

    Args:
        path: `run.vtkhdf`.
        target: PNG, PDF or SVG file, by its extension.

    Returns:
        The file.

    Raises:
        ResultsError: The run has no samples.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    target = Path(target)
    figure = series_figure(RunReader(path))
    FigureCanvasAgg(figure)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=130)
    return target


def series_figure(reader: RunReader) -> "Figure":
    """Build the figure: one panel a unit, and one a quantity of several wheels, all on one time axis.

    Raises:
        ResultsError: The run has no samples.
    """
    from matplotlib.figure import Figure

    panels = group_series(reader)
    if not panels or not len(reader.series("time")):
        raise ResultsError(f"{reader.path}: no samples yet; nothing to plot.")
    columns = 1 if len(panels) <= ONE_COLUMN else 2
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(9.0 * columns, 0.9 + PANEL_HEIGHT * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, squeeze=False)
    axes = grid.T.ravel()[: len(panels)]
    for unused in grid.T.ravel()[len(panels) :]:
        unused.set_axis_off()
    attributes, (start, end) = reader.attributes, _time_span(reader)
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, reader, panel)
        _mark_window(axis, attributes)
    for first in range(0, len(panels), rows):
        _name_window(axes[first], attributes)
        _finish_column(axes[first : first + rows], attributes, end - start)
    axes[0].set_xlim(start, end)
    figure.suptitle(_heading(attributes), x=0.02, ha="left", fontsize=13, fontweight="bold")
    return figure


def group_series(reader: RunReader) -> list[Panel]:
    """Panels in the order of `PANELS`; what several wheels measure alike has its own; series without a value none."""
    labels = {unit: label for label, unit in PANELS}
    panels: dict[tuple[str, str], Panel] = {}
    names = [name for name in reader.series_names if name not in UNPLOTTED]
    for name in (name for name in names if np.isfinite(reader.series(name)).any()):
        unit, (wheel, _, quantity) = reader.units[name], reader.meanings[name].long_name.partition(": ")
        label = quantity or labels.get(unit, "value")
        panels.setdefault((unit, quantity), Panel(label, unit)).names[name] = wheel
    order = list(labels)
    return sorted(panels.values(), key=lambda panel: order.index(panel.unit) if panel.unit in labels else len(order))


def _draw_panel(axis: "Axes", reader: RunReader, panel: Panel) -> None:
    time = reader.series("time")
    every = max(1, len(time) // MOST_POINTS)
    window = _window_mask(time, reader.attributes)
    curves = [reader.series(name)[: len(time)] for name in panel.names]
    means: list[tuple[float, str]] = []
    for values, label, color in zip(curves, panel.names.values(), _cycle(len(curves)), strict=True):
        axis.plot(time[::every], values[::every], color=color, linewidth=1.3, label=label)
        if window.any() and np.isfinite(values[window]).any():
            mean = float(np.nanmean(values[window]))
            axis.hlines(mean, time[window][0], time[window][-1], color=color, linestyle=(0, (4, 2)), linewidth=1.0)
            means.append((mean, color))
    axis.set_ylabel(f"{panel.label} [{panel.unit}]")
    axis.axhline(0.0, color="#9aa1a8", linewidth=0.7, zorder=0)
    axis.grid(color="#e3e6e9", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="upper left", frameon=False, ncols=4, fontsize=9)
    axis.set_ylim(*_range_of(curves, window))
    _write_means(axis, means)


def _range_of(curves: Sequence[np.ndarray], window: np.ndarray) -> tuple[float, float]:
    """What a panel shows: all, but for what is far from where the curves are in the steady window."""
    values = np.concatenate(curves)
    steady = np.concatenate([curve[window[: len(curve)]] for curve in curves])
    known, steady = values[np.isfinite(values)], steady[np.isfinite(steady)]
    usual = [*(steady if len(steady) else np.percentile(known, USUAL)), 0.0]
    low, high = float(min(usual)), float(max(usual))
    reach = FARTHEST * (high - low) or np.inf
    low, high = max(float(known.min()), low - reach), min(float(known.max()), high + reach)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.25 * (high - low) or 1.0
    return low - room, high + room


def _write_means(axis: "Axes", means: Sequence[tuple[float, str]]) -> None:
    """The means at the right edge, each beside its line or as near as the others leave room."""
    low, high = axis.get_ylim()
    ordered = sorted(means)
    heights = [(mean - low) / (high - low) for mean, _ in ordered]
    for _ in range(100 * len(heights)):
        for index in range(1, len(heights)):
            push = 0.5 * max(ROOM - (heights[index] - heights[index - 1]), 0.0)
            heights[index - 1], heights[index] = heights[index - 1] - push, heights[index] + push
    for height, (mean, color) in zip(heights, ordered, strict=True):
        axis.annotate(f"{mean:.3g}", (1.005, height), xycoords="axes fraction", color=color, va="center")


def _mark_window(panel: "Axes", attributes: Mapping[str, Any]) -> None:
    if "steady_window" in attributes:
        panel.axvspan(*map(float, attributes["steady_window"]), color="#24567f", alpha=0.07, linewidth=0)


def _name_window(panel: "Axes", attributes: Mapping[str, Any]) -> None:
    if "steady_window" in attributes:
        middle = float(np.mean(attributes["steady_window"]))
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "xytext": (0, 3)}
        panel.annotate("steady window", (middle, 0.0), ha="center", fontsize=9, color="#24567f", **place)


def _finish_column(axes: "np.ndarray", attributes: Mapping[str, Any], span: float) -> None:
    _mark_phases(axes, attributes, span)
    axes[-1].set_xlabel("time [s]")
    axes[-1].tick_params(labelbottom=True)


def _mark_phases(axes: "np.ndarray", attributes: Mapping[str, Any], span: float) -> None:
    """A line at the start of every phase, its name above the top panel; higher where another's is in the way."""
    taken, is_high = -span, False
    for phase in attributes.get("phases", []):
        for panel in axes:
            panel.axvline(phase["start"], color="#6b7480", linewidth=0.9, linestyle=(0, (1, 2)))
        is_high, taken = phase["start"] - taken < ROOM * span and not is_high, phase["start"]
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        place["xytext"] = (3, 12 if is_high else 2)
        axes[0].annotate(phase["name"], (phase["start"], 1.0), fontsize=9, color="#59626c", **place)


def _window_mask(time: np.ndarray, attributes: Mapping[str, Any]) -> np.ndarray:
    if "steady_window" not in attributes:
        return np.zeros(len(time), dtype=bool)
    start, end = attributes["steady_window"]
    return (time >= start) & (time <= end)


def _time_span(reader: RunReader) -> tuple[float, float]:
    time = reader.series("time")
    return (float(time[0]), float(time[-1])) if time[-1] > time[0] else (float(time[0]), float(time[0]) + 1.0)


def _heading(attributes: Mapping[str, Any]) -> str:
    from dem.viz.labels import gravity_text, title_of

    return "   ".join(text for text in (title_of(attributes), gravity_text(attributes)) if text)


def _cycle(count: int) -> list[str]:
    return [COLORS[index % len(COLORS)] for index in range(count)]
