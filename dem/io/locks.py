"""Locks of files among processes, where a file system has them; on one without, work goes on and says so once."""

import errno
import fcntl
import logging
from functools import cache
from typing import IO

log = logging.getLogger(__name__)

UNSUPPORTED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)


def take_lock(file: IO, waits: bool = True) -> bool:
    """Lock an open file for this process until it is closed; whether that succeeded, or there are no locks here.

    Args:
        file: to be locked.
        waits: for whoever holds it; otherwise False is returned at once.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        _tell(str(error.strerror))
    return True


@cache
def _tell(reason: str) -> None:
    log.warning(
        "this file system has no locks (%s): going on without; do not run the same case or study twice at once", reason
    )
