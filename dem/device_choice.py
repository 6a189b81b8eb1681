"""Which device to take of those there are, and a sentence for each that is not taken."""

import logging
import os
from collections.abc import Iterator

from dem.device_check import check_device
from dem.devices import KINDS, Device, ask_cpu, find_devices
from dem.errors import ConfigError

# Grains. A step costs a GPU its launches and its looks at the device, some 0.1 to 0.3 ms however few the grains; a few
# cores step five thousand in that time. It follows from counts of launches, not from a measurement on a GPU.
SMALL_SCENE = 5000

log = logging.getLogger(__name__)


def candidates(device: str, precision: str, grains: int | None = None) -> Iterator[Device]:
    """Devices to start, best first: for "auto" real GPUs that pass, then the CPU; for a name the best of that kind.

    Raises:
        ConfigError: an unknown name, or a named device that cannot be used.
    """
    if device not in ("auto", *KINDS):
        raise ConfigError(f"device is {device!r}, must be one of auto, {', '.join(KINDS)}; use device=auto")
    if device == "auto":
        yield from _automatic(precision, grains)
    elif device == "cpu":
        yield ask_cpu()
    else:
        chosen = _best_of(device)
        if problem := _what_is_wrong(chosen, precision) or check_device(chosen, precision):
            raise rejection(chosen, problem)
        yield chosen


def _automatic(precision: str, grains: int | None) -> Iterator[Device]:
    gpus = [found for found in find_devices() if found.kind != "cpu"]
    if grains is not None and grains < SMALL_SCENE and any(not _why_not_auto(found, precision) for found in gpus):
        log.info("about %d grains are stepped by the CPU: below %d it is faster than a GPU", grains, SMALL_SCENE)
        gpus = []
    for found in sorted(gpus, key=_rank):
        if problem := _why_not_auto(found, precision) or check_device(found, precision):
            log_skipped(found, problem)
        else:
            yield found
    yield ask_cpu()


def _best_of(kind: str) -> Device:
    """The device of that kind to take, or one that says why there is none."""
    found = sorted((one for one in find_devices() if one.kind == kind), key=_rank)
    return found[0] if found else Device(kind, problem="this system has no such driver")


def _rank(device: Device) -> tuple:
    """Sorts devices: by kind, those that work, real ones, with 64-bit floats, discrete ones, by memory."""
    soundness = bool(device.problem) or _is_hidden(device), device.is_software, not device.has_float64
    return KINDS.index(device.kind), *soundness, device.is_integrated, -device.memory_bytes


def _what_is_wrong(device: Device, precision: str) -> str:
    """Why a device cannot be used in this precision, as far as its driver tells; empty if it can."""
    if device.problem:
        return device.problem
    if precision != "single" and not device.has_float64:
        return f"it has no 64-bit floats, which device.precision={precision} needs; use device.precision=single"
    return ""


def _why_not_auto(device: Device, precision: str) -> str:
    if wrong := _what_is_wrong(device, precision):
        return wrong
    if device.is_software:
        return f"it is software that runs on the CPU, more slowly than drawbar itself; name it, device={device.kind}"
    if _is_hidden(device):
        return f"TI_VISIBLE_DEVICE={os.environ['TI_VISIBLE_DEVICE']} names another"
    return ""


def _is_hidden(device: Device) -> bool:
    """Whether the user told Taichi to take another Vulkan device."""
    requested = os.environ.get("TI_VISIBLE_DEVICE", "")
    return device.kind == "vulkan" and requested.isdigit() and int(requested) != device.number


def log_skipped(device: Device, problem: str) -> None:
    """Say why a device is not taken."""
    log.info("device %s is left out: %s", describe(device), problem)


def rejection(device: Device, problem: str) -> ConfigError:
    """Why a named device cannot be used."""
    instead = "" if device.kind == "cpu" else "; or use device=cpu"
    return ConfigError(f"device is {describe(device)}, which cannot be used: {problem}{instead}")


def describe(device: Device) -> str:
    """Kind and name of a device, in words."""
    return f"{device.kind} ({device.name})" if device.name else device.kind
