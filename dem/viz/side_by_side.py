"""Several runs in one picture or film, in step: the same clock, the same colours, the same view.

Each run has a scene of its own in a strip of the picture; of every run the frame on show is its last that is not later
than the clock. A run that ends earlier stays at its end.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from rich.progress import track

from dem.errors import ResultsError
from dem.io import RunReader
from dem.viz.film import even, film_pace, open_film
from dem.viz.offscreen import prepare_offscreen
from dem.viz.playback import share_colors
from dem.viz.playhead import check_clock, frame_at
from dem.viz.render import RenderOptions
from dem.viz.scene import RunScene

GAP = 4  # [pixels] between two runs
GAP_COLOR = 255


def render_together(
    paths: Sequence[str | Path], target: str | Path, options: RenderOptions | None = None, clock: str = "time"
) -> Path:
    """Draw several runs side by side.

    Args:
        paths: Of `run.vtkhdf` files, from left to right.
        target: `.png` for a picture, `.mp4` or `.gif` for a film.
        options: How; `size` is that of the whole.
        clock: "time" shows the same moment [s] of all; "course" the same share of each run, for runs of one story at
            several paces, such as a test with scaled speed.

    Returns:
        The file.

    Raises:
        ResultsError: Fewer than two runs, or one that cannot be drawn.
    """
    options, target = options or RenderOptions(), Path(target)
    if len(paths) < 2:
        raise ResultsError(f"{len(paths)} run given, side by side needs at least 2; give more files.")
    check_clock(clock)
    readers = [RunReader(path) for path in paths]
    with ExitStack() as stack:
        scenes = [_open_scene(stack, reader, _strip(options.size, len(readers)), options) for reader in readers]
        share_colors(scenes)
        if target.suffix == ".png":
            return _write_picture(scenes, target, options.frame)
        return _write_film(scenes, target, options, clock)


def _strip(size: tuple[int, int], count: int) -> tuple[int, int]:
    return even(((size[0] - GAP * (count - 1)) // count - 1, size[1]))


def _open_scene(stack: ExitStack, reader: RunReader, size: tuple[int, int], options: RenderOptions) -> RunScene:
    prepare_offscreen()
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=list(size))
    stack.callback(plotter.close)
    return RunScene(reader, plotter, **options.look())


def _write_picture(scenes: list[RunScene], target: Path, frame: int) -> Path:
    import imageio.v3 as imageio

    for scene in scenes:
        scene.show_frame(frame)
        scene.plotter.enable_anti_aliasing("ssaa")
    target.parent.mkdir(parents=True, exist_ok=True)
    imageio.imwrite(target, _join(scenes))
    return target


def _write_film(scenes: list[RunScene], target: Path, options: RenderOptions, clock: str) -> Path:
    longest = max(scenes, key=lambda scene: scene.reader.times[-1]).reader.times
    stride, rate, speed = film_pace(longest, options.speed)
    for scene in scenes:
        scene.speed = speed if clock == "time" else None
    size = _join(scenes).shape
    with open_film(target, even((size[1], size[0])), rate) as write:
        for moment in track(longest[::stride], description=f"film {target.name}", transient=True):
            for scene in scenes:
                scene.show_frame(frame_at(scene.reader.times, moment, float(longest[-1]), clock))
            write(_join(scenes))
    return target


def _join(scenes: list[RunScene]) -> np.ndarray:
    images = []
    for scene in scenes:
        scene.plotter.render()  # a screenshot alone repeats the last picture
        images.append(scene.plotter.screenshot(return_img=True))
    gap = np.full((images[0].shape[0], GAP, 3), GAP_COLOR, np.uint8)
    parts = [part for image in images for part in (image, gap)][:-1]
    joined = np.concatenate(parts, axis=1)
    odd = joined.shape[1] % 2  # films want even sizes
    return np.pad(joined, ((0, 0), (0, odd), (0, 0)), mode="edge") if odd else joined
