"""`drawbar render FILE`: a picture, a film and the time-series figure, without a display."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.progress import track

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz.figures import render_figure
from dem.viz.film import even, film_pace, open_film
from dem.viz.offscreen import prepare_offscreen

if TYPE_CHECKING:
    from dem.viz.scene import RunScene

KINDS = ("picture", "film", "figure")
FILE_NAMES = {"picture": "picture.png", "film": "film.mp4", "gif": "film.gif", "figure": "series.png"}


@dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """How to draw.

    Attributes:
        color_by: A name in `dem.viz.coloring.COLORINGS`.
        frame: Of the picture; negative numbers count from the end.
        is_cut: Hide what is in front of the plane through the wheel.
        has_chains: Draw force chains among faint grains.
        field: A name in `dem.viz.stress_slice.FIELDS`, to draw on that plane.
        size: Width and height [pixels], made even.
        speed: Pace of the film over real time; by default real time where 10 to 30 pictures a second allow it.
    """

    color_by: str = "speed"
    frame: int = -1
    is_cut: bool = False
    has_chains: bool = False
    field: str | None = None
    size: tuple[int, int] = (1280, 720)
    speed: float | None = None

    def __post_init__(self) -> None:
        if min(self.size) < 16:
            raise ResultsError(f"picture size {self.size[0]}x{self.size[1]} is too small; give at least 16x16.")
        if self.speed is not None and not self.speed > 0:
            raise ResultsError(f"film speed {self.speed} must be above 0; 1 is real time.")

    def look(self) -> dict[str, Any]:
        """What a `RunScene` is told."""
        return {"color_by": self.color_by, "cut": self.is_cut, "chains": self.has_chains, "field": self.field}


def render(
    path: str | Path,
    *,
    folder: str | Path | None = None,
    kinds: Sequence[str] = KINDS,
    options: RenderOptions | None = None,
) -> dict[str, Path]:
    """Draw a run.

    Args:
        path: `run.vtkhdf`.
        folder: Where to; beside the run by default.
        kinds: Of "picture", "film", "gif", "figure".
        options: How.

    Returns:
        Kind -> file.

    Raises:
        ResultsError: The run cannot be read, has no frames, or this machine cannot draw.
    """
    folder = Path(path).parent if folder is None else Path(folder)
    options = options or RenderOptions()
    _require_known(kinds, FILE_NAMES)
    draw = {"picture": render_picture, "figure": lambda run, file, _: render_figure(run, file)}
    return {kind: draw.get(kind, render_film)(path, folder / FILE_NAMES[kind], options) for kind in kinds}


def render_all(
    paths: Sequence[str | Path],
    *,
    folder: str | Path | None = None,
    kinds: Sequence[str] | None = None,
    options: RenderOptions | None = None,
    clock: str = "time",
) -> dict[str, Path]:
    """Draw several runs side by side.

    Args:
        paths: Of `run.vtkhdf` files, from left to right.
        folder: Where to; beside the folder of the first run by default.
        kinds: Of "picture", "film", "gif"; picture and film by default.
        options: How.
        clock: See `dem.viz.side_by_side`.

    Returns:
        Kind -> file.

    Raises:
        ResultsError: As `render`; or the figure is asked for, which is of one run.
    """
    from dem.viz.side_by_side import render_together

    kinds = kinds or ("picture", "film")
    _require_known(kinds, [kind for kind in FILE_NAMES if kind != "figure"])
    folder = Path(paths[0]).resolve().parent.parent if folder is None else Path(folder)
    return {kind: render_together(paths, folder / f"side_by_side_{FILE_NAMES[kind]}", options, clock) for kind in kinds}


def _require_known(kinds: Sequence[str], known: Iterable[str]) -> None:
    unknown = sorted(set(kinds) - set(known))
    if unknown:
        raise ResultsError(f"cannot render {', '.join(unknown)}; choose of {', '.join(known)}.")


def render_picture(path: str | Path, target: str | Path, options: RenderOptions | None = None) -> Path:
    """Draw one frame into a PNG, with smooth edges.

    Args:
        path: `run.vtkhdf`.
        target: PNG file.
        options: How.

    Returns:
        The file.
    """
    options, target = options or RenderOptions(), Path(target)
    reader = RunReader(path)
    with _stage(reader, options) as scene:
        scene.show_frame(options.frame)
        scene.plotter.enable_anti_aliasing("ssaa")
        target.parent.mkdir(parents=True, exist_ok=True)
        scene.plotter.screenshot(target)
    return target


def render_film(path: str | Path, target: str | Path, options: RenderOptions | None = None) -> Path:
    """Draw all frames into a film.

    Args:
        path: `run.vtkhdf`.
        target: `.mp4` or `.gif`; replaced only once the film is whole.
        options: How.

    Returns:
        The file.
    """
    options, target = options or RenderOptions(), Path(target)
    reader = RunReader(path)
    stride, rate, speed = film_pace(reader.times, options.speed)
    with open_film(target, even(options.size), rate) as write:
        for image in _film_images(reader, options, stride, speed):
            write(image)
    return target


def _film_images(reader: RunReader, options: RenderOptions, stride: int, speed: float) -> Iterator[np.ndarray]:
    with _stage(reader, options) as scene:
        scene.speed = speed
        for index in track(range(0, reader.frame_count, stride), description="film", transient=True):
            scene.show_frame(index)
            scene.plotter.render()  # a screenshot alone repeats the last picture
            yield scene.plotter.screenshot(return_img=True)


@contextmanager
def _stage(reader: RunReader, options: RenderOptions) -> Iterator["RunScene"]:
    prepare_offscreen()
    import pyvista

    from dem.viz.scene import RunScene

    plotter = pyvista.Plotter(off_screen=True, window_size=even(options.size))
    try:
        yield RunScene(reader, plotter, **options.look())
    finally:
        plotter.close()
