"""A study from its folder: by its study.json, or from the runs that happen to lie in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from dem.errors import ResultsError
from dem.renamed import current_overrides, current_values
from dem.study.cases import CaseRecord, look_up, points_of, read_json, read_yaml
from dem.study.spec import StudySpec

FILE_NAME = "study.json"
FORMAT = 1
UNSWEPT = ("device", "output", "hydra", "experiment", "study", "launcher", "repeats")
"""What no case computes otherwise for."""
SEED = "bed.seed"
USUAL_X = ("gravity.slope_deg", "scenario.slip", "scenario.pull")
USUAL_READINGS = ("slip_ratio", "sinkage", "drawbar_pull", "driving_torque")


@dataclass
class Study:
    """A study as it stands.

    Attributes:
        folder: of the study.
        title: its experiment, or its folder's name.
        spec: what its report shows.
        command: that ran it; empty if unknown.
        cases: in the order of the sweep.
    """

    folder: Path
    title: str
    spec: StudySpec
    command: list[str]
    cases: list[CaseRecord]

    @property
    def done(self) -> list[CaseRecord]:
        """The cases with a result."""
        return [case for case in self.cases if case.is_done]

    def label(self, key: str, value: Any) -> str:
        """What a swept value is called."""
        labels, both = self.spec.labels, f"{key}={value}"
        return labels.get(both) or labels.get(str(value)) or both


def load_study(folder: Path, x: str | None = None, readings: Sequence[str] = ()) -> Study:
    """Read a study.

    Args:
        folder: with study.json, or with runs in subfolders.
        x: of the curves, instead of the study's own.
        readings: likewise.

    Raises:
        ResultsError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder; give the folder of a study, as `drawbar sweep` printed it.")
    stated = read_json(folder / FILE_NAME)
    study = _from_runs(folder) if stated is None else _from_statement(folder, stated)
    study.cases = [look_up(case) for case in study.cases]
    if stated is None:
        _find_swept(study.cases)
    study.cases = [point for case in study.cases for point in points_of(case)]
    study.spec = replace(study.spec, x=x or study.spec.x, readings=list(readings) or study.spec.readings)
    _complete(study)
    return study


def _from_statement(folder: Path, stated: dict[str, Any]) -> Study:
    if stated.get("format") != FORMAT:
        raise ResultsError(
            f"{folder / FILE_NAME}: format is {stated.get('format')!r}, this version of drawbar reads {FORMAT}; "
            "run the sweep again, finished cases are kept."
        )
    known = {entry.name for entry in fields(StudySpec)}
    spec = StudySpec(**{key: value for key, value in (stated.get("study") or {}).items() if key in known})
    cases = [
        CaseRecord(
            case["name"],
            folder / case["name"],
            case.get("arm"),
            current_overrides(case["overrides"]),
            _values(case["swept"]),
        )
        for case in stated["cases"]
    ]
    return Study(folder, stated.get("experiment") or folder.name, spec, list(stated.get("command") or []), cases)


def _from_runs(folder: Path) -> Study:
    cases = []
    for path in sorted(folder.rglob(".hydra/overrides.yaml")):
        run = path.parent.parent
        overrides = current_overrides([str(text) for text in read_yaml(path) or []])
        cases.append(CaseRecord(str(run.relative_to(folder)), run, None, overrides, {}))
    if not cases:
        raise ResultsError(f"{folder}: neither study.json nor a run in it; give the folder of a study.")
    return Study(folder, folder.resolve().name, StudySpec(), [], cases)


def _find_swept(cases: list[CaseRecord]) -> None:
    """What differs between overrides is what was swept."""
    parsed = [dict(text.lstrip("+~").partition("=")[::2] for text in case.overrides) for case in cases]
    keys = [key for key in dict.fromkeys(key for one in parsed for key in one) if key.split(".")[0] not in UNSWEPT]
    differing = [key for key in keys if len({one.get(key) for one in parsed}) > 1]
    for case, one in zip(cases, parsed, strict=True):
        case.swept = {key: _value(one[key]) for key in differing if key in one}


def _values(swept: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: _value(value) if isinstance(value, str) else value for key, value in swept.items()}
    return current_values(found)


def _value(text: str) -> Any:
    try:
        return float(text)  # YAML takes 1e7 for a word
    except ValueError:
        return yaml.safe_load(text)


def _complete(study: Study) -> None:
    """Choose what to draw where the study does not say."""
    spec = study.spec
    spec.x = spec.x or _usual_x(study)
    if not spec.readings:
        there = {name for case in study.done for name in case.result.get("steady", {}) if case.reading(name)}
        imposed = spec.x == "scenario.slip"
        usual = [name for name in USUAL_READINGS if name in there and not (imposed and name == "slip_ratio")]
        spec.readings = usual or sorted(there)[:4]


def _usual_x(study: Study) -> str | None:
    """A usual abscissa if it was swept, otherwise the swept number with most values."""
    numbers: Counter[str] = Counter()
    for key in dict.fromkeys(key for case in study.cases for key in case.swept):
        values = [case.swept.get(key) for case in study.cases]
        if key != SEED and all(is_number(value) for value in values if value is not None):
            numbers[key] = len({value for value in values if value is not None})
    usual = [key for key in USUAL_X if numbers[key] > 1]
    return usual[0] if usual else next((key for key, _ in numbers.most_common(1)), None)


def is_number(value: Any) -> bool:
    """Whether a swept value is a number (True and False are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)
