"""A film file: pictures in, MP4 (H.264) or GIF out, whole or not at all; and how fast a film shows a run."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dem.errors import ResultsError

FEWEST_PER_SECOND, MOST_PER_SECOND = 10.0, 30.0
"""Frame rates of a film: fewer stutter, more are not seen."""

SUFFIXES = (".mp4", ".gif")
OWN_PALETTE = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer:bayer_scale=4"
"""A GIF has 256 colours: those of its own pictures, not ffmpeg's web colours."""


@contextmanager
def open_film(target: Path, size: tuple[int, int], rate: float) -> Iterator[Callable[[np.ndarray], None]]:
    """Write a film; the file is replaced only once it is whole.

    Args:
        target: `.mp4` or `.gif`.
        size: Width and height [pixels], even.
        rate: Pictures a second [1/s].

    Yields:
        What takes a picture, (height, width, 3) bytes.

    Raises:
        ResultsError: Another suffix.
    """
    import imageio_ffmpeg

    if target.suffix not in SUFFIXES:
        raise ResultsError(f"{target}: films are {' or '.join(SUFFIXES)}; choose one of these.")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    how: dict = {"codec": "gif", "pix_fmt_out": "pal8", "output_params": ["-vf", OWN_PALETTE]}
    how = how if target.suffix == ".gif" else {"quality": 8}
    writer = imageio_ffmpeg.write_frames(
        str(unfinished), size, fps=rate, macro_block_size=2, ffmpeg_log_level="error", **how
    )
    try:
        writer.send(None)
        yield lambda image: writer.send(np.ascontiguousarray(image))
        writer.close()
        unfinished.replace(target)
    finally:
        writer.close()
        unfinished.unlink(missing_ok=True)


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


def even(size: tuple[int, int]) -> tuple[int, int]:
    """H.264 with the usual colours takes even sizes only."""
    width, height = size
    return width + width % 2, height + height % 2
