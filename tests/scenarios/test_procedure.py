"""Phases go on where their checkpoint left them; tried on a clock that stands in for a simulation."""

import logging
import re
import signal

import pytest
from clockwork import STEP, Clock, Config, Diary, Story, run_stories

from dem.experiment import CHECKPOINT_FILE
from dem.spec import DeviceSpec, OutputSpec

PATCH = pytest.MonkeyPatch()


def go(folder, diary, config=None, clock=None, device="cpu"):
    """Run all phases; those passed, and the starts that each phase was begun with."""
    story = Story(diary, config or Config())
    (ended,) = run_stories(clock or Clock(), [story], [folder], PATCH, device=device)
    if isinstance(ended, Exception):
        raise ended
    return ended["phases"], story.begun


def interrupt(folder, step, **changes):
    """Press Ctrl-C at a sample."""
    with pytest.raises(KeyboardInterrupt):
        go(folder, Diary(stop_at=step), Config(**changes))
    assert (folder / CHECKPOINT_FILE).exists()


@pytest.mark.parametrize("step", [3, 12, 30, 51, 98])
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
        ({"slip": 0.3}, {}, "of another config: slip was 0.3, is 0.2"),
        ({"device": DeviceSpec(precision="double")}, {}, "of another config"),
        ({"model": "edited since"}, {}, "of another config: model was 'edited since', is 'as it was'"),
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
    assert not (tmp_path / CHECKPOINT_FILE).exists()  # it belonged to the results file that is set aside
    assert (tmp_path / CHECKPOINT_FILE).with_stem("checkpoint.before").exists()


def test_output_and_threads_do_not_make_another_run(tmp_path):
    interrupt(tmp_path, 51)
    diary = Diary()
    go(tmp_path, diary, Config(device=DeviceSpec(threads=1), output=OutputSpec(0.007, 0.003, render=True)))
    assert diary.opened_with is not None


@pytest.mark.parametrize(("device", "said"), [("cpu", 0), ("cuda", 1)])
def test_a_run_goes_on_elsewhere_and_says_that_bits_may_differ(tmp_path, caplog, device, said):
    interrupt(tmp_path, 51)
    diary = Diary()
    go(tmp_path, diary, device=device)
    assert diary.opened_with is not None
    assert caplog.text.count(f"computed on cpu so far, from here on {device}: bits may differ") == said
