"""Calibration on a stub: finds what is known, goes on where it stopped, keeps what failed, rejects what is wrong."""

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest
import yaml

import dem.cli
from dem.errors import ConfigError, NumericalError
from dem.launch import calibrate_command
from dem.launch.calibrate import calibrate, propose, to_parameters, to_point
from dem.launch.calibration_plan import plan_calibration
from dem.launch.trials import recall_trials

STUB = [sys.executable, str(Path(__file__).with_name("stub_triaxial.py")), "run"]
ONE = ["soil=grc1_1670", "soil.rolling_friction=0.1", "search.sliding_friction=[0.1,0.8]"]


def plan(folder, trials=8, arguments=ONE):
    """A calibration of the stub."""
    made = plan_calibration(arguments, folder, trials, 2, 600.0)
    made.command = STUB
    return made


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of eight trials, through the command, and its exit code."""
    folder = tmp_path_factory.mktemp("calibration") / "study"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibrate_command, "plan_calibration", lambda *_: plan(folder))
        code = dem.cli.main(["calibrate", *ONE, "--study", str(folder)])
    return folder, code


def test_known_parameters_are_found(study):
    folder, code = study
    assert code == 0
    summary = json.loads((folder / "calibration.json").read_text())
    # the stub's own formula: 24 + 14 tanh(1.5 mu) + 1.2 = 33.4, and 1800 - 65 log10(mu_prep / 0.01) = 1670
    assert summary["parameters"]["sliding_friction"] == pytest.approx(0.453, abs=0.06)
    assert summary["parameters"]["preparation_friction"] == pytest.approx(1.0, rel=0.45)
    low, high = summary["ranges"]["sliding_friction"]
    assert low < 0.453 < high


def test_soil_file_holds_the_record(study):
    folder, _ = study
    written = yaml.safe_load((folder / "soil_grc1_1670.yaml").read_text())
    record = written["calibration"]
    assert record["seeds"] == [4, 5, 6]
    assert record["trials"] == 8
    assert abs(record["targets"]["friction_angle_secant_deg"]["measured"] - 33.4) < 1.0
    assert record["targets"]["bulk_density"]["standard_error"] == 3.0
    assert "soil.rolling_friction=0.1" in record["settings"]
    numbers = {key for key, value in written.items() if isinstance(value, int | float)}
    assert numbers == set(written["sources"])
    assert written["sources"]["rolling_friction"]["source"].startswith("given by the user")


def test_trials_are_logged_and_drawn(study):
    folder, _ = study
    rows = list(csv.DictReader((folder / "trials.csv").open()))
    assert [row["trial"] for row in rows] == [f"trial_{number:03d}" for number in range(8)]
    assert all(float(row["misfit"]) >= 0.0 for row in rows)
    assert (folder / "trials.png").stat().st_size > 10_000


def test_more_trials_go_on_without_computing_again(study, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(study[0], folder)
    shutil.rmtree(folder / "trial_007")
    record = folder / "trial_006" / "trial.json"  # as an interrupted session leaves it
    record.write_text(record.read_text().replace('"done"', '"open"'))
    (folder / "trial_006" / "result.json").unlink()
    found = calibrate(plan(folder, trials=9), lambda trial: None)
    assert [trial.number for trial in found.trials] == list(range(9))
    visits = [(folder / f"trial_{number:03d}" / "visits").read_text() for number in range(9)]
    assert visits == ["x"] * 6 + ["xx", "x", "x"]


def test_other_targets_are_read_from_the_same_trials(study, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(study[0], folder)
    found = calibrate(plan(folder, arguments=[*ONE, "targets.friction_angle_secant_deg=30"]), lambda trial: None)
    assert all((trial.folder / "visits").read_text() == "x" for trial in found.trials)
    assert abs(found.best.measured["friction_angle_secant_deg"][0] - 30.0) < 2.0


def test_other_settings_need_another_folder(study):
    with pytest.raises(ConfigError, match="give another folder"):
        recall_trials(plan(study[0], arguments=[*ONE, "scenario.repeats=2"]))


@pytest.mark.slow
def test_failed_trials_stay_with_their_log(tmp_path):
    crash = ["soil=grc1_1670", "soil.rolling_friction=0.1", "soil.preparation_friction=0.5"]
    found = calibrate(plan(tmp_path, 7, [*crash, "search.sliding_friction=[0.2,1.6]"]), lambda trial: None)
    failed = [trial for trial in found.trials if not trial.is_done]
    assert failed
    assert len(found.trials) == 7
    assert all((trial.folder / "stdout.log").exists() and trial.message for trial in failed)
    again = recall_trials(plan(tmp_path, 7, [*crash, "search.sliding_friction=[0.2,1.6]"]))
    assert [trial.status for trial in again] == [trial.status for trial in found.trials]


@pytest.mark.slow
def test_a_study_of_failures_says_so(tmp_path):
    crash = ["soil=grc1_1670", "soil.rolling_friction=0.1", "search.sliding_friction=[0.95,2.5]"]
    with pytest.raises(NumericalError, match="0 of 4 trials gave a result"):
        calibrate(plan(tmp_path, 4, crash), lambda trial: None)


def test_proposals_keep_to_the_search_and_to_the_seed(tmp_path):
    requested = plan(tmp_path, arguments=["soil=grc1_1670"])
    proposed = propose(requested, [], 6)
    for key, (low, high) in requested.search.items():
        assert all(low <= trial.parameters[key] <= high for trial in proposed)
    assert [trial.parameters for trial in propose(requested, [], 6)] == [trial.parameters for trial in proposed]
    point = to_point(requested, proposed[0].parameters)
    assert to_parameters(requested, point) == pytest.approx(proposed[0].parameters, rel=1e-3)


def test_targets_come_from_the_soil_unless_given(tmp_path):
    own = {target.key: target.value for target in plan(tmp_path, arguments=["soil=grc1_1760"]).targets}
    assert own == {"bulk_density": 1760.0, "friction_angle_secant_deg": 38.4}
    requested = plan(tmp_path, arguments=["targets.cohesion=300", "tolerances.cohesion=20"])
    assert [(target.key, target.tolerance) for target in requested.targets] == [("cohesion", 20.0)]
    assert requested.search["grain_cohesion"] == (10.0, 3000.0)
    assert requested.settings[0] == "scenario=triaxial"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["targets.friction=33"], "targets.friction is not a target"),
        (["targets.bulk_density=heavy"], "targets.bulk_density is 'heavy', must be a number"),
        (["tolerances.cohesion=3"], "but not targets.cohesion"),
        (["tolerances.bulk_density=0"], "tolerances.bulk_density is 0"),
        (["search.sliding_friction=0.5"], "must be a range; write"),
        (["search.sliding_friction=[0.5,0.2]"], "must rise"),
        (["search.sliding_friction=[0,1]"], "in logarithms"),
        (["search.sliding_friction=[0.1,9]"], "soil.sliding_friction is 9"),
        (["search.stickiness=[0.1,1]"], "soil.stickiness is not a config key"),
        (["soil.sliding_friction=0.5", "search.sliding_friction=[0.1,1]"], "set and searched for at once"),
        (["hydra.run.dir=here"], "give --study DIR"),
        (["soil=grc2"], "soil is 'grc2'"),
        (["scenario.repeats=0"], "scenario.repeats is 0"),
    ],
)
def test_what_is_wrong_is_told_before_anything_runs(arguments, said, tmp_path):
    with pytest.raises(ConfigError) as error:
        plan_calibration(arguments, tmp_path / "study", 8, 1, 60.0)
    assert said in str(error.value)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("options", [["--trials", "2"], ["--jobs", "0"], ["--timeout", "0"]])
def test_wrong_option_is_one_sentence(options, capsys):
    assert dem.cli.main(["calibrate", "soil=grc1", *options]) == 2
    assert options[0] in capsys.readouterr().err
