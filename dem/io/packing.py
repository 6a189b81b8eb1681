"""Chunks of HDF5 files, packed here rather than by HDF5: any reader unpacks them with its own gzip and shuffle filters.

Frames are packed while the run's own threads compute, so what packing takes is taken from the run. ISA-L packs eight
times as fast as the zlib within HDF5, to the same format; where it is missing, Python's zlib does it.
"""

from typing import Any

import numpy as np

try:
    from isal.isal_zlib import compress

    # The first packs rounded velocities best, the second positions; both together take less than zlib's one.
    LEVELS: tuple[int, ...] = (0, 1)
except ImportError:
    from zlib import compress

    LEVELS = (1,)

FILTERS: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
"""Of `create_dataset`, for datasets whose chunks are packed here."""


def pack(values: np.ndarray) -> bytes:
    """What HDF5's shuffle and gzip filters make of an array: first bytes first, then second ones, and that deflated."""
    shuffled = np.ascontiguousarray(np.ascontiguousarray(values).reshape(-1, 1).view(np.uint8).T)
    return min((compress(shuffled, level) for level in LEVELS), key=len)
