"""Charts of a page as SVG, drawn once; the cursor that moves over them is the page's."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dem.io import RunReader
from dem.viz.figures import COLORS
from dem.viz.labels import round_ticks, value_text
from dem.viz.series_curves import Curve, read_curve, thin_out, value_range

WIDTH, HEIGHT = 1000, 100
"""Of the drawing; the page stretches it and keeps the strokes."""


class Charts:
    """The chosen series of all runs, and what they say at the cursor."""

    def __init__(self, readers: Sequence[RunReader], clock: str):
        """Draw nothing yet."""
        self._readers, self._clock = readers, clock
        self._curves: dict[str, list[Curve]] = {}

    def draw(self, names: Sequence[str], end: float) -> list[dict[str, Any]]:
        """Read and draw series anew.

        Args:
            names: Of the series.
            end: Time at which the axis ends [s].

        Returns:
            Of each: "name", "label", "low" and "high" as texts, "svg".
        """
        self._curves = {
            name: [read_curve(reader, name, end, self._clock) for reader in self._readers] for name in names
        }
        return [self._draw_chart(name, curves) for name, curves in self._curves.items()]

    def readings(self, x: float) -> dict[str, list[dict[str, str]]]:
        """Name -> "text" and "color" of every run's value at a place from 0 to 1 on the axis."""
        return {
            name: [
                {"text": self._say(name, curve.value_at(x)), "color": color_of(place)}
                for place, curve in enumerate(curves)
            ]
            for name, curves in self._curves.items()
        }

    def _draw_chart(self, name: str, curves: Sequence[Curve]) -> dict[str, Any]:
        low, high = value_range(curves)
        lines = [_line(thin_out(curve), low, high, color_of(place)) for place, curve in enumerate(curves)]
        ticks = round_ticks(low, high)
        grid = [_level(_height(tick, low, high), "zero" if tick == 0 else "grid") for tick in ticks]
        labels = [
            {"text": self._say(name, tick), "top": f"{_height(tick, low, high):.1f}%"} for tick in (ticks[0], ticks[-1])
        ]
        svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{"".join(grid + lines)}</svg>'
        return {"name": name, "label": self.label(name), "ticks": labels, "svg": svg}

    def label(self, name: str) -> str:
        """What a series is called."""
        return self._meaning(name).long_name

    def _say(self, name: str, value: float) -> str:
        return value_text(value, self._meaning(name).unit) if np.isfinite(value) else "–"

    def _meaning(self, name: str) -> Any:
        return next(reader.meanings[name] for reader in self._readers if name in reader.series_names)


def color_of(place: int) -> str:
    """Colour of a run's lines."""
    return COLORS[place % len(COLORS)]


def _height(value: Any, low: float, high: float) -> Any:
    return HEIGHT * (high - value) / (high - low)


def _level(height: float, kind: str) -> str:
    return f'<path class="{kind}" d="M0 {height:.1f}H{WIDTH}"/>'


def _line(curve: Curve, low: float, high: float, color: str) -> str:
    """A path that is lifted where the series is undefined."""
    drawn, pen = [], "M"
    for x, y in zip(curve.x * WIDTH, _height(curve.y, low, high), strict=True):
        if not np.isfinite(y):
            pen = "M"
            continue
        drawn.append(f"{pen}{x:.1f} {np.clip(y, -HEIGHT, 2 * HEIGHT):.1f}")
        pen = "L"
    return f'<path class="line" stroke="{color}" d="{"".join(drawn)}"/>'
