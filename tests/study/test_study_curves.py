"""Means over seeds with honest bands; no point without a steady window; doubted runs marked, not hidden."""

import math

import pytest
from synthetic_study import Made, write_study

from dem.study.curves import curves_of
from dem.study.load import load_study
from dem.study.statistics import Spread, crossing, pool, student, uncertainty


def curves(tmp_path, cases, spec=None, reading="slip_ratio"):
    return curves_of(load_study(write_study(tmp_path, cases, {"x": "gravity.slope_deg"} | (spec or {}))), reading)


def seeds(slope, values, **more):
    return [
        Made({"gravity.slope_deg": slope, "bed.seed": seed}, {"slip_ratio": value}, **more)
        for seed, value in enumerate(values)
    ]


def test_student_has_its_known_quantiles():
    assert student(1) == pytest.approx(12.706)
    assert student(60) == pytest.approx(2.000, abs=2e-3)


def test_spread_is_pooled_by_degrees_of_freedom():
    spread = pool([[1.0, 3.0], [5.0], [2.0, 4.0, 6.0]])
    assert spread.freedom == 3
    assert spread.deviation == pytest.approx(math.sqrt((2.0 + 8.0) / 3))


def test_band_of_seeds_is_students():
    (a, b) = ([0.30, 0.32], [0.50, 0.54])
    found = uncertainty(a, [None, None], pool([a, b]))
    deviation = math.sqrt((0.0002 + 0.0008) / 2)
    assert found.error == pytest.approx(deviation / math.sqrt(2))
    assert found.band == pytest.approx(4.303 * found.error)
    assert "seeds" in found.basis


def test_a_point_that_scatters_more_keeps_its_own_spread():
    found = uncertainty([0.3, 0.5], [None, None], Spread(0.01, 8))
    assert found.error == pytest.approx(0.1)


def test_blocks_count_where_they_are_wider_and_where_there_is_one_seed():
    wide = uncertainty([0.3, 0.3], [0.04, 0.03], Spread(0.01, 4))
    assert wide.error == pytest.approx(0.025)
    assert "wider" in wide.basis
    alone = uncertainty([0.3], [0.02], Spread(math.nan, 0))
    assert alone.band == pytest.approx(1.96 * 0.02)
    assert alone.basis == "the run's own blocks"
    assert math.isnan(uncertainty([0.3], [None], Spread(math.nan, 0)).band)


def test_crossing_is_by_straight_lines():
    assert crossing([0, 10, 20], [0.0, 0.2, 0.6], 0.4) == pytest.approx(15.0)
    assert crossing([0, 10], [0.5, 0.6], 0.4) is None
    assert crossing([0, 10], [0.0, 0.1], 0.4) is None


def test_curves_are_told_apart_by_what_is_swept_beside_x_and_seed(whole_study):
    found = curves_of(load_study(whole_study), "slip_ratio")
    assert [curve.label for curve in found] == ["Moon", "Earth, scaled", "Earth, lightened"]
    assert [curve.seeds for curve in found] == ["3 seeds"] * 3
    assert found[0].x == [0.0, 5.0, 10.0, 15.0, 20.0]
    assert found[0].at(10.0).mean == pytest.approx(0.38)


def test_arms_have_their_labels_and_keys_of_an_arm_are_not_repeated(tmp_path):
    cases = [
        Made({"gravity.slope_deg": 5.0, "solver.skin": skin}, {"slip_ratio": 0.2}, arm=arm)
        for arm, skin in (("base", 0.2), ("wide", 0.4))
    ]
    found = curves(
        tmp_path, cases, {"labels": {"wide": "wide skin"}, "arms": {"base": [], "wide": ["solver.skin=0.4"]}}
    )
    assert [curve.label for curve in found] == ["base", "wide skin"]


def test_a_case_that_drifts_gives_no_point_but_a_reason(tmp_path):
    (curve,) = curves(tmp_path, seeds(5.0, [0.2]) + seeds(10.0, [0.4], criteria={"drift": 0.3}))
    assert curve.x == [5.0]
    ((case, why),) = curve.gaps
    assert case.swept["gravity.slope_deg"] == 10.0
    assert "no steady window" in why
    assert "0.3" in why


def test_a_null_reading_gives_no_point(tmp_path):
    (curve,) = curves(tmp_path, seeds(5.0, [None]))
    assert not curve.points
    assert "has no slip_ratio" in curve.gaps[0][1]


def test_a_doubted_seed_is_kept_beside_the_mean_of_the_others(tmp_path):
    cases = seeds(5.0, [0.2, 0.22]) + [
        Made({"gravity.slope_deg": 5.0, "bed.seed": 9}, {"slip_ratio": 0.9}, {"overlap": 0.2})
    ]
    (curve,) = curves(tmp_path, cases)
    (point,) = curve.points
    assert point.mean == pytest.approx(0.21)
    assert [one.reading.mean for one in point.doubted] == [0.9]
    assert point.is_credible


def test_a_point_of_doubted_runs_alone_is_drawn_and_marked(tmp_path):
    (curve,) = curves(tmp_path, seeds(5.0, [0.2, 0.22], criteria={"overlap": 0.2}))
    (point,) = curve.points
    assert point.seeds == 2
    assert point.verdict == "not credible"


def test_x_may_be_a_reading(tmp_path):
    cases = [
        Made({"scenario.slip": slip, "bed.seed": seed}, {"slip_ratio": slip + 0.01 * seed, "drawbar_pull": 100 * slip})
        for slip in (0.1, 0.4)
        for seed in (1, 3)
    ]
    study = load_study(write_study(tmp_path, cases, {"x": "slip_ratio"}))
    (curve,) = curves_of(study, "drawbar_pull")
    assert curve.x == pytest.approx([0.12, 0.42])
    assert [point.seeds for point in curve.points] == [2, 2]


def test_readings_scaled_back_are_those_foretold(tmp_path):
    cases = [Made({"gravity.slope_deg": 5.0}, {"drive_power": 15.0}, predicted={"drive_power": 1.0})]
    (curve,) = curves(tmp_path, cases, {"scaled_back": True}, "drive_power")
    assert curve.y == [1.0]
