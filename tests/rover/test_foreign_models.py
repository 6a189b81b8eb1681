"""Models written for other simulators mean here what they mean there, or are rejected in a sentence."""

from pathlib import Path

import numpy as np
import pytest
from rigid_ground import RigidGround

from dem.errors import ConfigError
from dem.rover.model_guard import digest_files
from dem.rover.rover_spec import RoverSpec
from dem.rover.shown_wheels import describe_misfits
from dem.rover.vehicle import Vehicle

PLACES = {"fl": (0.3, 0.2), "fr": (0.3, -0.2), "rl": (-0.3, 0.2), "rr": (-0.3, -0.2)}
INERTIA = '<inertial pos="0 0 0" mass="{}" diaginertia="0.1 0.1 0.1"/>'
FREE = "<freejoint/>"


def wheel(name: str, x: float, y: float, joint: str = 'axis="0 1 0"', inside: str = "") -> str:
    """A wheel of 1 kg."""
    return f'<body name="{name}" pos="{x} {y} 0"><joint name="{name}_axle" {joint}/>{INERTIA.format(1)}{inside}</body>'


def four(**keys: str) -> str:
    """Four of them."""
    return "".join(wheel(name, *place, **keys) for name, place in PLACES.items())


def mjcf(bodies: str, root: str = FREE, head: str = "", tail: str = "", base: str = "") -> str:
    """A body of 10 kg that carries others."""
    body = f'<body name="base" pos="0 0 0.1" {base}>{root}{INERTIA.format(10)}{bodies}</body>'
    return f"<mujoco>{head}<worldbody>{body}</worldbody>{tail}</mujoco>"


URDF = '<robot name="mine"><link name="base">{inertial}</link>{more}{wheels}</robot>'
URDF_MASS = '<inertial><mass value="{0}"/><inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/></inertial>'
URDF_WHEEL = """<link name="{0}">{3}</link><joint name="{0}_axle" type="continuous"><parent link="base"/>
  <child link="{0}"/><origin xyz="{1} {2} 0"/><axis xyz="0 1 0"/><limit effort="0.5" velocity="9"/></joint>"""
CASE = '<link name="case"><collision><geometry>{}</geometry></collision></link>'
HELD = '<joint name="held" type="fixed"><parent link="base"/><child link="case"/></joint>'


def urdf(shape: str) -> str:
    """The same in URDF, with a case that has a shape but no mass."""
    wheels = "".join(URDF_WHEEL.format(name, *place, URDF_MASS.format(1)) for name, place in PLACES.items())
    return URDF.format(inertial=URDF_MASS.format(10), more=CASE.format(shape) + HELD, wheels=wheels)


def build(path: Path, text: str, **keys) -> Vehicle:
    """The rover of a model file."""
    path.write_text(text)
    return Vehicle(RoverSpec("mine", "model", speed=0.1, motor_torque=5.0, model=str(path), **keys), 0.1, 0.05)


def write_mesh(path: Path) -> None:
    """An octahedron."""
    path.parent.mkdir(parents=True, exist_ok=True)
    corners = [f"v {x} {y} {z}" for x, y, z in np.concatenate([np.eye(3), -np.eye(3)])]
    sides = [(1, 2, 3), (2, 4, 3), (4, 5, 3), (5, 1, 3), (2, 1, 6), (4, 2, 6), (5, 4, 6), (1, 5, 6)]
    path.write_text("\n".join([*corners, *(f"f {a} {b} {c}" for a, b, c in sides)]) + "\n")


@pytest.mark.parametrize("place", ["hull.obj", "meshes/hull.obj", "parts/meshes/hull.obj"])
def test_meshes_of_a_package_are_found_in_its_folder_and_count(place, tmp_path):
    write_mesh(tmp_path / place)
    text = urdf('<mesh filename="package://parts/meshes/hull.obj"/>')
    assert build(tmp_path / "mine.urdf", text).model.nmesh == 1
    assert set(digest_files(tmp_path / "mine.urdf")) == {"mine.urdf", place}


