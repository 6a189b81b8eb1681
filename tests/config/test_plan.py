"""drawbar plan-earth-test: the equivalent test in numbers, what cannot match, and mistakes answered in a sentence."""

import json
from pathlib import Path

import pytest

from dem.cli import main
from dem.errors import ConfigError
from dem.launch.plan import make_plan

MOON = ["gravity=moon", "wheel=viper", "wheel.load_mass=111"]


def test_full_mass_with_scaled_speed_is_the_test_of_the_science() -> None:
    plan = make_plan(MOON)
    assert plan["scaled"].mass == 111
    assert plan["scaled"].angular_velocity == pytest.approx(1.969, abs=1e-3)
    assert plan["offload"].mass == pytest.approx(18.33, abs=0.01)
    assert plan["offload"].weight == pytest.approx(plan["prototype"].weight)
    assert plan["readings_back"]["power"] == pytest.approx(0.0671, abs=1e-4)


def test_all_dry_groups_match_in_the_scaled_test_and_not_in_the_offset_test() -> None:
    plan = make_plan([*MOON, "similitude.size=0.5"])
    by_name = {group.name: group.matches for group in plan["scaled_groups"]}
    assert by_name == {
        "inertia of the thrown soil": True, "mass on the soil": True, "grousers": True, "cohesion": False,
    }  # fmt: skip
    assert not any(group.matches for group in plan["offload_groups"] if group.name != "grousers")


def test_the_size_that_matches_any_cohesion_does() -> None:
    plan = make_plan([*MOON, f"similitude.size={1.62 / 9.81}"])
    assert all(group.matches for group in plan["scaled_groups"])


def test_a_rover_and_a_speed_take_the_place_of_load_and_spin() -> None:
    plan = make_plan(["gravity=mars", "wheel=curiosity"], rover_mass=900, wheels=6, speed=0.04)
    assert plan["prototype"].mass == 150
    assert plan["prototype"].speed == pytest.approx(0.04)


def test_it_prints_and_writes_the_plan(tmp_path: Path, capsys) -> None:
    path = tmp_path / "plan.json"
    assert main(["plan-earth-test", *MOON, "--json", str(path)]) == 0
    said = capsys.readouterr().out
    assert "equivalent test" in said
    assert "experiment=gravity_offset" in said
    assert json.loads(path.read_text())["scaled"]["mass"] == 111


@pytest.mark.parametrize(
    ("overrides", "more", "words"),
    [
        (MOON, {"rover_mass": 440.0, "wheels": 4}, "wheel.load_mass"),
        (MOON[:2], {"rover_mass": 440.0}, "belong together"),
        (MOON[:2], {"rover_mass": 440.0, "wheels": 0}, "--wheels is 0"),
        (MOON, {"speed": -0.2}, "--speed"),
        ([*MOON, "similitude=gravity_offload"], {}, "similitude=gravity_offload"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(overrides: list[str], more: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_plan(overrides, **more)
