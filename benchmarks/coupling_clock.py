"""How long the coupling of rovers takes, clocked from outside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dem
from dem.rover.coupling import Coupling
from dem.rover.vehicle import Vehicle


@contextmanager
def clocked(clock: Callable[[], float]) -> Iterator[dict[str, float]]:
    """Seconds by `clock` in runs that have exchanges, in the exchanges, and in MuJoCo; how many exchanges.

    Runs without, such as a bed's settling, are left out.
    """
    taken = {"run": 0.0, "exchange": 0.0, "vehicle": 0.0, "exchanges": 0}
    kept = (dem.Simulation, "run"), (Coupling, "_exchange"), (Vehicle, "advance")
    before = [getattr(*entry) for entry in kept]

    def timed(method: Any, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            began, known = clock(), taken["exchanges"]
            try:
                return method(*arguments)
            finally:
                taken["exchanges"] += name == "exchange"
                if taken["exchanges"] > known or name == "vehicle":
                    taken[name] += clock() - began

        return call

    for (owner, name), method, key in zip(kept, before, ("run", "exchange", "vehicle"), strict=True):
        setattr(owner, name, timed(method, key))
    try:
        yield taken
    finally:
        for (owner, name), method in zip(kept, before, strict=True):
            setattr(owner, name, method)
