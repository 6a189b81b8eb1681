"""All cases as one table, a row a case: `cases.csv` beside `cases_units.csv`, and `cases.parquet` with units inside."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pyarrow.parquet

from dem.soil.contact_spec import ContactSpec
from dem.study.cases import CaseRecord, flatten
from dem.study.load import UNSWEPT, Study

MEANS = ("mean", "standard_error")
WORDS = ("credibility", "conventions", "contact", "figure", "scenario", "title")  # of a result: said elsewhere
UNSAID = ("sources", "calibration", "parameter_sets")  # of a config: words about numbers
FIRST_UNITS = {"seconds": "s"}


def case_table(study: Study) -> tuple[pandas.DataFrame, dict[str, str]]:
    """The cases of a study, and the unit of each column that has one.

    Columns: what makes the case, scalars of the config that vary, the verdict and every criterion, and the scalars of
    the result: readings with standard errors, checks, bed, numerics.
    """
    units = dict(FIRST_UNITS)
    varying = varying_config(study)
    frame = pandas.DataFrame([_row(case, varying, units) for case in study.cases])
    frame = frame.dropna(axis="columns", how="all")
    return frame, {column: unit for column, unit in units.items() if column in frame.columns}


def write_table(study: Study, folder: Path) -> list[Path]:
    """Write the table; return the files."""
    frame, units = case_table(study)
    paths = [folder / name for name in ("cases.csv", "cases_units.csv", "cases.parquet")]
    frame.to_csv(paths[0], index=False)
    listed = [{"column": column, "unit": units.get(column, "")} for column in frame.columns]
    pandas.DataFrame(listed).to_csv(paths[1], index=False)
    pyarrow.parquet.write_table(_with_units(frame, units), paths[2])
    return paths


def varying_config(study: Study) -> list[str]:
    """Dotted keys of the config whose scalars differ between cases; what was swept has its own columns."""
    configs = [flat_config(case) for case in study.cases if case.config]
    swept = {key for case in study.cases for key in case.swept}
    keys = dict.fromkeys(key for config in configs for key in config)
    return [key for key in keys if key not in swept and len({str(config.get(key)) for config in configs}) > 1]


def flat_config(case: CaseRecord) -> dict[str, Any]:
    """A case's config under dotted keys, without the words about its numbers and what does not change its answer."""
    usual = [] if "contact" in case.config else flatten({"contact": asdict(ContactSpec())})  # of older cases
    return {
        key: value
        for key, value in [*flatten(case.config), *usual]
        if key.split(".")[0] not in UNSWEPT and not set(key.split(".")) & set(UNSAID)
    }


def _row(case: CaseRecord, varying: list[str], units: dict[str, str]) -> dict[str, Any]:
    config = flat_config(case)
    row: dict[str, Any] = {"case": case.name, "arm": case.arm, "status": case.status, **case.swept}
    row |= {key: config[key] for key in varying if key in config and not isinstance(config[key], list)}
    units |= {key: "deg" for key in row if key.endswith("_deg")}
    row["credibility.verdict"] = case.verdict if case.is_done else None
    for name, criterion in case.criteria.items():
        row[f"credibility.{name}"] = criterion["value"]
        units[f"credibility.{name}"] = criterion.get("unit", "-")
    for section, said in case.result.items():
        if section not in WORDS:
            row |= _scalars(section, said, units)
    return row | {"seconds": case.seconds, "message": case.message or None}


def _scalars(name: str, value: Any, units: dict[str, str]) -> dict[str, Any]:
    """Numbers and words of a part of a result under dotted names; readings with unit, checks without limits."""
    if isinstance(value, dict):
        parts = {key: part for key, part in value.items() if key not in ("unit", "limit")}
        found: dict[str, Any] = {}
        for key, part in parts.items():
            found |= _scalars(f"{name}.{key}", part, units)
        if "mean" in value:
            units |= {f"{name}.{part}": value.get("unit", "-") for part in MEANS if part in value}
        return found
    return {} if isinstance(value, list) else {name: value}


def _with_units(frame: pandas.DataFrame, units: dict[str, str]) -> pyarrow.Table:
    """An Arrow table whose fields carry their unit; a column of words and numbers becomes one of words."""
    mixed = [
        column
        for column in frame.columns
        if frame[column].dtype == object and len({type(value) for value in frame[column].dropna()}) > 1
    ]
    plain = frame.assign(**{column: frame[column].map(str, na_action="ignore") for column in mixed})
    table = pyarrow.Table.from_pandas(plain, preserve_index=False)
    marked = [
        field.with_metadata({"unit": units[field.name]}) if field.name in units else field for field in table.schema
    ]
    return table.cast(pyarrow.schema(marked, metadata=table.schema.metadata))
