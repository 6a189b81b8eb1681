"""What happens at intervals of simulated time: calls, and trajectories recorded into arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dem.errors import ConfigError, StateError
from dem.state import BODY_ARRAYS as BODY_FIELDS

PARTICLE_FIELDS = ("position", "velocity", "angular_velocity", "force", "torque", "image")
FIELDS = PARTICLE_FIELDS[:5]


@dataclass
class Trigger:
    """Calls `action(simulation)` every `interval` seconds of simulated time, and once where it starts.

    Before one that `checks_faults` faults are checked, which costs as much as some steps of a small scene.
    """

    interval: float
    action: Callable[[Any], None]
    due_step: int = 0
    checks_faults: bool = True


class Record:
    """Trajectories of a world, sampled where it starts and at every interval from there: see `Simulation.record`.

    `record["time"]` are the times [s], (T,); `record["position"]` and every other field asked for (T, N, 3), in the
    order of `particles`, or (T, B, ...) of bodies. Each sample is at the step nearest to its time, and has that step's
    time; an interval shorter than a step gives every step.
    """

    def __init__(
        self, simulation: Any, interval: float | None, fields: Sequence[str], particles: Any, world: int
    ) -> None:
        unknown = [name for name in fields if name not in (*PARTICLE_FIELDS, *BODY_FIELDS)]
        if unknown:
            raise ConfigError(
                f"record got the field {unknown[0]!r}, must be one of {', '.join((*PARTICLE_FIELDS, *BODY_FIELDS))}"
            )
        self.fields, self._simulation = tuple(fields), simulation
        grains, self._world = simulation.worlds.particles(world), world
        self.particles = _choose_particles(particles, grains.stop - grains.start)
        self._times: list[float] = []
        self._samples: dict[str, list[np.ndarray]] = {name: [] for name in self.fields}
        self._first_step = simulation.step_count
        self._trigger = simulation.every(simulation.time_step if interval is None else interval, self._take)

    def __len__(self) -> int:
        return len(self._times)

    def __getitem__(self, name: str) -> np.ndarray:
        if name == "time":
            return np.array(self._times)
        if name not in self._samples:
            raise StateError(f"the record has no {name!r}, it has time, {', '.join(self.fields)}; ask record for it")
        return np.array(self._samples[name])

    def stop(self) -> None:
        """Take no more samples; those taken stay."""
        self._simulation.cancel(self._trigger)

    def _take(self, simulation: Any) -> None:
        self._times.append(simulation.time)
        for name, rows in simulation.snapshot(self._world, self.fields).items():
            self._samples[name].append(rows if name in BODY_FIELDS else rows[self.particles])
        self._trigger.due_step = self._next_step(simulation.step_count, simulation.time_step)

    def _next_step(self, step: int, time_step: float) -> int:
        """Counted from the first sample, so that rounding an interval to whole steps never adds up."""
        interval = self._trigger.interval
        passed = round((step - self._first_step) * time_step / interval)
        return max(self._first_step + round((passed + 1) * interval / time_step), step + 1)


def _choose_particles(particles: Any, count: int) -> np.ndarray:
    """Ids of grains (n,), all of them where none are named."""
    chosen = np.arange(count) if particles is None else np.atleast_1d(np.asarray(particles))
    if chosen.ndim != 1 or (chosen.size and not (np.issubdtype(chosen.dtype, np.integer))):
        raise ConfigError(f"record got particles {particles!r}, must be ids; give those that add_particles returned")
    if chosen.size and not (chosen.min() >= 0 and chosen.max() < count):
        raise ConfigError(
            f"record got particles from {chosen.min()} to {chosen.max()}, there are {count}; count them from 0"
        )
    return chosen.astype(int)
