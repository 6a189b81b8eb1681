"""Which files a model reads: none outside its folder, and all of them count where a run is told from another.

A model may come from a stranger. So every name in it is taken every way that MuJoCo might take it: from each file's
folder, through each folder of meshes, as a path and as a bare name; and document types, which can declare entities, are
rejected, since what one reader expands another takes as it stands.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from dem.errors import ConfigError

FILE_KEYS = ("file", "filename", "fileright", "fileleft", "fileup", "filedown", "filefront", "fileback")
FOLDER_KEYS = ("meshdir", "texturedir", "assetdir")
# Of URDF: what follows is a package's name and a path in it, or a path on another machine; where that is, nobody says.
SCHEME = re.compile(r"^(?:package|model)://|^file:/+|^\$\(find [^)]*\)/*")
MESH_KINDS = (".stl", ".obj", ".msh")  # that MuJoCo reads
MODELS = ("include", "model")  # elements whose file is XML like this one
XML_SUFFIXES = (".xml", ".mjcf", ".urdf")
LARGEST_XML = 2**24  # bytes; a model of a thousand bodies has a twentieth of that

Trees = dict[Path, ElementTree.Element]


def files_of(path: Path) -> list[Path]:
    """The model and all files that it names and that are there, in a fixed order.

    Raises:
        ConfigError: one is no sound XML, is missing though it is included, or lies outside the model's folder.
    """
    path = path.resolve()
    trees: Trees = {}
    _read_trees(path, path, trees)
    bases = sorted({found.parent for found in trees})
    inner = sorted({"", *(_name(element, key) for _, element, key in _names(trees, FOLDER_KEYS))})
    named = set(trees)
    for origin, element, key in _names(trees, FILE_KEYS):
        for base, folder, short in product(bases, inner, tails(_name(element, key))):
            named.add(_inside(base / folder / short, path, origin, element, key))
    return sorted(found for found in named if found.is_file())


def digest_files(path: Path) -> dict[str, str]:
    """A hash of the content of each file of a model, by its name within the model's folder."""
    folder = path.resolve().parent
    return {
        str(found.relative_to(folder)): hashlib.sha256(found.read_bytes()).hexdigest()[:16] for found in files_of(path)
    }


def count_elements(path: Path, tag: str) -> int:
    """How many elements of a kind a model has."""
    return sum(_tag(element) == tag for element in _parse(path).iter())


def is_urdf(path: Path) -> bool:
    """Whether a model is a URDF, which its outermost element says."""
    return _tag(_parse(path)) == "robot"


def without_unread_meshes(path: Path) -> tuple[str, list[str]]:
    """A URDF without the shapes whose meshes MuJoCo could not read, and the names of these.

    Shapes of a URDF are not used: its links have the masses that it states, and the soil meets wheels of drawbar's own.
    """
    root, dropped = _parse(path), []
    for link in root.iter("link"):
        for shape in [*link.findall("collision"), *link.findall("visual")]:
            mesh = shape.find("geometry/mesh")
            if mesh is not None and not _is_readable(path.parent, _name(mesh, "filename")):
                dropped.append(mesh.get("filename", ""))
                link.remove(shape)
    return ElementTree.tostring(root, encoding="unicode"), list(dict.fromkeys(dropped))


def _is_readable(folder: Path, name: str) -> bool:
    return name.lower().endswith(MESH_KINDS) and any((folder / tail).is_file() for tail in tails(name))


def tails(name: str) -> list[str]:
    """A name and what is left of it without its first folder, its first two, and so on."""
    parts = Path(name).parts
    return [str(Path(*parts[first:])) for first in range(len(parts))]


def _read_trees(path: Path, model: Path, trees: Trees) -> None:
    """Parse a file, and those that it includes, which MuJoCo looks for beside the model."""
    trees[path] = root = _parse(path)
    for element in root.iter():
        is_include = _tag(element) == "include"
        for key in FILE_KEYS + FOLDER_KEYS:
            if element.get(key):
                _inside(model.parent / _name(element, key), model, path, element, key)
        name = _name(element, "file")
        if not name or not (_tag(element) in MODELS or name.lower().endswith(XML_SUFFIXES)):
            continue
        places = {(base / name).resolve() for base in (model.parent, path.parent)}
        found = [place for place in places if place.is_file() and place.is_relative_to(model.parent)]
        if is_include and not found:
            raise ConfigError(f"rover.model {path} includes {name!r}, which is missing; add it")
        for place in found:
            if place not in trees:
                _read_trees(place, model, trees)


def _parse(path: Path) -> ElementTree.Element:
    if path.stat().st_size > LARGEST_XML:
        raise ConfigError(f"rover.model {path} has more than {LARGEST_XML >> 20} MB of XML; put meshes into files")
    text = path.read_bytes()
    parser = expat.ParserCreate()
    types: list[str] = []
    parser.StartDoctypeDeclHandler = lambda name, *rest: types.append(name)
    try:
        parser.Parse(text, True)
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, expat.ExpatError, ValueError, LookupError) as error:  # the last two: encodings
        raise ConfigError(f"rover.model {path} is not well-formed XML ({error}); correct that line") from error
    if types:
        raise ConfigError(f"rover.model {path} has a <!DOCTYPE {types[0]}>, which could name other files; drop it")
    return root


def _names(trees: Trees, keys: tuple[str, ...]) -> Iterator[tuple[Path, ElementTree.Element, str]]:
    """Elements that name something by one of the keys, and their files."""
    for path, root in trees.items():
        for element in root.iter():
            yield from ((path, element, key) for key in keys if element.get(key))


def _name(element: ElementTree.Element, key: str) -> str:
    """A name as a path of ours: MuJoCo takes both slashes."""
    return SCHEME.sub("", element.get(key, "")).replace("\\", "/")


def _tag(element: ElementTree.Element) -> str:
    """Without the namespace, of which MuJoCo knows nothing."""
    return str(element.tag).rpartition("}")[2]


def _inside(place: Path, model: Path, origin: Path, element: ElementTree.Element, key: str) -> Path:
    """The place, links followed.

    Raises:
        ConfigError: it lies outside the model's folder.
    """
    try:
        found = place.resolve()
        found.exists()  # which a name too long cannot even be asked
        if found.is_relative_to(model.parent):
            return found
    except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, or links in a ring
        pass
    raise ConfigError(
        f"rover.model {origin} names {element.get(key)!r} (<{_tag(element)} {key}>), which lies outside "
        f"{model.parent}; copy it there, and name it from there"
    )
