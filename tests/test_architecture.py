"""The house holds: imports point down, each heavy import has one place, kernels keep their habits.

The rules are checked on the syntax tree, and the checker itself on small offenders.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FRONT_DOOR = "dem"  # the package itself, which stands for whatever else is imported from it, `Simulation` for one
# Longest match wins. What is not listed is an offence: a new file is given its floor here.
FLOORS = {
    FRONT_DOOR: 5,  # gives out names of floors 1 to 5
    "dem.renamed": 0,
    "dem.run_files": 0,
    "dem.own_conf": 1,
    "dem.errors": 0,  # beneath all: everything raises
    "dem.backend": 1,
    "dem.devices": 1,
    "dem.device_check": 1,
    "dem.device_choice": 1,
    "dem.device_errors": 1,
    "dem.memory": 1,
    "dem.cuda_memory": 1,
    "dem.taichi_internals": 1,
    "dem.maths": 1,
    "dem.spec": 1,
    "dem.gravity": 2,
    "dem.mesh_tables": 2,
    "dem.model": 2,
    "dem.records": 2,
    "dem.state": 2,
    "dem.sum_tree": 2,
    "dem.worlds": 2,
    "dem.contact": 3,
    "dem.diagnostics": 3,
    "dem.neighbors": 3,
    "dem.shapes": 3,
    "dem.integrate": 3,
    "dem.advance": 3,
    "dem.builder": 4,
    "dem.soil": 4,
    "dem.rover": 4,
    "dem.measure": 4,
    "dem.memory_estimate": 4,
    "dem.solver": 4,
    "dem.time_step": 4,
    "dem.simulation": 5,
    "dem.readings": 5,
    "dem.recording": 5,
    "dem.checkpoint": 5,
    "dem.io": 5,
    "dem.viz": 5,
    "dem.self_check": 6,  # a scene on a device and on the CPU
    "dem.progress": 6,  # a loop with a bar
    "dem.bench": 6,  # scenes to measure speed on
    "dem.verify": 6,  # scenes with known answers
    "dem.study": 6,
    "dem.run_config": 6,
    "dem.identity": 6,
    "dem.experiment": 6,  # stages and phases in time
    "dem.beds": 6,  # experiments that make beds
    "scenarios": 7,
    "dem.config": 7,
    "dem.config_errors": 7,
    "dem.launch": 7,
    "dem.cli": 7,
}

# Rooms of one floor that may import each other, and why.
SIDEWAYS = {
    ("dem.maths", "dem.backend"): "@ti.func",
    ("dem.backend", "dem.devices"): "a session knows its device",
    ("dem.backend", "dem.device_choice"): "which device to start",
    ("dem.backend", "dem.device_errors"): "what Taichi raises, as ours",
    ("dem.device_choice", "dem.devices"): "what there is",
    ("dem.device_choice", "dem.device_check"): "what computes rightly",
    ("dem.device_check", "dem.devices"): "what is checked",
    ("dem.device_errors", "dem.devices"): "what failed",
    ("dem.backend", "dem.taichi_internals"): "Taichi",
    ("dem.memory", "dem.taichi_internals"): "where it lays out fields",
    ("dem.memory", "dem.backend"): "fields and where they lie",
    ("dem.memory", "dem.cuda_memory"): "and copies of them",
    ("dem.cuda_memory", "dem.backend"): "the device in use",
    ("dem.cuda_memory", "dem.devices"): "the name of the driver",
    ("dem.cuda_memory", "dem.device_errors"): "what a driver that rejects means",
    ("dem.worlds", "dem.model"): "a batch is made of models",
    ("dem.state", "dem.model"): "a state is laid out for models",
    ("dem.state", "dem.records"): "what a state is made of",
    ("dem.state", "dem.worlds"): "a state is laid out for a batch of worlds",
    ("dem.state", "dem.sum_tree"): "and in what order it is summed",
    ("dem.sum_tree", "dem.worlds"): "a world is summed by itself",
    ("dem.state", "dem.mesh_tables"): "and for its meshes",
    ("dem.model", "dem.mesh_tables"): "meshes are part of the tables",
    ("dem.worlds", "dem.mesh_tables"): "a batch makes room for contacts on meshes",
    ("dem.neighbors", "dem.shapes"): "the distance to a shape decides whether it is a neighbour",
    ("dem.contact", "dem.shapes"): "one kernel for soil on every shape",
    ("dem.contact", "dem.neighbors"): "laws run over the list of neighbours",
    ("dem.diagnostics", "dem.contact"): "what contacts remember, and where their partners stand",
    ("dem.diagnostics", "dem.neighbors"): "across periodic faces",
    ("dem.integrate", "dem.neighbors"): "whoever moves asks whether neighbours are stale",
    ("dem.advance", "dem.contact"): "contacts and motion in one pass",
    ("dem.advance", "dem.integrate"): "contacts and motion in one pass",
    (FRONT_DOOR, "dem.io"): "gives out",
    (FRONT_DOOR, "dem.simulation"): "gives out",
    ("dem.viz", "dem.io"): "reads results",
    ("dem.simulation", "dem.checkpoint"): "what goes into one",
    ("dem.simulation", "dem.io"): "writes checkpoints",
    ("dem.simulation", "dem.recording"): "what the loop calls",
    ("dem.simulation", "dem.readings"): "its reading half",
    ("dem.readings", "dem.recording"): "arrays over time",
    ("dem.run_config", "dem.study"): "a config says what is studied",
    ("dem.identity", "dem.run_config"): "what of a config counts",
    ("dem.experiment", "dem.run_config"): "what determines a run",
    ("dem.experiment", "dem.identity"): "and makes it the same",
    ("dem.experiment", "dem.progress"): "phases with a bar",
    ("dem.beds", "dem.experiment"): "a bed is made in phases",
    ("dem.beds", "dem.identity"): "and kept under what counts",
    ("dem.config", "dem.config_errors"): "messages",
    ("dem.config", "scenarios"): "the registry of specs",
    ("dem.launch", "dem.config"): "composes",
    ("dem.launch", "dem.config_errors"): "parses",
    ("dem.launch", "scenarios"): "the registry of procedures",
    ("dem.cli", "dem.launch"): "verbs",
}

HEAVY = {
    "taichi": ("dem.taichi_internals",),
    "quadrants": ("dem.taichi_internals",),
    "h5py": ("dem.io",),
    "pyvista": ("dem.viz",),
    "vtk": ("dem.viz",),
    "vtkmodules": ("dem.viz",),
    "trame": ("dem.viz.web",),
    "aiohttp": ("dem.viz.web",),
    "matplotlib": ("dem.viz",),
    "imageio": ("dem.viz",),
    "hydra": ("dem.config", "dem.config_errors", "dem.launch", "dem.cli"),
    "omegaconf": ("dem.config", "dem.config_errors", "dem.launch", "dem.cli"),
    "mujoco": ("dem.rover",),
    "optuna": ("dem.launch.calibrate",),
    "submitit": ("dem.launch.slurm",),
    "trimesh": ("dem.shapes.mesh",),
    "pandas": ("dem.study.table", "dem.io.run_reader"),
    "pyarrow": ("dem.study.table",),
    "jinja2": ("dem.study.report",),
    "PIL": ("dem.viz",),
}

# What is imported although it is private, (by whom, what), and why.
PRIVATE_BY_LEAVE = {
    ("dem.launch.run", "hydra._internal.utils.get_args_parser"): "Hydra's own options, which it gives out nowhere else",
}
# What is imported from a higher floor, (by whom, from which room), only when it is asked for, and why.
UP_BY_LEAVE = {("dem", "dem.launch"): "dem.run_case and dem.run_study, which `import dem` alone does not load"}
SPEAKERS = ("dem.cli", "dem.io.info")  # may print
TAICHI_INTERNALS = (
    "_lib", "lang", "snode", "_ti_core", "_snode", "get_dt", "offset_bytes_in_parent_cell", "cell_size_bytes",
    "get_snode_tree_id", "get_scalar_field", "get_runtime", "current_cfg", "materialize", "get_pos_info",
)  # fmt: skip
LONGEST_KERNEL = 40  # lines, of a ti.func too
MOST_PARAMETERS = 6


def inside(module: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of the places or in one of them."""
    return any(module == place or module.startswith(f"{place}.") for place in places)


