"""What a case works with: simulations, compiled once for scenes of one compatibility signature, and comparisons."""

import logging
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

import dem
from dem.verify.case import Curve, Outcome, Row
from dem.worlds import Worlds

log = logging.getLogger(__name__)


class SimulationCache:
    """Keeps simulations for one backend session, so that the next scene of the same signature needs no compiling."""

    def __init__(self) -> None:
        self._simulations: dict[tuple, dem.Simulation] = {}

    def simulate(self, model: dem.Model | Sequence[dem.Model], **options) -> dem.Simulation:
        """A simulation of a model or a batch at time 0; the one returned before for its signature becomes invalid."""
        key = Worlds(model).signature
        known = self._simulations.get(key)
        if known is not None:
            try:
                known.load(model, **options)
                return known
            except dem.StateError:
                log.debug("no room for another scene of %s; compiling anew", key)
        fresh = dem.Simulation(model, **options)
        self._simulations[key] = fresh
        return fresh


class CaseReport:
    """The report of one case, which also gives the simulations that it measures."""

    def __init__(self, outcome: Outcome, simulation_cache: SimulationCache) -> None:
        self.outcome = outcome
        self.simulation_cache = simulation_cache

    def simulate(self, model: dem.Model | Sequence[dem.Model], **options) -> dem.Simulation:
        """A simulation of a model or a batch; asking again for a like one takes the first one back."""
        return self.simulation_cache.simulate(model, **options)

    @property
    def is_double(self) -> bool:
        """Whether all numbers have 64 bits."""
        return self.outcome.precision == "double"

    def compare(
        self, quantity: str, expected: float, got: float, limit: float, unit: str = "-", mixed: float | None = None
    ) -> None:
        """Note a number with a relative limit; `mixed` replaces it where only positions have 64 bits."""
        error = abs(got - expected) / abs(expected)
        self._note(quantity, expected, got, error, limit, unit, mixed, True)

    def compare_absolute(
        self, quantity: str, expected: float, got: float, limit: float, unit: str = "-", mixed: float | None = None
    ) -> None:
        """Note a number with a limit in its own unit."""
        self._note(quantity, expected, got, abs(got - expected), limit, unit, mixed, False)

    def compare_range(self, quantity: str, low: float, high: float, got: float, unit: str = "-") -> None:
        """Note a number that should lie in a range: its middle is what is expected, half its width the limit."""
        self._note(quantity, (low + high) / 2, got, abs(got - (low + high) / 2), (high - low) / 2, unit, None, False)

    def compare_all(
        self,
        quantity: str,
        expected: ArrayLike,
        got: ArrayLike,
        limit: float,
        unit: str = "-",
        mixed: float | None = None,
    ) -> None:
        """Note the worst of many numbers, each relative to the largest expected."""
        expected, got = np.broadcast_arrays(np.asarray(expected, float), np.asarray(got, float))
        scale = np.abs(expected).max()
        errors = np.abs(got - expected) / scale
        worst = np.unravel_index(int(np.argmax(errors)), errors.shape)
        self._note(quantity, expected[worst], got[worst], errors[worst], limit, unit, mixed, True)

    def compare_curve(self, curve: Curve, limit: float, within: tuple[float, float] = (-np.inf, np.inf)) -> None:
        """Note sum |got - reference| / sum |reference| over the reference's points with x `within` a range."""
        order = np.argsort(curve.x)
        got = np.interp(curve.reference_x, np.asarray(curve.x)[order], np.asarray(curve.y)[order])
        chosen = (curve.reference_x >= within[0]) & (curve.reference_x <= within[1])
        total = np.abs(curve.reference_y[chosen]).sum()
        error = float(np.abs(got - curve.reference_y)[chosen].sum() / total)
        name = f"{curve.title}, sum |departure| / sum |reference|"
        self._note(name, 0.0, error, error, limit, "-", None, False)

    def show(self, curve: Curve) -> None:
        """Keep a curve for the page."""
        self.outcome.curves.append(curve)

    def _note(
        self,
        quantity: str,
        expected: float,
        got: float,
        error: float,
        limit: float,
        unit: str,
        mixed: float | None,
        relative: bool,
    ) -> None:
        if not self.is_double and mixed is not None:
            limit = mixed
        numbers = (float(expected), float(got), float(error), float(limit))
        self.outcome.rows.append(Row(self.outcome.case.name, quantity, *numbers, unit, relative))


def record(
    simulation: dem.Simulation, duration: float, read: Callable[[dict], ArrayLike], interval: float | None = None
):
    """Run, and read the snapshot every `interval` [s], every step if None: times (n,) [s] and what `read` gave."""
    times, found = [], []

    def take(running: dem.Simulation) -> None:
        times.append(running.time)
        found.append(read(running.state.snapshot()))

    trigger = simulation.every(interval or simulation.time_step, take)
    simulation.run(duration)
    simulation.cancel(trigger)
    return np.array(times), np.array(found)
