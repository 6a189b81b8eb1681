"""A run is resumed with what it began with: files that its config names count by what is in them."""

import numpy as np
import pytest

from dem.config import load_config
from dem.errors import ConfigError
from dem.experiment.procedure import CHECKPOINT_FILE, FORMAT
from dem.identity import identity
from dem.io import save_checkpoint
from dem.launch.resume import require_own
from dem.rover.rover_spec import RoverSpec

MODEL = (
    """<mujoco><asset><mesh name="hull" file="hull.obj"/></asset><worldbody><body name="base"/></worldbody></mujoco>"""
)


@pytest.fixture
def stopped(tmp_path, monkeypatch):
    """The folder of a run, beside the files that its config names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.xml").write_text(MODEL)
    (tmp_path / "hull.obj").write_text("v 0 0 0\n")
    np.savetxt(tmp_path / "ground.csv", np.zeros((4, 4)), delimiter=",")
    return tmp_path / "run"


def config_of(*overrides: str, motor_torque: float = 5.0):
    """A config that names a model, its mesh and a file of heights."""
    config = load_config(
        ["scenario=rover_drive", "bed.surface.shape=heightfield", "bed.surface.file=ground.csv", *overrides]
    )
    config.rover = RoverSpec("mine", "model", speed=0.1, motor_torque=motor_torque, model="mine.xml")
    return config


def save(folder) -> None:
    """What a run leaves that was stopped."""
    folder.mkdir()
    config = config_of()
    run = {"format": FORMAT, "identity": identity(config)}
    save_checkpoint(folder / CHECKPOINT_FILE, {"step": np.zeros(1)}, {"run": run})


def test_a_run_goes_on_with_the_files_it_began_with(stopped):
    save(stopped)
    require_own(["--resume", str(stopped)], config_of())
    require_own(
        ["--resume", str(stopped)], config_of("solver.max_energy_gain=0.5", "solver.max_overlap=0.2", "output=film")
    )


def test_a_run_goes_on_elsewhere_in_its_own_precision(stopped):
    save(stopped)
    require_own(["--resume", str(stopped)], config_of("device=cpu", "device.threads=1"))
    with pytest.raises(ConfigError, match="is of another config"):
        require_own(["--resume", str(stopped)], config_of("device.precision=double"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mine.xml", MODEL.replace("base", "chassis"), "rover.model mine.xml was .*"),
        ("hull.obj", "v 0 0 1\n", "rover.model hull.obj was .*"),
        ("ground.csv", "0,0\n0,1\n", "bed.surface.file was .*"),
    ],
)
def test_a_file_edited_meanwhile_is_named_and_rejected(name, text, said, stopped, tmp_path):
    save(stopped)
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=f"of another config: {said}; put back what"):
        require_own(["--resume", str(stopped)], config_of())


def test_numbers_edited_meanwhile_and_torn_checkpoints_are_rejected(stopped):
    save(stopped)
    with pytest.raises(ConfigError, match="of another config: rover.motor_torque was 5.0, is 1.0; put back"):
        require_own(["--resume", str(stopped)], config_of(motor_torque=1.0))
    (stopped / CHECKPOINT_FILE).write_bytes((stopped / CHECKPOINT_FILE).read_bytes()[:500])
    with pytest.raises(ConfigError, match="; start the run anew in another folder"):
        require_own(["--resume", str(stopped)], config_of())
    (stopped / CHECKPOINT_FILE).unlink()
    require_own(["--resume", str(stopped)], config_of())  # killed before it saved anything


def test_a_run_of_an_older_drawbar_is_rejected_and_said(stopped):
    stopped.mkdir()
    save_checkpoint(stopped / CHECKPOINT_FILE, {"step": np.zeros(1)}, {"run": {"config": "0123456789abcdef"}})
    with pytest.raises(ConfigError, match="written by another version of drawbar.*; start the run anew in another"):
        require_own(["--resume", str(stopped)], config_of())


@pytest.mark.parametrize(
    "override",
    ["+hydra.callbacks.x._target_=os.system", "hydra.job_logging.handlers.file.class=os.system",
     "+hydra.callbacks={a:{_target_:os.system}}"],
)  # fmt: skip
def test_a_config_runs_no_code(override):
    with pytest.raises(ConfigError, match="may not name code to run"):
        load_config([override])
