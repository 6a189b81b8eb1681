"""Findings against studies whose answers are put in."""

import itertools
import json

import pytest
from synthetic_study import Made, write_study

from dem.errors import ConfigError
from dem.study.findings import FINDINGS, find
from dem.study.findings.slope_slip import miss_of, read_reference
from dem.study.load import load_study


def found_in(tmp_path, cases, **spec):
    return find(load_study(write_study(tmp_path, cases, {"x": "gravity.slope_deg"} | spec)))


def test_offset_test_is_told_optimistic_by_what_was_put_in(whole_study):
    finding = find(load_study(whole_study))
    assert finding.numbers["offset_optimism"]["largest"] == pytest.approx(0.14)
    assert finding.numbers["scaled_departure"]["largest"] == pytest.approx(0.012)
    assert finding.numbers["slope_at_slip"]["prototype"]["0.4"] == pytest.approx(10 + 5 * 0.02 / 0.24)
    assert finding.numbers["slope_at_slip"]["gravity_offload"]["0.6"] == pytest.approx(15 + 5 * 0.12 / 0.18)
    assert "optimistic by up to 14 slip points" in finding.headline
    assert any("within 5 slip points of it at every slope" in text for text in finding.paragraphs)
    json.dumps(finding.numbers, allow_nan=False)


def test_doubted_slopes_are_in_the_table_and_not_in_the_sentences(half_study):
    finding = find(load_study(half_study))
    assert finding.numbers["scaled_departure"]["slopes"] == 4
    assert "†" in finding.tables[0].rows[-1][2]
    assert "37 of 45 cases" in finding.paragraphs[-1]


@pytest.mark.parametrize("name", FINDINGS)
def test_a_study_without_results_has_no_answer_yet(tmp_path, name):
    finding = found_in(tmp_path, [Made({"gravity.slope_deg": 5.0}, status="missing")], finding=name)
    assert finding.headline.startswith("No answer yet")


def test_unknown_finding_is_rejected(tmp_path):
    with pytest.raises(ConfigError, match="must be one of gravity_offset, convergence"):
        found_in(tmp_path, [Made({"gravity.slope_deg": 5.0})], finding="luck")


def test_published_dem_misses_by_its_known_figure():
    reference = read_reference()
    whole = miss_of(reference["published_dem"], reference["measured"])
    assert len(whole.slopes) == 6
    assert 100 * whole.rmse == pytest.approx(9.5, abs=0.05)


def test_slope_slip_is_judged_within_its_range(tmp_path):
    reference = dict(read_reference()["measured"].tolist())
    cases = [Made({"gravity.slope_deg": slope}, {"slip_ratio": slip + 0.02}) for slope, slip in reference.items()][:4]
    finding = found_in(tmp_path, cases, finding="slope_slip")
    assert finding.numbers["rmse"]["all cases"] == pytest.approx(0.02)
    assert finding.numbers["measured_slopes_deg"] == [0.27, 5.24, 10.03, 14.96]
    assert finding.tables[0].rows[-1][-2] == "not simulated"
    assert "closer than" in finding.headline
    assert len(finding.references["slip_ratio"]) == 2


def scaling_cases(departure):
    """Flight and one scaled test at two cohesions: departures in sinkage, none in slip."""
    cases = []
    for cohesion in (0.0, 100.0):
        for kind, factor in (("prototype", 1.0), ("scaled", 1.0 + departure[cohesion])):
            swept = {"similitude": kind, "soil.grain_cohesion": cohesion}
            cases.append(Made(swept, {"slip_ratio": (0.3, 0.002), "sinkage": (0.02 * factor, 0.0001)}))
    return cases


def test_scaling_law_holds_or_not_by_cohesion(tmp_path):
    spec = {"x": "soil.grain_cohesion", "finding": "scaling_law"}
    holds = found_in(tmp_path / "a", scaling_cases({0.0: 0.01, 100.0: -0.03}), **spec)
    assert "scaling laws hold" in holds.headline
    breaks = found_in(tmp_path / "b", scaling_cases({0.0: 0.01, 100.0: -0.30}), **spec)
    assert "−30 % in sinkage" in breaks.headline
    assert breaks.headline.startswith("Without cohesion: The scaling laws hold: all 2 readings")
    assert any("it grows" in text for text in breaks.paragraphs)
    assert [row[-1] for row in breaks.tables[0].rows] == ["yes", "no"]


