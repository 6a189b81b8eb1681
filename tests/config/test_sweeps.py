"""Sweeps: points repeated over beds, arms of a study, what is left on disk, and what survives a kill."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from omegaconf import OmegaConf, open_dict
from rich.console import Console

import dem.cli
import dem.launch.cases
from dem.config import build_config, compose_config, load_config
from dem.config_errors import parse_override
from dem.errors import ConfigError
from dem.identity import digest, identity
from dem.launch.cases import make_cases, sweep_settings
from dem.launch.processes import judge
from dem.launch.slurm import slurm_parameters
from dem.launch.sweep import Outcome, Study, is_done, plan_study, read_outcome, run_study, write_study
from dem.launch.sweep_values import values_of
from dem.launch.watch import Watch, last_line, say_time
from dem.spec import LauncherSpec
from dem.study.spec import StudySpec

STUB = [sys.executable, str(Path(__file__).with_name("stub_run.py"))]
ARMS = {"prototype": ["gravity=moon"], "offset": ["gravity=earth", "wheel.load_mass=18.3"]}


@pytest.fixture
def armed(monkeypatch):
    """Settings as of an experiment with two arms."""

    def settings(arguments):
        found = sweep_settings(arguments)
        found.study = StudySpec(arms=ARMS)
        return found

    monkeypatch.setattr(dem.launch.cases, "sweep_settings", settings)
    return settings


def test_repeats_are_beds(tmp_path):
    cases = make_cases(["scenario.slip=0.1,0.2", "repeats=2", "bed.seed=5"], tmp_path)
    assert [case.swept for case in cases] == [
        {"scenario.slip": slip, "bed.seed": seed} for slip in (0.1, 0.2) for seed in (5, 6)
    ]
    assert cases[0].name == "bed.seed=5,scenario.slip=0.1"


def test_more_beds_keep_the_cases_there_are(tmp_path):
    one = make_cases(["scenario.slip=0.1,0.2"], tmp_path)
    three = make_cases(["scenario.slip=0.1,0.2", "repeats=3"], tmp_path)
    assert {case.name for case in one} < {case.name for case in three}
    assert [case.swept["bed.seed"] for case in three] == [1, 2, 3, 1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bed.seed=1,2", "repeats=2"], "repeats is 2, must be 1 where bed.seed is swept"),
        (["repeats=0"], "repeats is 0, must be at least 1"),
        (["repeats=1,2"], "repeats is given several values"),
        (["launcher=process,slurm"], "launcher is given several values"),
    ],
)
def test_what_does_not_go_together_is_rejected(arguments, said, tmp_path):
    with pytest.raises(ConfigError, match=said):
        make_cases(arguments, tmp_path)


@pytest.mark.parametrize(
    ("override", "said"), [("repeats=2", "repeats is 2, must be 1 in a run"), ("launcher=slurm", "launcher is given")]
)
def test_a_run_is_one_case_here(override, said, capsys):
    assert dem.cli.main(["run", override]) == 2
    assert said in capsys.readouterr().err


def test_arms_are_crossed_with_lists(armed, tmp_path):
    cases = make_cases(["scenario.slip=0.1,0.2", "wheel=mgru3"], tmp_path)
    assert [(case.arm, case.swept["scenario.slip"]) for case in cases] == [
        ("prototype", 0.1), ("prototype", 0.2), ("offset", 0.1), ("offset", 0.2)
    ]  # fmt: skip
    assert cases[2].overrides == ["scenario.slip=0.1", "wheel=mgru3", "gravity=earth", "wheel.load_mass=18.3"]
    assert cases[2].swept == {"scenario.slip": 0.1, "gravity": "earth", "wheel.load_mass": 18.3}
    assert cases[2].name == "gravity=earth,scenario.slip=0.1,wheel.load_mass=18.3,wheel=mgru3"


def test_some_arms_are_run_first_and_others_later(armed, tmp_path):
    first = make_cases(["scenario.slip=0.1"], tmp_path, arms=["offset"])
    assert {case.arm for case in first} == {"offset"}
    every = make_cases(["scenario.slip=0.1"], tmp_path)
    assert {case.name for case in first} < {case.name for case in every}
    with pytest.raises(ConfigError, match="--arms names 'venus', must be one of"):
        make_cases(["scenario.slip=0.1"], tmp_path, arms=["venus"])
    with pytest.raises(ConfigError, match="this study has no arms"):
        make_cases([], tmp_path, sweep_settings([]), arms=["earth"])


def test_arms_own_their_keys(armed, tmp_path):
    with pytest.raises(ConfigError, match="gravity=mars is given, but the study's arms set gravity"):
        make_cases(["gravity=mars"], tmp_path)


def test_overrides_may_follow_options(tmp_path, capsys):
    words = ["sweep", "--study", str(tmp_path), "scenario.slip=0.1,x"]
    assert dem.cli.main(words) == 2
    assert "scenario.slip" in capsys.readouterr().err
    assert dem.cli.main(["sweep", "scenario.slip=0.1", "--study", str(tmp_path), "wheel=none", "--sloppy"]) == 2
    assert "--sloppy is not an option of this verb" in capsys.readouterr().err


def test_two_arms_with_one_case_are_rejected(tmp_path):
    settings = sweep_settings([])
    settings.study = StudySpec(arms={"one": [], "other": []})
    with pytest.raises(ConfigError, match="study.arms has other and one with the same case default"):
        make_cases([], tmp_path, settings)


def test_what_is_of_the_sweep_does_not_count(tmp_path):
    plain, other = load_config([]), load_config(["repeats=3", "launcher=slurm", "study.x=slip_ratio"])
    assert other.launcher.kind == "slurm"
    assert other.text == plain.text
    assert identity(other) == identity(plain)
    (case,) = make_cases(["launcher=slurm", "study.x=slip_ratio"], tmp_path)
    assert (case.name, case.overrides) == ("default", [])


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("group", ["gravity", "soil", "wheel", "rover"])
def test_a_reworded_source_runs_no_finished_case_again(group, told, tmp_path):
    overrides = ["scenario=rover_drive"]
    (case,) = make_cases(overrides, tmp_path)
    composed = compose_config(case.overrides)
    (case.folder / ".hydra").mkdir(parents=True)
    now = digest(identity(build_config(composed, case.overrides)))
    (case.folder / "result.json").write_text(json.dumps({"identity": now} if told else {}))  # older ones have none
    with open_dict(composed):
        sources = composed[group].sources
        sources[next(iter(sources))].source = "said in other words"
    (case.folder / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(composed))
    assert is_done(case)
    composed.solver.skin = 0.3
    (case.folder / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(composed))
    assert is_done(case) == told


def test_study_file_keeps_the_cases_of_earlier_sweeps(tmp_path):
    for slips in ("0.1,0.2", "0.2,0.3"):
        study = plan_study([f"scenario.slip={slips}", "study.x=scenario.slip"], tmp_path)
        written = json.loads(write_study(study).read_text())
    assert written["format"] == 1
    assert written["experiment"] is None
    assert written["study"]["x"] == "scenario.slip"
    assert written["command"] == ["scenario.slip=0.2,0.3", "study.x=scenario.slip"]
    assert [case["swept"] for case in written["cases"]] == [{"scenario.slip": slip} for slip in (0.1, 0.2, 0.3)]
    assert written["cases"][0] == {
        "name": "scenario.slip=0.1", "overrides": ["scenario.slip=0.1"], "arm": None, "swept": {"scenario.slip": 0.1}
    }  # fmt: skip


def test_aborted_case_takes_no_other_along(tmp_path):
    study = plan_study(["wheel.load_mass=88,1"], tmp_path, jobs=2)
    study.command = [*STUB, "run"]
    aborted, good = run_study(study, lambda outcome: None)
    assert (aborted.status, good.status) == ("failed", "done")
    assert "killed by SIGABRT, see" in aborted.message
    assert "Aborted" in (aborted.case.folder / "stdout.log").read_text()
    kept = json.loads((aborted.case.folder / "outcome.json").read_text())
    assert kept == {"status": "failed", "seconds": pytest.approx(aborted.seconds, abs=0.1), "message": aborted.message}
    assert read_outcome(good.case).status == "done"


def test_lack_of_memory_is_named(tmp_path):
    (tmp_path / "stdout.log").write_text("bed: ...\n")
    outcome = judge(dem.launch.cases.Case("one", [], tmp_path), -signal.SIGKILL, 1.0)
    assert "killed by SIGKILL, as when memory runs out" in outcome.message


def test_killed_sweep_goes_on_and_computes_nothing_twice(tmp_path):
    arguments = ["sweep", "bed.seed=1,2,3", "wheel.load_mass=44", "--jobs", "2", "--study", "study"]
    killed = subprocess.Popen([*STUB, *arguments], cwd=tmp_path, stdout=subprocess.DEVNULL)
    study, deadline = tmp_path / "study", time.monotonic() + 60.0
    while len(list(study.glob("*/starts"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)  # two cases run on without it
    killed.wait()
    again = subprocess.run([*STUB, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    for counts in ("starts", "visits"):
        assert [path.read_text() for path in sorted(study.glob(f"*/{counts}"))] == ["x", "x", "x"]
    statuses = [json.loads(path.read_text())["status"] for path in study.glob("*/outcome.json")]
    assert statuses == ["done"] * 3


def test_multirun_is_a_sweep(tmp_path):
    arguments = ["run", "-m", "scenario.slip=0,0.2", "hydra.sweep.dir=here"]
    done = subprocess.run([*STUB, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "cases.csv").exists()
    cases = json.loads((tmp_path / "here" / "study.json").read_text())["cases"]
    assert [case["name"] for case in cases] == ["scenario.slip=0", "scenario.slip=0.2"]
    assert all((tmp_path / "here" / case["name"] / "result.json").exists() for case in cases)


def test_launcher_that_is_not_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="this machine has no sbatch; use launcher=process"):
        run_study(Study(tmp_path, [], LauncherSpec("slurm", timeout=60.0)), lambda outcome: None)


def test_slurm_lets_a_case_end_by_its_own_timeout():
    requested = slurm_parameters(load_config(["launcher=slurm", "launcher.timeout=600", "launcher.jobs=3"]).launcher)
    assert requested["time"] == 12
    assert requested["array_parallelism"] == 3
    assert "partition" not in requested
    assert slurm_parameters(LauncherSpec(options=["account=me"]))["additional_parameters"] == {"account": "me"}


def test_table_says_what_runs_and_how_long_it_takes(tmp_path):
    study = plan_study(["scenario.slip=0.1,0.2,0.3"], tmp_path)
    first, second, _ = study.cases
    second.folder.mkdir()
    (second.folder / "stdout.log").write_text("settle: done\ndrive: 0.5 of 2 s, at most 70 s left\n")
    study.running[second.name] = time.monotonic() - 40.0
    console = Console(width=120, force_terminal=True, record=True, file=(tmp_path / "screen").open("w"))
    watch = Watch(study, console)
    watch.report(Outcome(first, "done", 100.0))
    console.print(watch.render())
    text = console.export_text()
    assert "1 done, 0 failed, 1 running, 1 to come; about 2 min 40 s left" in text
    assert "drive: 0.5 of 2 s, at most 70 s left" in text
    assert last_line(first.folder / "stdout.log") == ""
    assert say_time(3 * 3600 + 61) == "3 h 1 min"
    assert not is_done(second)


VALUES = {
    "range(0,1,0.2)": ["0", "0.2", "0.4", "0.6", "0.8"],
    "sort(range(0.6,0,-0.25))": ["0.1", "0.35", "0.6"],
    "sort(range(0.6,0,-0.25),reverse=true)": ["0.6", "0.35", "0.1"],
    "range(0.1,0.5,0.1)": ["0.1", "0.2", "0.3", "0.4"],
    "range(stop=3,start=1)": ["1", "2"],
    "0, 0.20,0.2, 2e-1": ["0", "0.2"],
    "sort(0.3,0.1,0.2)": ["0.1", "0.2", "0.3"],
    "choice(0.1, 0.2)": ["0.1", "0.2"],
    "runs/007/a.stl,b.stl": ["runs/007/a.stl", "b.stl"],
    "[0,1.0],[0,1]": ["[0,1]"],
}
NO_VALUES = {"range(1,1)": "given no value", "range(0,1,0)": "step of 0", "interval(0,1)": "given an interval"}


@pytest.mark.parametrize("text", VALUES)
def test_lists_are_read_by_value(text):
    assert values_of(parse_override(f"scenario.slip={text}")) == VALUES[text]


@pytest.mark.parametrize("text", NO_VALUES)
def test_a_list_without_values_is_rejected(text):
    with pytest.raises(ConfigError, match=NO_VALUES[text]):
        values_of(parse_override(f"scenario.slip={text}"))


def test_a_shuffle_holds_all_values_in_the_same_order_each_time():
    shuffled = [values_of(parse_override("bed.seed=shuffle(range(20))")) for _ in range(2)]
    assert shuffled[0] == shuffled[1] != [str(number) for number in range(20)]
    assert sorted(map(int, shuffled[0])) == list(range(20))


def test_equal_values_are_one_case_and_an_old_folder_is_found_again(tmp_path):
    first = make_cases(["scenario.slip=range(0,1,0.2)", "bed=smoke"], tmp_path)
    for case in first:
        case.folder.mkdir(parents=True)
    old = tmp_path / first[3].name
    old.rename(tmp_path / old.name.replace("0.6", "0.6000000000000001"))
    again = make_cases(["scenario.slip=0,0.2,0.4,0.60,0.8", "bed=smoke"], tmp_path)
    assert [case.name for case in again if "0.6" in case.name] == [old.name.replace("0.6", "0.6000000000000001")]
    assert [case.name for case in again if "0.6" not in case.name] == [c.name for c in first if "0.6" not in c.name]


def test_different_cases_never_share_a_folder(tmp_path):
    files = ["hills/a.npy", "hills_a.npy", "hills_A.npy"]
    cases = make_cases([f"bed.surface.file={','.join(files)}", "bed.surface.shape=heightfield"], tmp_path)
    assert len({case.name.casefold() for case in cases}) == 3
    for case in cases:
        (case.folder / ".hydra").mkdir(parents=True)
        (case.folder / ".hydra" / "overrides.yaml").write_text(json.dumps(case.overrides))
    alone = make_cases(["bed.surface.file=hills_A.npy,hills/a.npy", "bed.surface.shape=heightfield"], tmp_path)
    by_file = {case.overrides[0]: case.name for case in cases}
    assert all(by_file[case.overrides[0]] == case.name for case in alone)
