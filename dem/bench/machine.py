"""What the machine is and can: copy bandwidth of its memory, what the process holds, who made the measurement."""

import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

from dem.backend import byte_count, current, position_field, ti
from dem.io import collect_provenance

COPY_NUMBERS = 1 << 24  # of 8 bytes or 4: beyond any cache of today's processors
COPY_ROUNDS = 7


def copy_bandwidth() -> float:
    """Bytes a second, read and written, of copying one large field to another; the best of a few rounds."""
    source, target = position_field(COPY_NUMBERS), position_field(COPY_NUMBERS)
    target.copy_from(source)
    ti.sync()
    best = float("inf")
    for _ in range(COPY_ROUNDS):
        begin = time.perf_counter()
        target.copy_from(source)
        ti.sync()
        best = min(best, time.perf_counter() - begin)
    return 2 * COPY_NUMBERS * byte_count(source) / best


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
        "device_name": _device_name(session.device),
        "threads": session.threads,
        "precision": session.precision,
        "cores": os.cpu_count(),
        "versions": known["versions"],
        "commit": known["git_commit"],
        "uncommitted_changes": known["git_dirty"],
        "date": known["start_utc"],
    }


def _device_name(device: str) -> str:
    if device == "cpu":
        table = Path("/proc/cpuinfo")
        lines = table.read_text().splitlines() if table.exists() else []
        named = next((line for line in lines if line.startswith("model name")), "")
        return named.partition(":")[2].strip() or platform.processor() or platform.machine()
    return os.popen("nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null").read().strip() or device
