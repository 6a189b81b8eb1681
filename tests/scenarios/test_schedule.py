"""Tests side by side: each is sampled as it is alone, and is over by itself; tried on a clock."""

import logging

import pytest
from clockwork import Clock, Config, Diary, Story, run_stories

from dem.errors import ResultsError
from dem.experiment import CHECKPOINT_FILE, Stage
from dem.io import load_checkpoint
from dem.launch.batch import Member, is_of
from dem.launch.cases import Case
from dem.spec import OutputSpec

DURATIONS = [
    {"lower": 0.03, "drive": 0.05},
    {"lower": 0.011, "measure": 0.02},
    {"lower": 0.03, "drive": 0.05, "measure": 0.04},
]


PATCH = pytest.MonkeyPatch()


def side_by_side(folder, diaries, clock=None, config=None):
    """Run all; the clock, what became of each, and in which order and when each was over."""
    clock, over = clock or Clock(), []
    stories = [Story(diary, config or Config(), each) for diary, each in zip(diaries, DURATIONS, strict=True)]
    folders = [folder / str(world) for world in range(len(stories))]
    for each in folders:
        each.mkdir(parents=True, exist_ok=True)
    ended = run_stories(clock, stories, folders, PATCH, lambda world, _: over.append((world, clock.step_count)))
    return clock, ended, over


@pytest.fixture
def alone(tmp_path):
    """Diaries of each by itself."""
    diaries = [Diary() for _ in DURATIONS]
    for world, diary in enumerate(diaries):
        folder = tmp_path / f"alone{world}"
        folder.mkdir()
        run_stories(Clock(), [Story(diary, Config(), DURATIONS[world])], [folder], PATCH)
    return diaries


def assert_same(diary, other):
    assert (diary.samples, diary.frames) == (other.samples, other.frames)


def test_each_is_sampled_as_alone_and_rests_when_it_is_done(tmp_path, alone):
    diaries = [Diary() for _ in DURATIONS]
    clock, ended, over = side_by_side(tmp_path, diaries)
    for diary, other in zip(diaries, alone, strict=True):
        assert_same(diary, other)
    assert over == [(1, 31), (0, 80), (2, 120)]
    assert [result["phases"][-1]["end"] for result in ended] == pytest.approx([0.08, 0.031, 0.12])
    assert clock.retired == {0, 1}  # the last has nobody to rest beside
    assert not clock.triggers


class Torn(Diary):
    """Its disk is full at a step."""

    def sample(self, clock):
        if clock.step_count >= 12:
            raise ResultsError("no space left")
        super().sample(clock)


@pytest.mark.parametrize("world", [0, 1, 2])
def test_recorder_that_fails_ends_its_own_test_only(tmp_path, alone, world):
    diaries = [Diary() for _ in DURATIONS]
    diaries[world] = Torn()
    _, ended, over = side_by_side(tmp_path, diaries)
    assert isinstance(ended[world], ResultsError)
    assert over[0] == (world, 12 if world != 1 else 14)  # its second phase begins at step 11
    for other in {0, 1, 2} - {world}:
        assert_same(diaries[other], alone[other])
        assert ended[other]["phases"]


def test_all_may_fail(tmp_path):
    _, ended, _ = side_by_side(tmp_path, [Torn() for _ in DURATIONS])
    assert [str(error) for error in ended] == ["no space left"] * 3


def test_those_that_were_going_go_on_together(tmp_path, alone, monkeypatch):
    diaries = [Diary(), Diary(), Diary(stop_at=54)]
    with pytest.raises(KeyboardInterrupt):
        side_by_side(tmp_path, diaries)
    steps = [load_checkpoint(tmp_path / name / CHECKPOINT_FILE)[1] for name in "02"]
    assert [meta["run"]["current"]["name"] for meta in steps] == ["drive", "drive"]
    monkeypatch.setattr("test_schedule.DURATIONS", [DURATIONS[0], DURATIONS[2]])
    (tmp_path / "2").rename(tmp_path / "left")
    (tmp_path / "1").rename(tmp_path / "done")
    (tmp_path / "left").rename(tmp_path / "1")
    resumed = [Diary(), Diary()]
    side_by_side(tmp_path, resumed)
    assert_same(resumed[0], alone[0])
    assert_same(resumed[1], alone[2])
    assert all(diary.opened_with for diary in resumed)
    assert (tmp_path / "1" / CHECKPOINT_FILE).exists()  # until there is a result.json


class Pair(Story):
    """A story of two worlds."""

    def stages(self):
        return [Stage(lambda before: [None, None], self.phases, is_recorded=True)]


def test_what_is_logged_goes_to_the_case_that_it_is_of(tmp_path, caplog, monkeypatch):
    """Two cases of two worlds each: world 1 is the first case's, world 2 the second's."""
    config = Config(output=OutputSpec(0.007, 0.003))  # no checkpoint, which would ask the clock for its worlds
    stories = [Pair(Diary(), config, each) for each in DURATIONS[:2]]
    members = [Member(Case(name, [], tmp_path / name), None, story) for name, story in zip("ab", stories, strict=True)]
    for member in members:
        member.case.folder.mkdir()
    with caplog.at_level(logging.INFO):
        run_stories(Clock(), stories, [member.case.folder for member in members], monkeypatch)
    assert [story.worlds for story in stories] == [range(2), range(2, 4)]
    texts = [
        [record.getMessage() for record in caplog.records if is_of(record, number, member)]
        for number, member in enumerate(members)
    ]
    assert [[text.split(": ")[1] for text in own if text.startswith("at ")] for own in texts] == [
        ["lower", "drive"],
        ["lower", "measure"],
    ]
    warnings = [logging.makeLogRecord({"world": world}) for world in range(4)]
    told = [[is_of(record, number, member) for record in warnings] for number, member in enumerate(members)]
    assert told == [[True, True, False, False], [False, False, True, True]]
    assert is_of(logging.makeLogRecord({}), 1, members[1])