def room_of(module: str) -> str | None:
    """Return the room of FLOORS that a module is in."""
    if module == FRONT_DOOR:
        return FRONT_DOOR
    return max((room for room in FLOORS if room != FRONT_DOOR and inside(module, (room,))), key=len, default=None)


def room_of_import(target: str) -> str | None:
    """Return the room that an import is from: what is no module of the engine comes through the front door."""
    return room_of(target) or (FRONT_DOOR if inside(target, (FRONT_DOOR,)) else None)


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Yield the modules a file imports, wherever in the file; those only for annotations do not count."""
    skipped = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for statement in node.body
        for child in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            packages = node.module in ("dem", "scenarios")
            yield from (f"{node.module}.{alias.name}" if packages else node.module for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.import_module":
            yield from (word.value for word in node.args if isinstance(word, ast.Constant))


def floor_offences(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield imports that point up, or sideways without leave."""
    room = room_of(module)
    if room is None:
        yield f"{module} has no floor; give it one in FLOORS and in dem/README.md"
        return
    for target in imports_of(tree):
        other = room_of_import(target)
        if other is None or other == room:
            continue
        if (module, other) in UP_BY_LEAVE:
            continue
        if FLOORS[other] > FLOORS[room]:
            yield f"{module} (floor {FLOORS[room]}) imports {target} (floor {FLOORS[other]})"
        elif FLOORS[other] == FLOORS[room] and (room, other) not in SIDEWAYS:
            yield f"{module} imports {target} beside it on floor {FLOORS[room]}"


