"""A time series below the scenes of a window, with a cursor where the playback is."""

from collections.abc import Sequence

import numpy as np
import pyvista

from dem.io import RunReader
from dem.viz.decor import INK, SOFT_INK
from dem.viz.figures import COLORS
from dem.viz.playhead import Playhead
from dem.viz.series_curves import Curve, read_curve, require_series, series_offered, thin_out, value_range

CURSOR_COLOR = "#c4562f"


class SeriesChart:
    """One series of all runs, in the active renderer of a plotter.

    Attributes:
        name: Of the series on show.
        offered: Names of those that there are.
    """

    def __init__(self, plotter: pyvista.Plotter, readers: Sequence[RunReader], head: Playhead, name: str | None = None):
        """Draw a series, by default the first offered.

        Args:
            plotter: On screen or off; its active renderer is the chart's.
            readers: Of the runs.
            head: Where the playback is.
            name: Of the series.

        Raises:
            ResultsError: The runs have no such series.
        """
        self._readers, self._head = list(readers), head
        self.offered = series_offered(self._readers)
        self.name = require_series(name, self.offered) if name else next(iter(self.offered), "")
        self.chart = pyvista.Chart2D(x_label="time [s]" if head.clock == "time" else "share of each run")
        plotter.set_background("white", all_renderers=False)
        plotter.add_chart(self.chart)
        for axis in (self.chart.x_axis, self.chart.y_axis):
            axis.label_size, axis.tick_label_size = 13, 12
            axis.GetTitleProperties().SetColor(INK)
            axis.GetLabelProperties().SetColor(SOFT_INK)
        self.draw()

    def next_series(self) -> None:
        """Go to the next series."""
        if self.offered:
            self.name = self.offered[(self.offered.index(self.name) + 1) % len(self.offered)]
            self.draw()

    def draw(self) -> None:
        """Draw the curves anew, as far as the runs have come."""
        self.chart.clear()
        curves = [self._curve(reader) for reader in self._readers]
        for place, curve in enumerate(curves):
            if len(curve.x):
                self.chart.line(curve.x, curve.y, color=COLORS[place % len(COLORS)], width=1.6)
        self._low, self._high = value_range(curves)
        self.chart.x_range, self.chart.y_range = (0.0, max(self._end, 1e-9)), (self._low, self._high)
        self.chart.y_label = self._label()
        self._cursor = self.chart.line([0.0, 0.0], [self._low, self._high], color=CURSOR_COLOR, width=2.0)
        self.set_cursor()

    def set_cursor(self) -> None:
        """Move the cursor to where the playback is."""
        self._cursor.update([self.cursor] * 2, [self._low, self._high])

    @property
    def cursor(self) -> float:
        """Where the cursor is, in units of the axis."""
        moment, last = self._head.moment, float(self._head.ticks[-1])
        return moment if self._head.clock == "time" or not last > 0 else moment / last

    @property
    def _end(self) -> float:
        return float(self._head.ticks[-1]) if self._head.clock == "time" else 1.0

    def _curve(self, reader: RunReader) -> Curve:
        curve = thin_out(read_curve(reader, self.name, float(self._head.ticks[-1]), self._head.clock))
        finite = np.isfinite(curve.y)
        return Curve(curve.x[finite] * self._end, curve.y[finite])

    def _label(self) -> str:
        for reader in self._readers:
            if self.name in reader.meanings:
                meaning = reader.meanings[self.name]
                return meaning.long_name if meaning.unit == "-" else f"{meaning.long_name} [{meaning.unit}]"
        return "no series"
