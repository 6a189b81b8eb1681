"""Whatever is typed, a config is right or is answered in a sentence: never a traceback, never a number that is none."""

import math
from dataclasses import fields, is_dataclass
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dem.config import list_choices, load_config, make_catalog
from dem.errors import ConfigError

CATALOG = make_catalog()
KEYS = [f"{group}.{key}".lstrip(".") for group in CATALOG.specs for key in CATALOG.keys(group)]
ODD = ("nan", "inf", "-inf", "-1", "0", "1e308", "-0.0", "null", "true", "[]", "[1,2]", "{}", "{a:1}", "''", "a b", "ü",
       "1e-320", "99999999999999999999", "auto", "../x", "${x}", "!!python/object:os.system")  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(ODD),
    st.floats(allow_nan=True).map(str),
    st.integers(-10, 10**6).map(str),
    st.text(min_size=0, max_size=8),
)
GROUPS = st.one_of(
    st.sampled_from([f"{group}={choice}" for group, choices in list_choices().items() for choice in choices]),
    st.tuples(st.sampled_from(list(list_choices())), st.text(max_size=8)).map("=".join),
)
OVERRIDES = st.lists(
    st.one_of(st.tuples(st.sampled_from(KEYS), VALUES).map("=".join), GROUPS, st.text(max_size=12)),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OVERRIDES)
@example(["gravity.magnitude=nan"])
@example(["bed.length=1e308"])
@example(["wheel.load_mass=${oc.env:HOME}"])
@example(["soil.parameter_sets={a:1}"])
def test_any_override_gives_a_config_or_a_sentence(overrides: list[str]) -> None:
    try:
        config = load_config(overrides)
    except ConfigError as error:
        said = str(error)
        assert said, "an error without a word"
        assert "\n" not in said, "more than a sentence"
        assert "Traceback" not in said
        return
    for group in ("gravity", "wheel", "bed", "solver", "scenario"):
        assert not list(not_numbers(getattr(config, group))), group


def not_numbers(spec: Any) -> Any:
    """Names of fields that are NaN."""
    for entry in fields(spec):
        value = getattr(spec, entry.name)
        if is_dataclass(value):
            yield from not_numbers(value)
        elif isinstance(value, float) and math.isnan(value):
            yield entry.name
