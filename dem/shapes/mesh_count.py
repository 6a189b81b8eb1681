"""How many facets and points a mesh file states, to tell one that was cut or whose header lies from what was read."""

import re

from dem.errors import ConfigError

HEAD, RECORD = 84, 50  # bytes of a binary STL's header, and of a facet
WORDS = ("facet", "endfacet", "vertex", "solid", "endsolid")


def require_whole(name: str, kind: str, data: bytes, triangle_count: int, point_count: int) -> None:
    """Reject a file of which not all was read.

    Args:
        name: of the file, for the message.
        kind: stl, ply or obj.
        data: its bytes.
        triangle_count, point_count: as they were read.

    Raises:
        ConfigError: with the counts.
    """
    if kind == "stl" and _is_text(data):
        _check_text(name, data)
    stated = {"stl": _stl_facets, "ply": _ply_faces, "obj": _obj_triangles}[kind](data)
    if stated is not None and stated > triangle_count:
        raise ConfigError(
            f"{name!r} states {stated} facets, {triangle_count} could be read: the file is cut or its header is wrong; "
            "export it again"
        )
    points = _ply_count(data, "vertex") if kind == "ply" else None
    if points is not None and points > point_count:
        raise ConfigError(f"{name!r} states {points} points, {point_count} could be read: it is cut; export it again")


def _is_text(data: bytes) -> bool:
    """Whether an STL is in ASCII; some binary ones begin with the word, too."""
    if len(data) >= HEAD and len(data) == HEAD + RECORD * int.from_bytes(data[HEAD - 4 : HEAD], "little"):
        return False
    return data.lstrip()[:5].lower() == b"solid" and b"facet" in data[:4096].lower()


def _check_text(name: str, data: bytes) -> None:
    counts = {word: len(re.findall(rf"^[ \t]*{word}\b".encode(), data, re.MULTILINE | re.IGNORECASE)) for word in WORDS}
    facets, ended = counts["facet"], counts["endfacet"]
    if facets != ended or counts["vertex"] != 3 * facets or counts["solid"] != counts["endsolid"]:
        raise ConfigError(
            f"{name!r} begins {facets} facets and ends {ended}, begins {counts['solid']} solids and ends "
            f"{counts['endsolid']}, and has {counts['vertex']} corners: the file is cut; export it again"
        )


def _stl_facets(data: bytes) -> int | None:
    if _is_text(data):
        return len(re.findall(rb"^[ \t]*facet\b", data, re.MULTILINE | re.IGNORECASE))
    return int.from_bytes(data[HEAD - 4 : HEAD], "little") if len(data) >= HEAD else None


def _ply_count(data: bytes, element: str) -> int | None:
    found = re.search(rf"element\s+{element}\s+(\d+)".encode(), data[: data.find(b"end_header")])
    return int(found.group(1)) if found else None


def _ply_faces(data: bytes) -> int | None:
    return _ply_count(data, "face")


def _obj_triangles(data: bytes) -> int | None:
    """Triangles of all faces: a face of n corners is n - 2."""
    faces = re.findall(rb"^[ \t]*f[ \t]+([^\r\n#]*)", data, re.MULTILINE)
    return sum(max(len(face.split()) - 2, 0) for face in faces)
