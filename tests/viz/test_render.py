"""Pictures show the wheel and the grains, films move, figures exist, and a machine that cannot draw says so."""

import shutil

import imageio.v3 as imageio
import numpy as np
import pytest
from synthetic import SMALL

from dem.errors import ResultsError
from dem.io import RunWriter
from dem.viz import offscreen
from dem.viz.film import film_pace, open_film
from dem.viz.playhead import frame_at
from dem.viz.render import RenderOptions, render, render_all, render_film, render_picture

SIZE = (320, 180)


def picture(path, folder, **options) -> np.ndarray:
    target = render_picture(path, folder / "p.png", RenderOptions(size=SIZE, **options))
    return imageio.imread(target).astype(int)


def wheel_pixels(image: np.ndarray) -> np.ndarray:
    """Grey and not bright: metal; sand is yellow, the background light."""
    middle = image[30:150]
    grey = middle.max(axis=2) - middle.min(axis=2) < 22
    return grey & (middle.mean(axis=2) < 190)


def sand_pixels(image: np.ndarray) -> np.ndarray:
    return image[..., 0] - image[..., 2] > 30


@pytest.mark.usefixtures("drawing")
def test_picture_shows_wheel_and_sand(small_run, tmp_path):
    first = picture(small_run, tmp_path, frame=0)
    last = picture(small_run, tmp_path, frame=-1)
    for image in (first, last):
        assert image.shape == (180, 320, 3)
        assert wheel_pixels(image).mean() > 0.05
        assert sand_pixels(image).mean() > 0.1
    column_first, column_last = (np.argwhere(wheel_pixels(image))[:, 1].mean() for image in (first, last))
    assert column_last > column_first + 20  # drives to the right


@pytest.mark.usefixtures("drawing")
@pytest.mark.parametrize("name", ["speed", "displacement", "height", "depth", "spin", "contacts"])
def test_every_coloring_draws(small_run, tmp_path, name):
    image = picture(small_run, tmp_path, color_by=name, is_cut=name == "height")
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 500


@pytest.mark.usefixtures("drawing")
def test_film_moves_and_has_all_frames(small_run, tmp_path):
    target = render_film(small_run, tmp_path / "film.mp4", RenderOptions(size=(161, 91)))
    images = imageio.imread(target).astype(int)
    assert images.shape == (SMALL.frame_count, 92, 162, 3)
    for before, after in zip(images[:-1], images[1:], strict=True):
        assert np.abs(before - after).max() > 60
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.usefixtures("drawing")
def test_render_puts_everything_beside_the_run(small_run, tmp_path):
    run = shutil.copy(small_run, tmp_path / "run.vtkhdf")
    files = render(run, kinds=["picture", "figure"], options=RenderOptions(size=SIZE))
    assert {kind: file.name for kind, file in files.items()} == {"picture": "picture.png", "figure": "series.png"}
    assert all(file.parent == tmp_path and file.stat().st_size > 10000 for file in files.values())


@pytest.mark.usefixtures("drawing")
def test_run_without_bodies_or_attributes_draws(tmp_path):
    path = tmp_path / "run.vtkhdf"
    rng = np.random.default_rng(0)
    with RunWriter(path, soil={"radius": np.full(200, 0.04)}) as writer:
        writer.write_frame(0.0, {"position": rng.random((200, 3)), "velocity": np.zeros((200, 3))})
    assert sand_pixels(picture(path, tmp_path, is_cut=True)).mean() > 0.02
    with pytest.raises(ResultsError, match="has no 'contact_count'"):
        picture(path, tmp_path, color_by="contacts")


def test_errors_say_what_to_do(small_run, tmp_path, monkeypatch):
    with pytest.raises(ResultsError, match="choose of picture, film, gif, figure"):
        render(small_run, kinds=["hologram"])
    with pytest.raises(ResultsError, match="too small"):
        RenderOptions(size=(4, 4))
    with pytest.raises(ResultsError, match="above 0"):
        RenderOptions(speed=0.0)
    monkeypatch.setattr(offscreen, "has_display", lambda: False)
    monkeypatch.setattr(offscreen, "has_egl", lambda: False)
    with pytest.raises(ResultsError, match="libegl1 libgl1-mesa-dri"):
        render_picture(small_run, tmp_path / "p.png")


@pytest.mark.usefixtures("drawing")
def test_unknown_coloring_and_empty_run(small_run, tmp_path):
    with pytest.raises(ResultsError, match="no colouring 'taste'; choose one of speed"):
        picture(small_run, tmp_path, color_by="taste")
    path = tmp_path / "run.vtkhdf"
    RunWriter(path, soil={"radius": np.ones(1)}).close()
    with pytest.raises(ResultsError, match="no frames yet"):
        picture(path, tmp_path)


@pytest.mark.parametrize(
    ("interval", "speed", "expected"),
    [
        (0.05, None, (1, 20.0, 1.0)),  # real time as it is
        (0.5, None, (1, 10.0, 5.0)),  # too few for real time: faster, and said so
        (0.01, None, (4, 25.0, 1.0)),  # too many: every fourth
        (0.1, 3.0, (1, 30.0, 3.0)),
        (0.1, 6.0, (2, 30.0, 6.0)),
        (0.1, 0.5, (1, 5.0, 0.5)),
    ],
)
def test_film_pace(interval, speed, expected):
    assert film_pace(np.arange(50) * interval, speed) == pytest.approx(expected)


def test_film_pace_of_a_single_frame():
    assert film_pace(np.zeros(1)) == (1, 10.0, 1.0)


@pytest.mark.usefixtures("drawing")
def test_runs_stand_side_by_side_with_one_range_of_colours(small_run, tmp_path):
    options = RenderOptions(size=(2 * SIZE[0], SIZE[1]))
    files = render_all([small_run, small_run], folder=tmp_path, kinds=["picture", "gif"], options=options)
    image = imageio.imread(files["picture"]).astype(int)
    left, right = image[:, : SIZE[0] - 4], image[:, -(SIZE[0] - 4) :]
    for half in (left, right):
        assert wheel_pixels(half).mean() > 0.05
    assert imageio.imread(files["gif"]).shape[0] == SMALL.frame_count


@pytest.mark.parametrize(("clock", "expected"), [("time", [0, 2, 3, 3]), ("course", [0, 1, 2, 3])])
def test_a_shorter_run_waits_at_its_end_or_keeps_pace(clock, expected):
    longest, shorter = np.linspace(0, 3, 4), np.linspace(0, 1.5, 4)
    assert [frame_at(shorter, moment, longest[-1], clock) for moment in longest] == expected


def test_side_by_side_needs_two_runs_and_no_figure(small_run, tmp_path):
    with pytest.raises(ResultsError, match="at least 2"):
        render_all([small_run], folder=tmp_path)
    with pytest.raises(ResultsError, match="cannot render figure"):
        render_all([small_run, small_run], folder=tmp_path, kinds=["figure"])


def test_a_film_is_mp4_or_gif(tmp_path):
    with pytest.raises(ResultsError, match=r"\.mp4 or \.gif"), open_film(tmp_path / "film.avi", (32, 32), 10):
        pass