@pytest.mark.parametrize(("on_earth", "says"), [(-0.002, "more in sinkage ("), (-0.020, " and sinkage")])
def test_cohesion_changes_most_where_stresses_are_least(on_earth, says, tmp_path):
    cases = []
    for kind, ratio, change in (("scaled", 6.06, on_earth), ("prototype", 1.0, -0.020)):
        for cohesion in (0.0, 400.0):
            swept = {"similitude": kind, "soil.grain_cohesion": cohesion}
            steady = {"sinkage": (0.01 + (change if cohesion else 0.0), 0.001), "slip_ratio": (0.3, 0.001)}
            cases.append(Made(swept, steady, gravity_ratio=ratio))
    finding = found_in(tmp_path, cases, x="soil.grain_cohesion", finding="scaling_law")
    assert any(says in text for text in finding.paragraphs)
    assert [row[2] for row in finding.tables[1].rows] == ["1.00", "6.06"]
    changes = [one["value"] for one in finding.numbers["changes_by_cohesion"] if one["reading"] == "sinkage"]
    assert changes == pytest.approx([-0.020, on_earth])


def test_sensitivity_tells_changes_from_the_base(tmp_path):
    cases = [
        Made({"gravity.slope_deg": 5.0, "solver.skin": skin}, {"slip_ratio": (slip, 0.002)}, arm=arm)
        for arm, skin, slip in (("fine", 0.1, 0.30), ("base", 0.2, 0.20), ("coarse", 0.3, 0.201))
    ]
    finding = found_in(tmp_path, cases, finding="sensitivity", readings=["slip_ratio"])
    assert "fine" in finding.headline
    assert "+50 %" in finding.headline
    changes = {row["arm"]: row["change"] for row in finding.numbers["slip_ratio"]}
    assert changes["fine"]["is_sure"]
    assert not changes["coarse"]["is_sure"]


@pytest.mark.parametrize(("departure", "says"), [(0.02, "within"), (0.3, "beyond")])
def test_arms_without_an_x_are_held_to_five_per_cent(departure, says, tmp_path):
    cases = []
    for arm, kind, factor in (("prototype", "prototype", 1.0), ("earth", "scaled", 1.0 + departure)):
        for seed, noise in ((1, 0.001), (2, -0.001)):
            steady = {"slip_ratio": (0.3 * factor + noise, 0.001), "sinkage": (0.02 * factor, 1e-5)}
            cases.append(Made({"bed.seed": seed, "similitude": kind}, steady, arm=arm))
    spec = {"question": "?", "readings": ["slip_ratio", "sinkage"], "finding": "scaling_law", "scaled_back": True,
            "arms": {"prototype": ["similitude=prototype"], "earth": ["similitude=scaled"]},
            "labels": {"earth": "Earth, half as wide"}}  # fmt: skip
    finding = find(load_study(write_study(tmp_path / "law", cases, spec)))
    said = " ".join([finding.headline, *finding.paragraphs])
    assert f"{100 * departure:.1f} %" in said
    assert ("The scaling laws hold" in said) == (says == "within")
    assert {one["test"] for one in finding.numbers["departures"]} == {"Earth, half as wide"}


def test_readings_are_extrapolated_to_grains_of_no_size(tmp_path):
    cases = []
    for size, seed in itertools.product((0.018, 0.012, 0.008), (1, 2)):
        steady = {"sinkage": (0.02 - (0.98 + 0.02 * seed) * size, 1e-4), "slip_ratio": (0.3, 0.01)}
        cases.append(Made({"bed.grain_diameter": size, "bed.seed": seed}, steady, arm="base"))
    spec = {"x": "bed.grain_diameter", "readings": ["sinkage", "slip_ratio"], "arms": {"base": []}}
    finding = found_in(tmp_path, cases, finding="convergence", **spec)
    trends = finding.numbers["trends"]
    assert trends["sinkage"]["extrapolated"] == pytest.approx(0.02, abs=3e-4)
    assert trends["sinkage"]["slope"] == pytest.approx(-1.01, abs=0.02)
    assert trends["sinkage"]["stands_from"] is None
    assert trends["slip_ratio"]["stands_from"] == 0.018
    assert "Not converged at the finest grains run: sinkage" in finding.headline
    json.dumps(finding.numbers, allow_nan=False)
