"""Numbers that others give, as tables beside this file; README.md there says whose they are."""

import csv
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent


def read_table(name: str, **requested: str | float) -> dict[str, np.ndarray]:
    """Columns of a table, of the rows whose `wanted` columns have those values; numbers as floats. Lines with # are
    not read.

    Args:
        name: of the file, without `.csv`.
        **wanted: column = value.
    """
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = [row for row in csv.DictReader(lines) if all(_same(row[key], value) for key, value in requested.items())]
    assert rows, f"{name}.csv has no row with {requested}"
    return {key: np.array([_number(row[key]) for row in rows]) for key in rows[0]}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _same(text: str, value: str | float) -> bool:
    return text == value if isinstance(value, str) else float(text) == value