def heavy_offences(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield heavy imports out of their place."""
    for target in imports_of(tree):
        places = HEAVY.get(target.split(".")[0])
        if places and not inside(module, places):
            yield f"{module} imports {target}, whose place is {', '.join(places)}"


def private_offences(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield imports of what another module keeps to itself, `from x import _y`, and of modules like `x._y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for path in (f"{node.module}.{alias.name}" for alias in node.names):
                words = path.split(".")
                hidden = any(word.startswith("_") and not word.endswith("__") for word in words)
                if hidden and (module, path) not in PRIVATE_BY_LEAVE:
                    yield f"{module}:{node.lineno} imports {path}, which is private; make it public where it is"


def internal_offences(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield uses of what Taichi does not promise, such as `ti._lib.core` and `field.snode.ptr`."""
    if module == "dem.taichi_internals":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in TAICHI_INTERNALS:
            yield f"{module}:{node.lineno} uses Taichi's {node.attr}, whose place is dem.taichi_internals"


def habit_offences(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield breaches of the habits: kernels, ti.init, print, future annotations."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield f"{module} imports from __future__, which breaks kernels"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "print" and not inside(module, SPEAKERS):
                yield f"{module}:{node.lineno} prints; use logging"
            if called in ("ti.init", "taichi.init") and module != "dem.backend":
                yield f"{module}:{node.lineno} calls ti.init"
        elif isinstance(node, ast.FunctionDef):
            yield from device_code_offences(module, node)


def device_code_offences(module: str, node: ast.FunctionDef) -> Iterator[str]:
    """Yield what is wrong with a kernel or with a function that kernels call; nothing for what runs on the host."""
    decorators = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    if "kernel" in decorators:
        place = f"{module}:{node.lineno} kernel {node.name}"
        yield from kernel_offences(place, node)
        yield from size_offences(place, node)
        if FLOORS.get(room_of(module) or "", 0) > 3:
            yield f"{place} is above floor 3"
    elif "func" in decorators:
        yield from size_offences(f"{module}:{node.lineno} function {node.name}", node)


def kernel_offences(place: str, node: ast.FunctionDef) -> Iterator[str]:
    """Yield what is wrong with a kernel's name, and what its docstring leaves out."""
    said = [line.strip() for line in (ast.get_docstring(node) or "").splitlines()]
    for word in ("Reads", "Writes"):
        if not any(line.startswith(f"{word}: ") for line in said):
            yield f"{place} does not say what it {word.lower()}; add a line `{word}: ...` to its docstring"
    words = node.name.removeprefix("_").split("_")
    if not (len(words) >= 2 and all(words)):
        yield f"{place} is not named verb_object, or _verb_object where only its module launches it"


def size_offences(place: str, node: ast.FunctionDef) -> Iterator[str]:
    """Yield what is too much for one function on a device."""
    if node.end_lineno - node.lineno + 1 > LONGEST_KERNEL:
        yield f"{place} is longer than {LONGEST_KERNEL} lines"
    if len(node.args.args) > MOST_PARAMETERS:
        yield f"{place} has more than {MOST_PARAMETERS} parameters"


def offences(module: str, source: str) -> list[str]:
    """Return all that is wrong with a file."""
    tree = ast.parse(source)
    checks = (floor_offences, heavy_offences, private_offences, internal_offences, habit_offences)
    return [sentence for check in checks for sentence in check(module, tree)]


def modules() -> dict[str, Path]:
    """Return the files of the engine and the scenarios under their module names."""
    paths = [*ROOT.glob("dem/**/*.py"), *ROOT.glob("scenarios/**/*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@pytest.mark.parametrize("module", sorted(modules()))
def test_file_keeps_to_its_place(module):
    assert offences(module, modules()[module].read_text()) == []


NOT_BY_DEM = [
    "pyvista", "mujoco", "hydra", "omegaconf", "matplotlib", "trimesh", "optuna", "submitit", "pandas", "pyarrow",
    "jinja2", "trame",
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "missing"), [("dem", NOT_BY_DEM), ("dem.study.spec", ["pandas", "pyarrow", "jinja2", "matplotlib"])]
)
def test_import_is_light(module, missing):
    code = f"import sys, {module}; print({{*{missing!r}}} & {{*sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["benchmarks", "tests"])
def test_only_the_engine_knows_what_taichi_is_made_of(folder):
    for path in ROOT.glob(f"{folder}/**/*.py"):
        tree = ast.parse(path.read_text())
        assert [*internal_offences(str(path), tree)] == []
        assert not {"taichi", "quadrants"} & {target.partition(".")[0] for target in imports_of(tree)}, path


SAID = '@ti.kernel\ndef _move_grains(state):\n    """Move.\n\n    Reads: force.\n    Writes: position.\n    """'
LONG = "@ti.kernel\ndef _move_grains(state):\n" + "    state.x = 1\n" * 40
BAD = {
    "up": ("dem.model", "from dem.simulation import Simulation", "floor 2"),
    "up by package": ("dem.model", "from dem import simulation", "floor 2"),
    "up in a function": ("dem.io.info", "def f():\n    from dem.cli import main", "floor 5"),
    "up by name": ("dem.io.info", "importlib.import_module('dem.cli')", "floor 5"),
    "sideways": ("dem.io.info", "import dem.viz.view", "beside it"),
    "up by the front door": ("dem.contact.laws.hertz", "from dem import Simulation", "floor 5"),
    "up by the package": ("dem.soil.contacts", "import dem", "imports dem (floor 5)"),
    "beside the front door": ("dem.viz.view", "from dem import Simulation", "beside it"),
    "no floor": ("dem.attic", "", "has no floor"),
    "taichi": ("dem.contact.laws.hertz", "import taichi as ti", "whose place is dem.taichi_internals"),
    "taichi's core": ("dem.bench.traffic", "size = ti._lib.core.data_type_size(dtype)", "uses Taichi's _lib"),
    "taichi's layout": ("dem.memory", "place = field.snode.ptr", "uses Taichi's snode"),
    "h5py": ("dem.viz.view", "import h5py", "whose place is dem.io"),
    "pyvista": ("scenarios.single_wheel", "from pyvista import Plotter", "whose place is dem.viz"),
    "hydra": ("dem.soil.spec", "from omegaconf import MISSING", "whose place is dem.config"),
    "future": ("dem.integrate", "from __future__ import annotations", "__future__"),
    "print": ("dem.simulation", "print(1)", "prints"),
    "init": ("dem.solver", "ti.init()", "calls ti.init"),
    "private name": (
        "dem.solver",
        "from dem.advance import _begin_step",
        "imports dem.advance._begin_step, which is private",
    ),
    "private name of a stranger": ("dem.cli", "from hydra._internal.utils import run", "which is private"),
    "kernel name": ("dem.integrate", "@ti.kernel\ndef move(state):\n    pass", "_verb_object"),
    "kernel length": ("dem.integrate", LONG, "longer than 40"),
    "kernel parameters": ("dem.integrate", "@ti.kernel\ndef _move_all(a, b, c, d, e, f, g):\n    pass", "more than 6"),
    "function length": ("dem.integrate", LONG.replace("kernel", "func"), "longer than 40"),
    "function parameters": ("dem.integrate", "@ti.func\ndef move(a, b, c, d, e, f, g):\n    pass", "more than 6"),
    "kernel that does not say what it reads": ("dem.integrate", SAID.replace("Reads", "Sees"), "what it reads"),
    "kernel that does not say what it writes": ("dem.integrate", SAID.replace("Writes", "Sets"), "what it writes"),
    "kernel floor": ("dem.solver", "@ti.kernel\ndef _move_all(state):\n    pass", "above floor 3"),
}
GOOD = {
    "down": ("dem.simulation", "from dem.model import Model\nfrom dem.errors import ConfigError"),
    "annotation only": ("dem.model", "if TYPE_CHECKING:\n    from dem.simulation import Simulation"),
    "module of the package": ("dem.solver", "from dem import backend"),
    "front door": ("dem.verify.scene", "import dem\nfrom dem import Simulation"),
    "launched elsewhere": ("dem.integrate", SAID.replace("_move", "move")),
    "shim": ("dem.integrate", "from dem.backend import ti\n" + SAID),
    "own room": ("dem.io.info", "from dem.io.result import read_result\nimport h5py"),
    "speaker": ("dem.cli", "print(1)"),
}


@pytest.mark.parametrize("case", BAD)
def test_checker_sees_the_offence(case):
    module, source, expected = BAD[case]
    assert any(expected in sentence for sentence in offences(module, source))


@pytest.mark.parametrize("case", GOOD)
def test_checker_lets_the_rest_pass(case):
    assert offences(*GOOD[case]) == []


def test_sideways_leave_is_between_rooms_of_one_floor():
    assert all(FLOORS[one] == FLOORS[other] for one, other in SIDEWAYS)
