"""What a case of a study says, as it lies on disk: finished, failed, still running or not begun."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from dem.errors import ResultsError
from dem.io.result import read_result
from dem.renamed import current_config
from dem.run_files import RESULT_FILE

OUTCOME = "outcome.json"
BROKEN = ("failed", "timeout", "stopped")
SILENCE = 1800.0  # seconds without a written file: no run is silent as long, its checkpoints come every few minutes
NOT_STEADY = ("drift", "turned")  # criteria whose failure means that a case has no steady window
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Reading:
    """One steady number of a case: its mean, the standard error of its own blocks (None if it has none), its unit."""

    mean: float
    error: float | None
    unit: str


@dataclass
class CaseRecord:
    """One run of a study, whatever became of it.

    Attributes:
        name: of its folder.
        folder: with its files.
        arm: of the study, or None.
        overrides: that make it.
        swept: what differs between cases: key to value.
        status: done, failed, timeout, stopped, running or missing.
        seconds: it took; None while unknown.
        message: why it ended so.
        result: its result.json; empty unless done.
        config: resolved.
    """

    name: str
    folder: Path
    arm: str | None
    overrides: list[str]
    swept: dict[str, Any]
    status: str = "missing"
    seconds: float | None = None
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Whether there is a result."""
        return self.status == "done"

    @property
    def criteria(self) -> dict[str, dict[str, Any]]:
        """What the run is judged by: name to value, limits, unit, verdict and words."""
        return self.result.get("credibility", {}).get("criteria", {})

    @property
    def verdict(self) -> str:
        """Verdict on the run: credible, check, not credible, or not judged."""
        return self.result.get("credibility", {}).get("verdict", NOT_JUDGED)

    @property
    def reasons(self) -> list[str]:
        """Reasons for less than the best verdict, worst first."""
        return self.result.get("credibility", {}).get("reasons", [])

    @property
    def is_doubted(self) -> bool:
        """Whether the run is not credible."""
        return self.verdict == "not credible"

    @property
    def similitude_kind(self) -> str | None:
        """How it stands to its prototype: prototype, scaled or gravity_offload; None where nothing says so."""
        kind = self.swept.get("similitude") or self.result.get("similitude", {}).get("kind")
        return str(kind) if kind else None

    def reading(self, name: str, scaled_back: bool = False) -> Reading | None:
        """A steady reading, or what it predicts of the prototype; None if the case has none."""
        steady = self.result.get("steady", {})
        entry = (self.result.get("predicted", steady) if scaled_back else steady).get(name)
        if not isinstance(entry, Mapping) or entry.get("mean") is None:
            return None
        return Reading(float(entry["mean"]), entry.get("standard_error"), entry.get("unit", "-"))

    def unsteady(self) -> str | None:
        """Why the case has no steady window, or None if it has one."""
        for name in NOT_STEADY:
            criterion = self.criteria.get(name, {})
            if criterion.get("verdict") == "not credible":
                found = f"{criterion['says']} is {criterion['value']:.3g}"
                return f"no steady window: {found}, not credible beyond {criterion['bad']:g}"
        return None

    def files(self, ending: str) -> list[Path]:
        """Files of the case of one kind, such as `.png`."""
        return sorted(self.folder.glob(f"*{ending}")) if self.folder.is_dir() else []


def look_up(case: CaseRecord) -> CaseRecord:
    """Fill in what lies in the case's folder."""
    if not case.folder.is_dir():
        case.message = "not begun"
        return case
    case.config = current_config(read_yaml(case.folder / ".hydra" / "config.yaml") or {})
    outcome = read_json(case.folder / OUTCOME) or {}
    case.seconds, case.message = outcome.get("seconds"), outcome.get("message", "")
    ended = outcome.get("status")
    if ended in BROKEN and _is_newer(case.folder / OUTCOME, case.folder / RESULT_FILE):
        case.status = ended
    elif (case.folder / RESULT_FILE).exists():
        _take_result(case)
    else:
        case.status, case.message = _signs_of_life(case.folder)
    return case


def points_of(case: CaseRecord) -> list[CaseRecord]:
    """The case; of a run with a programme, one for each stair, which share the folder and so the bed."""
    programme = case.result.get("programme")
    if not programme:
        return [case]
    found = []
    for point in programme["points"]:
        result = case.result | {name: point[name] for name in ("steady", "predicted", "credibility") if name in point}
        swept = case.swept | {programme["key"]: point["value"]}
        name = f"{case.name}, {programme['quantity']} {point['value']:g}"
        found.append(replace(case, name=name, swept=swept, result=result))
    return found


def _take_result(case: CaseRecord) -> None:
    try:
        case.result, case.status = read_result(case.folder), "done"
    except ResultsError as error:
        case.status, case.message = "failed", str(error)


def _is_newer(path: Path, other: Path) -> bool:
    return not other.exists() or path.stat().st_mtime >= other.stat().st_mtime


def _signs_of_life(folder: Path) -> tuple[str, str]:
    """A case without a result or an outcome runs, or was cut off: its files tell when it last wrote."""
    times = [path.stat().st_mtime for path in folder.iterdir() if path.is_file()]
    if not times:
        return "missing", "not begun"
    silence = time.time() - max(times)
    if silence < SILENCE:
        return "running", "not finished yet"
    return "stopped", f"wrote nothing for {silence / 3600:.1f} h and left no result; run the sweep again to go on"


def read_json(path: Path) -> Any:
    """What a JSON file holds; None if there is none.

    Raises:
        ResultsError: it is torn.
    """
    if not path.exists():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultsError(f"{path}: not readable as JSON ({error}); mend it, or remove it and run again.") from error


def read_yaml(path: Path) -> Any:
    """What a YAML file holds; None if there is none.

    Raises:
        ResultsError: it is torn.
    """
    if not path.exists():
        return None
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ResultsError(f"{path}: not readable as YAML ({error}); remove the case and run it again.") from error


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested mappings under dotted keys; lists are leaves."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
