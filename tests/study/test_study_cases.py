"""What lies on disk is told as it is: done, failed, running, missing; and the table of all of it."""

import json
import os
import time
from collections import Counter

import pandas
import pyarrow.parquet
import pytest
from synthetic_study import Made, write_study

from dem.errors import ResultsError
from dem.launch.report import tell_gaps
from dem.study.load import load_study
from dem.study.table import write_table


def test_every_case_has_its_status(half_study):
    study = load_study(half_study)
    assert Counter(case.status for case in study.cases) == {
        "done": 37, "failed": 1, "timeout": 1, "running": 3, "missing": 3,
    }  # fmt: skip
    failed = next(case for case in study.cases if case.status == "failed")
    assert "widen bed.length" in failed.message
    assert failed.seconds == 812.0


def test_a_run_that_went_silent_was_cut_off(tmp_path):
    write_study(tmp_path, [Made({"bed.seed": 1}, status="running")], {})
    log = tmp_path / "bed.seed=1" / "run.log"
    os.utime(log, (time.time() - 7200,) * 2)
    (case,) = load_study(tmp_path).cases
    assert case.status == "stopped"
    assert "2.0 h" in case.message


def test_a_failure_after_a_result_counts_and_a_result_after_a_failure_too(tmp_path):
    made = Made({"bed.seed": 1}, {"slip_ratio": 0.2})
    write_study(tmp_path, [made], {})
    folder = tmp_path / made.name
    (folder / "outcome.json").write_text(json.dumps({"status": "failed", "seconds": 1, "message": "lost"}))
    os.utime(folder / "result.json", (time.time() - 60,) * 2)
    assert load_study(tmp_path).cases[0].status == "failed"
    os.utime(folder / "result.json")
    os.utime(folder / "outcome.json", (time.time() - 60,) * 2)
    assert load_study(tmp_path).cases[0].status == "done"


def test_a_folder_without_study_json_is_read_by_its_overrides(tmp_path):
    cases = [
        Made(
            {"scenario.slip": slip, "gravity": body, "device": "cpu"}, {"slip_ratio": slip, "drawbar_pull": 100 * slip}
        )
        for slip in (0.0, 0.2)
        for body in ("moon", "earth")
    ]
    study = load_study(write_study(tmp_path / "old", cases, None))
    assert {tuple(case.swept) for case in study.cases} == {("scenario.slip", "gravity")}
    assert study.spec.x == "scenario.slip"
    assert study.spec.readings == ["drawbar_pull"]
    assert study.title == "old"


def test_words_of_the_command_line_go_first(half_study):
    study = load_study(half_study, x="slip_ratio", readings=["sinkage"])
    assert (study.spec.x, study.spec.readings) == ("slip_ratio", ["sinkage"])


def test_nothing_to_report_is_said(tmp_path):
    with pytest.raises(ResultsError, match="no such folder"):
        load_study(tmp_path / "nowhere")
    with pytest.raises(ResultsError, match="neither study.json nor a run"):
        load_study(tmp_path)
    (tmp_path / "study.json").write_text('{"format": 2, "cases": []}')
    with pytest.raises(ResultsError, match="format is 2"):
        load_study(tmp_path)


def test_table_has_every_case_and_every_unit(half_study):
    csv, units, parquet = write_table(load_study(half_study), half_study)
    frame = pandas.read_csv(csv)
    assert len(frame) == 45
    assert frame["steady.slip_ratio.mean"].notna().sum() == 37
    assert {"similitude", "gravity.slope_deg", "bed.seed", "credibility.verdict", "credibility.overlap"} <= {
        *frame.columns
    }
    listed = pandas.read_csv(units, keep_default_na=False).set_index("column")["unit"]
    assert listed["steady.sinkage.mean"] == "m"
    assert listed["predicted.drive_power.standard_error"] == "W"
    assert listed["gravity.slope_deg"] == "deg"
    table = pyarrow.parquet.read_table(parquet)
    assert table.num_rows == 45
    assert table.schema.field("steady.sinkage.mean").metadata[b"unit"] == b"m"


def test_a_column_of_words_and_numbers_can_be_written(tmp_path):
    cases = [Made({"solver.young_modulus": value}, {"slip_ratio": 0.2}) for value in ("auto", 1e8)]
    study = load_study(write_study(tmp_path, cases, {}))
    table = pyarrow.parquet.read_table(write_table(study, tmp_path)[2])
    assert table.column("solver.young_modulus").to_pylist() == ["auto", "100000000.0"]


def test_a_study_without_readings_says_what_mends_it(tmp_path, capsys):
    criterion = {"value": 0.1, "good": 0.7, "bad": 0.3, "unit": "rad", "verdict": "not credible", "says": "angle"}
    credibility = {"verdict": "not credible", "reasons": [], "criteria": {
        "turned": {**criterion, "remedy": ["scenario.drive_turns=0.5"]},
    }}  # fmt: skip
    for name in ("a", "b"):
        (tmp_path / name / ".hydra").mkdir(parents=True)
        (tmp_path / name / ".hydra" / "overrides.yaml").write_text(f"[scenario.slip={len(name)}]")
        (tmp_path / name / "result.json").write_text(json.dumps({"credibility": credibility, "steady": {}}))
    assert not tell_gaps(tmp_path)
    assert "2 of 2 cases give no reading" in (said := capsys.readouterr().err)
    assert "give scenario.drive_turns=0.5" in said
