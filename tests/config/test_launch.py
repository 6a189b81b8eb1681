"""The command as a user meets it: folders, exit codes, what is said, sweeps that go on after a failure."""

import csv
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import dem.cli
from dem.config import config_folder, list_choices, load_config
from dem.errors import ConfigError
from dem.launch.cases import expand_cases, make_cases
from dem.launch.sweep import is_done, plan_study, run_study

STUB = [sys.executable, str(Path(__file__).with_name("stub_run.py")), "run"]


def drawbar(*arguments, cwd):
    """Run the stubbed command to its end."""
    return subprocess.run([*STUB, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_run_folder_is_hydras(tmp_path):
    done = drawbar("gravity=mars", "scenario.slip=0.5", "hydra.run.dir=here/it is", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "here" / "it is"
    assert json.loads((folder / "result.json").read_text())["slip"] == 0.5
    assert yaml.safe_load((folder / ".hydra" / "config.yaml").read_text())["gravity"]["name"] == "mars"
    assert "scenario.slip=0.5" in (folder / ".hydra" / "overrides.yaml").read_text()
    assert (folder / "run.log").exists()
    assert "2 +- 0.1 N" in done.stdout
    assert "result.json" in done.stdout


def test_default_folder_is_named_by_scenario_and_time(tmp_path):
    assert drawbar(cwd=tmp_path).returncode == 0
    (folder,) = (tmp_path / "outputs" / "single_wheel").iterdir()
    time.strptime(folder.name, "%Y-%m-%d_%H-%M-%S")


def test_a_failure_under_way_says_what_is_left(tmp_path):
    done = drawbar("wheel.load_mass=67", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "drawbar: energy grows; lower solver.time_step_fraction; the frames so far are readable"
    )
    assert done.stderr.rstrip().endswith(
        "the last sound checkpoint is kept: " + str(tmp_path / "run" / "checkpoint.h5")
    )
    assert (tmp_path / "run" / "checkpoint.h5").exists()


def test_a_device_that_fails_under_way_is_told_with_how_to_go_on(tmp_path):
    done = drawbar("wheel.load_mass=68", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "drawbar: device cuda (GPU) was lost; update the driver or use device=cpu; the frames"
    )
    assert done.stderr.rstrip().endswith(f"drawbar run --resume {tmp_path / 'run'} goes on from there")


def test_expected_failure_is_one_sentence(tmp_path):
    done = drawbar("wheel.load_mass=66", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "drawbar: a particle was lost; lower solver.time_step_fraction\n"
    assert "a particle was lost" in (tmp_path / "run" / "run.log").read_text()


def test_unexpected_failure_leaves_its_traceback_in_the_log(tmp_path):
    done = drawbar("wheel.load_mass=77", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "unexpected ZeroDivisionError (unforeseen)" in done.stderr
    assert "Traceback" in (tmp_path / "run" / "run.log").read_text()


def test_interrupt_says_where_the_readable_file_is(tmp_path):
    done = drawbar("wheel.load_mass=55", "hydra.run.dir=run", cwd=tmp_path)
    assert done.returncode == 130
    assert "the frames so far are readable" in done.stderr
    assert str(Path("run") / "run.vtkhdf") in done.stderr


def test_signal_ends_a_run(tmp_path):
    arguments = [*STUB, "wheel.load_mass=99", "hydra.run.dir=run"]
    process = subprocess.Popen(
        arguments, cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    )  # fmt: skip
    deadline = time.monotonic() + 60.0
    while not (tmp_path / "run" / "starts").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith("drawbar: interrupted; ")


def test_mistake_leaves_no_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert dem.cli.main(["run", "gravity=moonn"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("drawbar: gravity is 'moonn'")
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["run", "--nonsense"], ["sweep", "--nonsense"], ["sweep", "--jobs", "0"]])
def test_wrong_flag_is_one_sentence(arguments, capsys):
    assert dem.cli.main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_hydras_flags_pass_through(tmp_path):
    done = drawbar("gravity=mars", "--cfg", "job", cwd=tmp_path)
    assert done.returncode == 0
    assert yaml.safe_load(done.stdout)["gravity"]["name"] == "mars"
    assert list(tmp_path.iterdir()) == []


def test_help_lists_groups_keys_and_examples(capsys):
    with pytest.raises(SystemExit):
        dem.cli.main(["run", "--help"])
    text = capsys.readouterr().out
    for part in ("[moon]", "scenario.slip ", "soil.rolling_friction", "drawbar run gravity=mars"):
        assert part in text


def test_config_is_checked_without_viewer_and_results():
    code = (
        "import sys, dem.cli; dem.cli.main(['run', 'gravity=moonn']); print({'pyvista', 'matplotlib'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "set()"


def test_cases_are_the_product_of_lists():
    cases = expand_cases(["scenario.slip=0,0.2", "gravity=moon,earth", "wheel=mgru3"])
    assert len(cases) == 4
    assert ["scenario.slip=0.2", "gravity=moon", "wheel=mgru3"] in cases
    assert len(expand_cases(["gravity=glob(*)"])) == 7
    assert len(expand_cases(["scenario.slip=range(0,0.8,0.2)"])) == 4


def test_experiment_carries_its_lists(tmp_path):
    cases = make_cases(["experiment=slip_curve"], tmp_path)
    assert len(cases) == 6
    assert cases[0].name == "scenario.slip=0"
    assert len(make_cases(["experiment=slip_curve", "gravity=mars,moon", "scenario.slip=0,0.2"], tmp_path)) == 4
    assert plan_study(["experiment=slip_curve"]).folder == Path("outputs/slip_curve")


def test_no_case_starts_when_one_is_wrong():
    with pytest.raises(ConfigError, match=r"slip is 3.*in case scenario.slip=3; no case was started"):
        plan_study(["scenario.slip=0,3"], None, 1, 1.0)


def test_sweep_isolates_failures_and_goes_on(tmp_path):
    study = plan_study(["wheel.load_mass=1,66,88", "device=cpu"], tmp_path / "study", 3, 60.0)
    study.command = STUB
    statuses = [outcome.status for outcome in run_study(study, lambda outcome: None)]
    assert statuses == ["done", "failed", "failed"]
    good, lost, crashed = study.cases
    assert good.name == "wheel.load_mass=1"
    assert json.loads((good.folder / "result.json").read_text())["threads"] == 1
    assert "a particle was lost" in (lost.folder / "stdout.log").read_text()
    assert is_done(good)
    assert not is_done(crashed)


def test_timeout_ends_a_case(tmp_path):
    study = plan_study(["wheel.load_mass=99"], tmp_path, 1, 1.5)
    study.command = STUB
    (outcome,) = run_study(study, lambda outcome: None)
    assert outcome.status == "timeout"


def test_second_sweep_skips_what_is_done_under_the_same_config(tmp_path):
    command = [sys.executable, STUB[1], "sweep", "--study", "study", "scenario.slip=0.0,0.2"]
    study = plan_study(["scenario.slip=0.0,0.2"], tmp_path / "study", 2, 120.0)
    study.command = STUB
    assert [outcome.status for outcome in run_study(study, lambda outcome: None)] == ["done", "done"]
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("skipped") >= 2
    rows = list(csv.DictReader((tmp_path / "study" / "cases.csv").open()))
    assert [row["pull.mean"] for row in rows] == ["2.0", "2.0"]
    assert [row["scenario.slip"] for row in rows] == ["0.0", "0.2"]
    recorded = study.cases[0].folder / ".hydra" / "config.yaml"
    written = recorded.read_text()
    recorded.write_text(re.sub(r"  (drive_turns|skin): .*\n", "", written))  # as by a version that did not know them
    assert is_done(study.cases[0])
    recorded.write_text(written.replace("seed: 1", "seed: 2"))
    assert not is_done(study.cases[0])
    recorded.write_text(re.sub(r"  seed: .*\n", "  sprout: 3\n", written))  # one that is no more
    assert not is_done(study.cases[0])


@pytest.mark.parametrize("name", list_choices()["experiment"])
def test_every_experiment_states_its_question_and_its_cases_are_right(name, tmp_path):
    """Those at the ends of every list and of each arm: the rest are of the same kind, and composing takes time."""
    text = (config_folder() / "experiment" / f"{name}.yaml").read_text()
    assert text.startswith("# @package _global_\n# Question: ")
    assert f"drawbar sweep experiment={name}" in text
    cases = make_cases([f"experiment={name}"], tmp_path)
    assert len(cases) > 1
    by_arm = {case.arm: case for case in cases}
    for case in [cases[0], cases[-1], *by_arm.values()]:
        load_config(case.overrides)


def test_a_stopped_run_is_resumed_by_its_folder_alone(tmp_path):
    stopped = drawbar("wheel.load_mass=55", "scenario.slip=0.35", "hydra.run.dir=a run", cwd=tmp_path)
    assert stopped.returncode == 130
    again = drawbar("--resume", "a run", "device=cpu", cwd=tmp_path)
    assert again.returncode == 130  # the stub is interrupted by its mass: it was started with it
    assert (tmp_path / "a run" / "starts").read_text() == "xx"
    recorded = yaml.safe_load((tmp_path / "a run" / ".hydra" / "overrides.yaml").read_text())
    assert {"wheel.load_mass=55", "scenario.slip=0.35", "device=cpu"} <= set(recorded)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume"], "names no folder"),
        (["--resume", "nowhere"], "holds no run to resume"),
        (["--resume", "done"], "is complete"),
        (["--resume", "done", "wheel=mgru3"], "wheel is given beside --resume"),
        (["--resume", "foreign"], "sets hydra.callbacks.x._target_"),
        (["--resume", "broken"], "is no list of overrides"),
        (["--resume", "cut"], "is no list of overrides"),
    ],
)
def test_what_cannot_be_resumed_is_told(arguments, words, tmp_path):
    (tmp_path / "done" / ".hydra").mkdir(parents=True)
    (tmp_path / "done" / ".hydra" / "overrides.yaml").write_text("[]")
    (tmp_path / "done" / "result.json").write_text("{}")
    for name, text in {
        "foreign": '["+hydra.callbacks.x._target_=os.system"]',
        "broken": "!!python/object:os.x {",
        "cut": "",
    }.items():
        (tmp_path / name / ".hydra").mkdir(parents=True)
        (tmp_path / name / ".hydra" / "overrides.yaml").write_text(text)
    done = drawbar(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
