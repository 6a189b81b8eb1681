"""A backend session a module, simulations that are compiled once, and a way to call @ti.func from Python.

A module's session runs on the device named by DEM_DEVICE, or on the CPU. Most of the time of the quick tests is
compiling, so all of them, and the commands they start, share one store of compiled kernels, which the next run finds.
"""

import os
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import dem
from dem.backend import position_field, position_vectors, ti
from dem.memory import read, write
from dem.taichi_internals import PACKAGE, variable
from dem.verify.case_report import SimulationCache

DEVICE = os.environ.get("DEM_DEVICE", "cpu")
KERNEL_STORE_BYTES = 2**30  # about 7000 kernels of 18 kB a full run: the 100 MB of the default would keep none till due


def pytest_configure(config: pytest.Config) -> None:
    """Tell Taichi, here and in what the tests start, where to keep kernels and how hard to optimise them.

    Its own optimiser takes nearly half the time it takes to compile, and gains nothing in scenes as small as ours. The
    slow tests are long, and run what users run.
    """
    os.environ.setdefault("DRAWBAR_SELF_CHECK", "0")  # tests on a device are a check themselves
    quick = config.option.markexpr == "not slow"
    if quick:
        os.environ.setdefault(variable("ADVANCED_OPTIMIZATION"), "0")
    if hasattr(config, "cache"):  # unless pytest was told to write nothing
        name = "kernels_quick" if quick else "kernels_full"
        store = config.cache.mkdir(name if PACKAGE == "taichi" else f"{name}_{PACKAGE}")
        os.environ.setdefault(variable("OFFLINE_CACHE_FILE_PATH"), str(store))
        os.environ.setdefault(variable("OFFLINE_CACHE_MAX_SIZE_OF_FILES"), str(KERNEL_STORE_BYTES))


@pytest.fixture(scope="session")
def device() -> str:
    """The device that tests run on."""
    return DEVICE


@pytest.fixture(scope="module")
def double() -> Iterator[SimulationCache]:
    """A double precision session, and its workshop: `double.simulate(model, ...)`."""
    with dem.start(device=DEVICE, precision="double"):
        yield SimulationCache()


@pytest.fixture(scope="module")
def mixed() -> Iterator[SimulationCache]:
    """A mixed precision session, and its workshop."""
    with dem.start(device=DEVICE, precision="mixed"):
        yield SimulationCache()


@pytest.fixture(scope="session")
def evaluate() -> Callable:
    """`evaluate(func, *rows, returns=(3,))` calls a @ti.func on every row of its arguments, in a running session.

    Arguments are arrays of shape (n,) or (n, k); `returns` are the sizes of what the function gives, 1 for a number.
    Gives one array, or a list of them.
    """
    return evaluate_rows


def evaluate_rows(func: Callable, *rows: np.ndarray, returns: tuple[int, ...]) -> np.ndarray | list[np.ndarray]:
    """See `evaluate`."""
    fields = [_load_rows(values) for values in rows]
    found = [position_vectors(len(rows[0]), size) for size in returns]

    @ti.kernel
    def _evaluate_rows():
        for i in fields[0]:
            answer = func(*[ti.static(field)[i] for field in ti.static(fields)])
            if ti.static(len(returns) == 1):
                found[0][i] = answer
            else:
                for k in ti.static(range(len(returns))):
                    found[k][i] = answer[k]

    _evaluate_rows()
    arrays = [read(field).reshape(len(rows[0]), -1).squeeze() for field in found]
    return arrays[0] if len(arrays) == 1 else arrays


def _load_rows(values: np.ndarray) -> ti.Field:
    values = np.asarray(values, float)
    field = position_field(len(values)) if values.ndim == 1 else position_vectors(len(values), values.shape[1])
    write(field, values)
    return field