def test_a_link_of_a_urdf_without_inertial_has_no_mass(tmp_path):
    box = '<box size="0.2 0.2 0.2"/>'  # 8 kg of water
    assert build(tmp_path / "mine.urdf", urdf(box)).mass == pytest.approx(14.0)


def stall(vehicle: Vehicle) -> tuple[np.ndarray, np.ndarray]:
    """Torques that motors say they give, and that reach their joints, where wheels are held."""
    vehicle.command(np.zeros(4), np.full(4, 1.0))
    resist = np.zeros((4, 6))
    for _ in range(20):
        vehicle.advance(5e-4, resist)
        resist[:, 4] = -vehicle.driving_torques()
    joints = [vehicle.model.jnt_dofadr[found.drive] for found in vehicle.wheels]
    return vehicle.driving_torques(), vehicle.data.qfrc_actuator[joints]


def test_motors_have_the_torque_of_the_rover_whatever_the_file_allows(tmp_path):
    for path, text in (
        (tmp_path / "mine.urdf", urdf("<sphere radius='0.1'/>")),
        (tmp_path / "mine.xml", mjcf(four(joint='axis="0 1 0" actuatorfrclimited="true" actuatorfrcrange="-0.5 0.5"'))),
    ):
        vehicle = build(path, text)
        said, felt = stall(vehicle)
        assert said == pytest.approx(felt)
        assert (said > 1.0).all()


TENDON = (
    '<tendon><fixed name="pair"><joint joint="fl_axle" coef="1"/><joint joint="rl_axle" coef="1"/></fixed></tendon>'
)
ACTUATORS = """<actuator><velocity name="both" tendon="pair" kv="10"/><velocity name="one" joint="fr_axle" kv="10"/>
  <position name="look" joint="pan" kp="1"/></actuator><sensor><actuatorfrc actuator="one"/></sensor>"""
PAN = f'<body name="mast" pos="0 0 0.4"><joint name="pan" axis="0 0 1"/>{INERTIA.format(0.1)}</body>'


def test_motors_of_the_file_leave_driven_joints_and_stay_on_others(tmp_path):
    vehicle = build(tmp_path / "mine.xml", mjcf(four() + PAN, tail=TENDON + ACTUATORS))
    names = {vehicle.model.actuator(number).name for number in range(vehicle.model.nu)}
    assert names == {"look", *(f"drive of {name}" for name in PLACES)}


@pytest.mark.parametrize("weightless", ["flag", "gravcomp"])
def test_a_rover_has_its_weight_whatever_the_file_says(weightless, tmp_path):
    head = '<option><flag gravity="disable" actuation="disable"/></option>' if weightless == "flag" else ""
    base = 'gravcomp="1"' if weightless == "gravcomp" else ""
    vehicle = build(tmp_path / "mine.xml", mjcf(four(), head=head, base=base))
    ground = RigidGround(vehicle, 0.1)
    assert ground.run(0.5)[:, 2].sum() == pytest.approx(14.0 * 3.71, rel=0.01)
    ground.command(0.1)
    ground.run(1.0)
    assert vehicle.body_pose()[0][0] == pytest.approx(0.1, rel=0.15)


def test_wheels_may_carry_caps_and_cameras_are_no_wheels(tmp_path):
    cap = f'<body pos="0 0.03 0">{INERTIA.format(0.1)}</body>'
    camera = f'<body name="camera" pos="0 0 0.5"><joint axis="0 1 0" range="-45 45"/>{INERTIA.format(0.1)}</body>'
    vehicle = build(tmp_path / "mine.xml", mjcf(four(inside=cap) + camera))
    assert {found.name for found in vehicle.wheels} == set(PLACES)


