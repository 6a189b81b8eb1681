"""Mesh files of any kind and in any state: a surface that can be computed with, or a sentence; never a crash."""

import logging
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dem
from dem.errors import ConfigError

BOX = trimesh.creation.box((0.2, 0.1, 0.1))


def as_bytes(exported: bytes | str) -> bytes:
    return exported.encode() if isinstance(exported, str) else exported


WHOLE = {
    "binary.stl": as_bytes(BOX.export(file_type="stl")),
    "text.stl": as_bytes(BOX.export(file_type="stl_ascii")),
    "box.obj": as_bytes(BOX.export(file_type="obj")),
    "binary.ply": as_bytes(BOX.export(file_type="ply")),
    "text.ply": as_bytes(BOX.export(file_type="ply", encoding="ascii")),
}
ODD_NUMBERS = [b"nan", b"inf", b"-inf", b"1e308", b"1e-320", b"1e30", b"x", b"-1", b"99999999999", b""]


@st.composite
def damaged(draw) -> tuple[str, bytes]:
    """A file's ending and its content."""
    name = draw(st.sampled_from(sorted(WHOLE)))
    data = bytearray(WHOLE[name])
    how = draw(st.sampled_from(["cut", "overwrite", "insert", "junk", "numbers"]))
    at = draw(st.integers(0, len(data) - 1))
    if how == "cut":
        data = data[:at]
    elif how == "junk":
        data = bytearray(draw(st.binary(max_size=300)))
    elif how == "numbers":
        old, new = draw(st.sampled_from([b"0.1", b"0.05", b" 12\n", b" 8\n", b"1"])), draw(st.sampled_from(ODD_NUMBERS))
        data = bytearray(bytes(data).replace(old, new, draw(st.integers(1, 9))))
    else:
        put = draw(st.binary(min_size=1, max_size=12))
        data[at : at + (len(put) if how == "overwrite" else 0)] = put
    ending = draw(st.sampled_from([name[-3:], name[-3:], name[-3:], "stl", "obj", "ply"]))  # mostly its own
    return ending, bytes(data)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(damaged())
def test_a_damaged_file_gives_a_sound_mesh_or_a_sentence(tmp_path_factory, file):
    ending, data = file
    path = tmp_path_factory.getbasetemp() / f"damaged.{ending}"
    path.write_bytes(data)
    said = ""
    try:
        mesh = dem.TriangleMesh.from_file(path)
    except ConfigError as error:
        said = str(error)
    if said:
        assert "\n" not in said
        assert "; " in said  # the remedy
        assert path.name in said
        return
    assert mesh.element_count > 0
    for numbers in (mesh.points, mesh.normals, mesh.extent, mesh.parts.outward, mesh.parts.cone, mesh.parameters()):
        assert np.isfinite(numbers).all()


def write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("name", WHOLE)
def test_all_formats_give_the_same_box(name, tmp_path, caplog):
    mesh = dem.TriangleMesh.from_file(write(tmp_path, name, WHOLE[name]))
    assert mesh.element_count == 12
    assert mesh.is_closed
    assert mesh.volume == pytest.approx(2e-3)
    assert not [record for record in caplog.records if record.name.startswith("dem")]


REJECTED = {
    "empty.stl": (b"", "no triangles"),
    "cut.stl": (WHOLE["binary.stl"][:300], "cannot read|no triangles"),
    "foreign.stl": (WHOLE["binary.ply"], "cannot read|no triangles"),
    "picture.obj": (b"\x89PNG\r\n\x1a\n" + bytes(100), "cannot read|no triangles"),
    "box.gltf": (b"{}", "must end in .stl, .obj, .ply"),
    "box.dae": (b"<COLLADA/>", "must end in .stl, .obj, .ply"),
    "box.zip": (b"PK", "must end in .stl, .obj, .ply"),
    "box": (WHOLE["binary.stl"], "must end in .stl, .obj, .ply"),
    "points.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no triangles"),
    "flat.obj": (b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "all have no area"),
    "far.obj": (b"v 0 0 0\nv 1e30 0 0\nv 0 1e30 0\nf 1 2 3\n", "must stay within 1e.06 m"),
    "nan.obj": (b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "must be finite|cannot read"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_what_is_no_mesh_is_rejected(name, tmp_path):
    data, said = REJECTED[name]
    with pytest.raises(ConfigError, match=said) as caught:
        dem.TriangleMesh.from_file(write(tmp_path, name, data))
    assert name in str(caught.value)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_rejected(scale, tmp_path):
    with pytest.raises(ConfigError, match="scale"):
        dem.TriangleMesh.from_file(write(tmp_path, "box.obj", WHOLE["box.obj"]), scale=scale)


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        (BOX.faces[:, ::-1], "inside out"),
        (np.concatenate([BOX.faces[:5], BOX.faces[5:, ::-1]]), "not watertight"),
        (BOX.faces[:-1], "not watertight"),
        (np.concatenate([BOX.faces, [[0, 0, 1]]]), "have no area, dropped"),
    ],
    ids=["inside out", "partly turned", "with a hole", "with a sliver"],
)
def test_a_mesh_that_is_odd_is_computed_with_and_said(faces, said, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    data = as_bytes(trimesh.Trimesh(BOX.vertices, faces, process=False).export(file_type="obj"))
    dem.TriangleMesh.from_file(write(tmp_path, "odd.obj", data))
    assert said in caplog.text


def test_a_mesh_reads_no_other_file(tmp_path, monkeypatch):
    """An OBJ may name materials, and they pictures."""
    data = b"mtllib ../secret.mtl\nusemtl a\n" + WHOLE["box.obj"]
    path = write(tmp_path, "box.obj", data)
    opened, open_file = [], Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: opened.append(self) or open_file(self))
    monkeypatch.setattr("builtins.open", lambda *arguments, **keys: pytest.fail(f"opened {arguments}"))
    assert dem.TriangleMesh.from_file(path).element_count == 12
    assert opened == [path]
