"""The blocks of docs/engine.md, run in order as the one program that they are."""

import contextlib
import re
from pathlib import Path

import pytest

import dem
from dem import backend

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


@pytest.fixture
def clean_session():
    """No session before, none left behind."""
    yield
    with contextlib.suppress(dem.StateError):
        backend.current().stop()


def test_blocks_run_in_order(clean_session, capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) >= 7
    program: dict = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"{PAGE.name}, block {number}", "exec"), program)
    assert "on the whole normal force" in capsys.readouterr().out
    assert len(program["records"]) == 3
