"""Figures of a study: curves with bands, every seed a dot, each marker telling whether its runs are credible.

Filled: credible. Hollow: a person should look. Crossed: not credible. A small cross apart is a seed that was left out
of its mean for not being credible. Colours are those of Okabe & Ito, told apart by colour-blind readers, and each curve
has a marker and a dash of its own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (6, 2)), (0, (3, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.5)))
INK, GRID, PAPER = "#1e2730", "#dde2e6", "#ffffff"
PAGE_COLORS = {INK: "var(--ink)", GRID: "var(--grid)", PAPER: "var(--paper)"}
REFERENCE = "#5b6670"
SINGLE, TILE = (7.2, 4.6), (4.9, 3.5)  # inches
DOUBTED = "not credible"
MOST_TICKS = 8  # up to as many abscissas are ticks themselves


@dataclass
class DrawnCurve:
    """One curve.

    Attributes:
        label: of the legend, with the number of seeds.
        x, y: of the points, in the axes' units.
        band: half widths of the 95 % bands; NaN where unknown; empty for none.
        verdicts: of the points: credible, check, not credible or not judged; empty for a reference.
        dots: (x, y) of each seed.
        crosses: (x, y) of each seed left out.
        is_reference: other people's numbers: grey, without a marker for credibility.
        color: place in the palette.
        is_faint: of a study that this one is compared with.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    band: Sequence[float] = ()
    verdicts: Sequence[str] = ()
    dots: Sequence[tuple[float, float]] = ()
    crosses: Sequence[tuple[float, float]] = ()
    is_reference: bool = False
    color: int = 0
    is_faint: bool = False


@dataclass
class Panel:
    """One pair of axes.

    Attributes:
        title, x_label, y_label: with units.
        curves: to draw.
        ticks: names of the places 0, 1, ... where x is no number.
    """

    title: str
    x_label: str
    y_label: str
    curves: list[DrawnCurve] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)


def draw_panels(panels: Sequence[Panel], stem: Path) -> tuple[Path, Path]:
    """Draw panels as PNG and SVG.

    Args:
        panels: one alone is drawn large; several share one legend.
        stem: path of the files without their ending.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = 1 if len(panels) == 1 else 2
    rows = -(-len(panels) // columns)
    size = SINGLE if len(panels) == 1 else (TILE[0] * columns, TILE[1] * rows + 0.5)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": stem.name, "text.color": INK, "axes.labelcolor": INK}):
        figure = Figure(figsize=size, layout="constrained", facecolor=PAPER)
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for place, panel in zip(axes, panels, strict=False):
            _draw_panel(place, panel)
            if len(panels) > 1:  # one alone has its y axis to say what it is
                place.set_title(panel.title, fontsize=12, loc="left", fontweight="bold", color=INK)
        for place in axes[len(panels) :]:
            place.set_visible(False)
        _add_legend(figure, axes[0], panels[0])
        return _save(figure, stem)


def _save(figure: Any, stem: Path) -> tuple[Path, Path]:
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.svg")
    figure.savefig(paths[0], dpi=160)
    figure.savefig(paths[1], metadata={"Date": None})
    return paths


def inline_svg(path: Path) -> str:
    """An SVG figure for a page: its ink, grid and paper follow the page's, its names are its own."""
    code = path.read_text(encoding="utf-8")
    code = code[code.index("<svg") :]
    code = re.sub(r"<metadata>.*?</metadata>", "", code, flags=re.DOTALL)
    for color, variable in PAGE_COLORS.items():
        code = code.replace(color, variable)
    for before in ('id="', "url(#", 'href="#'):
        code = code.replace(before, f"{before}{path.stem}-")
    code = re.sub(r'(<svg\b[^>]*?) width="[^"]*"', r"\1", code, count=1)
    return re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", code, count=1)


def _draw_panel(axes: "Axes", panel: Panel) -> None:
    for curve in panel.curves:
        (_draw_reference if curve.is_reference else _draw_curve)(axes, curve)
    axes.set_facecolor(PAPER)
    axes.set_xlabel(panel.x_label, fontsize=11)
    axes.set_ylabel(panel.y_label, fontsize=11)
    axes.tick_params(labelsize=10, colors=INK, labelcolor=INK)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.04, y=0.08)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(INK)
    _keep_to_points(axes, panel)
    places = sorted({x for curve in panel.curves if not curve.is_reference for x in curve.x})
    if 1 < len(places) <= MOST_TICKS:
        axes.set_xticks(places, [f"{x:g}" for x in places])
    if panel.ticks:
        axes.set_xticks(range(len(panel.ticks)), panel.ticks, rotation=20, ha="right")


