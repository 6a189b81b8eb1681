"""What devices this machine has, asked of their drivers without starting Taichi.

A driver can hang, or take down the process that asks it. So a process of its own asks, which runs this file as a
script: it imports nothing of drawbar.
"""

import ctypes
import json
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

KINDS = ("cuda", "vulkan", "metal", "cpu")
ASK_TIMEOUT = 60.0  # [s]; the first call of a driver may wake the GPU
GIB = 2**30
CUDA_LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so"  # the name that Taichi opens

CUDA_ERRORS = {
    2: "out of memory",
    34: "a stub library, not a driver",
    46: "the GPU is in use by another process alone",
    100: "the driver shows no GPU",
    101: "no such GPU",
    802: "the system is not ready",
    803: "driver and kernel module are of different versions",
    804: "the driver is too old for this GPU",
    999: "unknown error of the driver",
}
VULKAN_ERRORS = {
    -1: "out of memory",
    -2: "out of device memory",
    -3: "the driver did not start",
    -4: "the device is lost",
    -9: "there is no driver for any device",
}
VENDORS = {0x10DE: "NVIDIA", 0x1002: "AMD", 0x8086: "Intel", 0x13B5: "Arm", 0x5143: "Qualcomm", 0x10005: "Mesa"}
COMPUTE_CAPABILITY = (75, 76)  # attributes of cuDeviceGetAttribute
FLOAT64_FEATURE = 39  # place of shaderFloat64 in VkPhysicalDeviceFeatures
INTEGRATED, SOFTWARE = 1, 4  # of VkPhysicalDeviceType
DEVICE_LOCAL = 1  # flag of a VkMemoryHeap

Library = Callable[[str], Any]


@dataclass(frozen=True)
class Device:
    """One device, or the sentence why there is none of its kind.

    Attributes:
        kind: cuda, vulkan, metal or cpu, as `dem.start` names it.
        name: as the driver says it.
        memory_bytes: of its own; 0 where the driver does not tell.
        has_float64: computes with 64-bit floats, as mixed and double precision do.
        is_software: a driver that computes on the CPU. is_integrated: a GPU that shares the CPU's memory.
        driver: version of the driver, and of what it offers.
        number: in the driver's own count of devices.
        problem: why it cannot be used, and what to do about it; empty if nothing speaks against it.
    """

    kind: str
    name: str = ""
    memory_bytes: int = 0
    has_float64: bool = True
    is_software: bool = False
    is_integrated: bool = False
    driver: str = ""
    number: int = 0
    problem: str = ""


@cache
def find_devices() -> tuple[Device, ...]:
    """All devices, in the order of KINDS; kinds without a device have one that says why. Asked once a process."""
    command = [sys.executable, "-P", str(Path(__file__).resolve())]  # -P: the folder beside it holds an `io`
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_TIMEOUT, check=False)
        return tuple(Device(**numbers) for numbers in json.loads(done.stdout.splitlines()[-1]))
    except subprocess.TimeoutExpired:
        said = f"the drivers did not answer within {ASK_TIMEOUT:g} s; restart the machine or reinstall them"
    except (OSError, ValueError, IndexError, TypeError):
        said = f"a driver ended the process that asked for devices; try {sys.executable} {command[-1]}"
    return *(Device(kind, problem=said) for kind in _gpu_kinds()), ask_cpu()


def ask_drivers(open_library: Library = ctypes.CDLL) -> list[Device]:
    """Find devices as `find_devices` does, in this process."""
    found = []
    for kind, ask in (("cuda", ask_cuda), ("vulkan", ask_vulkan), ("metal", ask_metal)):
        if kind in _gpu_kinds():
            try:
                found += ask(open_library)
            except Exception as error:  # whatever a broken driver makes ctypes raise
                found.append(Device(kind, problem=f"its driver failed ({type(error).__name__}: {error}); reinstall it"))
    return [*found, ask_cpu()]


def _gpu_kinds() -> tuple[str, ...]:
    return ("metal",) if sys.platform == "darwin" else ("cuda", "vulkan")


# -------------------------------------------------------------------------------------------------------------- CUDA


