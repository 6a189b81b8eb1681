"""The time-series figure: what a run measured, one panel a quantity, phases and steady window marked."""

from collections.abc import Mapping
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

UNPLOTTED = ("position_x", "position_z", "kinetic", "gravitational", "elastic", "gravity_work")
"""Metres of travel would flatten the millimetres of sinkage, and the bed's potential energy what the wheel does."""

MOST_POINTS = 4000
"""A line of 9 inches shows no more."""


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
    """Build the figure: one panel a unit, all on one time axis.

    Raises:
        ResultsError: The run has no samples.
    """
    from matplotlib.figure import Figure

    panels = group_series(reader)
    if not panels or not len(reader.series("time")):
        raise ResultsError(f"{reader.path}: no samples yet; nothing to plot.")
    figure = Figure(figsize=(9.0, 0.9 + PANEL_HEIGHT * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    attributes = reader.attributes
    for panel, (unit, names) in zip(axes, panels.items(), strict=True):
        _draw_panel(panel, reader, unit, names)
        _mark_window(panel, attributes)
    _name_window(axes[0], attributes)
    _mark_phases(axes, attributes)
    axes[-1].set_xlabel("time [s]")
    axes[0].set_xlim(*_time_span(reader))
    figure.suptitle(_heading(attributes), x=0.02, ha="left", fontsize=13, fontweight="bold")
    return figure


def group_series(reader: RunReader) -> dict[str, list[str]]:
    """Unit -> names of the series that have it, in the order of `PANELS`; series without a finite value left out."""
    order = [unit for _, unit in PANELS]
    groups: dict[str, list[str]] = {}
    for name in reader.series_names:
        if name not in UNPLOTTED and np.isfinite(reader.series(name)).any():
            groups.setdefault(reader.units[name], []).append(name)
    return dict(sorted(groups.items(), key=lambda item: order.index(item[0]) if item[0] in order else len(order)))


def _draw_panel(panel: "Axes", reader: RunReader, unit: str, names: list[str]) -> None:
    time = reader.series("time")
    every = max(1, len(time) // MOST_POINTS)
    window = _window_mask(time, reader.attributes)
    for name, color in zip(names, _cycle(len(names)), strict=True):
        values = reader.series(name)[: len(time)]
        panel.plot(time[::every], values[::every], color=color, linewidth=1.3, label=reader.meanings[name].long_name)
        if window.any() and np.isfinite(values[window]).any():
            mean = float(np.nanmean(values[window]))
            panel.hlines(mean, time[window][0], time[window][-1], color=color, linestyle=(0, (4, 2)), linewidth=1.0)
            panel.annotate(f"{mean:.3g}", (1.005, mean), xycoords=("axes fraction", "data"), color=color, va="center")
    panel.set_ylabel(f"{dict((u, n) for n, u in PANELS).get(unit, 'value')} [{unit}]")
    panel.axhline(0.0, color="#9aa1a8", linewidth=0.7, zorder=0)
    panel.grid(color="#e3e6e9", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(loc="upper left", frameon=False, ncols=4, fontsize=9)
    panel.margins(y=0.25)


def _mark_window(panel: "Axes", attributes: Mapping[str, Any]) -> None:
    if "steady_window" in attributes:
        panel.axvspan(*map(float, attributes["steady_window"]), color="#24567f", alpha=0.07, linewidth=0)


def _name_window(panel: "Axes", attributes: Mapping[str, Any]) -> None:
    if "steady_window" in attributes:
        middle = float(np.mean(attributes["steady_window"]))
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "xytext": (0, 3)}
        panel.annotate("steady window", (middle, 0.0), ha="center", fontsize=9, color="#24567f", **place)


def _mark_phases(axes: "np.ndarray", attributes: Mapping[str, Any]) -> None:
    """A line at the start of every phase, its name above the top panel."""
    for phase in attributes.get("phases", []):
        for panel in axes:
            panel.axvline(phase["start"], color="#6b7480", linewidth=0.9, linestyle=(0, (1, 2)))
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "xytext": (3, 2)}
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
