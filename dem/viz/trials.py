"""The figure of a calibration: trials in each plane of two parameters, coloured by misfit, on the ground that fits."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PANEL = 4.0  # inches
GROUND, BEST = "#d9dde1", "#c4562f"
WORST_SHOWN = 5.0  # tolerances: beyond it all misfits have one colour


def draw_trials(study: Mapping[str, Any], folder: str | Path) -> list[Path]:
    """Draw a calibration as PNG and SVG.

    Args:
        study: "title"; "names" of the parameters (p); "trials" and "likely", lists of values by name; "misfit" of the
            trials, in tolerances; "best", a value by name.
        folder: where the files go.

    Returns:
        The files.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    planes = list(itertools.combinations(study["names"], 2)) or [(study["names"][0],) * 2]
    figure = Figure(figsize=(PANEL * len(planes) + 0.8, PANEL), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(planes), squeeze=False)[0]
    dots = [_draw_plane(axes, study, *plane) for axes, plane in zip(panels, planes, strict=True)]
    panels[0].legend(frameon=False, fontsize=8)
    figure.colorbar(dots[0], ax=panels.tolist(), label="misfit [tolerances]", extend="max")
    figure.suptitle(study["title"], x=0.02, ha="left", fontsize=12, fontweight="bold")
    paths = [Path(folder) / f"trials.{kind}" for kind in ("png", "svg")]
    for path in paths:
        figure.savefig(path, dpi=130)
    return paths


def _draw_plane(axes: Any, study: Mapping[str, Any], x: str, y: str) -> Any:
    from matplotlib.ticker import FuncFormatter, LogLocator

    axes.scatter(study["likely"][x], study["likely"][y], s=3, color=GROUND, label="within one sigma")
    dots = axes.scatter(
        study["trials"][x], study["trials"][y], c=study["misfit"], s=38, cmap="viridis_r", vmin=0, vmax=WORST_SHOWN,
        edgecolors="white", linewidths=0.6,
    )  # fmt: skip
    axes.plot(study["best"][x], study["best"][y], "o", ms=12, mfc="none", mec=BEST, mew=1.8, label="best trial")
    axes.set(xlabel=f"{x} [-]", ylabel=f"{y} [-]", xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    return dots
