"""Loads in pictures: colours, force chains, the field of stress, and sentences where a run has none of it."""

import imageio.v3 as imageio
import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz import view as viewer
from dem.viz.coloring import ColorSource, find_coloring
from dem.viz.render import RenderOptions, render_all, render_picture

pytestmark = pytest.mark.usefixtures("drawing")
SIZE = (320, 180)
STRESSES = (3e3, 2e3, 8e3, 0.0, 0.0, 1e3)  # [Pa], in a grain under the wheel


def loads(position: np.ndarray, axle: np.ndarray) -> tuple[dict, dict]:
    """Loads that fade away from the wheel, and contacts between close grains, as strong as the load there."""
    share = np.exp(-(((position - axle)[:, :2] / 0.12) ** 2).sum(axis=1))
    order = np.lexsort(position.T)
    apart = np.linalg.norm(position[order[1:]] - position[order[:-1]], axis=1)
    near = apart < 3 * SMALL.particle_radius
    pairs = np.stack([order[1:], order[:-1]])[:, near]
    contacts = {"first": pairs.min(axis=0), "second": pairs.max(axis=0), "normal_force": 20 * share[pairs[0]]}
    return {"contact_force": 40 * share, "stress": share[:, None] * STRESSES}, contacts


@pytest.fixture(scope="module")
def loaded_run(tmp_path_factory):
    path, rest = tmp_path_factory.mktemp("loaded") / "run.vtkhdf", packing(SMALL)
    with open_writer(path, SMALL, rest) as writer:
        for index in range(2):
            time = index * SMALL.frame_interval
            writer.write_sample(time, {"drawbar_pull": 3.0 * index, "sinkage": 0.05})
            soil, bodies = frame_at(SMALL, rest, time)
            more, contacts = loads(soil["position"], bodies["wheel"][0])
            writer.write_frame(time, soil | more, bodies, contacts=contacts)
    return path


@pytest.fixture(scope="module")
def window(loaded_run, drawing):
    plotter = viewer.make_plotter(1, (480, 360), off_screen=True)
    playback = viewer.open_playback([loaded_run], plotter, color_by="speed", clock="time", is_live=False)
    made = viewer.Window(playback, plotter)
    shot(made)  # VTK lays the colour scale out anew after the first picture
    yield made
    plotter.close()


def picture(path, folder, **options) -> np.ndarray:
    target = render_picture(path, folder / "p.png", RenderOptions(size=SIZE, **options))
    return imageio.imread(target).astype(int)


def shot(window) -> np.ndarray:
    window._plotter.render()
    return window._plotter.screenshot(return_img=True).astype(int)


def changed(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > 25).mean())


def test_colours_tell_loads(loaded_run, small_run, tmp_path):
    source = ColorSource(RunReader(loaded_run))
    frame = source.first
    pressure = find_coloring("pressure").measure(source, frame)
    np.testing.assert_allclose(pressure, frame.soil["stress"][:, :3].mean(axis=1) / 1e3, rtol=1e-6)
    assert find_coloring("coordination") is find_coloring("contacts")
    for name in ("contact_force", "pressure", "coordination"):
        assert changed(picture(loaded_run, tmp_path, color_by=name), picture(loaded_run, tmp_path)) > 0.02
    with pytest.raises(ResultsError, match=r"no 'stress'; record it with output\.grain_arrays=\[stress\]"):
        picture(small_run, tmp_path, color_by="pressure")


def test_chains_stand_among_faint_grains_near_the_wheel(loaded_run, tmp_path):
    bare, chains = picture(loaded_run, tmp_path, frame=0), picture(loaded_run, tmp_path, frame=0, has_chains=True)
    assert changed(bare, chains) > 0.1
    ember = [((image[..., 0] - image[..., 2])[40:] > 45).mean() for image in (bare, chains)]  # below the scale
    assert ember[0] > 0.05  # sand
    assert 0.001 < ember[1] < 0.05
    ahead = picture(loaded_run, tmp_path, frame=1, has_chains=True)
    assert changed(chains, ahead) > 0.01


@pytest.mark.parametrize("field", ["pressure", "vertical_stress", "shear_stress"])
def test_field_lies_on_the_cut_plane(loaded_run, tmp_path, field):
    cut, filled = (picture(loaded_run, tmp_path, is_cut=True, field=name) for name in (None, field))
    assert changed(cut, filled) > 0.05


