"""Credibility: a run is as good as its worst criterion, and says why."""

import math

import pytest

from dem.measure.credibility import Criterion, judge

GOOD = Criterion("energy", 0.001, 0.01, 0.05, "energy unaccounted for")
DOUBTFUL = Criterion("drift", 0.05, 0.04, 0.12, "change of slip")
BAD = Criterion("grains", 9, 20, 14, "grains across the wheel")


@pytest.mark.parametrize(
    ("criteria", "verdict"),
    [([GOOD], "credible"), ([GOOD, DOUBTFUL], "check"), ([DOUBTFUL, BAD, GOOD], "not credible"), ([], "credible")],
)
def test_the_worst_decides(criteria: list[Criterion], verdict: str) -> None:
    assert judge(criteria)["verdict"] == verdict


def test_reasons_come_worst_first_and_name_value_and_limit() -> None:
    reasons = judge([GOOD, DOUBTFUL, BAD])["reasons"]
    assert reasons[0] == "grains across the wheel is 9, should be at least 20"
    assert reasons[1] == "change of slip is 0.05, should be at most 0.04"
    assert len(reasons) == 2


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_was_not_measured_calls_for_a_look(value: float | None) -> None:
    found = judge([Criterion("drift", value, 0.04, 0.12, "change of slip")])
    assert found["verdict"] == "check"
    assert found["reasons"] == ["change of slip: not measured"]


def test_limits_themselves_are_good() -> None:
    assert Criterion("grains_lost", 0, 0, 0, "grains lost").verdict == "credible"
    assert Criterion("grains_lost", 1, 0, 0, "grains lost").verdict == "not credible"
    assert Criterion("grains", 20, 20, 14, "grains").verdict == "credible"
