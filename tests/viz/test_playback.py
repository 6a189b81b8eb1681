"""What keys, sliders and buttons do, drawn without a window."""

import sys

import numpy as np
import pytest
from synthetic import SMALL, open_writer, packing, write_frame

from dem.errors import ConfigError, ResultsError
from dem.viz import view as viewer
from dem.viz.live import wait_for_first_frames
from dem.viz.web.server import view_in_browser

pytestmark = pytest.mark.usefixtures("drawing")


def open_window(paths, **options):
    plotter = viewer.make_plotter(len(paths), (160 * len(paths), 120), off_screen=True)
    how = {"color_by": "speed", "clock": "time", "is_live": False, **options}
    return viewer.open_playback(paths, plotter, **how), plotter


@pytest.fixture(scope="module")
def playback(small_run, drawing):
    playback, plotter = open_window([small_run])
    yield playback
    plotter.close()


def picture(playback) -> np.ndarray:
    playback.scenes[0].plotter.render()  # a screenshot alone repeats the last picture
    return playback.scenes[0].plotter.screenshot(return_img=True).astype(int)


def test_pictures_follow(playback):
    playback.show_frame(0)
    first = picture(playback)
    playback.show_frame(3)
    assert playback.scenes[0].frame.time == 1.5
    assert (np.abs(first - picture(playback)).max(axis=2) > 30).mean() > 0.02


def test_colors_change_and_go_round(playback):
    playback.color_by("speed")
    before = picture(playback)
    playback.color_by("depth")
    assert (np.abs(before - picture(playback)).max(axis=2) > 20).mean() > 0.02
    seen = set()
    for _ in playback.colorings:
        playback.next_coloring()
        seen.add(playback.coloring)
    assert {"speed", "displacement", "height", "depth", "contacts", "spin"} <= seen
    with pytest.raises(ResultsError, match="no colouring"):
        playback.color_by("taste")
    assert playback.coloring == "depth"


def test_cut_hides_the_near_half(playback):
    whole = picture(playback)
    playback.set_cut(True)
    assert (np.abs(whole - picture(playback)).max(axis=2) > 20).mean() > 0.03
    playback.set_cut(False)
    np.testing.assert_array_equal(whole, picture(playback))


def test_camera_follows_the_wheel(playback):
    playback.show_frame(0)
    scene = playback.scenes[0]
    playback.set_follow(True)
    near = scene.view
    playback.show_frame(3)
    moved = scene.view.position - near.position
    np.testing.assert_allclose(moved, [3 * SMALL.frame_interval * SMALL.speed, 0, 0], atol=1e-6)
    playback.set_follow(False)
    whole = scene.view
    playback.show_frame(0)
    np.testing.assert_allclose(scene.view.position, whole.position)


def test_trail_grows_with_the_drive(playback):
    playback.show_frame(3)
    bare = picture(playback)
    playback.set_trail(True)
    assert np.abs(bare - picture(playback)).max() > 60
    playback.show_frame(0)
    playback.set_trail(False)


def test_paces_go_up_and_down(playback):
    playback.go_faster()
    assert playback.head.speed == 2.0
    playback.go_faster(-99)
    assert playback.head.speed == 0.05
    playback.head.speed = 1.0


def test_keys_and_slider_of_a_window_with_two_runs(small_run):
    playback, plotter = open_window([small_run, small_run])
    window = viewer.Window(playback, plotter)
    window.press("Right")
    assert playback.head.frames == [1, 1]
    assert window.slider.GetRepresentation().GetValue() == 1
    for key in ("x", "g", "t", "c", "r", "Up"):
        window.press(key)
    assert playback.scenes[1].is_cut
    window.press("space")
    window.tick(60.0)
    assert playback.head.frames == [3, 3]
    left, right = np.split(plotter.screenshot(return_img=True).astype(int), 2, axis=1)
    assert (np.abs(left - right).max(axis=2) > 60).mean() < 0.1  # but for the slider and the help
    plotter.close()


def test_a_growing_run_is_followed(tmp_path):
    rest = packing(SMALL)
    with open_writer(tmp_path / "run.vtkhdf", SMALL, rest) as writer:
        write_frame(writer, rest, 0, is_at_rest=True)
        playback, plotter = open_window([tmp_path / "run.vtkhdf"], is_live=True)
        assert not playback.look_for_more()
        for index in range(1, 4):
            write_frame(writer, rest, index)
        assert playback.look_for_more()
        assert playback.scenes[0].frame.index == 3
        assert playback.scenes[0].color_limits[1] < 1.0  # the range of a run at rest is gone
        playback.step(-1)
        write_frame(writer, rest, 4)
        assert playback.look_for_more()
        assert (playback.head.index, playback.head.last, playback.head.is_live) == (2, 4, False)
        plotter.close()


def test_no_display_points_to_what_works(small_run, monkeypatch):
    monkeypatch.setattr(viewer, "has_display", lambda: False)
    with pytest.raises(ResultsError, match="drawbar view --web"):
        viewer.view([small_run])


def test_a_run_that_will_not_come_is_not_waited_for(tmp_path):
    with pytest.raises(ResultsError, match="no such file"):
        wait_for_first_frames([tmp_path / "typo"])
    with pytest.raises(ResultsError, match="no such file"):
        wait_for_first_frames([tmp_path / "typo" / "run.vtkhdf"])


def test_without_trame_the_remedy_is_told(small_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "trame.app", None)
    with pytest.raises(ResultsError, match="pip install 'drawbar"):
        view_in_browser([small_run], announce=print)
    with pytest.raises(ConfigError, match="port is -1"):
        view_in_browser([small_run], announce=print, port=-1)
