"""What the suite found: verification.json, the page with plots, the table in the terminal."""

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from dem.io.files import replace_whole
from dem.io.provenance import package_versions
from dem.verify.case import Outcome, Row
from dem.viz.verification_page import write_page


@dataclass
class Report:
    """Outcomes of a run of the suite.

    Attributes:
        precision: "double" or "mixed"; device: name.
    """

    outcomes: list[Outcome]
    precision: str
    device: str

    @property
    def passed(self) -> bool:
        """Whether every case passed, and there was one."""
        return bool(self.outcomes) and all(outcome.passed for outcome in self.outcomes)

    @property
    def rows(self) -> list[Row]:
        """Rows of all cases."""
        return [row for outcome in self.outcomes for row in outcome.rows]

    def summary(self) -> str:
        """The report in one sentence."""
        count = Counter(row.passed for row in self.rows)
        failed = [outcome.case.name for outcome in self.outcomes if not outcome.passed]
        verdict = f"failed: {', '.join(failed)}" if failed else "all passed"
        return (
            f"{len(self.outcomes)} case{'s' * (len(self.outcomes) != 1)}, {count[True]} of {sum(count.values())} "
            f"comparisons within their limits in {self.precision} precision on {self.device}; {verdict}"
        )

    def as_dict(self) -> dict:
        """Everything but the curves, ready for JSON: numbers that are not finite become null."""
        return {
            "passed": self.passed,
            "summary": self.summary(),
            "precision": self.precision,
            "device": self.device,
            "versions": package_versions(),
            "cases": [_case_entry(outcome) for outcome in self.outcomes],
        }

    def write(self, folder: Path) -> list[Path]:
        """Write verification.json and verification.html into `folder`; returns their paths."""
        paths = [folder / "verification.json", folder / "verification.html"]
        with replace_whole(paths[0]) as temporary:
            temporary.write_text(json.dumps(self.as_dict(), indent=1, allow_nan=False) + "\n")
        curves = {outcome.case.name: outcome.curves for outcome in self.outcomes}
        with replace_whole(paths[1]) as temporary:
            write_page(self.as_dict(), curves, temporary)
        return paths

    def table(self) -> Table:
        """The rows as a table for the terminal."""
        table = Table(title=f"drawbar verify, {self.precision} precision on {self.device}")
        for heading in ("case", "source", "quantity", "expected", "got", "error", "limit", ""):
            table.add_column(heading, overflow="fold")
        for outcome in self.outcomes:
            for index, row in enumerate(outcome.rows):
                head = (outcome.case.name, outcome.case.source) if index == 0 else ("", "")
                table.add_row(*head, *format_row(row), end_section=index == len(outcome.rows) - 1)
            if outcome.problem:
                table.add_row(outcome.case.name, outcome.case.source, outcome.problem, "", "", "", "", "[red]FAILED")
        return table


def format_row(row: Row) -> tuple[str, ...]:
    """Quantity, expected, got, error, limit and verdict as words."""
    unit = "" if row.unit == "-" else f" {row.unit}"
    verdict = "[green]ok" if row.passed else "[red]FAILED"
    return (
        row.quantity,
        f"{row.expected:.7g}{unit}",
        f"{row.got:.7g}{unit}",
        f"{row.error:.1e}",
        f"{row.limit:.1e}",
        verdict,
    )


def _case_entry(outcome: Outcome) -> dict:
    case = outcome.case
    return {
        "case": case.name,
        "section": case.section,
        "source": case.source,
        "passed": outcome.passed,
        "problem": outcome.problem,
        "seconds": round(outcome.seconds, 2),
        "rows": [{**_finite(asdict(row)), "passed": row.passed} for row in outcome.rows],
    }


def _finite(entry: dict) -> dict:
    bad = {key for key, value in entry.items() if isinstance(value, float) and not math.isfinite(value)}
    return {key: None if key in bad else value for key, value in entry.items()}
