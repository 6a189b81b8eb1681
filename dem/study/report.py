"""`drawbar report`: one page that holds a study, half done or whole, with its tables and figures beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from dem.io.files import replace_whole
from dem.study import page
from dem.study.compare import compare
from dem.study.figures import draw_study
from dem.study.findings import Finding, find
from dem.study.load import Study, load_study
from dem.study.table import write_table
from dem.study.words import axis_label
from dem.viz.curves import inline_svg

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Written:
    """What a report left on disk: the page, and all files, the page first."""

    page: Path
    files: list[Path]


def write_report(
    folder: Path, against: Path | None = None, *, x: str | None = None, readings: Sequence[str] = ()
) -> Path:
    """Write a study's report and return its page; see `make_report`."""
    return make_report(folder, against, x=x, readings=readings).page


def make_report(
    folder: Path, against: Path | None = None, *, x: str | None = None, readings: Sequence[str] = ()
) -> Written:
    """Write report.html, figures/, cases.csv, cases.parquet and finding.json into a study's folder.

    Args:
        folder: of the study.
        against: folder of another, to compare with.
        x: of the curves, instead of the study's own.
        readings: likewise.

    Raises:
        ResultsError: a folder holds no study.
        ConfigError: the study asks for a finding that does not exist.
    """
    study = load_study(Path(folder), x, readings)
    other = load_study(Path(against), study.spec.x, study.spec.readings) if against else None
    finding = find(study)
    figures = draw_study(study, finding.references if finding else {}, other)
    files = [*write_table(study, study.folder), *(path for pair in figures.values() for path in pair)]
    if finding:
        files.insert(0, _write_finding(study, finding))
    target = study.folder / "report.html"
    with replace_whole(target) as temporary:
        temporary.write_text(_render(study, other, finding, figures, target), encoding="utf-8")
    return Written(target, [target, *files])


def _write_finding(study: Study, finding: Finding) -> Path:
    path = study.folder / "finding.json"
    said: dict[str, Any] = {
        "finding": study.spec.finding,
        "question": study.spec.question,
        "headline": finding.headline,
        "paragraphs": finding.paragraphs,
        "cases": {"done": len(study.done), "total": len(study.cases)},
        "numbers": finding.numbers,
    }
    with replace_whole(path) as temporary:
        temporary.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _render(
    study: Study, other: Study | None, finding: Finding | None, figures: dict[str, tuple[Path, Path]], target: Path
) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["slug"] = page.slug
    return environment.get_template("report.html").render(
        study=study,
        title=study.title.replace("_", " "),
        finding=finding,
        counts=page.counts(study),
        overview=_inline(figures["overview"][1]) if "overview" in figures else "",
        sections=page.reading_sections(study, figures, _inline),
        x_label=axis_label(study),
        other=other,
        comparison=compare(study, other) if other else [],
        credibility=page.credibility(study),
        troubles=page.troubles(study),
        media=page.media(study, target),
        configs=page.configs(study),
        provenance=page.provenance(study),
        files=[page.relative_path(path, target) for pair in figures.values() for path in pair],
    )


def _inline(path: Path) -> markupsafe.Markup:
    return markupsafe.Markup(inline_svg(path))
