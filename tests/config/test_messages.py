"""A wrong override is answered by one sentence that names the key, the rule and the remedy."""

import pytest

from dem.config import load_config
from dem.errors import ConfigError

MESSAGES = {
    # group and choice
    "gravity=moonn": "gravity is 'moonn', not one of its choices; did you mean moon?",
    "device=tpu": "Known: auto, cpu, cuda, metal, vulkan",
    "scenario=other": "scenario is 'other', not one of its choices; known:",
    "experiment=slipcurve": "did you mean slip_curve?",
    "gravity=": "gravity has no value; write gravity=bennu",
    "gravity=null": "gravity is null, not one of its choices",
    "soil=3": "soil is 3, not one of its choices",
    "soill=grc1": "soill is not a config group; did you mean soil?",
    "SOIL=grc1": "did you mean soil?",
    "foo.bar=3": "foo is not a config group; known: bed, contact, device",
    # key
    "soil.nonsense=3": "soil.nonsense is not a config key; known: name, particle_density",
    "soil.restitutoin=0.3": "soil.restitutoin is not a config key; did you mean restitution?",
    "+soil.nonsense=3": "soil.nonsense",
    "scenario.slip.x=3": "scenario.slip has no parts",
    "hydra.nonsense=3": "hydra.nonsense is not one of Hydra's own settings",
    # type
    "scenario.slip=abc": "scenario.slip is abc, must be a number, or null; give one such as scenario.slip=0.2",
    "scenario.slip=[1]": "scenario.slip is [1], must be a number",
    "bed.seed=1.5": "bed.seed is 1.5, must be a whole number; give one such as bed.seed=1",
    "bed.seed=null": "bed.seed is null, must be a whole number",
    "bed.cache=perhaps": "bed.cache is perhaps, must be true or false",
    "wheel.radius=": "wheel.radius has no value, must be a number; write wheel.radius=0.25",
    "solver.time_step=abc": "solver.time_step is 'abc', must be auto or a number",
    "scenario.slip=${nonsense}": "scenario.slip cannot be resolved",
    # range
    "scenario.slip=2.5": "scenario.slip is 2.5, must lie in [-0.95, 1]; give a slip ratio such as 0.2",
    "scenario.slip=nan": "scenario.slip is nan, must be finite",
    "solver.time_step=-1": "solver.time_step is -1, must be greater than 0; give auto, or seconds such as 2e-5",
    "device.name=tpu": "device.name is 'tpu', must be one of auto, cpu, cuda, vulkan, metal",
    "wheel.grouser_count=300": "must be below the pitch of 300 grousers",
    "bed.depth=0.01": "bed.depth is 0.01, must be at least 2 grain diameters",
    "soil.restitution=0": "soil.restitution is 0.0, must lie in [0.01, 1]",
    "gravity.slope_deg=10": "gravity.slope_deg is 10.0, must be 0 in scenario.mode=slip; use scenario.mode=slope",
    # missing
    "gravity=custom": "gravity.vector is missing",
    "scenario.mode=pull": "scenario.pull is missing, scenario.mode=pull needs it",
    "scenario.slip=null": "scenario.slip is missing, scenario.mode=slip needs it",
    # form
    "gravity": "cannot read 'gravity', must be key=value",
    "=3": "cannot read '=3', must be key=value",
    "scenario.slip=(": "cannot read 'scenario.slip=('",
    "~gravity": "deletes gravity, which a run needs",
    "gravity@x=moon": "places a group elsewhere with @",
    "+experiment=slip_curve": "write it without the +",
    "scenario.slip=0,0.2": "use drawbar sweep scenario.slip=0,0.2",
    # several overrides
    "gravity=custom gravity.vector=[0,1]": "must have 3 components",
    "gravity=custom gravity.vector=[0,0,1]": "must point into the bed",
    "gravity=custom gravity.vector=[a,0,1]": "gravity.vector is [a,0,1], must be a list of numbers",
    "scenario.mode=slope scenario.slip=0.5": "scenario.mode=slope measures it",
    "scenario.pull=3": "only scenario.mode=pull uses it",
}


@pytest.mark.parametrize("overrides", MESSAGES)
def test_mistake_is_answered_by_one_sentence(overrides):
    with pytest.raises(ConfigError) as caught:
        load_config(overrides.split())
    message = str(caught.value)
    assert MESSAGES[overrides] in message
    assert "\n" not in message
    assert ";" in message, "no remedy"
