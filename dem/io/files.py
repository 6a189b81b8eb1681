"""Writing a file so that it is either the old one or the new one, whole, whatever happens in between."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# What h5py and NumPy raise on a file that is cut or overwritten, a missing object among them.
DAMAGE = (OSError, LookupError, RuntimeError, ValueError, AttributeError, TypeError, OverflowError, MemoryError)


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


def _sync(path: Path) -> None:
    """fsync of a file or, after a rename, of its folder."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