def test_runs_side_by_side_share_the_range(loaded_run, tmp_path):
    options = RenderOptions(size=(640, 180), has_chains=True, field="pressure")
    files = render_all([loaded_run, loaded_run], folder=tmp_path, kinds=["picture"], options=options)
    left, right = np.split(imageio.imread(files["picture"])[:, 2:-2].astype(int), 2, axis=1)
    assert changed(left[:, :300], right[:, -300:]) < 0.5
    assert files["picture"].stat().st_size > 10000


def test_a_run_without_loads_says_what_to_record(small_run, tmp_path):
    with pytest.raises(ResultsError, match=r"no contacts, .*output\.contacts=true"):
        picture(small_run, tmp_path, has_chains=True)
    with pytest.raises(ResultsError, match=r"record it with output\.grain_arrays=\[stress\]"):
        picture(small_run, tmp_path, field="pressure")
    with pytest.raises(ResultsError, match="no field 'taste'; choose one of pressure"):
        picture(small_run, tmp_path, field="taste")


def test_keys_of_a_window(window):
    before = shot(window)
    window.press("f")
    assert changed(before, shot(window)) > 0.01
    for field in ("pressure", "vertical_stress", "shear_stress", None):
        window.press("p")
        assert window._playback.field == field
    window.press("f")
    assert changed(before, shot(window)) < 1e-3


def test_window_shows_the_series_with_a_cursor_in_step(window):
    chart = window.chart
    assert chart.name == "slip_ratio"
    for name in chart.offered[1:3]:
        before = shot(window)
        window.press("s")
        assert chart.name == name
        assert changed(before[-60:], shot(window)[-60:]) > 0.001  # the lower row
    moments = []
    for frame in (0, 1):
        window._playback.show_frame(frame)
        window.draw()
        moments.append((chart.cursor, *chart._cursor.x))
    assert moments == [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)]


class State(dict):
    """What a page shares with the server, without either."""

    __getattr__, __setattr__ = dict.__getitem__, dict.__setitem__


@pytest.fixture
def session(request):
    """Makes the session of a page."""
    pytest.importorskip("trame")
    from dem.viz.web.server import open_playback
    from dem.viz.web.session import Session

    def make(path, **look):
        playback = open_playback([path], clock="time", is_live=False, **look)
        request.addfinalizer(playback.scenes[0].plotter.close)
        return Session(State(), playback, can_grow=False, series="sinkage")

    return make


def test_a_page_switches_chains_and_fields(session, loaded_run):
    page = session(loaded_run, chains=True)
    state = page._state
    assert state.has_chains
    assert state.chosen == ["sinkage"]
    page.tick(0.0)
    assert state.scale["title"] == "normal force, above the mean [N]"
    page.take_field("shear_stress")
    page.acknowledge()
    page.tick(0.0)
    assert state.scale["title"] == "largest shear stress in the bed [kPa]"
    page.switch("has_chains", False)
    page.take_field("")
    page.acknowledge()
    page.tick(0.0)
    assert state.scale["title"] == "grain speed [m/s]"


def test_a_page_says_what_a_run_lacks(session, small_run):
    page = session(small_run)
    page.switch("has_chains", True)
    assert "output.contacts=true" in page._state.message
    assert page._state.has_chains is False
    page.take_field("pressure")
    assert "output.grain_arrays=[stress]" in page._state.message
    assert page._state.field == ""


def test_a_key_that_a_run_cannot_serve_says_why(small_run):
    plotter = viewer.make_plotter(1, (320, 240), off_screen=True)
    playback = viewer.open_playback([small_run], plotter, color_by="speed", clock="time", is_live=False)
    window = viewer.Window(playback, plotter, series="sinkage")
    assert window.chart.name == "sinkage"
    window.press("p")
    assert "output.grain_arrays=[stress]" in window.note.GetInput()
    assert playback.field is None
    window.press("f")
    assert "output.contacts=true" in window.note.GetInput()
    window.press("x")
    assert window.note.GetInput() == viewer.HELP
    with pytest.raises(ResultsError, match="no series 'taste'; choose one of slip_ratio"):
        viewer.Window(playback, plotter, series="taste")
    plotter.close()
