"""Phases go on where their checkpoint left them; tried on a clock that stands in for a simulation."""

import logging
import os
import re
import signal
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from dem.errors import ResultsError, StateError
from dem.io import RunDescription, Written
from dem.simulation import Simulation
from dem.spec import DeviceSpec, OutputSpec
from scenarios import schedule
from scenarios.procedure import CHECKPOINT_FILE, Phase
from scenarios.schedule import Schedule

STEP = 0.001
PHASES = {"lower": 0.03, "drive": 0.05, "measure": 0.02}


@dataclass
class Config:
    slip: float = 0.2
    device: DeviceSpec = field(default_factory=DeviceSpec)
    output: OutputSpec = field(default_factory=lambda: OutputSpec(0.007, 0.003, checkpoint_interval=1e-9))
    text: str = ""
    overrides: list = field(default_factory=list)


class Clock(Simulation):
    """Steps nothing; `bed` is a text that a checkpoint must match."""

    def __init__(self, bed="sand"):
        self.time_step, self.bed, self.triggers, self.step_count = STEP, bed, [], 0
        self.model, self.on_progress = SimpleNamespace(particle_count=0), None

    def _step_to(self, end):
        self.step_count = end

    def check_faults(self):
        pass

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
    """A test of the phases above; when each began."""

    def __init__(self, diary, config):
        self.recorder, self.config, self.begun = diary, config, {}

    def phases(self):
        return [
            Phase(name, duration, lambda start, name=name: self.begun.update({name: start}))
            for name, duration in PHASES.items()
        ]

    def describe(self):
        return RunDescription()

    def collect(self, phases):
        return {"phases": phases}


@pytest.fixture(autouse=True)
def clocks_have_no_worlds(monkeypatch):
    monkeypatch.setattr(schedule, "pack_worlds", lambda clock: [clock.pack()])
    monkeypatch.setattr(schedule, "unpack_worlds", lambda clock, packed: clock.unpack(*packed[0]))


def go(folder, diary, config=None, clock=None):
    """Run all phases; those passed, and the starts that each phase was begun with."""
    story = Story(diary, config or Config())
    (ended,) = Schedule(clock or Clock(), [story], [folder]).run()
    if isinstance(ended, Exception):
        raise ended
    return ended["phases"], story.begun


def interrupt(folder, step, **changes):
    """Press Ctrl-C at a sample."""
    with pytest.raises(KeyboardInterrupt):
        go(folder, Diary(stop_at=step), Config(**changes))
    assert (folder / CHECKPOINT_FILE).exists()


@pytest.mark.parametrize("step", [0, 12, 30, 51, 98])
def test_interrupted_run_samples_and_begins_as_if_it_never_stopped(tmp_path, step):
    straight, resumed = Diary(), Diary()
    whole, begun = go(tmp_path / "whole", straight)
    interrupt(tmp_path, step)
    phases, begun_again = go(tmp_path, resumed)
    assert resumed.samples == straight.samples
    assert resumed.frames == straight.frames
    assert resumed.opened_with.sample_count > 0
    assert phases == whole
    passed = [name for name in begun if name not in begun_again]
    assert begun_again == {name: start for name, start in begun.items() if name not in passed}
    assert passed == [phase["name"] for phase in whole if phase["end"] < step * STEP - 1e-9]


def test_interrupt_leaves_the_handlers_as_they_were(tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    interrupt(tmp_path, 12)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def tear(path):
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ({"slip": 0.3}, {}, "of another config"),
        ({"device": DeviceSpec(precision="double")}, {}, "of another config"),
        ({}, {"damage": tear}, "torn|not a checkpoint"),
        ({}, {"clock": Clock("clay")}, "another model"),
        ({}, {"broken": True}, "torn"),
    ],
)
def test_what_cannot_be_gone_on_from_is_ignored_and_said(tmp_path, caplog, before, now, sentence):
    interrupt(tmp_path, 51, **before)
    now.get("damage", lambda path: None)(tmp_path / CHECKPOINT_FILE)
    caplog.set_level(logging.INFO)
    straight, diary = Diary(), Diary(broken=now.get("broken", False))
    go(tmp_path / "whole", straight)
    quiet = Config(output=OutputSpec(0.007, 0.003, checkpoint_interval=1e9))
    go(tmp_path, diary, quiet, now.get("clock"))
    assert diary.opened_with is None
    assert diary.samples == straight.samples
    assert caplog.text.count("starting from the beginning") == 1
    assert re.search(sentence, caplog.text)
    assert not (tmp_path / CHECKPOINT_FILE).exists()  # it belonged to the results file that is gone


def test_output_and_threads_do_not_make_another_run(tmp_path):
    interrupt(tmp_path, 51)
    diary = Diary()
    go(tmp_path, diary, Config(device=DeviceSpec(threads=1), output=OutputSpec(render=True), overrides=["x=1"]))
    assert diary.opened_with is not None
