"""A clock that stands in for a simulation, and tests that run on it: phases without physics."""

import os
import signal
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from dem.errors import ResultsError, StateError
from dem.experiment import Experiment, Phase, Stage
from dem.experiment import procedure as procedure_module
from dem.experiment import schedule as schedule_module
from dem.experiment.schedule import Schedule
from dem.io import Written
from dem.simulation import Simulation
from dem.spec import DeviceSpec, OutputSpec, SolverSpec

STEP = 0.001
PHASES = {"lower": 0.03, "drive": 0.05, "measure": 0.02}


@dataclass
class Config:
    slip: float = 0.2
    model: str = "as it was"
    solver: SolverSpec = field(default_factory=SolverSpec)
    device: DeviceSpec = field(default_factory=DeviceSpec)
    output: OutputSpec = field(default_factory=lambda: OutputSpec(0.007, 0.003, checkpoint_interval=1e-9))


class Clock(Simulation):
    """Steps nothing; `bed` is a text that a checkpoint must match."""

    def __init__(self, bed="sand"):
        self.time_step, self.bed, self.triggers, self.step_count = STEP, bed, [], 0
        self.model, self.on_progress = SimpleNamespace(particle_count=0), None
        self.failures, self.retired, self._leaving = {}, set(), set()
        self.worlds = SimpleNamespace(models=[SimpleNamespace(bodies=[])] * 3, count=3)
        self._watch = SimpleNamespace(due_step=0)

    def _step_to(self, end):
        self.step_count = end

    def check_faults(self, with_energy=True):
        pass

    def gravity_of(self, world=0):
        return (0.0, 0.0, 0.0)

    def set_gravity(self, gravity, world=0):
        pass

    def retire(self, world):
        self.retired.add(world)

    def pack(self):
        numbers = {"time_step": STEP, "step_count": self.step_count}
        return {"step": np.array(self.step_count)}, {"bed": self.bed, **numbers}

    def unpack(self, arrays, meta):
        if meta["bed"] != self.bed:
            raise StateError("another model")
        self.step_count = int(arrays["step"])


class Diary:
    """A recorder: when it was called, and the writer of itself."""

    def __init__(self, stop_at=None, broken=False):
        self.samples, self.frames, self.stop_at, self.broken = [], [], stop_at, broken
        self.writer, self.opened_with = self, None

    def open(self, path, thread, written=None):
        if self.broken and written:
            raise ResultsError("torn")
        self.opened_with = written

    def close(self, status="complete"):
        pass

    def sync(self):
        return Written(len(self.frames), len(self.samples), 1.0)

    def sample(self, clock):
        self.samples.append(clock.step_count)
        if clock.step_count == self.stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    def frame(self):
        self.frames.append(self.clock.step_count)

    def pack(self):
        return {"samples": np.array(self.samples, int), "frames": np.array(self.frames, int)}

    def unpack(self, arrays):
        self.samples, self.frames = arrays["samples"].tolist(), arrays["frames"].tolist()


class Story(Experiment):
    """An experiment of the phases above, or of phases that last otherwise; when each began."""

    grain_diameter = 1.0

    def __init__(self, diary, config, durations=PHASES):
        self.diary, self.durations, self.begun = diary, durations, {}
        super().__init__(SimpleNamespace(scenario=None, **vars(config)))

    def identity(self):
        return {"slip": self.config.slip, "model": self.config.model, "precision": self.config.device.precision}

    def stages(self):
        return [Stage(lambda before: [None], self.phases, is_recorded=True)]

    def phases(self):
        return [
            Phase(
                name,
                duration,
                lambda start, name=name: self.begun.update({name: start}),
                sample=lambda: self.diary.sample(self.simulation),
            )
            for name, duration in self.durations.items()
        ]

    def make_recorder(self):
        self.diary.clock = self.simulation
        return self.diary

    def mark(self):
        pass

    def finish(self):
        return {"phases": list(self.phases_done)}


def run_stories(clock, stories, folders, monkeypatch, on_end=lambda number, ended: None, device="cpu"):
    """Run stories on a clock; what became of each."""
    fake = SimpleNamespace(Simulation=lambda models, **numbers: clock)
    with monkeypatch.context() as patch:
        patch.setattr(schedule_module, "dem", fake)
        patch.setattr(procedure_module, "device_in_use", lambda: device)
        patch.setattr(schedule_module, "pack_worlds", lambda clock: [clock.pack()] * len(stories))
        patch.setattr(schedule_module, "unpack_worlds", lambda clock, packed: clock.unpack(*packed[0]))
        return Schedule(stories, folders, on_end).run()
