"""What drawbar uses of Taichi's internals may be gone in another version: it then does the same in another way."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import dem
from dem import memory, taichi_internals
from dem.backend import integer_field, position_vectors, real_field, ti
from dem.memory import read, write
from dem.taichi_internals import choose_vulkan_device, is_wide, layout_of, shorten_positions, started_elsewhere

ROOT = Path(__file__).resolve().parents[2]


class Bare:
    """A field, or a Taichi, without internals."""

    sync = ti.sync
    MatrixField = ti.MatrixField


@pytest.fixture
def bare(monkeypatch):
    """Taichi without anything but what its documentation promises."""
    monkeypatch.setattr(taichi_internals, "ti", Bare)


@pytest.fixture
def session():
    with dem.start("cpu", threads=1) as running:
        yield running


def test_fields_are_copied_by_kernels_where_their_layout_is_unknown(session, monkeypatch):
    monkeypatch.setattr(taichi_internals, "_find_layout", lambda field: field.no_such_thing)
    field = position_vectors(5)
    assert layout_of(field) is None
    write(field, np.arange(15.0).reshape(5, 3))
    write(field, -1.0, slice(1, 2))
    assert np.array_equal(field.to_numpy()[:3], [[0, 1, 2], [-1, -1, -1], [6, 7, 8]])
    assert np.array_equal(read(field, np.array([4, 1])), [[12, 13, 14], [-1, -1, -1]])
    assert memory._place_of(field) is None


def test_fields_are_laid_out_without_the_internals(session, bare):
    field = integer_field(3)
    taichi_internals.finish_layout()
    assert np.array_equal(field.to_numpy(), [0, 0, 0])


def test_a_type_that_is_not_told_counts_as_wide(session):
    assert is_wide(position_vectors(2))
    assert not is_wide(real_field(2))
    assert is_wide(Bare())


@pytest.mark.parametrize("parts", [{}, {"ASTTransformerContext": type("Context", (), {})}])
def test_compiling_goes_on_without_short_positions_and_says_so(monkeypatch, caplog, parts):
    assert shorten_positions()
    assert not caplog.messages
    monkeypatch.setattr(taichi_internals, "PACKAGE", "taichi")
    monkeypatch.setattr(taichi_internals.importlib, "import_module", lambda name: SimpleNamespace(**parts))
    assert not shorten_positions()
    assert "has no ASTTransformerContext.get_pos_info, so kernels take up to five times as long" in caplog.text
    assert not any(hasattr(part, "get_pos_info") for part in parts.values())


def test_errors_of_the_compiler_name_file_and_line(session):
    @ti.kernel
    def _misspell_name():
        nowhere.x = 1  # noqa: F821

    with pytest.raises(Exception, match=r'File ".*test_taichi_internals.py", line \d+, in _misspell_name'):
        _misspell_name()


def test_a_place_that_is_not_told_is_none():
    assert taichi_internals._place(SimpleNamespace(), SimpleNamespace(lineno=1)) == ""


def test_launches_are_recorded_with_the_profiler_on(monkeypatch):
    monkeypatch.setenv(taichi_internals.variable("KERNEL_PROFILER"), "1")
    with dem.start("cpu", threads=1):
        field = real_field(3)
        assert taichi_internals.forget_launches()
        field.fill(1.0)
        assert sum(seconds for _, seconds in taichi_internals.recorded_launches()) > 0
        assert taichi_internals.forget_launches()
        assert taichi_internals.recorded_launches() == []


def test_launches_are_not_recorded_without_the_internals(session, bare):
    assert not taichi_internals.forget_launches()
    assert taichi_internals.recorded_launches() == []


def test_layouts_are_told(session):
    """As this version of Taichi tells them: else all fields would be copied by kernels, and nobody would know."""
    vectors, numbers = position_vectors(5), real_field(7)
    taichi_internals.finish_layout()
    assert layout_of(vectors).record == 3 * 8
    assert layout_of(numbers).record == 4


def test_a_vulkan_device_is_chosen_by_variable_where_taichi_cannot_be_told(bare, monkeypatch):
    monkeypatch.setenv(taichi_internals.variable("VISIBLE_DEVICE"), "7")
    choose_vulkan_device(2)
    assert os.environ[taichi_internals.variable("VISIBLE_DEVICE")] == "2"


def test_a_device_other_than_the_one_wanted_is_named(session):
    assert started_elsewhere(ti.cpu) == ""
    assert started_elsewhere(ti.vulkan) in ("x64", "arm64")


def test_a_device_that_is_not_told_counts_as_the_one_wanted(bare):
    assert started_elsewhere("cuda") == ""


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("numba", "must be one of taichi, quadrants"), ("quadrants", "not installed")],
)
def test_another_package_in_place_of_taichi_is_asked_for_in_vain(name, sentence):
    code = f"import sys; sys.modules[{name!r}] = None; import dem"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=os.environ | {"DRAWBAR_TAICHI": name}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "ConfigError: DRAWBAR_TAICHI is" in done.stderr
    assert sentence in done.stderr
