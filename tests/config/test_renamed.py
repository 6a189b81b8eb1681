"""Every name of the tables of dem/renamed.py: the old one is read as the new one, and a warning says so."""

import json
import logging

import numpy as np
import pytest
import yaml

from dem import renamed
from dem.config import list_choices, load_config
from dem.errors import ConfigError
from dem.identity import identity
from dem.io import load_checkpoint, read_result, save_checkpoint
from dem.launch.cases import make_cases
from dem.launch.plan import make_plan
from dem.run_config import SPECS
from dem.study.load import load_study

CHOICES = [(group, old, new) for group, names in renamed.CHOICES.items() for old, new in names.items()]
OLD_GROUP = {new: old for old, new in renamed.GROUPS.items()}


@pytest.fixture(autouse=True)
def warnings(caplog):
    """Warnings of the test, each of which a session gives once."""
    renamed._warn.cache_clear()
    caplog.set_level(logging.WARNING)
    return caplog


@pytest.mark.parametrize(("old", "new"), renamed.GROUPS.items())
def test_an_old_group_is_the_new_one(old, new, warnings) -> None:
    assert old not in SPECS
    assert new in SPECS
    assert renamed.current_key(f"{old}.gravity") == f"{new}.gravity"
    assert f"{old} is called {new} now" in warnings.text


@pytest.mark.parametrize(("group", "old", "new"), CHOICES)
def test_an_old_choice_is_the_new_one(group, old, new, warnings) -> None:
    assert old not in list_choices()[group]
    assert new in list_choices()[group]
    before, now = load_config([f"{OLD_GROUP[group]}={old}"]), load_config([f"{group}={new}"])
    assert getattr(before, group) == getattr(now, group)
    assert identity(before) == identity(now)
    assert f"{group}={old} is called {group}={new} now" in warnings.text


def test_present_names_warn_of_nothing(warnings) -> None:
    load_config(["similitude=scaled", "similitude.size=0.5"])
    assert not warnings.records


def test_a_wrong_choice_is_told_under_the_present_name() -> None:
    with pytest.raises(ConfigError, match="similitude is 'flown', not one of its choices"):
        load_config(["test=flown"])


def test_old_lists_give_the_cases_of_the_new_ones(tmp_path) -> None:
    old, new = (make_cases(["bed=smoke", text], tmp_path) for text in
                ("test=flight,offset", "similitude=prototype,gravity_offload"))  # fmt: skip
    assert old == new
    assert [case.swept for case in new] == [{"similitude": "prototype"}, {"similitude": "gravity_offload"}]


def test_a_plan_takes_old_keys() -> None:
    assert make_plan(["gravity=moon", "test.size=0.5"])["ratios"].size == 0.5


@pytest.mark.parametrize(("old", "new"), renamed.RESULTS.items())
def test_an_old_result_is_read_under_new_names(old, new, tmp_path) -> None:
    value = {"kind": "flight", "flight_gravity": 1.62} if old == "test" else 1.0
    (tmp_path / "result.json").write_text(json.dumps({old: value, "steady": {}}))
    found = read_result(tmp_path)
    expected = {"kind": "prototype", "prototype_gravity": 1.62} if old == "test" else 1.0
    assert found == {new: expected, "steady": {}}


@pytest.mark.parametrize(("old", "new"), renamed.ARRAYS.items())
def test_old_arrays_of_checkpoints_are_read_under_new_names(old, new, tmp_path) -> None:
    path = tmp_path / "checkpoint.h5"
    save_checkpoint(path, {f"worlds/0/{old}": np.arange(3.0), f"{old}/1/work": np.ones(2)}, {})
    assert set(load_checkpoint(path)[0]) == {f"worlds/0/{new}", f"{new}/1/work"}


@pytest.mark.parametrize(("old", "new"), renamed.PHASES.items())
def test_an_old_phase_is_the_new_one(old, new) -> None:
    assert renamed.current_phase(old) == new == renamed.current_phase(new)


def test_identities_and_recorded_configs_are_read_under_new_names() -> None:
    before = {"test.kind": "offset", "test.size": 1.0, "scenario.name": "flight"}
    now = {"similitude.kind": "gravity_offload", "similitude.size": 1.0, "scenario.name": "flight"}
    assert renamed.current_values(before) == now
    recorded = {"test": {"kind": "offset", "size": 1.0}, "gravity": {"name": "moon"}}
    assert renamed.current_config(recorded) == {
        "similitude": {"kind": "gravity_offload", "size": 1.0}, "gravity": {"name": "moon"},
    }  # fmt: skip


def test_an_old_study_is_read_under_new_names(tmp_path) -> None:
    spec = {"x": "gravity.slope_deg", "arms": {"a": ["test=flight"]}, "labels": {"test=flight": "Moon", "a": "arm"}}
    names = ("slope=0", "slope=5")
    cases = [
        {"name": name, "arm": "a", "overrides": ["test=flight"], "swept": {"test": "flight"}} for name in names
    ]  # fmt: skip
    (tmp_path / "study.json").write_text(json.dumps({"format": 1, "study": spec, "cases": cases}))
    hydra = tmp_path / names[0] / ".hydra"
    hydra.mkdir(parents=True)
    (hydra / "config.yaml").write_text(yaml.safe_dump({"test": {"kind": "flight"}}))
    (tmp_path / names[0] / "result.json").write_text(
        json.dumps({"test": {"kind": "flight"}, "foretold": {"slip_ratio": {"mean": 0.2, "unit": "-"}}})
    )
    study = load_study(tmp_path)
    case = study.cases[0]
    assert (case.overrides, case.swept) == (["similitude=prototype"], {"similitude": "prototype"})
    assert study.label("similitude", "prototype") == "Moon"
    assert case.config == {"similitude": {"kind": "prototype"}}
    assert case.similitude_kind == "prototype"
    assert case.reading("slip_ratio", scaled_back=True).mean == 0.2
