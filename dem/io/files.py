"""Writing a file so that it is either the old one or the new one, whole, whatever happens in between."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# What h5py and NumPy raise on a file that is cut or overwritten, a missing object among them.
DAMAGE = (OSError, LookupError, RuntimeError, ValueError, AttributeError, TypeError, OverflowError, MemoryError)

SPARE = 4_000_000  # bytes that are to stay free for the file's own tables, the log and the result
OVERHEAD = 2**17  # bytes that HDF5 may add to a frame


@contextmanager
def replace_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success put it on disk and rename it to `path`, on error remove it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise


def require_room(path: Path, size: int) -> None:
    """See that the disk takes `size` bytes and some to spare: HDF5 has no journal, and half a flush may lose a file.

    Raises:
        OSError: It does not.
    """
    free = shutil.disk_usage(path.parent).free
    if free < size + SPARE:
        raise OSError(errno.ENOSPC, f"{free / 1e6:.0f} MB are free, {(size + SPARE) / 1e6:.0f} MB are needed")
    if path.is_file() and hasattr(os, "posix_fallocate"):
        _try_to_grow(path, size + OVERHEAD)


def _try_to_grow(path: Path, size: int) -> None:
    """Let the file take `size` bytes for a moment: what a quota or a limit forbids would make HDF5 crash."""
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        try:
            os.posix_fallocate(file.fileno(), end, size)
        finally:
            os.ftruncate(file.fileno(), end)


def _sync(path: Path) -> None:
    """Flush a file or, after a rename, its folder to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exit_status(kind: type, error: BaseException | None) -> str:
    """What a file says of a run that an exception ended."""
    return "interrupted" if issubclass(kind, KeyboardInterrupt) else f"failed: {error or kind.__name__}"
