"""Checkpoints, result.json, provenance and `drawbar info`."""

import json
import shutil
from io import StringIO

import h5py
import numpy as np
import pytest
from synthetic import CONTACT

from dem.errors import ResultsError
from dem.io import (
    RunReader,
    collect_provenance,
    describe,
    load_checkpoint,
    print_info,
    read_result,
    save_checkpoint,
    write_result,
)
from dem.io.provenance import _source_revision

ARRAYS = {
    "position": np.random.default_rng(0).standard_normal((50, 3)),
    "velocity": np.random.default_rng(1).standard_normal((50, 3)).astype(np.float32),
    "history/partner": np.arange(7, dtype=np.int32),
    "flags": np.array([True, False]),
    "odd": np.array([np.nan, -0.0, np.inf, np.nextafter(0, 1)]),
    "empty": np.zeros((0, 3)),
    "step": np.array(12345678901234),
}


def test_checkpoint_is_exact_to_the_bit(tmp_path):
    path = tmp_path / "bed.h5"
    save_checkpoint(path, ARRAYS, {"time": 0.1, "hash": "abc"})
    arrays, meta = load_checkpoint(path)
    assert meta == {"time": 0.1, "hash": "abc"}
    assert list(arrays) == list(ARRAYS)
    for name, values in ARRAYS.items():
        assert arrays[name].dtype == values.dtype
        assert arrays[name].shape == values.shape
        assert arrays[name].tobytes() == values.tobytes()
    assert [entry.name for entry in tmp_path.iterdir()] == ["bed.h5"]


def test_checkpoint_notices_a_flipped_bit(tmp_path):
    path = tmp_path / "bed.h5"
    save_checkpoint(path, ARRAYS, {})
    with h5py.File(path, "a") as file:
        file["arrays/position"][3, 1] += 1e-16
        file["arrays/position"][3, 2] *= 1 + 1e-15
    with pytest.raises(ResultsError, match="torn.*position"):
        load_checkpoint(path)


def test_checkpoint_errors_are_one_sentence(tmp_path):
    path = tmp_path / "bed.h5"
    with pytest.raises(ResultsError, match="no such checkpoint"):
        load_checkpoint(path)
    path.write_text("text")
    with pytest.raises(ResultsError, match="not HDF5"):
        load_checkpoint(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(ResultsError, match="not a checkpoint of drawbar"):
        load_checkpoint(path)
    save_checkpoint(path, {"x": np.zeros(100000)}, {})
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ResultsError, match="torn"):
        load_checkpoint(path)


def test_failed_save_keeps_the_old_checkpoint(tmp_path):
    path = tmp_path / "bed.h5"
    save_checkpoint(path, {"x": np.arange(3)}, {})
    with pytest.raises(TypeError):
        save_checkpoint(path, {"x": np.array([object()])}, {})
    np.testing.assert_array_equal(load_checkpoint(path)[0]["x"], [0, 1, 2])
    assert [entry.name for entry in tmp_path.iterdir()] == ["bed.h5"]


def test_result_is_plain_json_with_nulls(tmp_path):
    result = {"pull": np.float32(1.5), "bad": float("nan"), "list": np.array([1.0, np.inf]), "deep": {"n": np.int64(2)}}
    path = write_result(tmp_path / "case", result)
    assert json.loads(path.read_text()) == {"pull": 1.5, "bad": None, "list": [1.0, None], "deep": {"n": 2}}
    assert read_result(tmp_path / "case")["deep"] == {"n": 2}
    assert [entry.name for entry in path.parent.iterdir()] == ["result.json"]


def test_result_that_cannot_be_written_leaves_the_old_one(tmp_path):
    write_result(tmp_path, {"pull": 1})
    with pytest.raises(TypeError):
        write_result(tmp_path, {"pull": object()})
    assert read_result(tmp_path) == {"pull": 1}


def test_result_errors_say_what_to_do(tmp_path):
    with pytest.raises(ResultsError, match="not complete; run the case again"):
        read_result(tmp_path)
    (tmp_path / "result.json").write_text("{")
    with pytest.raises(ResultsError, match="not readable as JSON"):
        read_result(tmp_path)


def test_provenance_names_its_sources(tmp_path):
    provenance = collect_provenance(seed=7, backend={"device": "cpu"}, argv=["drawbar", "run"])
    assert provenance["seed"] == 7
    assert provenance["backend"] == {"device": "cpu"}
    assert provenance["argv"] == ["drawbar", "run"]
    assert "numpy" in provenance["versions"]
    json.dumps(provenance)


def test_source_outside_any_repository_is_unknown(tmp_path):
    assert _source_revision(tmp_path / "provenance.py") == ("unknown", False)


def test_contact_laws_are_read_back_and_old_files_have_none(small_run, tmp_path):
    assert RunReader(small_run).contact == CONTACT
    older = tmp_path / "run.vtkhdf"
    shutil.copy(small_run, older)
    with h5py.File(older, "a") as file:
        del file["contact"]
    assert RunReader(older).contact == {}
    assert {row.section for row in describe(small_run)} - {row.section for row in describe(older)} == {
        "contact laws", "materials", "contact of materials 0 and 0",
    }  # fmt: skip


def test_info_lists_everything(small_run):
    rows = {(row.section, row.name): row for row in describe(small_run)}
    assert rows["run", "status"].value == "complete"
    assert rows["run", "scenario"].value == "single_wheel"
    assert rows["run", "frames"].value == "4"
    assert rows["series", "wheel_load"].unit == "N"
    assert float(rows["series", "wheel_load"].mean) == pytest.approx(100, rel=0.02)
    assert rows["overrides", "0"].value == "gravity=moon"
    assert rows["contact laws", "normal"].value == "Hertz"
    assert rows["materials", "0"].value == "density 2600, young_modulus 1e+08, poisson_ratio 0.3"
    assert rows["contact of materials 0 and 0", "restitution"].value == "0.5, given for the pair"
    assert rows["contact of materials 0 and 0", "young_modulus_eff"].unit == "Pa"
    assert float(rows["size", "VTKHDF/soil"].value) > 0
    from rich.console import Console

    console = Console(file=StringIO(), width=100)
    print_info(small_run, console)
    assert "drawbar_pull" in console.file.getvalue()
