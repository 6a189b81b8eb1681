"""Configs of one's own are found beside drawbar's, whatever names the folder; drawbar's flags that Hydra would take."""

import os
import shutil

import pytest

from dem.cli import main
from dem.config import config_folder, list_choices, load_config, take_search_path
from dem.errors import ConfigError
from dem.launch.run import take_folder
from dem.own_conf import VARIABLE, own_folders, take_flag


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A folder with a soil of one's own, in an empty working folder."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine" / "soil"
    folder.mkdir(parents=True)
    text = (config_folder() / "soil" / "toyoura.yaml").read_text()
    (folder / "sandpit.yaml").write_text(text.replace("name: toyoura", "name: sandpit"))
    return tmp_path / "mine"


def name_by_flag(mine):
    assert take_flag(["soils", "--config-dir", str(mine), "sandpit"]) == ["soils", "sandpit"]


def name_by_equals(mine):
    assert take_flag([f"--config-dir={mine}", "run"]) == ["run"]


def name_by_variable(mine):
    os.environ[VARIABLE] = str(mine)


def name_by_hydra(mine):
    assert take_search_path([f"hydra.searchpath=[file://{mine}]", "bed=smoke"]) == ["bed=smoke"]


def name_by_place(mine):
    shutil.copytree(mine, "conf")


@pytest.mark.parametrize("name", [name_by_flag, name_by_equals, name_by_variable, name_by_hydra, name_by_place])
def test_own_configs_are_found(mine, monkeypatch, name):
    monkeypatch.setenv(VARIABLE, "")
    assert "sandpit" not in list_choices()["soil"]
    name(mine)
    assert "sandpit" in list_choices()["soil"]
    assert load_config(["soil=sandpit", "bed=smoke"]).soil.name == "sandpit"


def test_every_verb_sees_them(mine, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, "")
    assert main(["soils", "--config-dir", str(mine)]) == 0
    assert "sandpit" in capsys.readouterr().out
    assert main(["run", "--config-dir", str(mine), "soil=sandpit", "bed=smoke", "--cfg", "job"]) == 0
    assert "name: sandpit" in capsys.readouterr().out


def test_a_name_that_drawbar_has_is_told(mine, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, str(mine))
    shutil.copy(mine / "soil" / "sandpit.yaml", mine / "soil" / "grc1.yaml")
    assert load_config(["soil=grc1"]).soil.name == "grc1"
    assert "grc1.yaml is not used: soil=grc1 is" in capsys.readouterr().err


def test_a_checkout_is_no_folder_of_ones_own(monkeypatch):
    monkeypatch.setenv(VARIABLE, str(config_folder()))
    assert own_folders() == []


def test_a_folder_that_is_none_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    with pytest.raises(ConfigError, match="does not exist; correct it"):
        own_folders()


def test_a_run_is_given_its_folder():
    assert take_folder(["--folder", "outputs/it's", "bed=smoke"]) == ["bed=smoke", r"hydra.run.dir='outputs/it\'s'"]
    with pytest.raises(ConfigError, match="names no folder"):
        take_folder(["--folder"])


@pytest.mark.parametrize("flag", ["--config-name", "--config-path"])
def test_flags_of_hydra_that_would_replace_the_config_are_answered(flag, capsys):
    assert main(["run", flag, "other"]) == 2
    assert "give --config-dir FOLDER" in capsys.readouterr().err
