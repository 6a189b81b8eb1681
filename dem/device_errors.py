"""What Taichi and the drivers under it say when they fail, in a sentence that names the remedy."""

import re

from dem.devices import GIB, Device
from dem.errors import DeviceError

PLACE = re.compile(r"^\s*\[[\w./\\]+:[^\]]*@\d+\]\s*")  # how Taichi's core begins: [cuda_driver.h:operator()@92]
NO_MEMORY = re.compile(
    r"malloc|cuMemAlloc|out.of.memory|memory.allocation|bad_alloc|cannot allocate|alloc\w* failed|OUT_OF_\w*MEMORY",
    re.I,
)
LOST = re.compile(
    r"device.lost|DEVICE_LOST|unspecified launch failure|LAUNCH_FAILED|ILLEGAL_ADDRESS|illegal memory", re.I
)


def is_of_device(error: BaseException) -> bool:
    """Whether an error comes from Taichi's core, a driver or want of memory, not from what a run calls."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and bool(PLACE.match(str(error))))


def said_by_taichi(error: BaseException) -> str:
    """The first line of a message, without where in Taichi it comes from."""
    lines = PLACE.sub("", str(error)).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__


def remedy_at_start(error: BaseException, device: Device) -> str:
    """What to do where Taichi did not start."""
    if NO_MEMORY.search(str(error)):
        return "end what else uses its memory"
    return "reinstall Taichi" if device.kind == "cpu" else "update its driver"


def explain(error: BaseException, device: Device) -> DeviceError:
    """An error of Taichi on this device, or of a host without memory, as ours."""
    if isinstance(error, MemoryError):
        return DeviceError(
            f"this machine has no memory left ({error}); use fewer grains or worlds, or end other programs"
        )
    said = said_by_taichi(error)
    what = f"device {device.kind} ({device.name})"
    others = "a larger machine" if device.kind == "cpu" else "device=cpu"
    if NO_MEMORY.search(str(error)):
        size = f" of {device.memory_bytes / GIB:.1f} GiB" if device.memory_bytes else ""
        return DeviceError(
            f"{what} has no memory left{size} ({said}); use fewer grains or worlds, end what else uses it, or try "
            f"{others}"
        )
    if LOST.search(str(error)):
        return DeviceError(
            f"{what} was lost or ended a kernel ({said}); go on from the last checkpoint, and if it comes again "
            "update the driver or use device=cpu"
        )
    return DeviceError(f"{what} failed ({said}); go on from the last checkpoint, update the driver or use device=cpu")
