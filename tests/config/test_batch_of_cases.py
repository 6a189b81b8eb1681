"""Cases as worlds of one simulation: each as if it had run alone, whatever becomes of the others, or of the sweep."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from dem.beds.quality import PreparedBed
from dem.config import build_config, compose_config
from dem.errors import ConfigError
from dem.experiment import CHECKPOINT_FILE, RESULTS_FILE
from dem.io import RunReader, read_result, write_result
from dem.launch import batch
from dem.launch.batch import Member, group_cases
from dem.launch.case import run_scenario
from dem.launch.cases import Case
from dem.launch.sweep import Study, read_outcome, run_study
from dem.soil.packing import fill_box
from dem.spec import LauncherSpec
from scenarios.shared import drive as drives

TINY = [
    "bed=smoke", "bed.grains_per_wheel_diameter=8", "bed.relative_length=1.8", "device=cpu", "device.threads=1",
    "solver.young_modulus=5e7", "solver.max_overlap=0.3", "solver.time_step=2e-4", "scenario.settle_duration=0.01",
    "scenario.lower_clearance=0", "scenario.lower_duration=0.1", "scenario.ramp_duration=0.02",
    "scenario.drive_duration=0.05", "output.frame_interval=0.02", "output.checkpoint_interval=0.05",
    "solver.track_energy=false",
]  # fmt: skip
CASES = {
    "short": ["gravity=earth", "scenario.slip=0.2", "scenario.drive_duration=0.03"],
    "light": ["gravity=moon", "scenario.slip=0.5", "wheel.load_mass=60"],
    "pulled": ["gravity=mars", "scenario.mode=pull", "scenario.pull=5", "scenario.lower_duration=0.09"],
    "crushed": ["gravity=earth", "bed.seed=13"],
}
GOOD = ("short", "light", "pulled")
ALONE = ["pulled", *(pytest.param(name, marks=pytest.mark.slow) for name in ("short", "light"))]


def loose_bed(bed, soil, contact, solver, young_modulus) -> PreparedBed:
    """A filling that nobody settled: made at once; in that of seed 13 two grains are in one place."""
    position, radius = fill_box(bed)
    position[:, 2] *= 0.95
    if bed.seed == 13:
        position[1] = position[0] + [0.1 * radius[0], 0.0, 0.0]
    numbers = (bed.depth, 0.0, 0.0, 0.5, 1300.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.05)
    return PreparedBed(position, radius, *numbers, "loose", {"height": [], "solid_fraction": []})


def study_of(folder, names, **launcher) -> Study:
    """The cases named, in a batch."""
    cases = [Case(name, [*TINY, *CASES[name]], folder / name) for name in names]
    return Study(folder, cases, LauncherSpec(kind="batch", jobs=8, **launcher))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A batch that was interrupted as its first case was done, and was given again without the case that failed."""
    folder, first = tmp_path_factory.mktemp("study"), {}

    def interrupt(outcome):
        first[outcome.case.name] = outcome
        if outcome.status == "done":
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drives, "prepare_bed", loose_bed)
        with pytest.raises(KeyboardInterrupt):
            run_study(study_of(folder, CASES), interrupt)
        stopped = {name: read_outcome(Case(name, [], folder / name)).status for name in CASES}
        again = run_study(study_of(folder, GOOD), lambda outcome: None)
    return SimpleNamespace(folder=folder, first=first, stopped=stopped, again=again)


def test_interrupted_batch_goes_on_with_what_is_left(ran):
    assert ran.stopped == {"short": "done", "light": "stopped", "pulled": "stopped", "crushed": "failed"}
    assert [outcome.status for outcome in ran.again] == ["skipped", "done", "done"]
    for name in ("light", "pulled"):
        assert (ran.folder / name / "run.log").read_text().count("resuming at t = ") == 1
    for name in GOOD:
        folder = ran.folder / name
        assert RunReader(folder / RESULTS_FILE).status == "complete"
        assert not (folder / CHECKPOINT_FILE).exists()
        assert json.loads((folder / "outcome.json").read_text())["status"] == "done"


def test_world_that_fails_says_why_and_leaves_the_rest_whole(ran):
    outcome, folder = ran.first["crushed"], ran.folder / "crushed"
    assert outcome.message.startswith("stopped at 0 s: ")
    assert "grains overlap by more than solver.max_overlap" in outcome.message
    assert outcome.message in (folder / "run.log").read_text()
    assert RunReader(folder / RESULTS_FILE).status == f"failed: {outcome.message}"
    assert not (folder / "result.json").exists()
    assert outcome.message not in (ran.folder / "light" / "run.log").read_text()


