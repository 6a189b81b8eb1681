"""Taichi, its precision and its device.

Everything else says `from dem.backend import ti`; which package that is, and all that is used of its internals, is said
in dem/taichi_internals.py. Kernels read the two scalar types from `types`: `types.position` for coordinates,
`types.real` for everything else.

| precision | positions | everything else | for |
|---|---|---|---|
| mixed  | 64 bit | 32 bit | production: 32-bit positions lose the overlap, 1e-6 m in a bed of metres |
| double | 64 bit | 64 bit | verification |
| single | 32 bit | 32 bit | devices without 64-bit floats |
"""

import contextlib
import io
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dem import taichi_internals
from dem.device_choice import candidates, log_skipped, rejection
from dem.device_errors import explain, is_of_device, remedy_at_start, said_by_taichi
from dem.devices import Device, find_devices
from dem.errors import ConfigError, StateError
from dem.taichi_internals import is_wide, ti

log = logging.getLogger(__name__)

taichi_internals.shorten_positions()

CPU_LANES = 16
SPIRV_DEVICES = ("vulkan", "metal")  # for which Taichi writes SPIR-V
NUMPY_TYPES = ((ti.f32, np.float32), (ti.f64, np.float64), (ti.i32, np.int32))
PRECISIONS = {"mixed": (ti.f64, ti.f32), "double": (ti.f64, ti.f64), "single": (ti.f32, ti.f32)}


class _Types:
    """The scalar types in force; kernels are compiled after `start`, so they see these."""

    position = ti.f64
    real = ti.f32
    has_functions = True  # whether kernels may call sin, cos and pow, see dem/maths.py
    lanes = 1  # contacts that a thread resolves together: on a CPU two vector registers full


types = _Types()


