"""What a model's reader makes of rovers as people publish them: told, let go, dropped with a remark, or rejected."""

import pytest

from dem.errors import ConfigError
from dem.rover import model_file
from dem.rover.model_remarks import describe_doubts, describe_wheels
from dem.rover.rover_spec import RoverSpec
from dem.rover.vehicle import Vehicle

RADIUS, WIDTH = 0.1, 0.05
WHEELS = {"fl": (0.2, 0.15), "fr": (0.2, -0.15), "rl": (-0.2, 0.15), "rr": (-0.2, -0.15)}
INERTIAL = '<inertial><mass value="1"/><inertia ixx=".01" iyy=".01" izz=".01" ixy="0" ixz="0" iyz="0"/></inertial>'


def link(name: str, more: str = "") -> str:
    return f'<link name="{name}">{INERTIAL}{more}</link>'


def joint(name: str, parent: str, child: str, place=(0, 0, 0), kind="continuous", more="") -> str:
    x, y, z = place
    return (
        f'<joint name="{name}" type="{kind}"><parent link="{parent}"/><child link="{child}"/>'
        f'<origin xyz="{x} {y} {z}"/><axis xyz="0 1 0"/>{more}</joint>'
    )


def rover(*more: str, body: str = "") -> str:
    wheels = [link(name) + joint(f"axle_{name}", "base", name, (*place, 0)) for name, place in WHEELS.items()]
    return f'<robot name="r">{link("base", body)}{"".join(wheels)}{"".join(more)}</robot>'


def build(tmp_path, text: str, name: str = "rover.urdf", **wheels) -> Vehicle:
    path = tmp_path / name
    path.write_text(text)
    spec = RoverSpec("x", "model", speed=0.1, motor_torque=2.0, model=str(path), **wheels)
    return Vehicle(spec, RADIUS, WIDTH)


def test_wheels_are_told_with_place_axle_and_steering(tmp_path):
    lines = describe_wheels(build(tmp_path, rover()))
    assert lines[0] == "rover x: 5 kg, 4 wheels"
    assert "wheel fl at (0.200, 0.150, 0.000) m, axle (0.00, 1.00, 0.00), not steered" in lines


def test_odd_wheels_and_loose_joints_are_doubted(tmp_path):
    arm = link("arm") + joint("shoulder", "base", "arm", (0.3, 0, 0)) + link("drum")
    text = rover(arm, joint("spin", "arm", "drum", (0.2, 0, 0)))
    vehicle = build(tmp_path, text)
    doubts = describe_doubts(vehicle, RADIUS, WIDTH)
    assert any("'drum' is taken for a wheel" in said and "middle plane" in said for said in doubts)
    assert any("hangs below joint 'shoulder', which turns without end" in said for said in doubts)
    assert any("joint 'shoulder' swings freely" in said for said in doubts)
    assert describe_doubts(build(tmp_path, rover()), RADIUS, WIDTH) == []


def test_a_chassis_tied_to_the_world_is_let_go(tmp_path):
    slide = '<link name="world"/>' + joint(
        "lift", "world", "base", kind="prismatic", more='<limit lower="-1" upper="1"/>'
    )
    vehicle = build(tmp_path, rover(slide.replace('xyz="0 1 0"', 'xyz="0 0 1"')))
    assert "joint 'lift' ties 'base' to the world" in vehicle.remarks[0]
    assert vehicle.model.jnt_type[0] == vehicle.mujoco.mjtJoint.mjJNT_FREE


def test_a_linkage_of_driven_wheels_is_dropped_with_a_remark(tmp_path):
    text = rover().replace(
        '<joint name="axle_fr" type="continuous">', '<joint name="axle_fr" type="continuous"><mimic joint="axle_fl"/>'
    )
    vehicle = build(tmp_path, text)
    assert "is dropped: wheels are driven and steered one by one" in vehicle.remarks[0]
    assert vehicle.model.neq == 0


def test_a_mimic_that_is_ignored_is_rejected(tmp_path, monkeypatch):
    monkeypatch.setattr(model_file, "count_elements", lambda path, tag: 1)
    with pytest.raises(ConfigError, match="links joints by <mimic>, which MuJoCo .* ignores"):
        build(tmp_path, rover())


@pytest.mark.parametrize("name", [
    "package://parts/hull.dae", "file:///opt/ws/hull.stl", "model://parts/hull.stl", "$(find parts)/hull.stl",
    "absent.stl",
])  # fmt: skip
def test_a_mesh_that_is_not_needed_keeps_no_rover_out(tmp_path, name):
    shape = f'<collision><geometry><mesh filename="{name}"/></geometry></collision>'
    vehicle = build(tmp_path, rover(body=shape))
    assert len(vehicle.wheels) == 4
    assert vehicle.remarks == [f"shapes of 1 meshes that cannot be read are left out: {name}"]


def test_what_is_missing_is_named_for_what_it_is(tmp_path):
    geom = '<geom size=".1" material="rubber"/>'
    text = f'<mujoco><worldbody><body name="base"><freejoint/>{geom}</body></worldbody></mujoco>'
    with pytest.raises(ConfigError, match="lacks the material 'rubber'.*the scene that includes this file"):
        build(tmp_path, text, "robot.xml")
