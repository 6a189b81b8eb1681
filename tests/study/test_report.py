"""A study's page and tables, whole or half done; what findings say, on data whose answer is known."""

import csv
import json
import math
import re
from pathlib import Path

import pyarrow.parquet
import pytest
from synthetic_study import GRAVITY_OFFSET, Made, gravity_offset_cases, half_done, write_study

from dem.cli import main
from dem.errors import ResultsError
from dem.study.curves import curves_of
from dem.study.load import load_study
from dem.study.report import make_report
from dem.study.statistics import crossing, pool, student, uncertainty

MEASURED = {0.27: 0.0315, 5.24: 0.0515, 10.03: 0.1347, 14.96: 0.4341, 20.23: 0.7560, 25.10: 0.8846}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_study(tmp_path_factory.mktemp("whole"), gravity_offset_cases(), GRAVITY_OFFSET)
    make_report(folder)
    return folder


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_study(tmp_path_factory.mktemp("partial"), gravity_offset_cases(half_done), GRAVITY_OFFSET)
    make_report(folder)
    return folder


@pytest.mark.parametrize("name", ["whole", "partial"])
def test_the_page_is_one_file_that_asks_nothing_of_the_net(name: str, request: pytest.FixtureRequest) -> None:
    text = (request.getfixturevalue(name) / "report.html").read_text()
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", text)
    assert "@import" not in text
    assert text.count("<svg") >= 5
    assert GRAVITY_OFFSET["question"].split("?")[0] in text.replace("&#39;", "'")


def test_the_offset_test_is_told_to_be_optimistic_by_what_was_put_in(whole: Path) -> None:
    found = json.loads((whole / "finding.json").read_text())
    assert "optimistic by up to 14 slip points" in found["headline"]
    assert any("agrees with it within 5 slip points at every slope" in text for text in found["paragraphs"])
    slip = found["numbers"]["slope_at_slip"]
    assert slip["offset"]["0.4"] > slip["flight"]["0.4"] > slip["scaled"]["0.4"]


def test_what_failed_is_listed_and_what_is_not_credible_is_marked(partial: Path) -> None:
    text = (partial / "report.html").read_text()
    assert "2 grains left the bed at 1.3 s" in text
    assert "ran past --timeout" in text
    assert "not credible" in text
    found = json.loads((partial / "finding.json").read_text())
    assert found["cases"]["done"] < found["cases"]["total"] == 45
    study = load_study(partial)
    curves = {curve.kind: curve for curve in curves_of(study, "slip_ratio")}
    assert curves["scaled"].at(20.0).verdict == "not credible"
    assert curves["flight"].at(15.0).seeds == 2  # the one without a steady window gives no point
    assert [case.swept["bed.seed"] for case, why in curves["flight"].gaps if case.status == "done"] == [1]


def test_tables_have_a_row_a_case_and_their_units(whole: Path) -> None:
    rows = list(csv.DictReader((whole / "cases.csv").open()))
    assert len(rows) == 45
    assert float(rows[0]["steady.slip_ratio.mean"]) >= 0
    units = {row["column"]: row["unit"] for row in csv.DictReader((whole / "cases_units.csv").open())}
    assert units["steady.sinkage.mean"] == "m"
    schema = pyarrow.parquet.read_schema(whole / "cases.parquet")
    assert schema.field("steady.drive_power.mean").metadata[b"unit"] == b"W"


def test_runs_without_a_statement_are_a_study_too(tmp_path: Path) -> None:
    cases = [case for case in gravity_offset_cases() if case.swept["test"] == "flight"]
    folder = write_study(tmp_path / "runs", cases, None)
    assert main(["report", str(folder), "--x", "gravity.slope_deg", "--reading", "slip_ratio"]) == 0
    assert (folder / "figures" / "slip_ratio.svg").exists()
    with pytest.raises(ResultsError, match="no such folder"):
        load_study(tmp_path / "nowhere")


def test_two_studies_are_compared_point_by_point(whole: Path, partial: Path) -> None:
    make_report(whole, partial)
    text = (whole / "report.html").read_text()
    assert "beyond two standard errors" in text
    make_report(whole)


def slope_study(folder: Path, slip: dict[float, float]) -> dict:
    cases = [Made({"gravity.slope_deg": slope}, {"slip_ratio": (value, 0.01)}) for slope, value in slip.items()]
    spec = {"question": "?", "x": "gravity.slope_deg", "readings": ["slip_ratio"], "finding": "slope_slip"}
    make_report(write_study(folder, cases, spec))
    return json.loads((folder / "finding.json").read_text())


def test_the_miss_of_a_measured_curve_is_its_root_mean_square(tmp_path: Path) -> None:
    exact = slope_study(tmp_path / "exact", MEASURED)
    assert "0.0" in exact["headline"]
    off = slope_study(tmp_path / "off", {slope: value + 0.07 for slope, value in MEASURED.items()})
    assert "7.0" in off["headline"]
    assert any("9.5" in text or "9.6" in text for text in [*off["paragraphs"], off["headline"]])


@pytest.mark.parametrize(("departure", "says"), [(0.02, "within"), (0.3, "beyond")])
def test_pairs_of_the_scaling_law_are_held_to_five_per_cent(departure: float, says: str, tmp_path: Path) -> None:
    cases = []
    for arm, kind, factor in (("flight", "flight", 1.0), ("earth", "scaled", 1.0 + departure)):
        for seed, noise in ((1, 0.001), (2, -0.001)):
            steady = {"slip_ratio": (0.3 * factor + noise, 0.001), "sinkage": (0.02 * factor, 1e-5)}
            cases.append(Made({"bed.seed": seed, "test": kind}, steady, arm=arm))
    spec = {"question": "?", "readings": ["slip_ratio", "sinkage"], "finding": "scaling_law", "scaled_back": True,
            "arms": {"flight": ["test=flight"], "earth": ["test=scaled"]}}  # fmt: skip
    make_report(write_study(tmp_path / "law", cases, spec))
    found = json.loads((tmp_path / "law" / "finding.json").read_text())
    said = " ".join([found["headline"], *found["paragraphs"]])
    assert f"{100 * departure:.1f} %" in said
    assert ("The scaling laws hold" in said) == (says == "within")


def test_bands_follow_student_and_the_spread_of_all_points() -> None:
    spread = pool([[1.0, 3.0], [4.0, 4.0]])  # squares 2 and 0, one degree of freedom each
    assert spread.deviation == pytest.approx(1.0)
    assert spread.freedom == 2
    sure = uncertainty([1.0, 3.0], [0.1, 0.1], spread)
    assert sure.error == pytest.approx(math.sqrt(2) / math.sqrt(2))  # its own spread, wider than the pooled
    assert sure.band == pytest.approx(student(2) * sure.error)
    alone = uncertainty([2.0], [0.25], pool([[2.0]]))
    assert alone.error == 0.25
    assert student(1000) == pytest.approx(1.962, abs=2e-3)


def test_a_curve_crosses_a_level_where_its_line_does() -> None:
    assert crossing([0, 10], [0.1, 0.5], 0.2) == pytest.approx(2.5)
    assert crossing([0, 10], [0.1, 0.5], 0.6) is None
