"""Whether a device computes what the CPU does, found before it is used the first time.

`dem/self_check.py` runs in a process of its own, since a driver may end or hang the process that uses it. A pass is
kept in a file for this device, driver, precision and version; a failure is found anew each time.
"""

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

from dem.devices import Device

SWITCH = "DRAWBAR_SELF_CHECK"  # 0 leaves the check out
CHECK_TIMEOUT = 600.0  # [s]: building kernels takes most of it, a minute where cores are slow
ROOT = Path(__file__).resolve().parent.parent
ENGINE = ("dem/*.py", "dem/contact/**/*.py", "dem/neighbors/*.py", "dem/shapes/*.py")  # what the numbers come from

log = logging.getLogger(__name__)


def check_device(device: Device, precision: str) -> str:
    """What is wrong with a GPU's numbers; empty if nothing, or if the check is switched off."""
    if os.environ.get(SWITCH) == "0":
        return ""
    return _checked(device, precision)


@cache
def _checked(device: Device, precision: str) -> str:
    if _key(device, precision) in _kept():
        return ""
    log.info(
        "checking once that %s (%s) computes what the CPU does, in %s precision; this takes about a minute",
        device.kind, device.name, precision,
    )  # fmt: skip
    if problem := check_anew(device, precision):
        return f"{problem}; update its driver, or leave the check out by {SWITCH}=0"
    return ""


def check_anew(device: Device, precision: str) -> str:
    """What is wrong with a GPU's numbers, whatever was found before; empty if nothing, which is then kept."""
    if problem := run_self_check(device, precision)["problem"]:
        return f"its self-check failed: {problem}"
    _keep(_key(device, precision))
    return ""


def run_self_check(device: Device, precision: str) -> dict[str, object]:
    """Run `dem.self_check` on a device, whatever was kept; what it prints, `problem` at least."""
    given = {SWITCH: "0", "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    if device.kind == "vulkan":
        given["TI_VISIBLE_DEVICE"] = str(device.number)
    command = [sys.executable, "-P", "-m", "dem.self_check", device.kind, precision]
    try:
        done = subprocess.run(
            command, env=os.environ | given, capture_output=True, text=True, timeout=CHECK_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return {"problem": f"it did not end within {CHECK_TIMEOUT:g} s"}
    except OSError as error:
        return {"problem": f"it could not be started ({error})"}
    with suppress(ValueError, IndexError):
        answer = json.loads(done.stdout.splitlines()[-1])
        if isinstance(answer, dict) and "problem" in answer:
            return answer
    if done.returncode < 0:
        return {"problem": f"the driver ended the process by signal {-done.returncode}"}
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return {"problem": f"it ended with {done.returncode} ({said})"}


def kept_file() -> Path:
    """Path of the file in which passed checks are kept."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = str(Path.home() / ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or base) / "drawbar" / "self_checks.json"


def _kept() -> dict[str, str]:
    """Keys of what has passed, and when; empty where nothing is readable."""
    with suppress(OSError, ValueError, RuntimeError):  # RuntimeError: there is no home
        found = json.loads(kept_file().read_text())
        if isinstance(found, dict):
            return found
    return {}


def _keep(key: str) -> None:
    """Remember a pass, if there is a folder for it."""
    passed = _kept() | {key: datetime.now(UTC).isoformat(timespec="seconds")}
    with suppress(OSError, RuntimeError):
        path = kept_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
            json.dump(passed, file, indent=1)
        os.replace(file.name, path)  # another process may be reading


def _key(device: Device, precision: str) -> str:
    package = os.environ.get("DRAWBAR_TAICHI") or "taichi"  # see dem/taichi_internals.py
    versions = f"{package} {_version(package)}, drawbar {_version('drawbar')} {_engine_digest()}"
    return f"{device.kind}, {device.name}, {device.driver}, {versions}, {precision}"


def _version(package: str) -> str:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(package)
    return "unknown"


def _engine_digest() -> str:
    """Hash of the engine's source: within a version it may change, and its numbers with it."""
    found = hashlib.sha256()
    for pattern in ENGINE:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
