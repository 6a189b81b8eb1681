"""Waits for runs that have not written anything yet."""

import logging
import time as clock
from collections.abc import Sequence
from pathlib import Path

from dem.io import RunReader
from dem.io.schema import EXTENSION

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between looks."""


def wait_for_first_frames(paths: Sequence[str | Path]) -> None:
    """Return when every run has a frame. A bed may be prepared for minutes before its run begins.

    Raises:
        ResultsError: A file will not become a run: its folder is missing, or it is something else.
    """
    for path in map(Path, paths):
        is_logged = False
        while not _has_frame(path):
            if not is_logged:
                log.warning("waiting for the first frame of %s", path)
                is_logged = True
            clock.sleep(LOOK_EVERY)


def _has_frame(path: Path) -> bool:
    if not path.exists() and path.suffix == EXTENSION and path.parent.is_dir():
        return False
    return RunReader(path).frame_count > 0
