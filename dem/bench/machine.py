"""What the machine is and can: copy bandwidth of its memory, what the process holds, who made the measurement."""

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from dem.backend import current, number_bytes, position_field, ti
from dem.io import collect_provenance

COPY_NUMBERS = 1 << 24  # of 8 bytes or 4: beyond any cache of today's processors
COPY_NUMBERS_GPU = 1 << 27  # takes long beside a launch and the wait for it, at 5 TB/s too
COPY_NUMBERS_SOFTWARE = 1 << 22  # a software GPU takes no more in one launch
COPY_ROUNDS = 7


def copy_bandwidth(is_small: bool = False) -> float:
    """Bytes a second, read and written, of copying one large field to another; the best of a few rounds.

    Args:
        is_small: copy on a GPU no more than on a CPU, where its memory does not matter.
    """
    hardware = current().hardware
    numbers = COPY_NUMBERS if is_small or hardware.kind == "cpu" else COPY_NUMBERS_GPU
    if hardware.is_software and hardware.kind != "cpu":
        numbers = COPY_NUMBERS_SOFTWARE
    source, target = position_field(numbers), position_field(numbers)
    target.copy_from(source)
    ti.sync()
    best = float("inf")
    for _ in range(COPY_ROUNDS):
        begin = time.perf_counter()
        target.copy_from(source)
        ti.sync()
        best = min(best, time.perf_counter() - begin)
    return 2 * numbers * number_bytes(source.dtype) / best


def resident_bytes() -> dict[str, int]:
    """Memory of this process now, and the most it ever had; 0 where the system does not say."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    table = Path("/proc/self/statm")
    now = int(table.read_text().split()[1]) * resource.getpagesize() if table.exists() else 0
    return {"now": now, "peak": most}


def describe() -> dict[str, Any]:
    """Device, versions, commit: what a figure must be read with."""
    session = current()
    known = collect_provenance(argv=[])
    return {
        "device": session.device,
        "device_name": session.hardware.name,
        "driver": session.hardware.driver,
        "memory_bytes": session.hardware.memory_bytes,
        "threads": session.threads,
        "precision": session.precision,
        "cores": os.cpu_count(),
        "versions": known["versions"],
        "commit": known["git_commit"],
        "uncommitted_changes": known["git_dirty"],
        "date": known["start_utc"],
    }