def ask_cuda(open_library: Library = ctypes.CDLL) -> list[Device]:
    """NVIDIA's devices; Taichi takes the first, so others have the problem that they come later."""
    if os.environ.get("TI_ENABLE_CUDA") == "0":
        return [Device("cuda", problem="TI_ENABLE_CUDA=0 turns it off; unset it")]
    driver = _open_first(open_library, [CUDA_LIBRARY])
    if driver is None:
        return [Device("cuda", problem=_why_no_cuda(open_library))]
    if code := driver.cuInit(0):
        return [Device("cuda", problem=_cuda_problem(driver, code))]
    count = ctypes.c_int()
    code = driver.cuDeviceGetCount(ctypes.byref(count))
    if code or not count.value:
        return [Device("cuda", problem=_cuda_problem(driver, code or 100))]
    version = ctypes.c_int()
    driver.cuDriverGetVersion(ctypes.byref(version))
    said = f"CUDA {version.value // 1000}.{version.value % 1000 // 10}{_kernel_module()}"
    return [_cuda_device(driver, number, said) for number in range(count.value)]


def _why_no_cuda(open_library: Library) -> str:
    if sys.platform == "win32" or _open_first(open_library, ["libcuda.so.1"]) is None:
        return "there is no NVIDIA driver; install one if there is an NVIDIA GPU"
    path = _path_of("libcuda.so.1") or "libcuda.so.1"
    return (
        f"the NVIDIA driver is there as {path}, but not under the name libcuda.so, which Taichi opens; make a link by "
        f"ln -s {path} FOLDER/libcuda.so in a FOLDER of LD_LIBRARY_PATH"
    )


def _cuda_problem(driver: Any, code: int) -> str:
    said = CUDA_ERRORS.get(code, "")
    if not said:
        text = ctypes.c_char_p()
        with suppress(AttributeError):
            driver.cuGetErrorString(code, ctypes.byref(text))
        said = (text.value or b"an error of the driver").decode(errors="replace")
    remedy = "run nvidia-smi to see what it lacks"
    if code == 100:
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
        remedy = f"CUDA_VISIBLE_DEVICES is {hidden!r}, unset it or give 0" if hidden is not None else (
            "run on a machine, or ask the scheduler for a job, that has one"
        )  # fmt: skip
    return f"{said} (CUDA error {code}); {remedy}"


def _cuda_device(driver: Any, number: int, version: str) -> Device:
    device, name, memory = ctypes.c_int(), ctypes.create_string_buffer(256), ctypes.c_size_t()
    if code := driver.cuDeviceGet(ctypes.byref(device), number):
        return Device("cuda", number=number, problem=_cuda_problem(driver, code))
    driver.cuDeviceGetName(name, len(name), device)
    with suppress(AttributeError):
        driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    capability = [ctypes.c_int() for _ in COMPUTE_CAPABILITY]
    for value, attribute in zip(capability, COMPUTE_CAPABILITY, strict=True):
        driver.cuDeviceGetAttribute(ctypes.byref(value), attribute, device)
    said = f"{version}, compute capability {capability[0].value}.{capability[1].value}"
    problem = f"Taichi takes the first only; CUDA_VISIBLE_DEVICES={number} makes this the first" if number else ""
    return Device("cuda", _text(name), memory.value, driver=said, number=number, problem=problem)


def _kernel_module() -> str:
    with suppress(OSError):
        return f", driver {Path('/sys/module/nvidia/version').read_text().strip()}"
    return ""


# ------------------------------------------------------------------------------------------------------------ Vulkan


class _ApplicationInfo(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("version", ctypes.c_uint32),
        ("engine", ctypes.c_char_p), ("engine_version", ctypes.c_uint32), ("api", ctypes.c_uint32),
    )  # fmt: skip


class _InstanceInfo(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int), ("next", ctypes.c_void_p), ("flags", ctypes.c_uint32),
        ("application", ctypes.POINTER(_ApplicationInfo)), ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p), ("extension_count", ctypes.c_uint32), ("extensions", ctypes.c_void_p),
    )  # fmt: skip


