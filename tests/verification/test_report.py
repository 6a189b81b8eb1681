"""What the suite writes and says: verification.json, the page, the table, the exit code."""

import json
import math

import numpy as np
import pytest
from rich.console import Console

import dem.verify
from dem.verify import CASES, Curve, Outcome, Report, Row
from dem.verify.case_report import CaseReport, SimulationCache
from dem.verify.command import run


def report(error: float, problem: str = "") -> Report:
    """A report of one case with one row of that error, limit 0.1."""
    name = "CO1 two spheres"
    row = Row(name, "largest <overlap>", 1.0, 1.0 + error, error, 0.1, "m")
    x = np.linspace(0, 1, 5)
    outcome = Outcome(
        CASES[name], "double", [row], [Curve("square", "x", "y", x, x**2, x, x**2, "exact")], 0.5, problem
    )
    return Report([outcome], "double", "cpu")


def test_files_hold_rows_and_plots(tmp_path):
    data, page = report(0.05).write(tmp_path / "new")
    found = json.loads(data.read_text())
    assert found["passed"] is True
    assert found["cases"][0]["source"] == CASES["CO1 two spheres"].source
    assert found["cases"][0]["rows"][0]["got"] == 1.05
    text = page.read_text()
    assert "data:image/svg+xml;base64," in text
    assert "largest &lt;overlap&gt;" in text
    assert "<script" not in text


@pytest.mark.parametrize(("error", "problem"), [(0.2, ""), (math.nan, ""), (0.0, "NumericalError: stopped")])
def test_failures_show(error, problem, tmp_path):
    bad = report(error, problem)
    assert not bad.passed
    assert "failed: CO1 two spheres" in bad.summary()
    data, page = bad.write(tmp_path)
    assert json.loads(data.read_text())["passed"] is False
    console = Console(record=True, width=200, file=None)
    with console.capture() as shown:
        console.print(bad.table())
    assert "FAILED" in shown.get()
    assert "failed" in page.read_text()


@pytest.mark.parametrize(("got", "passed"), [(0.585, True), (0.605, True), (0.575, False), (0.62, False)])
def test_range_is_its_middle_and_half_its_width(got, passed):
    report = CaseReport(Outcome(CASES["CO1 two spheres"], "double"), SimulationCache())
    report.compare_range("solid fraction", 0.58, 0.61, got)
    (row,) = report.outcome.rows
    assert (row.expected, row.limit) == (pytest.approx(0.595), pytest.approx(0.015))
    assert row.passed is passed


def test_nothing_run_is_no_pass():
    assert not Report([], "double", "cpu").passed


@pytest.mark.parametrize(("error", "code"), [(0.0, 0), (0.2, 1)])
def test_exit_code(error, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dem.verify, "run_suite", lambda *_: report(error))
    assert run(["--output", str(tmp_path)]) == code
    assert (tmp_path / "verification.html").exists()
    assert "1 case, " in capsys.readouterr().out


def test_list_names_every_case(capsys):
    assert run(["--list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in CASES)
