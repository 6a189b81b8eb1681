"""Model files of strangers: they read nothing outside their folder, execute nothing, and break in a sentence."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dem
from dem.errors import ConfigError
from dem.rover.model_guard import digest_files, files_of
from dem.rover.rover_spec import RoverSpec
from dem.rover.vehicle import Vehicle

WHEEL = """<body name="{0}" pos="{1} {2} 0"><joint axis="0 1 0"/><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
  </body>"""
PLACES = (("fl", 0.3, 0.2), ("fr", 0.3, -0.2), ("rl", -0.3, 0.2), ("rr", -0.3, -0.2))
MJCF = """<mujoco>{head}<asset><mesh name="hull" file="{mesh}"/></asset><worldbody><body name="base"><freejoint/>
  <geom type="mesh" mesh="hull" mass="10"/>{wheels}</body></worldbody></mujoco>"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """MuJoCo leaves a log where it warns."""
    monkeypatch.chdir(tmp_path)


def write_model(folder: Path, mesh: str = "hull.obj", head: str = "", name: str = "mine.xml") -> Path:
    """A rover whose hull is a mesh, in a folder of its own; an octahedron lies there as `hull.obj`."""
    folder.mkdir(exist_ok=True)
    corners = [f"v {x} {y} {z}" for x, y, z in np.concatenate([np.eye(3), -np.eye(3)])]
    sides = [(1, 2, 3), (2, 4, 3), (4, 5, 3), (5, 1, 3), (2, 1, 6), (4, 2, 6), (5, 4, 6), (1, 5, 6)]
    (folder / "hull.obj").write_text("\n".join([*corners, *(f"f {a} {b} {c}" for a, b, c in sides)]) + "\n")
    wheels = "".join(WHEEL.format(*place) for place in PLACES)
    (folder / name).write_text(MJCF.format(head=head, mesh=mesh, wheels=wheels))
    return folder / name


def build(path: Path) -> Vehicle:
    """The rover of a model file."""
    return Vehicle(RoverSpec("mine", "model", speed=0.1, motor_torque=5.0, model=str(path)), 0.1, 0.05)


def test_a_model_with_its_own_mesh_is_built_and_told_by_its_content(tmp_path):
    path = write_model(tmp_path / "mine")
    assert build(path).mass == pytest.approx(14.0)
    assert files_of(path) == sorted([path.resolve(), (tmp_path / "mine" / "hull.obj").resolve()])
    before = digest_files(path)
    assert set(before) == {"mine.xml", "hull.obj"}
    (tmp_path / "mine" / "hull.obj").write_text((tmp_path / "mine" / "hull.obj").read_text().replace("v 1.0", "v 1.1"))
    after = digest_files(path)
    assert [name for name in before if before[name] != after[name]] == ["hull.obj"]


OUTSIDE = {
    "absolute mesh": {"mesh": "/etc/passwd"},
    "mesh above": {"mesh": "../secret.obj"},
    "mesh above by the other slash": {"mesh": "..\\secret.obj"},
    "mesh above by a package": {"mesh": "package://../secret.obj"},
    "folder above": {"head": '<compiler meshdir=".."/>', "mesh": "secret.obj"},
    "folder elsewhere": {"head": '<compiler assetdir="/etc"/>'},
    "folder and mesh": {"head": '<compiler meshdir="a/b"/>', "mesh": "../../../secret.obj"},
    "link": {"mesh": "linked.obj"},
    "link by a folder": {"head": '<compiler meshdir="inner"/>', "mesh": "away/secret.obj"},
    "include": {"head": '<include file="/etc/passwd"/>'},
    "include above": {"head": '<include file="../secret.obj"/>'},
    "what is included": {"head": '<include file="inner/more.xml"/>'},
    "what a foreign include includes": {"head": '<x xmlns="y"><include file="inner/more.xml"/></x>'},
    "model in a model": {"head": '<asset><model name="m" file="inner/more.xml"/></asset>'},
    "plain texture": {"head": '<asset><texture type="cube" name="t" fileright="/etc/hostname"/></asset>'},
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_nothing_outside_the_folder_is_read(case, tmp_path):
    path = write_model(tmp_path / "mine", **OUTSIDE[case])
    (tmp_path / "secret.obj").write_text((tmp_path / "mine" / "hull.obj").read_text())
    inner = tmp_path / "mine" / "inner"
    inner.mkdir()
    (inner / "more.xml").write_text('<mujoco><asset><mesh name="m" file="../../secret.obj"/></asset></mujoco>')
    os.symlink(tmp_path / "secret.obj", tmp_path / "mine" / "linked.obj")
    os.symlink(tmp_path, inner / "away")
    with pytest.raises(ConfigError, match="lies outside"):
        build(path)


def test_entities_are_rejected(tmp_path):
    path = write_model(tmp_path / "mine", mesh="&secret;")
    kinds = ('[<!ENTITY secret SYSTEM "/etc/passwd">]', '[<!ENTITY secret "hull.obj">]', 'SYSTEM "/etc/passwd"')
    for kind in kinds:
        text = path.read_text().partition("<mujoco>")[2]
        path.write_text(f"<!DOCTYPE mujoco {kind}><mujoco>{text}")
        with pytest.raises(ConfigError, match=r"DOCTYPE|not well-formed"):
            build(path)


def test_a_bomb_of_entities_is_rejected_at_once(tmp_path):
    layers = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    (tmp_path / "bomb.xml").write_text(f'<!DOCTYPE m [<!ENTITY a0 "ha">{layers}]><mujoco model="&a11;"/>')
    with pytest.raises(ConfigError, match=r"DOCTYPE|not well-formed"):
        build(tmp_path / "bomb.xml")


def test_a_name_too_long_ends_in_a_sentence(tmp_path):
    with pytest.raises(ConfigError):
        build(write_model(tmp_path / "mine", mesh="a" * 5000))


def test_includes_that_go_round_end_in_a_sentence(tmp_path):
    (tmp_path / "a.xml").write_text('<mujoco><include file="b.xml"/></mujoco>')
    (tmp_path / "b.xml").write_text('<mujoco><include file="a.xml"/></mujoco>')
    with pytest.raises(ConfigError):
        build(tmp_path / "a.xml")


WHAT = st.sampled_from(["mine.xml", "hull.obj"])
DAMAGE = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(b"")),
    st.tuples(st.just("put"), st.floats(0, 1), st.binary(min_size=1, max_size=12)),
    st.tuples(
        st.just("number"), st.sampled_from([0.3, 0.2, 1.0, -1.0]),
        st.sampled_from([b"nan", b"inf", b"1e308", b"-1", b"0", b"x", b"99999999999999999999", b"1e-320"]),
    ),
)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(WHAT, DAMAGE)
def test_a_damaged_model_is_built_or_rejected_in_a_sentence(tmp_path_factory, what, damage):
    path = write_model(tmp_path_factory.getbasetemp() / "damaged")
    kind, place, put = damage
    text = (path.parent / what).read_bytes()
    at = int(abs(place) * len(text))
    changed = {"cut": text[:at], "put": text[:at] + put + text[at + len(put) :],
               "number": text.replace(str(place).encode(), put, 2)}  # fmt: skip
    (path.parent / what).write_bytes(changed[kind])
    try:
        vehicle = build(path)
    except dem.DemError as error:
        said = str(error)
    else:
        said = "; "
        assert np.isfinite(vehicle.mass)
        assert np.isfinite(vehicle.wheel_poses()[0]).all()
    assert "\n" not in said
    assert "; " in said  # the remedy
