"""`drawbar doctor`: what this machine has, and what to do about what it lacks."""

import ctypes.util
import importlib
import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dem.device_check import check_anew
from dem.devices import GIB, Device, find_devices

PACKAGES = ("taichi", "numpy", "h5py", "hydra-core", "pyvista", "vtk", "matplotlib", "rich")


@dataclass
class Finding:
    """One line of the report."""

    name: str
    good: bool
    detail: str
    needed: bool = True


def examine() -> Iterator[Finding]:
    """Look at Python, packages, devices, offscreen rendering and film writing; each finding as it is made."""
    version = platform.python_version()
    yield Finding("python", (3, 11) <= sys.version_info[:2] <= (3, 13), f"{version} (3.11 to 3.13 needed)")
    yield from map(_package, PACKAGES)
    yield from map(_device, find_devices())
    yield _egl()
    yield _try("ffmpeg", _ffmpeg)


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed; run make setup")


def _device(device: Device) -> Finding:
    """What a device is, and whether it computes what the CPU does."""
    name = f"device {device.kind}"
    if device.kind == "cpu":
        return Finding(name, True, f"{_describe(device)}, {os.cpu_count()} cores")
    if device.problem:
        return Finding(name, False, f"{device.name}: {device.problem}".removeprefix(": "), needed=False)
    precision = "mixed" if device.has_float64 else "single"
    wrong = check_anew(device, precision)
    said = wrong or f"agrees with the CPU in {precision} precision"
    return Finding(name, not wrong, f"{_describe(device)}: {said}", needed=False)


def _describe(device: Device) -> str:
    memory = f"{device.memory_bytes / GIB:.1f} GiB" if device.memory_bytes else "memory unknown"
    floats = "64-bit floats" if device.has_float64 else "no 64-bit floats"
    software = ["software on the CPU"] if device.is_software else []
    return ", ".join([device.name, memory, floats, *software, device.driver])


def _egl() -> Finding:
    found = ctypes.util.find_library("EGL") if sys.platform == "linux" else "not needed on this system"
    remedy = "missing; pictures need it: apt-get install libegl1 libgl1-mesa-dri"
    return Finding("EGL (offscreen pictures)", bool(found), found or remedy, needed=False)


def _ffmpeg() -> str:
    return str(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())


def _try(name: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, probe(), needed=False)
    except Exception as error:  # whatever it is, the report goes on
        return Finding(name, False, f"missing ({error}); films need it: pip install imageio-ffmpeg", needed=False)
