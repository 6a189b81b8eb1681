"""What the report's page shows, as plain values for its template."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

from dem.errors import ResultsError
from dem.io.provenance import collect_provenance
from dem.io.run_reader import RunReader
from dem.measure.credibility import VERDICTS
from dem.run_files import RESULTS_FILE
from dem.study.cases import NOT_JUDGED, CaseRecord
from dem.study.curves import Curve, curves_of
from dem.study.load import SEED, Study
from dem.study.table import flat_config
from dem.study.words import axis_label, case_words, quantity
from dem.viz.thumbnails import data_uri

MOST_PICTURES = 12  # inside the page; the rest are linked
SIGNS = {"credible": "✓", "check": "!", "not credible": "✕", NOT_JUDGED: "?"}
FIRST = ("time_step", "overlap", "stiffness_number", "grains_per_wheel_diameter", "drift", "turned", "energy")
STATUSES = ("done", "running", "failed", "timeout", "stopped", "missing")


def slug(text: str) -> str:
    """A word for CSS or an anchor."""
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def counts(study: Study) -> dict[str, Any]:
    """How many cases have come how far, and how many of the finished may be believed."""
    statuses = Counter(case.status for case in study.cases)
    verdicts = Counter(case.verdict for case in study.done)
    return {
        "total": len(study.cases),
        "statuses": [(name, statuses[name]) for name in STATUSES if statuses[name]],
        "verdicts": [(name, verdicts[name], SIGNS[name]) for name in (*VERDICTS, NOT_JUDGED) if verdicts[name]],
    }


def reading_sections(study: Study, figures: dict[str, tuple[Path, Path]], inline: Any) -> list[dict[str, Any]]:
    """Sections of the readings, each with its figure, its points with seeds and bands, and the cases that gave none."""
    sections = []
    for name in study.spec.readings:
        curves = curves_of(study, name)
        unit = next((curve.unit for curve in curves if curve.points), "-")
        shown = quantity(name, unit)
        sections.append(
            {
                "name": name,
                "title": shown.words.capitalize(),
                "label": shown.label,
                "svg": inline(figures[name][1]) if name in figures else "",
                "alt": _alt_text(study, curves, shown.label),
                "rows": [row for curve in curves for row in _point_rows(study, curve)],
                "gaps": [(case_words(study, case), why) for curve in curves for case, why in curve.gaps],
            }
        )
    return sections


def _alt_text(study: Study, curves: list[Curve], label: str) -> str:
    """The figure in words, for those who do not see it."""
    said = []
    for curve in curves:
        shown = quantity(curve.reading, curve.unit)
        if curve.points:
            ends = [f"{shown.text(point.mean)} at {point.x:g}" for point in (curve.points[0], curve.points[-1])]
            said.append(f"{curve.label} goes from {' to '.join(ends)}")
    return f"{label} against {axis_label(study) or 'arm'}: {'; '.join(said)}." if said else f"{label}: no point yet."


def _point_rows(study: Study, curve: Curve) -> list[dict[str, Any]]:
    shown = quantity(curve.reading, curve.unit)
    return [
        {
            "curve": curve.label,
            "x": f"{point.x:.4g}",
            "mean": shown.text(point.mean, point.error),
            "band": shown.text(point.uncertainty.band, point.error),
            "error": shown.text(point.error, point.error),
            "seeds": point.seeds,
            "basis": point.uncertainty.basis,
            "verdict": point.verdict,
            "sign": SIGNS[point.verdict],
            "doubted": ", ".join(
                f"{shown.text(one.reading.mean, point.error)} (seed {one.case.swept.get(SEED, '?')})"
                for one in point.doubted
            ),
        }
        for point in curve.points
    ]


def credibility(study: Study) -> dict[str, Any]:
    """Every finished case against every criterion."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for case in study.done:
        for name, entry in case.criteria.items():
            entries.setdefault(name, []).append(entry)
    order = sorted(entries, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), name))
    heads = [{"name": name.replace("_", " "), "says": entries[name][0]["says"], "limits": _limits(entries[name])}
             for name in order]  # fmt: skip
    return {"heads": heads, "rows": [_credibility_row(study, case, order) for case in study.done]}


def _limits(entries: list[dict[str, Any]]) -> list[str]:
    """Good and bad limit of a criterion; several pairs where cases were judged by different ones."""
    pairs = dict.fromkeys((entry["good"], entry["bad"], entry.get("unit", "-")) for entry in entries)
    return [_limit_text(*pair) for pair in pairs]


