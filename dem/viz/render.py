"""`drawbar render FILE`: a picture, a film and the time-series figure, without a display."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz.figures import render_figure
from dem.viz.offscreen import prepare_offscreen

if TYPE_CHECKING:
    from dem.viz.scene import RunScene

log = logging.getLogger(__name__)

FEWEST_PER_SECOND, MOST_PER_SECOND = 10.0, 30.0
"""Frame rates of a film: fewer stutter, more are not seen."""

KINDS = ("picture", "film", "figure")
FILE_NAMES = {"picture": "picture.png", "film": "film.mp4", "figure": "series.png"}


@dataclass(frozen=True, kw_only=True)
class RenderOptions:
    """How to draw.

    Attributes:
        color_by: A name in `dem.viz.coloring.COLORINGS`.
        frame: Of the picture; negative numbers count from the end.
        is_cut: Hide what is in front of the plane through the wheel.
        size: Width and height [pixels], made even.
        speed: Pace of the film over real time; by default real time where 10 to 30 pictures a second allow it.
    """

    color_by: str = "speed"
    frame: int = -1
    is_cut: bool = False
    size: tuple[int, int] = (1280, 720)
    speed: float | None = None

    def __post_init__(self) -> None:
        if min(self.size) < 16:
            raise ResultsError(f"picture size {self.size[0]}x{self.size[1]} is too small; give at least 16x16.")
        if self.speed is not None and not self.speed > 0:
            raise ResultsError(f"film speed {self.speed} must be above 0; 1 is real time.")


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
        kinds: Of "picture", "film", "figure".
        options: How.

    Returns:
        Kind -> file.

    Raises:
        ResultsError: The run cannot be read, has no frames, or this machine cannot draw.
    """
    folder = Path(path).parent if folder is None else Path(folder)
    options = options or RenderOptions()
    draw = {"picture": render_picture, "film": render_film, "figure": lambda run, file, _: render_figure(run, file)}
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ResultsError(f"cannot render {', '.join(unknown)}; choose of {', '.join(KINDS)}.")
    return {kind: draw[kind](path, folder / FILE_NAMES[kind], options) for kind in kinds}


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
    """Draw all frames into an MP4 (H.264).

    Args:
        path: `run.vtkhdf`.
        target: MP4 file; replaced only once the film is whole.
        options: How.

    Returns:
        The file.
    """
    import imageio_ffmpeg

    options, target = options or RenderOptions(), Path(target)
    reader = RunReader(path)
    stride, rate, speed = film_pace(reader.times, options.speed)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.stem}.{os.getpid()}.mp4")
    writer = imageio_ffmpeg.write_frames(
        str(unfinished), _even(options.size), fps=rate, quality=8, macro_block_size=2, ffmpeg_log_level="error"
    )
    try:
        writer.send(None)
        for image in _film_images(reader, options, stride, speed):
            writer.send(np.ascontiguousarray(image))
        writer.close()
        unfinished.replace(target)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)
    return target


def film_pace(times: np.ndarray, speed: float | None = None) -> tuple[int, float, float]:
    """Choose which frames a film shows, and how fast.

    Args:
        times: Of the frames [s], (frames,).
        speed: Wanted pace over real time; None for as real as can be.

    Returns:
        Every how many frames, pictures a second [1/s], and the pace that this gives.
    """
    if len(times) < 2 or times[-1] <= times[0]:
        return 1, FEWEST_PER_SECOND, 1.0
    interval = float(times[-1] - times[0]) / (len(times) - 1)
    stride = max(1, int(np.ceil((speed or 1.0) / interval / MOST_PER_SECOND - 1e-9)))
    rate = (speed or 1.0) / (interval * stride)
    if speed is None:
        rate = max(rate, FEWEST_PER_SECOND)
    return stride, rate, rate * interval * stride


def _film_images(reader: RunReader, options: RenderOptions, stride: int, speed: float) -> Iterator[np.ndarray]:
    with _stage(reader, options) as scene:
        scene.speed = speed
        indices = range(0, reader.frame_count, stride)
        for index in indices:
            scene.show_frame(index)
            scene.plotter.render()  # a screenshot alone repeats the last picture
            yield scene.plotter.screenshot(return_img=True)
            log.debug("Film: frame %d of %d.", index + 1, indices.stop)


@contextmanager
def _stage(reader: RunReader, options: RenderOptions) -> Iterator["RunScene"]:
    prepare_offscreen()
    import pyvista

    from dem.viz.scene import RunScene

    plotter = pyvista.Plotter(off_screen=True, window_size=_even(options.size))
    try:
        yield RunScene(reader, plotter, color_by=options.color_by, cut=options.is_cut)
    finally:
        plotter.close()


def _even(size: tuple[int, int]) -> tuple[int, int]:
    """H.264 with the usual colours takes even sizes only."""
    width, height = size
    return width + width % 2, height + height % 2
