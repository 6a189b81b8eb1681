"""Where a playback is in time, for one run, for several in step, and for one that grows."""

import numpy as np
import pytest

from dem.errors import ResultsError
from dem.viz.playhead import Playhead

SHORT, LONG = np.arange(4) * 0.5, np.arange(7) * 0.5


def test_stepping_stays_inside():
    head = Playhead([SHORT])
    assert (head.index, head.last) == (0, 3)
    head.step()
    head.go_to(99)
    head.step()
    assert head.index == 3
    head.go_to(-5)
    assert head.index == 0
    head.go_to(1.4)  # sliders give fractions
    assert head.index == 1


def test_playing_keeps_the_pace_and_ends():
    head = Playhead([SHORT])
    assert not head.advance(1.0)
    head.toggle_play()
    head.speed = 0.5
    assert not head.advance(0.9)
    assert head.advance(0.2)
    assert head.frames == [1]
    assert head.advance(10.0)
    assert (head.frames, head.is_playing) == ([3], False)
    head.toggle_play()
    assert (head.frames, head.is_playing) == ([0], True)


def test_two_runs_go_by_time_or_by_course():
    by_time, by_course = (Playhead([SHORT, LONG], clock=clock) for clock in ("time", "course"))
    for head in (by_time, by_course):
        head.go_to(2)
    assert by_time.frames == [2, 2]
    assert by_course.frames == [1, 2]
    by_time.go_to(6)
    by_course.go_to(6)
    assert by_time.frames == by_course.frames == [3, 6]
    with pytest.raises(ResultsError, match="clock is 'lap'"):
        Playhead([SHORT], clock="lap")


def test_live_stays_at_the_newest_frame_until_one_steps_back():
    head = Playhead([SHORT], is_live=True)
    assert head.index == 3
    head.take_times([LONG])
    assert head.index == 6
    head.step(-1)
    assert not head.is_live
    head.take_times([np.arange(9) * 0.5])
    assert (head.index, head.last) == (5, 8)
    head.take_times([SHORT])  # taken up again from a checkpoint
    assert head.index == 3