def _limit_text(good: float, bad: float, unit: str) -> str:
    sign = "≤" if good <= bad else "≥"
    return f"{sign} {good:g} · {bad:g}{'' if unit == '-' else f' {unit}'}"


def _credibility_row(study: Study, case: CaseRecord, order: list[str]) -> dict[str, Any]:
    cells = []
    for name in order:
        entry = case.criteria.get(name)
        value = None if entry is None else entry["value"]
        text = "–" if value is None else f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
        verdict = entry["verdict"] if entry else NOT_JUDGED
        limits = _limit_text(entry["good"], entry["bad"], entry.get("unit", "-")) if entry else ""
        sign = SIGNS[verdict] if verdict != "credible" else ""
        cells.append({"text": text, "verdict": verdict, "sign": sign, "limits": limits})
    numerics = case.result.get("numerics", {})
    window = [numerics.get(key) for key in ("steady_start", "steady_end")]
    steady = f"{window[0]:.1f}–{window[1]:.1f}" if all(isinstance(end, float) for end in window) else "–"
    return {
        "words": case_words(study, case), "name": case.name, "verdict": case.verdict, "sign": SIGNS[case.verdict],
        "cells": cells, "reasons": case.reasons, "window": steady,
    }  # fmt: skip


def troubles(study: Study) -> list[dict[str, Any]]:
    """Cases without a result, worst first, with their message."""
    order = ("failed", "timeout", "stopped", "running", "missing")
    waiting = sorted((case for case in study.cases if not case.is_done), key=lambda case: order.index(case.status))
    return [{"words": case_words(study, case), "name": case.name, "status": case.status, "message": case.message,
             "seconds": "" if case.seconds is None else f"{case.seconds:.0f} s"} for case in waiting]  # fmt: skip


def media(study: Study, page: Path) -> dict[str, Any]:
    """Pictures inside the page, further ones and films as links relative to it."""
    pictures: list[dict[str, str]] = []
    links: list[dict[str, str]] = []
    for case in study.cases:
        for path in case.files(".png"):
            entry = {"words": case_words(study, case), "file": path.name, "href": relative_path(path, page)}
            if len(pictures) < MOST_PICTURES:
                pictures.append(entry | {"data": data_uri(path)})
            else:
                links.append(entry)
        films = case.files(".mp4")
        links += [
            {"words": case_words(study, case), "file": film.name, "href": relative_path(film, page)} for film in films
        ]
    return {"pictures": pictures, "links": links}


def relative_path(path: Path, page: Path) -> str:
    """A link from the page to a file."""
    return Path(os.path.relpath(path, page.parent)).as_posix()


def configs(study: Study) -> dict[str, Any]:
    """What all cases share, and what makes each."""
    flat = {case.name: flat_config(case) for case in study.cases if case.config}
    first = next(iter(flat.values()), {})
    shared = {key: value for key, value in first.items() if all(one.get(key) == value for one in flat.values())}
    cases = [
        {
            "words": case_words(study, case),
            "name": case.name,
            "overrides": case.overrides,
            "own": _lines({key: value for key, value in flat.get(case.name, {}).items() if key not in shared}),
        }
        for case in study.cases
    ]
    return {"shared": _lines(shared), "cases": cases}


def _lines(values: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in values.items())


def provenance(study: Study) -> dict[str, Any]:
    """Who made the page, and which versions made its runs."""
    here = collect_provenance()
    versions: Counter[str] = Counter()
    for case in study.done:
        versions[_run_version(case)] += 1
    commit = here["git_commit"][:12] + ("+" if here["git_dirty"] else "")
    return {
        "version": here["versions"].get("drawbar", "unknown"), "commit": commit, "date": here["start_utc"],
        "runs": [f"{version} ({count} case{'s' if count > 1 else ''})" for version, count in versions.items()],
        "command": " ".join(["drawbar", "sweep", *study.command]) if study.command else "", "folder": study.folder.name,
    }  # fmt: skip


def _run_version(case: CaseRecord) -> str:
    try:
        said = RunReader(case.folder / RESULTS_FILE).provenance
    except (ResultsError, OSError):
        return "unknown version"
    commit = str(said.get("git_commit", "unknown"))[:12] + ("+" if said.get("git_dirty") else "")
    return f"{said.get('versions', {}).get('drawbar', 'drawbar')} at {commit}"