def ask_vulkan(open_library: Library = ctypes.CDLL) -> list[Device]:
    """Devices of all Vulkan drivers, numbered as Taichi numbers them."""
    if os.environ.get("TI_ENABLE_VULKAN") == "0":
        return [Device("vulkan", problem="TI_ENABLE_VULKAN=0 turns it off; unset it")]
    loader = _open_first(
        open_library, ["vulkan-1.dll"] if sys.platform == "win32" else ["libvulkan.so.1", "libvulkan.so"]
    )
    if loader is None:
        return [
            Device("vulkan", problem="there is no Vulkan loader; install the GPU's driver, and libvulkan1 on Linux")
        ]
    application = _ApplicationInfo(name=b"drawbar", api=1 << 22 | 1 << 12)
    info = _InstanceInfo(type=1, application=ctypes.pointer(application))
    instance = ctypes.c_void_p()
    if code := loader.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)):
        return [Device("vulkan", problem=_vulkan_problem(code))]
    found = [
        _vulkan_device(loader, ctypes.c_void_p(one), number) for number, one in enumerate(_handles(loader, instance))
    ]
    return found or [Device("vulkan", problem=_vulkan_problem(-9))]


def _vulkan_problem(code: int) -> str:
    said = VULKAN_ERRORS.get(code, "the loader rejected")
    return f"{said} (Vulkan error {code}); install the GPU's driver, vulkaninfo tells what it finds"


def _handles(loader: Any, instance: ctypes.c_void_p) -> list[int]:
    count = ctypes.c_uint32()
    loader.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    handles = (ctypes.c_void_p * max(count.value, 1))()
    if count.value:
        loader.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    return [handle for handle in handles[: count.value] if handle]


def _vulkan_device(loader: Any, handle: ctypes.c_void_p, number: int) -> Device:
    properties, features, memory = (ctypes.create_string_buffer(size) for size in (2048, 1024, 1024))
    loader.vkGetPhysicalDeviceProperties(handle, properties)
    loader.vkGetPhysicalDeviceFeatures(handle, features)
    loader.vkGetPhysicalDeviceMemoryProperties(handle, memory)
    api, driver, vendor, _, kind = struct.unpack_from("=5I", properties)
    said = f"{VENDORS.get(vendor, 'Vulkan')} driver {_vulkan_version(driver, vendor)}, Vulkan {_vulkan_version(api)}"
    return Device(
        "vulkan",
        properties.raw[20:276].split(b"\0")[0].decode(errors="replace"),
        sum(_local_heaps(memory)),
        has_float64=struct.unpack_from("=I", features, 4 * FLOAT64_FEATURE)[0] != 0,
        is_software=kind == SOFTWARE,
        is_integrated=kind == INTEGRATED,
        driver=said,
        number=number,
    )


def _local_heaps(memory: Any) -> Iterator[int]:
    """Sizes of the heaps of VkPhysicalDeviceMemoryProperties that are the device's own [bytes]."""
    for heap in range(min(struct.unpack_from("=I", memory, 260)[0], 16)):
        size, flags = struct.unpack_from("=QI", memory, 264 + 16 * heap)
        if flags & DEVICE_LOCAL:
            yield size


def _vulkan_version(number: int, vendor: int = 0) -> str:
    if VENDORS.get(vendor) == "NVIDIA":
        return f"{number >> 22}.{number >> 14 & 255}.{number >> 6 & 255}"
    return f"{number >> 22}.{number >> 12 & 1023}.{number & 4095}"


# ----------------------------------------------------------------------------------------------------- Metal and CPU


def ask_metal(open_library: Library = ctypes.CDLL) -> list[Device]:
    """Apple's GPU, which has no 64-bit floats and shares the memory of the machine."""
    metal = open_library("/System/Library/Frameworks/Metal.framework/Metal")
    metal.MTLCreateSystemDefaultDevice.restype = ctypes.c_void_p
    if not metal.MTLCreateSystemDefaultDevice():
        return [Device("metal", problem="Metal shows no GPU; run outside a virtual machine or remote session")]
    driver = f"macOS {platform.mac_ver()[0]}"
    return [Device("metal", _cpu_name(), total_memory(), has_float64=False, is_integrated=True, driver=driver)]


