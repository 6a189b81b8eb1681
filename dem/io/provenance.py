"""Where a run came from: source revision, versions, command line, machine, seed, start."""

import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "drawbar", "taichi", "quadrants", "numpy", "h5py", "hydra-core", "omegaconf", "pyvista", "vtk", "matplotlib",
    "mujoco",
)  # fmt: skip
GIT_TIMEOUT = 5.0
"""Seconds; a git that hangs on a slow disk must not hold up a run."""


def collect_provenance(
    *, seed: int | None = None, backend: Mapping[str, Any] | None = None, argv: Sequence[str] | None = None
) -> dict[str, Any]:
    """Gather what it takes to repeat a run.

    Args:
        seed: Of the run's random numbers.
        backend: What the compute backend says of itself: device, precision, threads.
        argv: The command line; `sys.argv` by default.

    Returns:
        Flat dict for `RunDescription.provenance`; `start_utc` is now, in ISO format, and the writer measures
        `wall_time` [s] from it.
    """
    commit, is_dirty = _source_revision(Path(__file__).resolve())
    return {
        "git_commit": commit,
        "git_dirty": is_dirty,
        "versions": package_versions(),
        "argv": list(sys.argv if argv is None else argv),
        "hostname": platform.node(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "seed": seed,
        "backend": dict(backend or {}),
        "start_utc": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def package_versions() -> dict[str, str]:
    """Versions of Python and of those of `PACKAGES` that are installed."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _source_revision(source: Path) -> tuple[str, bool]:
    """Only of a repository that tracks this very file: an installed package may lie inside a stranger's."""
    if _git(source.parent, "ls-files", "--error-unmatch", source.name) is None:
        return "unknown", False
    commit = _git(source.parent, "rev-parse", "HEAD") or "unknown"
    return commit, bool(_git(source.parent, "status", "--porcelain", "--untracked-files=no"))


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=GIT_TIMEOUT, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