@pytest.mark.parametrize("name", ALONE)
def test_case_in_a_batch_is_what_it_is_alone_bit_for_bit(ran, name, tmp_path, monkeypatch):
    monkeypatch.setattr(drives, "prepare_bed", loose_bed)
    overrides = [*TINY, *CASES[name], "output.checkpoint_interval=1e9"]
    config = build_config(compose_config(overrides), overrides)
    write_result(tmp_path, run_scenario(config, tmp_path))
    assert steady(ran.folder / name) == steady(tmp_path)
    one, other = RunReader(ran.folder / name / RESULTS_FILE), RunReader(tmp_path / RESULTS_FILE)
    np.testing.assert_array_equal(one.times, other.times)
    for series in ("time", *other.series_names):
        np.testing.assert_array_equal(one.series(series), other.series(series))
    for index in range(other.frame_count):
        mine, theirs = one.frame(index), other.frame(index)
        for array, values in theirs.soil.items():
            np.testing.assert_array_equal(mine.soil[array], values)
        np.testing.assert_array_equal(mine.bodies["wheel"], theirs.bodies["wheel"])


def steady(folder) -> dict:
    """Numbers of a result."""
    result = read_result(folder)
    return {key: result[key] for key in ("steady", "bed", "numerics", "contact", "predicted")}


def test_cases_that_are_done_are_skipped(ran, monkeypatch):
    monkeypatch.setattr(batch, "run_experiments", None)
    outcomes = run_study(study_of(ran.folder, GOOD), lambda outcome: None)
    assert [outcome.status for outcome in outcomes] == ["skipped"] * 3


def member(name, time_step=1e-5, laws="Hertz", saved=None, upper=1.0, **solver) -> Member:
    """A case whose model is made up."""
    box = SimpleNamespace(periodic=np.array([True]), lower=np.zeros(1), upper=np.array([upper]))
    model = SimpleNamespace(contact=SimpleNamespace(built_in=(laws,)), domain=box)
    numbers = {"skin": 0.2, "max_overlap": 0.1, "track_energy": True, "max_energy_gain": 0.05} | solver
    config = SimpleNamespace(solver=SimpleNamespace(**numbers))
    experiment = SimpleNamespace(first_models=lambda: [model], stages=lambda: [None], grain_diameter=0.01)
    return Member(Case(name, [], None), config, experiment, time_step, saved)


def grouped(*members, most=9) -> list[str]:
    return ["".join(each.case.name for each in group) for group in group_cases(members, most)]


def test_groups_share_laws_domain_and_numbers_of_the_solver():
    others = [
        member("b", laws="JKR"), member("c", upper=2.0), member("d", skin=0.1), member("e", max_overlap=0.2),
        member("f", track_energy=False), member("g", saved=(1e-5, 7, 0)), member("h"),
    ]  # fmt: skip
    assert grouped(member("a"), *others) == ["ah", "b", "c", "d", "e", "f", "g"]


def test_groups_are_of_like_time_steps_and_not_too_many():
    steps = {"a": 1e-5, "b": 2e-5, "c": 1.09e-5, "d": 1.11e-5, "e": 1.05e-5}
    assert grouped(*(member(*each) for each in steps.items())) == ["aec", "d", "b"]
    assert grouped(*(member(name) for name in "abcde"), most=2) == ["ab", "cd", "e"]


def test_case_that_cannot_be_made_fails_alone(tmp_path, monkeypatch):
    """Its bed is too short for the way it is to go."""
    monkeypatch.setattr(drives, "prepare_bed", loose_bed)
    study = study_of(tmp_path, ["short"])
    study.cases[0].overrides.append("scenario.drive_duration=9")
    (outcome,) = run_study(study, lambda outcome: None)
    assert outcome.status == "failed"
    assert outcome.message.startswith("bed.length is")


@pytest.mark.parametrize(
    ("overrides", "launcher", "sentence"),
    [
        ([], {"timeout": 60.0}, "launcher.timeout is 60 s, must be null with launcher=batch.*use launcher=process"),
    ],
)
def test_what_cannot_be_a_batch_names_the_launcher_that_can(tmp_path, overrides, launcher, sentence):
    study = Study(tmp_path, [Case("case", overrides, tmp_path / "case")], LauncherSpec(kind="batch", **launcher))
    with pytest.raises(ConfigError, match=sentence):
        run_study(study, lambda outcome: None)
    assert not (tmp_path / "case").exists()
