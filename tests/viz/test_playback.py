"""The viewer's logic, drawn without a window."""

import numpy as np
import pytest

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz import view as viewer

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture(scope="module")
def playback(small_run, drawing):
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=(160, 90))
    yield viewer.Playback(RunReader(small_run), plotter)
    plotter.close()


def test_scrubbing_shows_that_frame_and_stays_inside(playback):
    playback.show_frame(2)
    assert playback.scene.frame.time == 1.0
    playback.step()
    assert playback.index == 3
    playback.step()
    assert playback.index == 3
    playback.show_frame(-5)
    assert playback.index == 0
    playback.show_frame(1.4)  # sliders give fractions
    assert playback.index == 1


def test_pictures_follow(playback):
    playback.show_frame(0)
    first = playback.scene.plotter.screenshot(return_img=True).astype(int)
    playback.show_frame(3)
    last = playback.scene.plotter.screenshot(return_img=True).astype(int)
    assert (np.abs(first - last).max(axis=2) > 30).mean() > 0.02


def test_playing_runs_to_the_end_and_starts_over(playback):
    playback.show_frame(0)
    playback.tick()
    assert playback.index == 0
    playback.toggle_play()
    for _ in range(10):
        playback.tick()
    assert (playback.index, playback.is_playing) == (3, False)
    playback.toggle_play()
    assert (playback.index, playback.is_playing) == (0, True)
    playback.toggle_play()
    assert not playback.is_playing


def test_colors_change_and_go_round(playback):
    playback.color_by("speed")
    before = playback.scene.plotter.screenshot(return_img=True).astype(int)
    playback.color_by("depth")
    after = playback.scene.plotter.screenshot(return_img=True).astype(int)
    assert (np.abs(before - after).max(axis=2) > 20).mean() > 0.02
    seen = set()
    for _ in range(5):
        playback.next_coloring()
        seen.add(playback.coloring)
    assert seen == {"speed", "displacement", "height", "depth", "contacts"}
    with pytest.raises(ResultsError, match="no colouring"):
        playback.color_by("taste")


def test_cut_hides_the_near_half(playback):
    whole = playback.scene.plotter.screenshot(return_img=True).astype(int)
    playback.toggle_cut()
    assert playback.scene.is_cut
    half = playback.scene.plotter.screenshot(return_img=True).astype(int)
    assert (np.abs(whole - half).max(axis=2) > 20).mean() > 0.03
    playback.toggle_cut()
    again = playback.scene.plotter.screenshot(return_img=True).astype(int)
    np.testing.assert_array_equal(whole, again)


def test_window_controls_connect(playback):
    viewer.connect(playback, playback.scene.plotter)
    playback.show_frame(2)
    assert playback.slider.GetRepresentation().GetValue() == 2


def test_no_display_points_to_render(small_run, monkeypatch):
    monkeypatch.setattr(viewer, "has_display", lambda: False)
    with pytest.raises(ResultsError, match="drawbar render"):
        viewer.view(small_run)
