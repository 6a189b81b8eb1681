"""The parts of an experiment in time: stages, each with models of its own, and the phases of a stage."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dem.model import Model

Arrays = dict[str, np.ndarray]


def do_nothing(start: float) -> None:
    """Begin a phase that commands nothing."""


@dataclass(frozen=True)
class Phase:
    """One part of a stage, in which the same commands hold.

    Attributes:
        name: unlike any other phase of its stage.
        longest: duration [s], rounded to whole steps; or a function that gives it when the phase begins.
        begin: given the time [s] at which the phase starts, commands bodies and gravity. When a run is resumed it is
            called again with that time; what it changes in `Experiment.kept`, and commands that are constant, are then
            replaced by those of the checkpoint.
        until: asked after each sample; the phase ends at the first step at which it is true.
        sample: called every `interval`, first an interval after the phase began.
        interval: between samples [s], or a function that gives it; None takes `Experiment.sample_interval`.
        samples_at_end: sample when the phase ends too, where less than an interval has passed.
    """

    name: str
    longest: float | Callable[[], float]
    begin: Callable[[float], None] = do_nothing
    until: Callable[[], bool] | None = None
    sample: Callable[[], None] | None = None
    interval: float | Callable[[], float] | None = None
    samples_at_end: bool = True

    def duration(self) -> float:
        """The longest it may last [s]."""
        return float(self.longest() if callable(self.longest) else self.longest)

    def sampled_every(self) -> float | None:
        """Time between samples [s], if it is the phase's own."""
        return self.interval() if callable(self.interval) else self.interval


@dataclass(frozen=True)
class Stage:
    """Models, and the phases they go through; time starts at 0 s and contacts without history in each stage.

    Attributes:
        build: given what `Experiment.carried` gives of each world at the end of the stage before, empty in the first
            stage, gives the model of each world.
        phases: gives the phases, once the experiment entered the simulation of the stage.
        max_overlap: over the smaller radius, beyond which the run stops [-]; None takes the solver's.
        is_recorded: write the results file: frames and the time series.
    """

    build: Callable[[list[Arrays]], list[Model]]
    phases: Callable[[], list[Phase]]
    max_overlap: float | None = None
    is_recorded: bool = False


def with_prefix(prefix: str, arrays: Arrays) -> Arrays:
    """Arrays under names with a prefix, for a checkpoint."""
    return {f"{prefix}{name}": np.asarray(values) for name, values in arrays.items()}


def without_prefix(prefix: str, arrays: Arrays) -> Arrays:
    """Arrays whose names have a prefix, under their names without it."""
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}
