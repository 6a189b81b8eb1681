"""A mesh file of which not all can be read is rejected with counts, whatever its kind."""

import numpy as np
import pytest

import dem
from dem.errors import ConfigError

POINTS = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]])


def text_stl() -> str:
    lines = ["solid a"]
    for face in FACES:
        corners = [f"   vertex {' '.join(map(str, point))}" for point in POINTS[face]]
        lines += [" facet normal 0 0 0", "  outer loop", *corners, "  endloop", " endfacet"]
    return "\n".join([*lines, "endsolid a", ""])


def written(tmp_path, kind: str) -> bytes:
    path = tmp_path / f"whole.{kind}"
    dem.TriangleMesh(POINTS, FACES).to_file(path)
    return path.read_bytes()


def read(tmp_path, data: bytes, kind: str):
    path = tmp_path / f"given.{kind}"
    path.write_bytes(data)
    return dem.TriangleMesh.from_file(path)


@pytest.mark.parametrize("kind", ["stl", "ply", "obj"])
def test_whole_files_are_read(tmp_path, kind):
    assert read(tmp_path, written(tmp_path, kind), kind).element_count == 4


def test_two_solids_in_a_text_file_are_read(tmp_path):
    assert read(tmp_path, (text_stl() + text_stl()).encode(), "stl").element_count == 8


@pytest.mark.parametrize("lines", [1, 3, 6, 8])
def test_a_text_file_that_is_cut_is_rejected(tmp_path, lines):
    text = (text_stl() + text_stl()).splitlines()
    with pytest.raises(ConfigError, match="the file is cut"):
        read(tmp_path, "\n".join(text[:-lines]).encode(), "stl")


def test_a_header_that_states_more_than_there_is_is_rejected(tmp_path):
    data = bytearray(written(tmp_path, "stl"))
    data[80:84] = (9).to_bytes(4, "little")
    with pytest.raises(ConfigError, match=r"states 9 facets|cannot read"):
        read(tmp_path, bytes(data), "stl")
    with pytest.raises(ConfigError):
        read(tmp_path, bytes(written(tmp_path, "stl"))[:-60], "stl")


def test_points_that_are_no_numbers_are_counted(tmp_path):
    text = text_stl().replace("vertex 1.0 0.0 0.0", "vertex nan 0.0 0.0")
    with pytest.raises(ConfigError, match="points in .* that are no numbers"):
        read(tmp_path, text.encode(), "stl")
