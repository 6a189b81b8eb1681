"""A clock that stands in for a simulation, and tests that run on it: phases without physics."""

import os
import signal
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from dem.errors import ResultsError, StateError
from dem.io import RunDescription, Written
from dem.simulation import Simulation
from dem.spec import DeviceSpec, OutputSpec, SolverSpec
from scenarios.procedure import Phase

STEP = 0.001
PHASES = {"lower": 0.03, "drive": 0.05, "measure": 0.02}


@dataclass
class Surface:
    file: str | None = None


@dataclass
class Bed:
    surface: Surface = field(default_factory=Surface)


@dataclass
class Rover:
    model: str = "as it was"

    def content(self):
        return {"mine.xml": self.model}


@dataclass
class Config:
    slip: float = 0.2
    bed: Bed = field(default_factory=Bed)
    rover: Rover = field(default_factory=Rover)
    solver: SolverSpec = field(default_factory=SolverSpec)
    device: DeviceSpec = field(default_factory=DeviceSpec)
    output: OutputSpec = field(default_factory=lambda: OutputSpec(0.007, 0.003, checkpoint_interval=1e-9))
    text: str = ""
    overrides: list = field(default_factory=list)


class Clock(Simulation):
    """Steps nothing; `bed` is a text that a checkpoint must match."""

    def __init__(self, bed="sand"):
        self.time_step, self.bed, self.triggers, self.step_count = STEP, bed, [], 0
        self.model, self.on_progress = SimpleNamespace(particle_count=0), None
        self.failures, self.retired, self._leaving = {}, set(), set()
        self._watch = SimpleNamespace(due_step=0)

    def _step_to(self, end):
        self.step_count = end

    def check_faults(self, with_books=True):
        pass

    def retire(self, world):
        self.retired.add(world)

    def pack(self):
        return {"step": np.array(self.step_count)}, {"bed": self.bed}

    def unpack(self, arrays, meta):
        if meta["bed"] != self.bed:
            raise StateError("another model")
        self.step_count = int(arrays["step"])


class Diary:
    """A recorder: when it was called, and the writer of itself."""

    def __init__(self, stop_at=None, broken=False):
        self.samples, self.frames, self.stop_at, self.broken = [], [], stop_at, broken
        self.writer, self.opened_with = self, None

    def open(self, path, about, thread, written=None):
        if self.broken and written:
            raise ResultsError("torn")
        self.opened_with = written
        return self

    def close(self, status="complete"):
        pass

    def sync(self):
        return Written(len(self.frames), len(self.samples), 1.0)

    def sample(self, clock):
        self.samples.append(clock.step_count)
        if clock.step_count == self.stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    def frame(self, clock):
        self.frames.append(clock.step_count)

    def pack(self):
        return {"samples": np.array(self.samples, int), "frames": np.array(self.frames, int)}

    def unpack(self, arrays):
        self.samples, self.frames = arrays["samples"].tolist(), arrays["frames"].tolist()


class Story:
    """A test of the phases above, or of phases that last otherwise; when each began."""

    def __init__(self, diary, config, durations=PHASES):
        self.recorder, self.config, self.durations, self.begun = diary, config, durations, {}

    def phases(self):
        return [
            Phase(name, duration, lambda start, name=name: self.begun.update({name: start}))
            for name, duration in self.durations.items()
        ]

    def describe(self):
        return RunDescription()

    def collect(self, phases):
        return {"phases": phases}