def test_wheels_that_the_file_shows_elsewhere_or_otherwise_are_remarked(tmp_path):
    write_mesh(tmp_path / "hull.obj")
    head = '<asset><mesh name="hull" file="hull.obj" scale="0.1 0.1 0.1"/></asset>'
    on_axle = '<geom type="cylinder" size="{} 0.02" pos="0 {} 0" euler="90 0 0" mass="0"/>'
    shown = {
        "fl": on_axle.format(0.1, 0), "fr": on_axle.format(0.3, 0), "rl": on_axle.format(0.1, 0.03),
        "rr": '<geom type="mesh" mesh="hull" pos="0 -0.04 0" mass="0"/>',
    }  # fmt: skip
    bodies = "".join(wheel(name, *PLACES[name], inside=shape) for name, shape in shown.items())
    vehicle = build(tmp_path / "mine.xml", mjcf(bodies, head=head))
    said = describe_misfits(vehicle, 0.1, 0.05)
    assert len(said) == 3
    assert "each wheel of fr with a radius of 0.3 m, wheel.radius is 0.1 m; choose" in said[0]
    assert "each wheel of rl 0.03 m beside its body's origin" in said[1]
    assert "each wheel of rr 0.04 m beside" in said[2]
    assert not describe_misfits(build(tmp_path / "mine.xml", mjcf(four())), 0.1, 0.05)


KINGPIN = (
    f'<body name="beam" pos="0.3 0 0"><joint name="kingpin" axis="0 0 1"/>{INERTIA.format(1)}'
    + f"{wheel('fl', 0, 0.2)}{wheel('fr', 0, -0.2)}</body>{wheel('rl', -0.3, 0.2)}{wheel('rr', -0.3, -0.2)}"
)
SLIDES = '<joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 1 0"/><joint axis="0 0 1"/>'
SPINNER = f'<body name="camera" pos="0 0 0.5"><joint axis="0 1 0"/>{INERTIA.format(0.1)}</body>'
KIND = '<asset><mesh name="m" file="hull.dae"/></asset>'
STUCK = {name: name for name in PLACES}
REJECTED = {
    "stops": (mjcf(four(joint='axis="0 1 0" range="-90 90"')), STUCK, r"turns from -90 to 90 deg only; drop"),
    "all stop": (mjcf(four(joint='axis="0 1 0" range="-90 90"')), {}, r"no outermost body with a hinge about y that"),
    "off its axle": (mjcf(four(joint='axis="0 1 0" pos="0.05 0 0"')), {}, r"axle passes its body's origin at 0\.05 m"),
    "cannot sink": (mjcf(four(), root=SLIDES), {}, r"no joint lets move up or down, so it cannot sink"),
    "one kingpin": (mjcf(KINGPIN), {}, r"one steering joint, 'kingpin', for fl and fr; give each"),
    "one body twice": (mjcf(four()), {**STUCK, "rr": "rl"}, r"one drive joint, 'rl_axle', for rl and rr; name each"),
    "camera": (mjcf(four() + SPINNER), {}, r"has 'camera', which rolls about y, 0\.5 m above 'fl'"),
    "two wheels": (mjcf(wheel("l", 0, 0.2) + wheel("r", 0, -0.2)), {}, r"not between its wheels l, r, and would fall"),
    "other mesh": (mjcf(four(), head=KIND), {}, r"a kind that MuJoCo does not read .*; convert it to STL or OBJ"),
}  # fmt: skip


@pytest.mark.parametrize("case", REJECTED)
def test_what_cannot_be_driven_is_said_in_a_sentence(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # MuJoCo leaves a log where it warns
    (tmp_path / "hull.dae").write_text("<COLLADA/>")
    text, bodies, expected = REJECTED[case]
    with pytest.raises(ConfigError, match=expected) as caught:
        build(tmp_path / "mine.xml", text, wheel_bodies=bodies)
    assert "; " in str(caught.value)  # the remedy
    assert "\n" not in str(caught.value)
