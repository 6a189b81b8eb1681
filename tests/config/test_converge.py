"""`drawbar converge` plans a ladder of grain sizes and single changes of the numerics, in one study."""

import pytest

from dem.config import load_config
from dem.errors import ConfigError
from dem.launch.converge import changes, plan, read_ladder, requested
from dem.launch.sweep import plan_study


def test_ladder_and_changes_are_cases_of_one_study(tmp_path):
    overrides = ["wheel=viper", "bed=coarse"]
    config = load_config(overrides)
    arms = changes(config)
    ladder, single = plan(overrides, read_ladder("0.012,0.0185,0.009", config), arms, config, 2)
    cases = plan_study(ladder[0], tmp_path, arms=ladder[1], question=requested(arms)).cases
    assert sorted({case.swept["bed.grain_diameter"] for case in cases}) == [0.009, 0.012, 0.0185]
    assert len(cases) == 6
    others = plan_study(single[0], tmp_path, arms=single[1], question=requested(arms)).cases
    assert {case.arm for case in others} == {"deeper", "wider", "stiffer", "shorter_step"}
    assert len(others) == 8
    deeper = next(case for case in others if case.arm == "deeper")
    assert load_config(deeper.overrides).bed.depth == pytest.approx(1.5 * config.bed.depth)
    assert load_config(deeper.overrides).bed.grain_diameter == pytest.approx(config.bed.grain_diameter, rel=1e-3)


MISTAKES = {"0.01": "two sizes or more", "a,b": "must be metres", "0,1": "greater"}


@pytest.mark.parametrize(("text", "said"), MISTAKES.items())
def test_a_ladder_that_is_none_is_rejected(text, said):
    with pytest.raises(ConfigError, match=said):
        read_ladder(text, load_config([]))
