"""What Taichi and the drivers under it say when they fail, in a sentence that names the remedy."""

import re

from dem.devices import GIB, Device
from dem.errors import DeviceError

PLACE = re.compile(r"^\s*\[[\w./\\]+:[^\]]*@\d+\]\s*")  # how Taichi's core begins: [cuda_driver.h:operator()@92]
NO_MEMORY = re.compile(
    r"out.of.memory|memory.allocation|bad_alloc|cannot allocate|alloc\w* failed|OUT_OF_\w*MEMORY", re.I
)
LOST = re.compile(
    r"device.lost|DEVICE_LOST|unspecified launch failure|LAUNCH_FAILED|ILLEGAL_ADDRESS|illegal memory", re.I
)


def is_of_device(error: BaseException) -> bool:
    """Whether an error comes from Taichi's core or a driver, rather than from whoever is called in a run."""
    return bool(PLACE.match(str(error)))


def said_by_taichi(error: BaseException) -> str:
    """The first line of a message, without where in Taichi it comes from."""
    lines = PLACE.sub("", str(error)).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__


def explain(error: BaseException, device: Device) -> DeviceError:
    """An error of Taichi on this device, as ours."""
    said = said_by_taichi(error)
    what = f"device {device.kind} ({device.name})"
    others = "device.precision=mixed" if device.kind == "cpu" else "device=cpu"
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
