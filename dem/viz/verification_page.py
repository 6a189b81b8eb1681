"""The verification suite's page: every comparison in a table, computed curves over those that others give.

One HTML file without scripts: plots are SVG images inside it.
"""

import base64
import html
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } .source, .note { color: #666; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid #e4e4e4; }
th:first-child, td:first-child { text-align: left; }
.bad { color: #b3261e; font-weight: 600; } .good { color: #1b6e3c; }
img { width: 25rem; max-width: 100%; }
"""
COLUMNS = ("quantity", "expected", "got", "error", "limit", "")
COMPUTED, GIVEN = "#0b5cad", "#c2410c"


def write_page(report: Mapping[str, Any], curves: Mapping[str, Sequence[Any]], path: Path) -> None:
    """Write the page.

    Args:
        report: as in verification.json.
        curves: of each case by its name, with the attributes of `dem.verify.Curve`.
        path: file to write.
    """
    parts = [_case_html(case, curves.get(case["case"], ())) for case in report["cases"]]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    summary = html.escape(report["summary"])
    path.write_text(
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>drawbar verification</title>"
        f"<style>{STYLE}</style>"
        f"<h1>drawbar verification</h1><p class='{_tone(report['passed'])}'>{summary}</p>"
        f"<p class='note'>{html.escape(versions)}</p>{_overview(report['cases'])}{''.join(parts)}</html>\n"
    )


def _tone(passed: bool) -> str:
    return "good" if passed else "bad"


def _overview(cases: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for case in cases:
        kept = sum(row["passed"] for row in case["rows"])
        verdict = "ok" if case["passed"] else "failed"
        rows.append(
            f"<tr><td><a href='#{_anchor(case['case'])}'>{html.escape(case['case'])}</a></td>"
            f"<td>{html.escape(case['section'])}</td><td>{kept} of {len(case['rows'])}</td><td>{case['seconds']} s</td>"
            f"<td class='{_tone(case['passed'])}'>{verdict}</td></tr>"
        )
    heads = "".join(f"<th>{head}</th>" for head in ("case", "section", "within limits", "time", ""))
    return f"<table><tr>{heads}</tr>{''.join(rows)}</table>"


def _anchor(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def _case_html(case: Mapping[str, Any], curves: Sequence[Any]) -> str:
    problem = f"<p class='bad'>{html.escape(case['problem'])}</p>" if case["problem"] else ""
    heads = "".join(f"<th>{head}</th>" for head in COLUMNS)
    rows = "".join(_row_html(row) for row in case["rows"])
    return (
        f"<h2 id='{_anchor(case['case'])}'>{html.escape(case['case'])}</h2>"
        f"<p class='source'>{html.escape(case['source'])}</p>{problem}"
        f"<table><tr>{heads}</tr>{rows}</table>{''.join(_plot_html(curve) for curve in curves)}"
    )


def _row_html(row: Mapping[str, Any]) -> str:
    unit = "" if row["unit"] == "-" else f" {row['unit']}"
    kind = "" if row["relative"] else unit
    cells = (
        f"<td>{html.escape(row['quantity'])}</td>",
        f"<td>{_number(row['expected'], 7)}{unit}</td><td>{_number(row['got'], 7)}{unit}</td>",
        f"<td>{_number(row['error'], 2)}{kind}</td><td>{_number(row['limit'], 2)}{kind}</td>",
        f"<td class='{_tone(row['passed'])}'>{'ok' if row['passed'] else 'failed'}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _number(value: float | None, digits: int) -> str:
    return "not a number" if value is None else f"{value:.{digits}g}"


def _plot_html(curve: Any) -> str:
    from matplotlib.figure import Figure  # heavy: only where a page is written

    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(curve.reference_x, curve.reference_y, "o", ms=4, mfc="none", color=GIVEN, label=curve.reference_label)
    axes.plot(curve.x, curve.y, "-", lw=1.4, color=COMPUTED, label="drawbar")
    if "error" in curve.y_label:
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.set(title=curve.title, xlabel=curve.x_label, ylabel=curve.y_label)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    picture = io.BytesIO()
    figure.savefig(picture, format="svg", metadata={"Date": None})
    code = base64.b64encode(picture.getvalue()).decode()
    return f"<img alt='{html.escape(curve.title)}' src='data:image/svg+xml;base64,{code}'>"
