"""Models and meshes of one's own are given on the command line, in place of what the library's file says."""

import pytest

from dem.config import load_config
from dem.errors import ConfigError

MODEL = """<robot name="r"><link name="base"><inertial><mass value="3"/>
<inertia ixx=".01" iyy=".01" izz=".01" ixy="0" ixz="0" iyz="0"/></inertial></link></robot>"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setattr("scenarios.rover_drive.spec.RoverDriveSpec.size_bed", lambda spec, config: None)
    path = tmp_path / "mine.urdf"
    path.write_text(MODEL)
    return f"rover.model={path}"


def rover(*words: str):
    return load_config(["scenario=rover_drive", "bed.length=3", "bed.width=2", *words]).rover


@pytest.mark.parametrize(("words", "expected"), [
    ([], {}),
    (["rover.wheel_bodies={}"], {}),
    (["rover.wheel_bodies={fl: wheel_FL, fr: wheel_FR}"], {"fl": "wheel_FL", "fr": "wheel_FR"}),
    (["rover.wheel_bodies.fl=wheel_FL"], {"fl": "wheel_FL"}),
])  # fmt: skip
def test_wheel_bodies_are_those_that_are_given(model, words, expected):
    assert rover("rover=rig").wheel_bodies == {"wheel": "wheel"}
    assert rover("rover=rig", model, *words).wheel_bodies == expected


def test_a_library_rover_takes_a_model_without_its_own_masses(model):
    found = rover("rover=viper", "rover.suspension=model", model)
    assert (found.mass, found.hubs) == (None, {})
    with pytest.raises(ConfigError, match="rover.mass is given"):
        rover("rover=viper", "rover.suspension=model", model, "rover.mass=100")


def test_a_mesh_has_no_grousers_but_those_that_are_given(tmp_path):
    path = tmp_path / "wheel.stl"
    path.write_text("solid a\nendsolid a\n")
    assert load_config([f"wheel.mesh={path}"]).wheel.grouser_count == 0
    assert load_config([f"wheel.mesh={path}", "wheel.grouser_count=12"]).wheel.grouser_count == 12
