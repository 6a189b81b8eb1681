"""`drawbar run --until-credible MINUTES`: run a case, follow the remedies of its verdict, and run it again."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from dem.config import load_config
from dem.errors import ConfigError
from dem.launch.finished import RUN_DIR, run_folder
from dem.run_files import RESULT_FILE

FLAG = "--until-credible"
GROWTH = 1.5  # times the time of the attempt before, that the next one may take
COMMAND = [sys.executable, "-m", "dem.cli", "run"]

Attempt = Callable[[list[str], Path], int]


def run_until_credible(overrides: Sequence[str], minutes: float, attempt: Attempt | None = None) -> int:
    """Run a case in `FOLDER/attempt_1`, then with the remedies that its verdict names, until it is credible.

    Args:
        overrides: of the case, with the folder if one is named.
        minutes: after which no further attempt is begun.
        attempt: runs overrides in a folder and returns the exit code; a test may put its own.

    Returns:
        0 if the last attempt is credible, 1 if it is not, or the exit code of an attempt that failed.
    """
    attempt, console = attempt or _attempt, Console(soft_wrap=True)
    folder = run_folder(overrides) or Path("outputs/until_credible")
    words = [text for text in overrides if not text.startswith(f"{RUN_DIR}=")]
    begun, number, lasted = time.monotonic(), 0, 0.0
    while True:
        number += 1
        place, started = folder / f"attempt_{number}", time.monotonic()
        console.print(f"attempt {number}: {' '.join(words)}", markup=False, highlight=False)
        if code := attempt(words, place):
            return code
        lasted = time.monotonic() - started
        verdict, remedies = read_verdict(place)
        if verdict == "credible":
            console.print(f"credible: {place}", markup=False, highlight=False)
            return 0
        following = follow(words, remedies)
        if following == words:
            console.print(f"{verdict}, and no remedy is left to try: {place}", markup=False, highlight=False)
            return 1
        if time.monotonic() - begun + GROWTH * lasted > 60 * minutes:
            left = " ".join(text for text in following if text not in words)
            said = f"{verdict} after {number} attempts; the next would exceed {minutes:g} minutes: add {left}"
            console.print(said, markup=False, highlight=False)
            return 1
        words = following


def read_minutes(text: str) -> float:
    """The time that a user gives."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if minutes <= 0:
        raise ConfigError(f"{FLAG} is {text!r}, must be minutes above 0; give for instance {FLAG} 60")
    return minutes


def read_verdict(folder: Path) -> tuple[str, list[str]]:
    """Verdict and remedies of a finished run.

    Raises:
        ConfigError: its scenario gives none.
    """
    found: dict[str, Any] = json.loads((folder / RESULT_FILE).read_text()).get("credibility", {})
    if not found:
        raise ConfigError(f"{FLAG} needs a verdict, which this scenario does not give; use it with drives")
    return found["verdict"], found.get("remedies", [])


def follow(overrides: Sequence[str], remedies: Sequence[str]) -> list[str]:
    """Overrides with remedies in place of what they replace; those that the config rejects together are left out."""
    words = list(overrides)
    for remedy in remedies:
        key = remedy.partition("=")[0]
        changed = [*(text for text in words if text.partition("=")[0] != key), remedy]
        if sorted(changed) != sorted(words):
            words = changed
    try:
        load_config(words)
    except ConfigError:
        return _one_by_one(overrides, remedies)
    return words


def _one_by_one(overrides: Sequence[str], remedies: Sequence[str]) -> list[str]:
    words = list(overrides)
    for remedy in remedies:
        key = remedy.partition("=")[0]
        changed = [*(text for text in words if text.partition("=")[0] != key), remedy]
        try:
            load_config(changed)
        except ConfigError:
            continue
        words = changed
    return words


def _attempt(overrides: list[str], folder: Path) -> int:
    return subprocess.run([*COMMAND, *overrides, f"{RUN_DIR}={folder}"], check=False).returncode
