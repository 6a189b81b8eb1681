"""A run in other people's formats holds what the run holds."""

import csv
import json
import shutil
import sys
import zipfile

import numpy as np
import pytest

import dem
from dem.cli import main
from dem.errors import ResultsError
from dem.io import RunReader, export
from dem.io.result import write_result


def test_series_as_csv_are_those_of_the_run(small_run, tmp_path):
    path = export.export_series(RunReader(small_run), tmp_path / "series.csv")
    reader = RunReader(small_run)
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    names = ["time", *reader.series_names]
    assert rows[0] == [f"{name} [{reader.units[name]}]" for name in names]
    values = np.array(rows[1:], float)
    for column, name in enumerate(names):
        np.testing.assert_array_equal(values[:, column], reader.series(name))


def test_series_as_a_table_know_their_units(small_run):
    pytest.importorskip("pandas")
    table = dem.open_results(small_run).timeseries
    reader = RunReader(small_run)
    assert list(table.columns) == reader.series_names
    assert table.attrs["units"] == reader.units
    np.testing.assert_array_equal(table.index.to_numpy(), reader.series("time"))


def test_results_open_by_their_folder(small_run):
    assert dem.open_results(small_run.parent).path == small_run
    with pytest.raises(ResultsError, match="no such file"):
        dem.open_results(small_run.parent / "nothing")


def test_a_crate_holds_data_configuration_and_a_description(small_run, tmp_path):
    pytest.importorskip("rocrate")
    folder = tmp_path / "case"
    folder.mkdir()
    shutil.copy(small_run, folder / "run.vtkhdf")
    (folder / "result.json").write_text("{}")
    assert main(["export", str(folder), "--crate"]) == 0
    with zipfile.ZipFile(folder / "case.zip") as crate:
        assert {"run.vtkhdf", "result.json", "series.csv", "ro-crate-metadata.json"} <= set(crate.namelist())
        described = json.loads(crate.read("ro-crate-metadata.json"))["@graph"]
        assert crate.read("run.vtkhdf") == small_run.read_bytes()
    by_id = {entry["@id"]: entry for entry in described}
    assert by_id["#drawbar"]["name"] == "drawbar"
    assert by_id["run.vtkhdf"]["contentSize"] == str(small_run.stat().st_size)
    assert [entry.name for entry in folder.iterdir() if entry.suffix == ".csv"] == []


def test_a_crate_without_its_package_says_what_to_install(small_run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rocrate.rocrate", None)
    with pytest.raises(ResultsError, match=r"drawbar\[export\]"):
        export.export_crate(RunReader(small_run), tmp_path / "case.zip")


def test_curves_of_a_soil_test_have_axes_with_units(tmp_path):
    curve = {"x": [0.0, 1.0], "y": [0.0, 2.5], "label": "5 kPa"}
    panels = [{"x": "displacement [mm]", "y": "shear stress [kPa]", "title": "", "curves": [curve]}]
    write_result(tmp_path, {"figure": {"name": "shear", "title": "test", "panels": panels}})
    path = export.export_curves(tmp_path, tmp_path / "curves.csv")
    rows = list(csv.reader(path.open()))
    assert rows[0] == ["panel", "curve", "x axis", "y axis", "x", "y", "error"]
    assert rows[2] == ["1", "5 kPa", "displacement [mm]", "shear stress [kPa]", "1.0", "2.5", ""]
    assert export.export_curves(tmp_path / "none", tmp_path / "no.csv") is None
