"""What steps make the host do: calls of kernels, checks of the device, searches, and launches that did nothing."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from dem import cuda_memory, memory, solver
from dem.state import FRESH, INCOMPLETE

KERNELS = ("command_bodies", "begin_motion", "finish_step", "keep_history", "search_neighbors")  # of dem/solver.py


@contextmanager
def counted() -> Iterator[Counter]:
    """Count, in this block, what the host does in dem/solver.py and everything that reads or writes fields.

    The counter has the kernels of a step by their names, and `reads` and `writes` of fields, `copies_from_device` and
    `copies_to_device` by address, `looks` at whether neighbours are stale, `searches`, and `launches_in_vain`: those
    that did nothing, since an earlier one had found neighbours stale.
    """
    counts: Counter = Counter()
    patches = [*_of_solver(counts), *_of_fields(counts), _of_looks(counts)]
    for one in patches:
        one.start()
    try:
        yield counts
    finally:
        for one in patches:
            one.stop()


def kernels_of_a_step() -> dict[str, Callable]:
    """The kernels that dem/solver.py launches, by name."""
    return {name: getattr(solver, name) for name in KERNELS}


def _counting(counts: Counter, name: str, function: Callable) -> Callable:
    def call(*arguments: Any, **named: Any) -> Any:
        counts[name] += 1
        return function(*arguments, **named)

    return call


def _of_solver(counts: Counter) -> Iterator[Any]:
    for name, kernel in kernels_of_a_step().items():
        yield patch.object(solver, name, _counting(counts, name, kernel))
    yield patch.object(solver, "search", _counting(counts, "searches", solver.search))


def _of_fields(counts: Counter) -> Iterator[Any]:
    """Wherever a module of the engine has the functions of dem/memory.py under their names."""
    engine = [module for name, module in sys.modules.items() if name.startswith("dem.") and module is not None]
    for name, called in (("read", "reads"), ("write", "writes")):
        function = getattr(memory, name)
        for module in engine:
            if vars(module).get(name) is function:
                yield patch.object(module, name, _counting(counts, called, function))
    for name, called in (("copy_from_device", "copies_from_device"), ("copy_to_device", "copies_to_device")):
        yield patch.object(cuda_memory, name, _counting(counts, called, getattr(cuda_memory, name)))


def _of_looks(counts: Counter) -> Any:
    """Count launches in vain: since the host checked, those after the one that found neighbours stale were in vain."""
    check, stale = solver.Run._check_neighbors, solver._stale

    def counting_look(run: solver.Run) -> None:
        found, launched = [], len(run.launched)

        def noting(context: solver.DeviceContext) -> int:
            found.append(stale(context))
            return found[-1]

        with patch.object(solver, "_stale", noting):
            check(run)
        counts["looks"] += 1
        if found[0] == INCOMPLETE:
            counts["launches_in_vain"] += launched
        elif found[0] != FRESH:
            counts["launches_in_vain"] += launched - found[0]

    return patch.object(solver.Run, "_check_neighbors", counting_look)
