"""Every scenario goes on after a kill bit for bit, energies too, and runs beside another as it runs alone."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from every_scenario import CASES, overrides

import dem
from dem.config import load_config
from dem.experiment import CHECKPOINT_FILE, RESULTS_FILE, run_experiments
from dem.experiment.procedure import Procedure
from dem.io import RunReader, read_result, write_result
from dem.launch.case import run_scenario
from scenarios import SCENARIOS, scenario_experiment

QUICK = ("direct_shear", "repose_cylinder")
ALL = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CASES]
TIME_STEPS = {  # [s], of scenarios of several stages, each of which would choose its own for those side by side
    "annular_shear": 1e-5, "direct_shear": 1e-5,
    "plate_sinkage": 1.5e-5, "repose_cylinder": 8e-5, "repose_tilting_box": 8e-5, "triaxial": 1.5e-5,
}  # fmt: skip
OFTEN = ["output.checkpoint_interval=1e-9"]


def test_every_scenario_is_held_to_it():
    assert set(CASES) == set(SCENARIOS)


def run(folder: Path, name: str, *more: str) -> Path:
    """Run a scenario, or go on with it; its folder."""
    folder.mkdir(exist_ok=True)
    write_result(folder, run_scenario(load_config([*overrides(name), *more]), folder))
    return folder


def copy_saves(monkeypatch, whole: Path, early: Path, late: Path) -> None:
    """Copy what is on disk at some checkpoints: the first of all, and the third of the last phase but one."""
    save, seen = Procedure.save, []

    def save_and_copy(procedure: Procedure, worlds) -> None:
        save(procedure, worlds)
        if procedure.folder != whole:
            return
        if not early.exists():
            shutil.copytree(whole, early)
        phases = procedure.stage.phases()
        if procedure.is_last_stage and len(procedure.phases) == max(len(phases) - 2, 0):
            seen.append(procedure.phase_name)
            if len(seen) == 3:
                shutil.copytree(whole, late)

    monkeypatch.setattr(Procedure, "save", save_and_copy)


def assert_same(folder: Path, reference: Path) -> None:
    """Results, series and frames, to the last bit."""
    np.testing.assert_equal(read_result(folder), read_result(reference))
    one, other = RunReader(folder / RESULTS_FILE), RunReader(reference / RESULTS_FILE)
    assert one.status == other.status == "complete"
    np.testing.assert_array_equal(one.times, other.times)
    for name in ("time", *other.series_names):
        np.testing.assert_array_equal(one.series(name), other.series(name), err_msg=name)
    for index in range(other.frame_count):
        mine, theirs = one.frame(index), other.frame(index)
        np.testing.assert_equal((mine.field_data, mine.soil), (theirs.field_data, theirs.soil))
        np.testing.assert_equal(mine.bodies, theirs.bodies)


@pytest.mark.parametrize("name", ALL)
def test_a_killed_run_goes_on_bit_for_bit(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole, early, late = (tmp_path / place for place in ("whole", "early", "late"))
    with monkeypatch.context() as patch:
        copy_saves(patch, whole, early, late)
        run(whole, name, *OFTEN)
    assert late.exists()
    for killed in (early, late):
        assert (killed / CHECKPOINT_FILE).exists()
        assert_same(run(killed, name), whole)


@pytest.mark.parametrize("name", ALL)
def test_two_cases_side_by_side_are_as_each_alone(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    seed = "bed.seed" if name in ("single_wheel", "rover_drive", "prepare_bed") else "scenario.seed"
    step = [f"solver.time_step={TIME_STEPS[name]}"] if name in TIME_STEPS else []
    configs = [load_config([*overrides(name), f"{seed}={number}", *step]) for number in (1, 2)]
    alone, beside = ([tmp_path / f"{place}{number}" for number in (1, 2)] for place in ("alone", "beside"))
    for folder in (*alone, *beside):
        folder.mkdir()
    with dem.start("cpu", threads=1):
        experiments = [scenario_experiment(name)(config) for config in configs]
        assert (len(experiments[0].stages()) > 1) == (name in TIME_STEPS)
        run_side_by_side(experiments, beside)
        time_step = experiments[0].simulation.time_step
    for folder, config in zip(alone, configs, strict=True):
        with dem.start("cpu", threads=1):
            run_side_by_side([scenario_experiment(name)(config)], [folder], time_step)
    for one, other in zip(beside, alone, strict=True):
        assert_alike(one, other)


def run_side_by_side(experiments: list, folders: list[Path], time_step: float | None = None) -> None:
    """Run experiments as worlds of one simulation, and keep their results."""
    for folder, result in zip(folders, run_experiments(experiments, folders, time_step=time_step), strict=True):
        assert isinstance(result, dict), result
        write_result(folder, result)


def assert_alike(folder: Path, reference: Path) -> None:
    """Series and the last frame, to the last bit."""
    one, other = RunReader(folder / RESULTS_FILE), RunReader(reference / RESULTS_FILE)
    np.testing.assert_array_equal(one.times, other.times)
    for name in other.series_names:
        np.testing.assert_array_equal(one.series(name), other.series(name), err_msg=name)
    last, alone = one.frame(one.frame_count - 1), other.frame(other.frame_count - 1)
    np.testing.assert_equal(last.soil, alone.soil)
