"""Taichi itself, and all that drawbar uses of it beyond what its documentation promises.

Each such use is a function here that says what it is for and what happens where a version of Taichi lacks it: another,
slower way, or a sentence. Everything else says `from dem.backend import ti`. DRAWBAR_TAICHI=quadrants takes Quadrants,
the fork of Taichi that is maintained, in place of Taichi; see docs/devices.md for what passes with it.
"""

import contextlib
import importlib
import io
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dem.errors import ConfigError

SWITCH = "DRAWBAR_TAICHI"
PACKAGES = {"taichi": "TI_", "quadrants": "QD_"}  # and how the names of their environment variables begin
MISSING = (AttributeError, ImportError, TypeError)  # what names raise that are gone, or mean something else
OF_COMPILER = {  # the class that walks through the source of kernels, and how it says where it is
    "taichi": ("ASTTransformerContext", "get_pos_info"),
    "quadrants": ("ASTTransformerFuncContext", "_build_pos_info"),
}
NESTING = ["place", "dense", "root"]  # of a field that is an array, or one of several in an array of records

log = logging.getLogger(__name__)


def _import_taichi() -> tuple[str, Any]:
    """Name and module of Taichi, or of what stands in for it."""
    name = os.environ.get(SWITCH) or "taichi"
    if name not in PACKAGES:
        raise ConfigError(f"{SWITCH} is {name!r}, must be one of {', '.join(PACKAGES)}; correct or unset it")
    os.environ.setdefault("ENABLE_TAICHI_HEADER_PRINT", "0")
    banner = io.StringIO() if name != "taichi" else sys.stdout  # it would land in every table drawbar prints
    with contextlib.redirect_stdout(banner):
        try:
            return name, importlib.import_module(name)
        except ImportError as error:
            if error.name != name:
                raise
            raise ConfigError(
                f"{SWITCH} is {name!r}, a package that is not installed; pip install {name}, or unset it"
            ) from error


PACKAGE, ti = _import_taichi()


def variable(name: str) -> str:
    """An environment variable of Taichi's, `ARCH` for one, under the name that the package in use reads."""
    return PACKAGES[PACKAGE] + name


def _guarded(use: Callable[[], Any], instead: Callable[[], Any], what: str) -> Any:
    """What a use of the internals gives, or what is done instead where they are not there."""
    try:
        return use()
    except MISSING as error:
        log.debug("%s has no %s (%s)", PACKAGE, what, error)
        return instead()


# ----------------------------------------------------------------------------------------------------------- compiling


def shorten_positions() -> bool:
    """Have errors of the compiler name file and line alone; whether that could be done, else a warning says so.

    Taichi wraps and underlines the source of every expression it compiles, for errors that it may have to report: four
    fifths of the time it takes to build our kernels. Quadrants makes each only once.
    """
    owner, name = OF_COMPILER[PACKAGE]
    try:
        utilities = importlib.import_module(f"{PACKAGE}.lang.ast.ast_transformer_utils")
        context = getattr(utilities, owner)
        _ = getattr(context, name)  # else the new one would be called by nobody
    except MISSING:
        log.warning(
            "this version of %s has no %s.%s, so kernels take up to five times as long to compile; their results are "
            "the same. Install the version that constraints.txt names",
            PACKAGE, owner, name,
        )  # fmt: skip
        return False
    setattr(context, name, _place)
    return True


def _place(context: Any, node: Any) -> str:
    """Where the compiler is; nowhere, if it does not tell."""
    try:
        return f'File "{context.file}", line {node.lineno + context.lineno_offset}, in {context.func.func.__name__}:\n'
    except MISSING:  # not by `_guarded`: this is called for each expression
        return ""


# ------------------------------------------------------------------------------------------------------------ starting


def choose_vulkan_device(number: int) -> None:
    """Take this Vulkan device, by the driver's count; where Taichi cannot be told, by the variable that it reads."""

    def by_variable() -> None:
        os.environ[variable("VISIBLE_DEVICE")] = str(number)

    _guarded(lambda: ti._lib.core.set_vulkan_visible_device(str(number)), by_variable, "set_vulkan_visible_device")


def started_elsewhere(requested: Any) -> str:
    """The name of the device that Taichi took in place of the one wanted, as it does on its own; empty if it did not.

    Empty, too, where it does not tell: the self-check compares numbers with the CPU's whatever computed them.
    """
    taken = _guarded(lambda: ti.lang.impl.current_cfg().arch, lambda: requested, "lang.impl.current_cfg")
    if taken == requested:
        return ""
    return str(_guarded(lambda: ti._lib.core.arch_name(taken), lambda: taken, "_lib.core.arch_name"))


# -------------------------------------------------------------------------------------------------------------- fields


def finish_layout() -> None:
    """Lay out the fields that were made since the last time, as the next kernel would; or wait for all, which does it.

    What Taichi computes must not be waited for wherever the host looks at a field the first time.
    """
    _guarded(lambda: ti.lang.impl.get_runtime().materialize(), ti.sync, "lang.impl.get_runtime().materialize")


def is_wide(field: Any) -> bool:
    """Whether a field's numbers have 64 bits; of one without a place, too, which does not tell its type otherwise.

    True where that is out of reach: a layout for wide numbers is sound for others, and wastes a word a record.
    """
    return bool(_guarded(lambda: field.vars[0].ptr.get_dt().to_string() == "f64", lambda: True, "vars[0].ptr.get_dt()"))


@dataclass(frozen=True)
class FieldLayout:
    """Where a field's first number lies in what it was laid out with.

    Attributes:
        tree: number of what was laid out together; offset: from its begin [bytes]; record: from one element of the
            field to the next [bytes].
    """

    tree: int
    offset: int
    record: int


def layout_of(field: Any) -> FieldLayout | None:
    """A field's layout; None if it is no plain array, or Taichi does not tell: then kernels must copy it."""
    return _guarded(lambda: _find_layout(field), lambda: None, "snode.ptr")


def _find_layout(field: Any) -> FieldLayout | None:
    place = (field.get_scalar_field(0) if isinstance(field, ti.MatrixField) else field).snode.ptr
    levels = [place, place.parent, place.parent.parent]  # from the inside out
    if [level.type.name for level in levels] != NESTING:
        return None
    offset = sum(level.offset_bytes_in_parent_cell for level in levels)
    return FieldLayout(place.get_snode_tree_id(), offset, levels[1].cell_size_bytes)


# ------------------------------------------------------------------------------------------------------------ launches


def forget_launches() -> bool:
    """Begin the record of launches anew; whether there is one: Taichi keeps it with its kernel profiler on.

    The environment variable `variable("KERNEL_PROFILER")` turns that on, before a session starts.
    """

    def forget() -> bool:
        program = ti.lang.impl.get_runtime().prog
        program.sync_kernel_profiler()
        program.clear_kernel_profiler()
        return True

    return bool(_guarded(forget, lambda: False, "clear_kernel_profiler"))


def recorded_launches() -> list[tuple[str, float]]:
    """Every launch since `forget_launches`: the task's name, and how long it took [s]; none where none are recorded."""

    def read() -> list[tuple[str, float]]:
        program = ti.lang.impl.get_runtime().prog
        program.sync_kernel_profiler()
        program.update_kernel_profiler()
        return [(record.name, 1e-3 * record.kernel_time) for record in program.get_kernel_profiler_records()]

    return list(_guarded(read, lambda: [], "get_kernel_profiler_records"))
