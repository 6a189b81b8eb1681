"""A figure of x-y panels: what a virtual test measured, as points and curves, and the fit an engineer makes of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dem.viz.figures import COLORS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_SIZE = (4.6, 3.6)  # inches
STYLES: dict[str, dict[str, Any]] = {
    "line": {"linewidth": 1.3},
    "fit": {"linewidth": 1.3, "linestyle": (0, (4, 2))},
    "points": {"linestyle": "none", "marker": "o", "markersize": 4.5},
}


def draw_panels(figure: Mapping[str, Any], folder: str | Path) -> list[Path]:
    """Draw a result's figure as PNG and SVG.

    Args:
        figure: "name" of the files, "title", and "panels": each "x" and "y" (axis labels with units), "title", and
            "curves", each "x" and "y" (n,), "label" (or none), "style" (`line`, `fit` or `points`), and "color", an
            index; "error" (n,) draws bars on points.
        folder: where the files go.

    Returns:
        The files.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = figure["panels"]
    drawn = Figure(figsize=(PANEL_SIZE[0] * len(panels), PANEL_SIZE[1]), layout="constrained")
    FigureCanvasAgg(drawn)
    for axes, panel in zip(drawn.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        _draw_panel(axes, panel)
    drawn.suptitle(figure["title"], x=0.02, ha="left", fontsize=12, fontweight="bold")
    paths = [Path(folder) / f"{figure['name']}.{kind}" for kind in ("png", "svg")]
    for path in paths:
        drawn.savefig(path, dpi=130)
    return paths


def _draw_panel(axes: "Axes", panel: Mapping[str, Any]) -> None:
    for place, curve in enumerate(panel["curves"]):
        style = STYLES[curve.get("style", "line")]
        color = COLORS[curve.get("color", place) % len(COLORS)]
        axes.plot(curve["x"], curve["y"], color=color, label=curve.get("label"), **style)
        if "error" in curve:
            axes.errorbar(curve["x"], curve["y"], yerr=curve["error"], fmt="none", ecolor=color, capsize=3)
    axes.set(xlabel=panel["x"], ylabel=panel["y"])
    axes.set_title(panel.get("title", ""), fontsize=10, loc="left")
    axes.grid(color="#e3e6e9", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)
