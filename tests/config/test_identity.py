"""What makes two runs the same run: what changes the numbers they compute, and nothing else."""

from dataclasses import fields, is_dataclass, replace

import pytest

import dem
from dem.beds.cache import hash_bed
from dem.beds.preparation import BedMaker
from dem.config import load_config
from dem.experiment import Experiment
from dem.identity import counted, differences, identity, may_change_results
from dem.run_config import RESOLUTION
from dem.soil.contact_spec import ContactSpec
from dem.spec import COUNTS, Source

ROVER = ["scenario=rover_drive", "rover=viper"]
GROUPS = ("gravity", "soil", "contact", "wheel", "rover", "bed", "solver", "device", "output", "scenario")


def leaves(spec, prefix=""):
    """Dotted keys of a spec, its value, and whether it counts."""
    for entry in fields(spec):
        value = getattr(spec, entry.name)
        is_counted = entry.metadata.get(COUNTS, True)
        if is_dataclass(value) and is_counted:
            yield from leaves(value, f"{prefix}{entry.name}.")
        else:
            yield f"{prefix}{entry.name}", is_counted


CONFIG = load_config(ROVER)
KEYS = [(group, key, is_counted) for group in GROUPS for key, is_counted in leaves(getattr(CONFIG, group))]


@pytest.mark.parametrize(("group", "key", "is_counted"), KEYS)
def test_each_field_counts_unless_it_is_marked(group, key, is_counted):
    owner, names = getattr(CONFIG, group), key.split(".")
    for name in names[:-1]:
        owner = getattr(owner, name)
    before, kept = counted(getattr(CONFIG, group)), getattr(owner, names[-1])
    object.__setattr__(owner, names[-1], "something else")
    try:
        assert (counted(getattr(CONFIG, group)) != before) == is_counted
    finally:
        object.__setattr__(owner, names[-1], kept)


@pytest.mark.parametrize("group", ["gravity", "soil", "wheel", "rover"])
def test_rewording_a_source_makes_no_other_run(group):
    config = load_config(ROVER)
    sources = getattr(config, group).sources
    sources[next(iter(sources))] = Source("said in other words", "low")
    assert identity(config) == identity(CONFIG)


@pytest.mark.parametrize(
    "override",
    ["device=cpu", "device.threads=1", "output=film", "solver.max_overlap=0.2", "solver.max_energy_gain=0.1"],
)
def test_where_it_runs_and_what_stops_it_may_change(override):
    assert identity(load_config([*ROVER, override])) == identity(CONFIG)
    assert not may_change_results(override.partition("=")[0])


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("device.precision=double", "device.precision was 'mixed', is 'double'"),
        ("solver.skin=0.3", "solver.skin was 0.2, is 0.3"),
        ("output.sample_interval=0.01", "output.sample_interval was 0.005, is 0.01"),
    ],
)
def test_what_changes_the_numbers_is_told_by_its_key(override, said):
    assert differences(identity(CONFIG), identity(load_config([*ROVER, override]))) == said


ROWS = "time,speed\n0,0.2\n5,0.2\n"


@pytest.mark.parametrize(
    ("overrides", "name", "texts"),
    [
        (["scenario=single_wheel"], "wheel.mesh", ("solid a", "solid b")),
        ([*ROVER, "scenario.command=list"], "scenario.commands", (ROWS, ROWS.replace("5", "6"))),
    ],
)
def test_files_count_by_what_is_in_them(overrides, name, texts, tmp_path):
    for folder, text in (("here", texts[0]), ("there", texts[0]), ("other", texts[1])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file.stl").write_text(text)

    def of(folder):
        return identity(load_config([*overrides, f"{name}={tmp_path / folder / 'file.stl'}"]))

    assert of("here") == of("there")
    assert differences(of("here"), of("other")).startswith(f"{name} was ")


def test_a_run_goes_by_its_files_as_they_were(tmp_path):
    path = tmp_path / "wheel.stl"
    path.write_text("as it was")
    experiment = Experiment(load_config(["scenario=single_wheel", f"wheel.mesh={path}"]))
    before = experiment.began_with
    path.write_text("edited since")
    assert experiment.began_with == before != experiment.identity()


def test_groups_that_a_scenario_does_not_read_do_not_count():
    plain = load_config(["scenario=triaxial"])
    assert not [key for key in identity(plain) if key.startswith(("wheel", "bed", "gravity"))]


def test_what_was_left_open_is_resolved_in_one_listed_order():
    assert [step.__name__ for step in RESOLUTION] == [
        "fit_output", "apply_similitude", "size_bed", "fit_bed", "fit_scenario",
    ]  # fmt: skip
    assert all(step.__doc__ for step in RESOLUTION)
    scaled = ["scenario=single_wheel", "gravity=moon", "similitude=scaled", "similitude.size=0.5"]
    found, plain = load_config(scaled), load_config(scaled[:2])
    assert found.bed.length == pytest.approx(0.5 * plain.bed.length)  # by the test's wheel
    time = found.similitude.ratios(found.similitude_ratios["prototype_gravity"]).time
    assert found.output.frame_interval == pytest.approx(time * plain.output.frame_interval)
    assert found.scenario.settle_duration == pytest.approx(time * plain.scenario.settle_duration)


def test_contact_laws_count_for_beds():
    config = load_config(["scenario=single_wheel", "bed=smoke"])
    with dem.start("cpu", threads=1):
        maker = BedMaker(config.bed, config.soil, config.contact, config.solver, 1e7)
        before = hash_bed(maker)
        assert hash_bed(replace(maker, bed=replace(config.bed, name="another", cache=False))) == before
        others = [
            ContactSpec(rolling="none"),
            ContactSpec(normal="linear_spring", numbers={"normal_stiffness": 1e5}),
            ContactSpec(normal="linear_spring", numbers={"normal_stiffness": 2e5}),
            ContactSpec(options={"normal": {"clamp_tension": True}}),
        ]
        assert len({before, *(hash_bed(replace(maker, contact=other)) for other in others)}) == 5


def test_contact_laws_count_for_runs_and_the_usual_ones_leave_older_runs_known():
    usual, linear = (identity(load_config([*ROVER, *more])) for more in ([], ["contact=linear_spring"]))
    assert not [key for key in usual if key.startswith("contact")]
    assert "contact.normal was 'hertz', is 'linear_spring'" in differences(usual, linear)
    assert may_change_results("contact.numbers.normal_stiffness")
