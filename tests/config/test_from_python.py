"""The blocks of docs/from_python.md, run in order as the one program that they are."""

import re
from pathlib import Path

import pytest

import dem

PAGE = Path(__file__).parents[2] / "docs" / "from_python.md"


@pytest.mark.slow
def test_blocks_run_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(PAGE.parents[1]))
    program: dict = {}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), program)
    assert (program["case"].folder / "result.json").exists()
    assert [outcome.status for outcome in program["study"].outcomes] == ["done", "done"]
    assert len(program["table"]) == 2
    assert "m/s2" in capsys.readouterr().out


def test_a_wrong_key_is_rejected_before_anything_is_computed(tmp_path):
    with pytest.raises(dem.ConfigError, match=r"scenario\.slip is 2"):
        dem.run_case("single_wheel", gravity="moon", overrides=["scenario.slip=2"], folder=tmp_path / "run")
    with pytest.raises(dem.ConfigError, match="empty list"):
        dem.run_study("single_wheel", gravity=[])
    assert not list(tmp_path.iterdir())
