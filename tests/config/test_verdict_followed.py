"""A verdict's remedies are followed until it is credible; a finished folder is not computed over."""

import json

import pytest

from dem.config import load_config
from dem.errors import ConfigError
from dem.identity import digest, identity
from dem.launch.finished import is_finished, run_folder
from dem.launch.until_credible import follow, read_minutes, run_until_credible

TURNS = ["scenario.drive_turns=0.5", "scenario.drive_duration=null"]


def stub(verdicts):
    """Attempts that end in verdicts, one after another; what they were given."""
    given = []

    def attempt(words, folder):
        given.append(words)
        folder.mkdir(parents=True)
        verdict, remedies = verdicts[len(given) - 1]
        said = {"credibility": {"verdict": verdict, "remedies": remedies}}
        (folder / "result.json").write_text(json.dumps(said))
        return 0

    return attempt, given


def test_remedies_are_followed_until_the_run_is_credible(tmp_path):
    attempt, given = stub([("not credible", TURNS), ("check", ["bed=blade"]), ("credible", [])])
    assert run_until_credible(["wheel=viper", f"hydra.run.dir={tmp_path}"], 60, attempt) == 0
    assert given[0] == ["wheel=viper"]
    assert set(TURNS) < set(given[1])
    assert given[2][-1] == "bed=blade"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attempt_1", "attempt_2", "attempt_3"]


def test_it_ends_where_no_remedy_is_left_or_no_time(tmp_path, capsys):
    attempt, given = stub([("check", TURNS), ("check", TURNS)])
    assert run_until_credible([f"hydra.run.dir={tmp_path / 'a'}"], 60, attempt) == 1
    assert "no remedy is left" in capsys.readouterr().out
    attempt, given = stub([("check", TURNS)])
    assert run_until_credible([f"hydra.run.dir={tmp_path / 'b'}"], 1e-9, attempt) == 1
    assert f"add {' '.join(TURNS)}" in capsys.readouterr().out


def test_remedies_that_the_config_rejects_are_left_out():
    assert follow(["scenario.slip=0.2"], ["bed.depth=-1", "bed.width=0.6"]) == ["scenario.slip=0.2", "bed.width=0.6"]


@pytest.mark.parametrize("text", ["soon", "0", "-3"])
def test_time_that_is_none_is_rejected(text):
    with pytest.raises(ConfigError, match="must be minutes above 0"):
        read_minutes(text)


def test_a_finished_folder_is_known_and_one_of_another_run_rejected(tmp_path):
    config = load_config(["bed=smoke"])
    assert run_folder(["bed=smoke", f"hydra.run.dir={tmp_path}"]) == tmp_path
    assert not is_finished(tmp_path, config)
    (tmp_path / "result.json").write_text(json.dumps({"identity": digest(identity(config))}))
    assert is_finished(tmp_path, config)
    with pytest.raises(ConfigError, match="holds the result of another run"):
        is_finished(tmp_path, load_config(["bed=coarse"]))
    (tmp_path / "result.json").write_text("{")
    assert not is_finished(tmp_path, config)
