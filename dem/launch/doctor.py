"""`drawbar doctor`: what this machine has, and what to do about what it lacks."""

import ctypes.util
import importlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass

PACKAGES = ("taichi", "numpy", "h5py", "hydra-core", "pyvista", "vtk", "matplotlib", "rich")


@dataclass
class Finding:
    """One line of the report."""

    name: str
    good: bool
    detail: str
    needed: bool = True


def examine() -> list[Finding]:
    """Look at Python, packages, devices, offscreen rendering and film writing."""
    version = platform.python_version()
    findings = [Finding("python", (3, 11) <= sys.version_info[:2] <= (3, 13), f"{version} (3.11 to 3.13 needed)")]
    findings += [_package(name) for name in PACKAGES]
    findings += [Finding("cpu", True, f"{os.cpu_count()} cores"), *_devices(), _egl(), _try("ffmpeg", _ffmpeg)]
    return findings


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed; run make setup")


def _devices() -> list[Finding]:
    try:
        backend = importlib.import_module("dem.backend")
        return [
            Finding(f"device {name}", found, "available" if found else "not on this machine", needed=False)
            for name in ("cuda", "vulkan", "metal", "cpu")
            for found in [bool(backend.available(name))]
        ]
    except Exception as error:  # a broken driver must not end the report
        return [Finding("devices", False, f"{type(error).__name__}: {error}")]


def _egl() -> Finding:
    found = ctypes.util.find_library("EGL") if sys.platform == "linux" else "not needed on this system"
    remedy = "missing; pictures need it: apt-get install libegl1 libgl1-mesa-dri"
    return Finding("EGL (offscreen pictures)", bool(found), found or remedy, needed=False)


def _ffmpeg() -> str:
    return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())


def _try(name: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, probe(), needed=False)
    except Exception as error:  # as above
        return Finding(name, False, f"missing ({error}); films need it: pip install imageio-ffmpeg", needed=False)
