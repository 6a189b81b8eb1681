"""Where the time of a step goes: clocks around the functions of dem/solver.py, waiting for the device after each.

Waiting costs little on a CPU and forbids a GPU to run ahead, so shares are taken in runs of their own, never in those
that speed is measured in.
"""

import inspect
import time
from collections.abc import Callable
from typing import Any

from dem import solver
from dem.backend import ti

LEFT_OUT = ("prepare",)  # calls the others, and only once


class PhaseClock:
    """Times what a run spends in each function of the step. Use as `with PhaseClock() as clock: simulation.run(...)`.

    Attributes:
        seconds: by function, without those that it calls itself; calls: how often each was called.
        total: wall seconds of the whole block.
    """

    def __enter__(self) -> "PhaseClock":
        self.functions = {
            name: function
            for name, function in vars(solver).items()
            if inspect.isfunction(function) and function.__module__ == solver.__name__ and name not in LEFT_OUT
        }
        self.seconds, self.calls = dict.fromkeys(self.functions, 0.0), dict.fromkeys(self.functions, 0)
        self.inner = [0.0]
        for name, function in self.functions.items():
            setattr(solver, name, self._clocked(name, function))
        ti.sync()
        self.begin = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        ti.sync()
        self.total = time.perf_counter() - self.begin
        for name, function in self.functions.items():
            setattr(solver, name, function)

    def shares(self) -> dict[str, float]:
        """Shares of the total by function, and what is left to Python."""
        found = {name: spent / self.total for name, spent in self.seconds.items() if self.calls[name]}
        return found | {"python": max(1.0 - sum(found.values()), 0.0)}

    def _clocked(self, name: str, function: Callable) -> Callable:
        def call(*arguments: Any, **named: Any) -> Any:
            begin = time.perf_counter()
            self.inner.append(0.0)
            try:
                answer = function(*arguments, **named)
                ti.sync()
            finally:
                spent = time.perf_counter() - begin
                self.seconds[name] += spent - self.inner.pop()
                self.calls[name] += 1
                self.inner[-1] += spent
            return answer

        return call
