"""Figures, labels, colours and camera: what needs no drawing machine."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dem.errors import ResultsError
from dem.io import RunDescription, RunReader, RunWriter, Series
from dem.viz import camera, labels
from dem.viz.coloring import ColorSource, color_table, colors_of
from dem.viz.figures import group_series, render_figure, series_figure


def test_figure_has_a_labelled_panel_per_unit(small_run, tmp_path):
    reader = RunReader(small_run)
    assert [(panel.unit, list(panel.names)) for panel in group_series(reader)] == [
        ("N", ["drawbar_pull", "wheel_load"]),
        ("N m", ["driving_torque"]),
        ("m", ["sinkage"]),
        ("-", ["slip_ratio"]),
        ("W", ["driving_power"]),
    ]
    axes = series_figure(reader).axes
    assert [panel.get_ylabel() for panel in axes][:2] == ["force [N]", "torque [N m]"]
    assert axes[-1].get_xlabel() == "time [s]"
    assert any("drive" in text.get_text() for text in axes[0].texts)
    assert all(panel.patches for panel in axes)  # the steady window
    for ending in ("png", "svg"):
        assert render_figure(small_run, tmp_path / f"series.{ending}").stat().st_size > 10000


def test_a_quantity_of_many_wheels_has_a_panel_that_no_outlier_flattens(tmp_path):
    wheels, quantities = ("front left", "front right", "rear left"), ("slip ratio", "sinkage", "load", "torque")
    names = {f"{wheel} {quantity}": f"{wheel}: {quantity}" for wheel in wheels for quantity in quantities}
    series = {name: Series("-", text) for name, text in names.items()}
    others = {f"other {k}": Series(f"unit {k}", f"other {k}") for k in range(7)}
    path = tmp_path / "run.vtkhdf"
    with RunWriter(path, soil={"radius": np.ones(1)}, series=series | others) as writer:
        for step in range(500):
            value = 2000.0 if step == 3 else 0.2  # a wheel that hardly turns slips by any number
            writer.write_sample(0.01 * step, dict.fromkeys(series, value) | dict.fromkeys(others, 1.0))
        writer.annotate(steady_window=(2.0, 4.0))
    figure = series_figure(RunReader(path))
    slip = next(axis for axis in figure.axes if axis.get_ylabel() == "slip ratio [-]")
    assert [text.get_text() for text in slip.get_legend().get_texts()] == list(wheels)
    assert slip.get_ylim()[1] < 3.0
    heights = [text.xyann[1] for text in slip.texts if text.get_text() == "0.2"]
    assert len(heights) == 3
    assert np.all(np.diff(heights) > 0.09)
    drawn = [axis for axis in figure.axes if axis.axison]
    assert len(drawn) == 11
    assert {axis.get_subplotspec().colspan.start for axis in drawn} == {0, 1}


def test_figure_without_window_phases_or_values(tmp_path):
    path = tmp_path / "run.vtkhdf"
    series = {"pull": Series("N", "pull"), "empty": Series("K", "empty")}
    with RunWriter(path, soil={"radius": np.ones(1)}, series=series) as writer:
        writer.write_sample(0.0, {"pull": 1.0})
        writer.flush()
        assert len(series_figure(RunReader(path)).axes) == 1
    bare = tmp_path / "bare.vtkhdf"
    RunWriter(bare, soil={"radius": np.ones(1)}).close()
    with pytest.raises(ResultsError, match="no samples"):
        series_figure(RunReader(bare))


def test_labels_say_gravity_slope_lengths_and_numbers(small_run):
    assert labels.gravity_text({"gravity": (0, 0, -1.62), "gravity_name": "moon"}) == "Moon 1.62 m/s²"
    tilted = 3.71 * np.array([-np.sin(0.2), 0, -np.cos(0.2)])
    assert labels.gravity_text({"gravity": tilted, "gravity_name": "mars"}) == "Mars 3.71 m/s², slope 11.5°"
    assert labels.gravity_text({}) == ""
    assert labels.gravity_text({"gravity": (0, 0, 0)}) == "Gravity 0 m/s²"
    assert labels.numbers_text(RunReader(small_run), 1.0).startswith("slip 0.30   sinkage 46 mm   drawbar pull")
    assert [labels.round_length(value) for value in (0.24, 0.1, 7.0)] == [0.2, 0.1, 5.0]
    assert [labels.length_text(value) for value in (0.2, 0.05, 0.002)] == ["0.2 m", "5 cm", "2 mm"]
    assert labels.time_text(1.0, 2.0) == "t = 1.00 s   (2x)"
    assert labels.time_text(1.0, 1.0) == "t = 1.00 s"
    np.testing.assert_allclose(labels.round_ticks(0, 0.1), [0, 0.02, 0.04, 0.06, 0.08, 0.1])


def test_displacement_undoes_periodic_jumps(tmp_path):
    path = tmp_path / "run.vtkhdf"
    about = RunDescription(
        attributes={"domain_lower": (0, 0, 0), "domain_upper": (1, 1, 1), "domain_periodic": (True, False, False)}
    )
    with RunWriter(path, soil={"radius": np.full(2, 0.01)}, about=about) as writer:
        writer.write_frame(0.0, {"position": np.array([[0.95, 0.5, 0.5], [0.5, 0.95, 0.5]])})
        writer.write_frame(1.0, {"position": np.array([[0.05, 0.5, 0.5], [0.5, 0.05, 0.5]])})
    reader = RunReader(path)
    np.testing.assert_allclose(ColorSource(reader).displacement(reader.frame(1)), [0.1, 0.9], atol=2e-5)


def test_colors_run_from_end_to_end():
    table = color_table(("#000000", "#ffffff"))
    shades = colors_of(np.array([-1.0, 0.0, 0.5, 1.0, 9.0]), (0.0, 1.0), table)[:, 0]
    np.testing.assert_allclose(shades, [0, 0, 0.5, 1, 1], atol=0.01)


@pytest.mark.parametrize("aspect", [16 / 9, 1.0, 0.6])
@pytest.mark.parametrize("direction", [camera.THREE_QUARTER, camera.SECTION])
def test_camera_sees_every_point_and_wastes_no_room(direction, aspect):
    points = np.random.default_rng(0).uniform((0, 0, 0), (3.0, 0.6, 0.8), (200, 3))
    view = camera.fit_view(points, direction, aspect)
    back = (view.position - view.focal_point) / np.linalg.norm(view.position - view.focal_point)
    right = np.cross([0, 0, 1], back) / np.linalg.norm(np.cross([0, 0, 1], back))
    away = points - view.position
    depth = -(away @ back)
    tangent = np.tan(np.radians(camera.VIEW_ANGLE / 2))
    x = away @ right / depth / tangent / aspect
    y = away @ np.cross(back, right) / depth / tangent
    left_end, right_end, low_end, high_end = camera.FRAME
    ends = np.array([x.min() - left_end, right_end - x.max(), y.min() - low_end, high_end - y.max()])
    assert np.all(ends > -1e-9)
    assert np.allclose(ends[:2], 0, atol=1e-6) or np.allclose(ends[2:], 0, atol=1e-6)


def test_importing_the_room_is_free():
    code = (
        "import sys, dem.viz, dem.viz.render; print([m for m in ('vtk', 'pyvista', 'matplotlib') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.strip() == "[]"