def _keep_to_points(axes: "Axes", panel: Panel) -> None:
    """No band so wide that it hides the curves: an axis shows twice the span of the points at most."""
    heights = [value for curve in panel.curves for value in curve.y]
    heights += [y for curve in panel.curves for _, y in (*curve.dots, *curve.crosses)]
    if heights:
        low, high = min(heights), max(heights)
        room = 0.5 * (high - low) or 0.1 * abs(high) or 1.0
        bottom, top = axes.get_ylim()
        axes.set_ylim(max(bottom, low - room), min(top, high + room))


def _draw_reference(axes: "Axes", curve: DrawnCurve) -> None:
    dash = "none" if curve.color == 0 else (0, (2, 2))
    axes.plot(
        curve.x, curve.y, color=REFERENCE, linestyle=dash, marker="*" if curve.color == 0 else "none", markersize=11,
        linewidth=1.6, label=curve.label, zorder=4,
    )  # fmt: skip


def _draw_curve(axes: "Axes", curve: DrawnCurve) -> None:
    import numpy as np

    color, strength = COLORS[curve.color % len(COLORS)], 0.5 if curve.is_faint else 1.0
    dash: Any = (0, (1, 1.5)) if curve.is_faint else DASHES[curve.color % len(DASHES)]
    x, y, band = np.array(curve.x, float), np.array(curve.y, float), np.array(curve.band, float)
    axes.plot(x, y, color=color, linestyle=dash, linewidth=1.8, alpha=strength, label=curve.label, zorder=3)
    if np.isfinite(band).any():
        if len(x) > 1:
            axes.fill_between(x, y - band, y + band, color=color, alpha=0.14 * strength, linewidth=0, zorder=1)
        axes.errorbar(x, y, yerr=band, fmt="none", ecolor=color, elinewidth=1.2, capsize=3, alpha=0.8 * strength)
    for place, verdict in enumerate(curve.verdicts):
        _draw_marker(axes, x[place], y[place], verdict, (color, MARKERS[curve.color % len(MARKERS)], strength))
    if curve.dots:
        axes.plot(*zip(*curve.dots, strict=True), ".", color=color, markersize=4, alpha=0.65 * strength, zorder=4)
    if curve.crosses:
        axes.plot(*zip(*curve.crosses, strict=True), "x", color=color, markersize=7, alpha=strength, zorder=4)


def _draw_marker(axes: "Axes", x: float, y: float, verdict: str, look: tuple[str, str, float]) -> None:
    color, marker, alpha = look
    face = color if verdict == "credible" else PAPER
    axes.plot(x, y, marker, markersize=7.5, mfc=face, mec=color, mew=1.6, alpha=alpha, zorder=5)
    if verdict == DOUBTED:
        axes.plot(x, y, "x", markersize=11, mec=color, mew=1.8, alpha=alpha, zorder=6)


def _add_legend(figure: Any, axes: "Axes", panel: Panel) -> None:
    """Curves with their markers, and what markers mean if any is not filled."""
    from matplotlib.lines import Line2D

    found: Any = axes.get_legend_handles_labels()
    handles, labels = found
    curves = {curve.label: curve for curve in panel.curves if curve.verdicts}
    shown = []
    for handle, label in zip(handles, labels, strict=True):
        line = Line2D([], [], color=handle.get_color(), linestyle=handle.get_linestyle(), marker=handle.get_marker())
        line.set(linewidth=1.8, alpha=handle.get_alpha(), markersize=7)
        if label in curves:
            line.set_marker(MARKERS[curves[label].color % len(MARKERS)])
        shown.append(line)
    for verdict, text in _marks(panel).items():
        shown.append(Line2D([], [], linestyle="none", color=INK, mfc=PAPER, marker="x" if verdict == DOUBTED else "o"))
        labels.append(text)
    if shown:
        columns = 2 if max(map(len, labels)) > 24 or len(labels) > 3 else len(labels)
        figure.legend(shown, labels, loc="outside lower left", ncols=columns, frameon=False, fontsize=10)


def _marks(panel: Panel) -> dict[str, str]:
    found = {verdict for curve in panel.curves for verdict in curve.verdicts}
    found |= {DOUBTED for curve in panel.curves if curve.crosses}
    texts = {
        "check": "hollow: look at these runs",
        "not judged": "hollow: not judged",
        DOUBTED: "crossed: not credible",
    }
    return {verdict: text for verdict, text in texts.items() if verdict in found}