@dataclass
class Session:
    """A running backend; leaving its `with` block frees the device, and turns its errors into `DeviceError`.

    Attributes:
        device: name of the device in use.
        precision: "mixed", "double" or "single".
        threads: CPU threads, 0 on a GPU.
        hardware: the device in use, as its driver describes it.
        layout_addresses: where fields that were laid out together begin in memory, on a CPU; see dem/memory.py.
        seen_fields: fields that the host has looked at, and where their numbers lie, by the field's `id`.
    """

    device: str
    precision: str
    threads: int
    hardware: Device
    layout_addresses: dict[int, int] = field(default_factory=dict, repr=False)
    seen_fields: dict[int, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    @property
    def on_cpu(self) -> bool:
        """Whether the device is the CPU: fields are memory of this process, and threads are few and fast."""
        return self.device == "cpu"

    @property
    def rounds_each(self) -> bool:
        """Whether every product and sum is rounded by itself, so that exact symmetries hold to the last bit.

        Compilers for GPUs fuse products with the sums they go into, whatever they are told.
        """
        return self.on_cpu

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        explained = explain(error, self.hardware) if error is not None and is_of_device(error) else None
        self.stop()
        if explained:
            raise explained from error

    def stop(self) -> None:
        """Free the device; fields of this session are gone."""
        global _session
        if _session is self:
            _session = None
            with contextlib.suppress(RuntimeError):  # a device that is lost cannot be freed
                ti.reset()


_session: Session | None = None


def available(device: str) -> bool:
    """Whether the drivers of this machine offer a device of this kind; see `dem/devices.py` for what they say."""
    return any(found.kind == device and not found.problem for found in find_devices())


def start(
    device: str = "auto", precision: str = "mixed", threads: int | None = None, grains: int | None = None
) -> Session:
    """Start the backend. Use as `with dem.start(): ...`, or call `stop()` on what it returns.

    Args:
        device: "auto" or one of cuda, vulkan, metal, cpu by name. "auto" takes the first real GPU that can compute in
            this precision and whose numbers agree with the CPU's, else the CPU; the log says what was skipped, and why.
        precision: "mixed", "double" or "single".
        threads: CPU threads; all cores if not given. The results do not depend on it, bit for bit.
        grains: about how many there will be, if that is known: "auto" takes the CPU for few.

    Raises:
        ConfigError: an unknown name, or a named device that cannot be used.
        StateError: a session is running already.
    """
    global _session
    if _session is not None:
        raise StateError(f"a session on {_session.device} is running; stop() it before starting another")
    if precision not in PRECISIONS:
        raise ConfigError(f"device.precision is {precision!r}, must be one of {', '.join(PRECISIONS)}; use 'mixed'")
    if threads is not None and threads < 1:
        raise ConfigError(f"device.threads is {threads}, must be at least 1; leave it out to use all cores")
    types.position, types.real = PRECISIONS[precision]
    for chosen in candidates(device, precision, grains):
        count = (threads or os.cpu_count() or 1) if chosen.kind == "cpu" else 0
        problem = _initialise(chosen, count)
        if not problem:
            break
        if device != "auto" or chosen.kind == "cpu":
            raise rejection(chosen, problem)
        log_skipped(chosen, problem)
    types.lanes = CPU_LANES if chosen.kind == "cpu" else 1
    types.has_functions = chosen.kind not in SPIRV_DEVICES
    _session = Session(chosen.kind, precision, count, chosen)
    what = f"{count} threads" if count else chosen.name
    log.info("device %s with %s, precision %s", chosen.kind, what, precision)
    return _session


def _initialise(device: Device, threads: int) -> str:
    """Start Taichi; what is wrong if it does not run where it was told to, empty if nothing."""
    requested = getattr(ti, device.kind)
    options = {"cpu_max_num_threads": threads} if threads else {}
    before = _own_threads()
    if device.kind == "vulkan":
        taichi_internals.choose_vulkan_device(device.number)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints where it starts, whatever the log level
            # fast_math would let the compiler drop NaN checks and reorder sums, and break exact symmetries we test.
            # Taichi heeds it on a CPU: its CUDA code fuses products and sums, and divides in 32 bits approximately.
            ti.init(arch=requested, default_fp=types.real, fast_math=False, log_level=ti.ERROR, **options)
    except RuntimeError as error:  # of a driver
        with contextlib.suppress(RuntimeError):
            ti.reset()
        return f"Taichi did not start on it ({said_by_taichi(error)}); {remedy_at_start(error, device)}"
    if taken := taichi_internals.started_elsewhere(requested):
        ti.reset()
        return f"Taichi started on {taken} instead; update its driver, and unset {taichi_internals.variable('ARCH')}"
    if device.kind == "cpu":
        _pin_threads(sorted(_own_threads() - before), threads)
    return ""


def _own_threads() -> set[int]:
    """Numbers of this process's threads; none where the system does not tell."""
    tasks = Path("/proc/self/task")
    return {int(entry.name) for entry in tasks.iterdir()} if tasks.is_dir() else set()


def _pin_threads(workers: list[int], threads: int) -> None:
    """Give each worker a core of its own, if they are to use them all.

    They sleep between kernels, and a system that wakes two on one core takes milliseconds to notice.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if threads == len(cores) > 1:
        for index, worker in enumerate(workers):
            with contextlib.suppress(OSError):  # a thread may have ended
                os.sched_setaffinity(worker, {cores[index % len(cores)]})


def current() -> Session:
    """The session that is running.

    Raises:
        StateError: none is running.
    """
    if _session is None:
        raise StateError("no backend is running; open one with `with dem.start(device='auto'):` first")
    return _session


@contextlib.contextmanager
def device_errors() -> Iterator[None]:
    """Turn what Taichi and the driver raise in this block into `DeviceError`; all else passes through.

    Raises:
        DeviceError: no memory left, a device lost, a kernel that failed.
    """
    try:
        yield
    except Exception as error:
        if not is_of_device(error):
            raise
        raise explain(error, current().hardware) from error


def real_field(shape: int | tuple | None = ()) -> ti.Field:
    """A scalar field of `types.real`; with a shape of None it is to be laid out by `place_together`."""
    return _lay_out(ti.field(types.real), shape)


def single_field(shape: int | tuple | None = ()) -> ti.Field:
    """A scalar field of 32-bit floats in every precision: for what is compared atomically, which few GPUs can in 64."""
    return _lay_out(ti.field(ti.f32), shape)


def real_vectors(shape: int | tuple | None, size: int = 3) -> ti.Field:
    """A vector field of `types.real`."""
    return _lay_out(ti.Vector.field(size, types.real), shape)


def position_field(shape: int | tuple | None = ()) -> ti.Field:
    """A scalar field of `types.position`."""
    return _lay_out(ti.field(types.position), shape)


def position_vectors(shape: int | tuple | None, size: int = 3) -> ti.Field:
    """A vector field of `types.position`."""
    return _lay_out(ti.Vector.field(size, types.position), shape)


def integer_field(shape: int | tuple | None = ()) -> ti.Field:
    """A 32-bit integer field."""
    return _lay_out(ti.field(ti.i32), shape)


def integer_vectors(shape: int | tuple | None, size: int = 3) -> ti.Field:
    """A vector field of 32-bit integers."""
    return _lay_out(ti.Vector.field(size, ti.i32), shape)


def record_field(kind: ti.types.struct, shape: int | tuple) -> ti.Field:
    """An array of records of a type that `record` gave."""
    table = kind.field()
    place_together(shape, *(table.get_member_field(name) for name in table.keys))
    return table


def place_together(shape: int | tuple, *fields: ti.Field) -> None:
    """Lay out fields without a shape as one array of records: what is read together comes in one line of memory."""
    shape = (shape,) if isinstance(shape, int) else shape
    if _is_misaligned(fields):
        _place_aligned(shape, fields)
    else:
        ti.root.dense(ti.axes(*range(len(shape))), shape).place(*fields)


def _lay_out(field: ti.Field, shape: int | tuple | None) -> ti.Field:
    """A field with its place in memory; one with a shape of None is given it later."""
    if shape is not None:
        place_together(shape, field)
    return field


def _is_misaligned(fields: Iterable[ti.Field]) -> bool:
    """Whether Taichi would put the numbers of 64 bits of a record where its own kernels do not find them.

    Its layout for SPIR-V puts what shares a tree, or a record, one after another by size, whatever the alignment; its
    kernels then count in steps of 8 bytes to a 64-bit number. So one behind an odd number of 32-bit words is read and
    written half a number away, over its neighbour, and nothing says so. For other devices Taichi's compiler aligns.
    """
    return current().device in SPIRV_DEVICES and any(is_wide(field) for field in fields)


def _place_aligned(shape: tuple, fields: Iterable[ti.Field]) -> None:
    """Lay out records so that 64-bit numbers are found: in a tree of their own, and each of an even number of words."""
    tree = ti.FieldsBuilder()
    block = tree.dense(ti.axes(*range(len(shape))), shape)
    block.place(*fields)
    if sum(component_count(field) for field in fields if not is_wide(field)) % 2:
        block.place(ti.field(ti.i32))
    tree.finalize()


def component_count(field: ti.Field) -> int:
    """Numbers in one element of a field, a vector or a scalar."""
    return field.n * field.m if isinstance(field, ti.MatrixField) else 1


def array_type(field: ti.Field) -> Any:
    """NumPy's type of a field's numbers."""
    return _numpy_type(field.dtype)


def _numpy_type(dtype: Any) -> Any:
    return next(found for known, found in NUMPY_TYPES if known == dtype)


def number_bytes(dtype: Any) -> int:
    """Bytes of a number of Taichi's type `dtype`, that of a field or one of `types`."""
    return int(np.dtype(_numpy_type(dtype)).itemsize)


def real_rows(*shape: int) -> np.ndarray:
    """An array of zeros on the host that takes what is computed in `types.real`."""
    return np.zeros(shape, _numpy_type(types.real))


def position_rows(*shape: int) -> np.ndarray:
    """An array of zeros on the host that gives kernels what is to be `types.position`.

    Kernels take arrays in the precision of fields, since a device may have no 64-bit floats at all.
    """
    return np.zeros(shape, _numpy_type(types.position))


def record(**members: Any) -> ti.types.struct:
    """A struct type whose members named `float` are `types.real`, those named `vector` three of them, and those that
    are a number above 1 as many."""
    sizes = {name: {float: 1, "vector": 3}.get(kind, kind) for name, kind in members.items()}
    return ti.types.struct(
        **{name: ti.types.vector(size, types.real) if size > 1 else types.real for name, size in sizes.items()}
    )
