"""Copies between the host and a CUDA device by address, through the driver that Taichi has opened.

Each waits for the kernels before it: Taichi launches on the default stream, which these copies go through too.
"""

import ctypes
from functools import cache

import numpy as np

from dem.backend import current
from dem.device_errors import explain
from dem.devices import CUDA_LIBRARY

CONTEXT, MEMORY_TYPE = 1, 2  # CU_POINTER_ATTRIBUTE_CONTEXT and _MEMORY_TYPE
ON_DEVICE = 2  # CU_MEMORYTYPE_DEVICE


def is_on_device(address: int) -> bool:
    """Whether the driver knows an address as memory of the device."""
    kind = ctypes.c_uint(0)
    found = _driver().cuPointerGetAttribute(ctypes.byref(kind), ctypes.c_int(MEMORY_TYPE), ctypes.c_uint64(address))
    return found == 0 and kind.value == ON_DEVICE


def copy_from_device(found: np.ndarray, address: int) -> None:
    """Fill a contiguous array with the bytes at an address on the device."""
    if found.nbytes:
        _enter_context(address)
        size = ctypes.c_size_t(found.nbytes)
        _check(_driver().cuMemcpyDtoH_v2(ctypes.c_void_p(found.ctypes.data), ctypes.c_uint64(address), size), "read")


def copy_to_device(address: int, values: np.ndarray) -> None:
    """Put the bytes of a contiguous array at an address on the device."""
    if values.nbytes:
        _enter_context(address)
        size = ctypes.c_size_t(values.nbytes)
        _check(
            _driver().cuMemcpyHtoD_v2(ctypes.c_uint64(address), ctypes.c_void_p(values.ctypes.data), size), "written"
        )


@cache
def _driver() -> ctypes.CDLL:
    return ctypes.CDLL(CUDA_LIBRARY)


def _enter_context(address: int) -> None:
    """Make the context of the device current on this thread, which may be another than Taichi's, if it has none."""
    current = ctypes.c_void_p()
    _driver().cuCtxGetCurrent(ctypes.byref(current))
    if not current.value:
        context = ctypes.c_void_p()
        found = _driver().cuPointerGetAttribute(ctypes.byref(context), ctypes.c_int(CONTEXT), ctypes.c_uint64(address))
        _check(found, "found")
        _driver().cuCtxSetCurrent(context)


def _check(result: int, what: str) -> None:
    """Raise `DeviceError` if the driver rejected; it is here that a kernel that failed before comes to light."""
    if result:
        said = ctypes.c_char_p()
        _driver().cuGetErrorName(result, ctypes.byref(said))
        name = said.value.decode() if said.value else f"error {result}"
        raise explain(RuntimeError(f"memory could not be {what}: {name}"), current().hardware)
