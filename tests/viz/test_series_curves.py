"""Curves keep their peaks, lift the pen over gaps, and read out what the cursor is at."""

import numpy as np
import pytest

from dem.io import RunReader
from dem.viz.series_curves import BUCKETS, Curve, read_curve, series_offered, thin_out, value_range
from dem.viz.web.charts import Charts


def test_thinning_keeps_peaks_and_gaps():
    y = np.sin(np.linspace(0, 9, 50_000))
    y[20_000], y[30_000:40_000] = 7.0, np.nan
    thin = thin_out(Curve(np.linspace(0, 1, len(y)), y))
    assert len(thin.x) <= 2 * BUCKETS
    assert np.nanmax(thin.y) == 7.0
    assert np.isnan(thin.y).any()
    assert (np.diff(thin.x) >= 0).all()


@pytest.mark.parametrize(("place", "value"), [(-1.0, 1.0), (0.1, 1.0), (0.4, 2.0), (0.6, 2.0), (0.9, 3.0), (2.0, 3.0)])
def test_the_cursor_reads_the_nearest_sample(place, value):
    assert Curve(np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.0, 3.0])).value_at(place) == value
    assert np.isnan(Curve(np.empty(0), np.empty(0)).value_at(place))


def test_a_range_leaves_out_what_is_rare():
    y = np.append(np.zeros(999), 1e6)
    low, high = value_range([Curve(np.linspace(0, 1, 1000), y)])
    assert low < 0 < high < 1
    assert value_range([Curve(np.empty(0), np.empty(0))])[1] > 0


def test_charts_of_a_run(small_run):
    reader = RunReader(small_run)
    assert series_offered([reader])[:3] == ["slip_ratio", "sinkage", "drawbar_pull"]
    charts = Charts([reader, reader], "time")
    drawn = charts.draw(["sinkage", "drawbar_pull"], 1.5)
    assert [chart["label"] for chart in drawn] == ["sinkage", "drawbar pull"]
    assert all(chart["svg"].count('class="line"') == 2 for chart in drawn)
    assert [value["text"] for value in charts.readings(1.0)["sinkage"]] == ["49 mm", "49 mm"]
    assert len(read_curve(reader, "warmth", 1.5).x) == 0
