"""A verification case: a function that builds a scene with the public API, runs it, and compares what it finds.

`@case(...)` registers it in `CASES`. It gets a `CaseReport` (dem/verify/case_report.py) and adds rows and curves to it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

DOUBLE = ("double",)
BOTH = ("double", "mixed")


@dataclass(frozen=True)
class Row:
    """One number beside what it should be.

    Attributes:
        case: name of the case; quantity: what was compared.
        expected, got: in `unit`.
        error: |got - expected|, relative where `relative` says so.
        limit: largest error that passes.
    """

    case: str
    quantity: str
    expected: float
    got: float
    error: float
    limit: float
    unit: str = "-"
    relative: bool = True

    @property
    def passed(self) -> bool:
        """Whether the error keeps to its limit; an error that is not a number does not."""
        return bool(self.error <= self.limit)


@dataclass(frozen=True)
class Curve:
    """A computed curve over one that others give.

    Attributes:
        title, x_label, y_label, reference_label: for the page.
        x, y: computed, shape (n,); reference_x, reference_y: given, shape (m,).
    """

    title: str
    x_label: str
    y_label: str
    x: np.ndarray
    y: np.ndarray
    reference_x: np.ndarray
    reference_y: np.ndarray
    reference_label: str


@dataclass(frozen=True)
class Case:
    """A case as registered.

    Attributes:
        name: as asked for with `--case`.
        section: of the suite it belongs to.
        source: who gives the expected numbers, with equation or table.
        slow: left out unless the whole suite is asked for.
        precisions: in which its limits can be kept.
        measure: the function itself, called with a `Bench`.
    """

    name: str
    section: str
    source: str
    slow: bool
    precisions: tuple[str, ...]
    measure: Callable


@dataclass
class Outcome:
    """What one case found.

    Attributes:
        seconds: wall time it took [s].
        problem: why it could not run to its end; empty if it did.
    """

    case: Case
    precision: str
    rows: list[Row] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    seconds: float = math.nan
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran to its end, compared something, and every row keeps to its limit."""
        return not self.problem and bool(self.rows) and all(row.passed for row in self.rows)


CASES: dict[str, Case] = {}


def case(name: str, section: str, source: str, slow: bool = False, precisions: tuple[str, ...] = BOTH) -> Callable:
    """Register the function below as a case; arguments as in `Case`."""

    def register(measure: Callable) -> Callable:
        assert name not in CASES, name
        CASES[name] = Case(name, section, source, slow, precisions, measure)
        return measure

    return register
