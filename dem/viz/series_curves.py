"""The time series of several runs on the axis of a playback. NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dem.errors import ResultsError
from dem.io import RunReader

FAVORITES = ("slip_ratio", "sinkage", "drawbar_pull", "wheel_load", "driving_torque")
"""Offered first, in this order; all other series that have a finite value follow."""

BUCKETS = 450
"""Of a line; each keeps its lowest and highest value, so that peaks stay. A page shows no more."""

OUTLIERS = 0.5
"""Per cent of the values at either end that may leave a chart, such as slip before the wheel moves."""

HEADROOM = 0.08


@dataclass(frozen=True)
class Curve:
    """One series of one run: places on the axis from 0 to 1 and values, both (samples,), not finite where undefined."""

    x: np.ndarray
    y: np.ndarray

    def value_at(self, x: float) -> float:
        """Value of the sample nearest to a place on the axis; NaN without one."""
        if not len(self.x):
            return float("nan")
        after = int(np.clip(np.searchsorted(self.x, x), 1, max(len(self.x) - 1, 1)))
        nearest = after if after < len(self.x) and self.x[after] - x < x - self.x[after - 1] else after - 1
        return float(self.y[nearest])


def series_offered(readers: Sequence[RunReader]) -> list[str]:
    """Names of the series that any of the runs has, favourites first."""
    names = {name: None for reader in readers for name in reader.series_names}
    return [*(name for name in FAVORITES if name in names), *(name for name in names if name not in FAVORITES)]


def require_series(name: str, offered: Sequence[str]) -> str:
    """The name, if it is one of those offered.

    Raises:
        ResultsError: It is not.
    """
    if name not in offered:
        raise ResultsError(
            f"no series '{name}'; choose one of {', '.join(offered) or 'none, the runs have no series'}."
        )
    return name


def read_curve(reader: RunReader, name: str, end: float, clock: str = "time") -> Curve:
    """A series of a run; empty where the run lacks it.

    Args:
        reader: The run.
        name: Of the series.
        end: Time at which the axis ends [s]; on the clock "course" the run's own last frame.
        clock: One of `dem.viz.playhead.CLOCKS`.
    """
    if name not in reader.series_names:
        return Curve(np.empty(0), np.empty(0))
    y = reader.series(name)
    x = reader.series("time")[: len(y)]
    end = float(reader.times[-1]) if clock == "course" else end
    return Curve(x / end if end > 0 else np.zeros(len(x)), y[: len(x)])


def thin_out(curve: Curve) -> Curve:
    """Lowest and highest value of each of `BUCKETS` parts of a curve, in order; short curves as they are."""
    if len(curve.x) <= 2 * BUCKETS:
        return curve
    keep: list[int] = []
    for part in np.array_split(np.arange(len(curve.x)), BUCKETS):
        values = np.where(np.isfinite(curve.y[part]), curve.y[part], np.nan)
        is_gap = np.isnan(values).all()
        ends = [0] if is_gap else sorted((int(np.nanargmin(values)), int(np.nanargmax(values))))
        keep += [int(part[place]) for place in ends]
    return Curve(curve.x[keep], curve.y[keep])


def value_range(curves: Sequence[Curve]) -> tuple[float, float]:
    """Lowest and highest value of a chart, without `OUTLIERS`, with `HEADROOM`."""
    finite = [curve.y[np.isfinite(curve.y)] for curve in curves]
    values = np.concatenate([values for values in finite if len(values)] or [np.zeros(1)])
    low, high = (float(value) for value in np.percentile(values, [OUTLIERS, 100 - OUTLIERS]))
    room = HEADROOM * (high - low) or max(abs(high), 1.0) * HEADROOM
    return low - room, high + room