def ask_cpu() -> Device:
    """The CPU, which is always there."""
    return Device("cpu", _cpu_name(), total_memory(), driver=platform.machine())


def total_memory() -> int:
    """Memory of the machine [bytes]; 0 where the system does not tell."""
    with suppress(AttributeError, ValueError, OSError):
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return _windows_memory()[0]


def free_memory(device: Device) -> int:
    """Memory that this process may still take on a device [bytes]; 0 where nothing tells.

    On a CPU what the system and the job's limits leave, on CUDA what the driver says, elsewhere all the device has.
    """
    if device.kind == "cpu":
        return min(filter(None, (_available_memory(), *_limits_left())), default=0)
    if device.kind == "cuda":
        with suppress(OSError, AttributeError):
            return _free_on_cuda(ctypes.CDLL(CUDA_LIBRARY))
    return device.memory_bytes


def _free_on_cuda(driver: Any) -> int:
    """Free memory of the first device; in the context that Taichi made, which need not be this thread's."""
    before, context, left, total = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
    driver.cuCtxGetCurrent(ctypes.byref(before))
    if not before and not driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0):
        driver.cuCtxSetCurrent(context)
    code = driver.cuMemGetInfo_v2(ctypes.byref(left), ctypes.byref(total))
    if context:
        driver.cuCtxSetCurrent(before)
        driver.cuDevicePrimaryCtxRelease_v2(0)
    return 0 if code else left.value


def _available_memory() -> int:
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    return _windows_memory()[1] or total_memory()


def _limits_left() -> Iterator[int]:
    """What each limit on this process's group leaves [bytes]: containers and schedulers set them."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, group = line.split(":", 2)
            if controllers in ("", "memory"):
                root = Path("/sys/fs/cgroup") / controllers
                names = ("memory.max", "memory.current") if not controllers else (
                    "memory.limit_in_bytes", "memory.usage_in_bytes"
                )  # fmt: skip
                inner = root / group.lstrip("/")
                for folder in (inner, *inner.parents):
                    yield _left_in(folder, *names)
                    if folder == root:
                        break


def _left_in(folder: Path, limit: str, used: str) -> int:
    """Memory left of a group's limit, files that the system caches not counted as used; 0 where there is none."""
    with suppress(OSError, ValueError):  # "max" is no limit
        allowed = int((folder / limit).read_text())
        if allowed < total_memory():
            kept = [line.split() for line in (folder / "memory.stat").read_text().splitlines()]
            files = sum(int(number) for name, number in kept if name in ("inactive_file", "total_inactive_file"))
            return max(allowed - int((folder / used).read_text()) + files, 1)
    return 0


def _windows_memory() -> tuple[int, int]:
    """Total and available memory [bytes] on Windows, zeros elsewhere."""
    status = ctypes.create_string_buffer(64)  # MEMORYSTATUSEX
    struct.pack_into("=I", status, 0, len(status))
    with suppress(AttributeError, OSError):
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(status):  # type: ignore[attr-defined]
            total, available = struct.unpack_from("=2Q", status, 8)
            return total, available
    return 0, 0


def _cpu_name() -> str:
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    if sys.platform == "darwin":
        with suppress(OSError, subprocess.SubprocessError):
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    return platform.processor() or platform.machine()


def _open_first(open_library: Library, names: list[str]) -> Any:
    """The first of these libraries that is there; None if none is."""
    for name in names:
        with suppress(OSError):
            return open_library(name)
    return None


def _path_of(name: str) -> str:
    """Where a library that this process has opened lies; empty where the system does not tell."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/maps").read_text().splitlines()
        return next(line.split()[-1] for line in lines if f"/{name}" in line)
    return ""


def _text(buffer: Any) -> str:
    return str(buffer.value.decode(errors="replace"))


if __name__ == "__main__":
    sys.stdout.write(json.dumps([asdict(device) for device in ask_drivers()]) + "\n")
