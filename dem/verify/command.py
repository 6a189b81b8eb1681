"""`drawbar verify`: run the suite, print its table, write its report, exit 1 if anything fails."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

import dem.verify
from dem.verify.case import Outcome

FOLDER = Path("outputs") / "verification"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the verb's options."""
    parser.add_argument("--full", action="store_true", help="the slow cases too")
    parser.add_argument("--case", action="append", default=[], metavar="NAME", help="one case; may be given again")
    parser.add_argument("--precision", choices=("double", "mixed"), default="double", help="of the engine (double)")
    parser.add_argument("--device", default="cpu", help="where to run (cpu)")
    parser.add_argument("--output", type=Path, default=FOLDER, metavar="DIR", help=f"folder of the report ({FOLDER})")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and stop")


def run(arguments: argparse.Namespace | Sequence[str]) -> int:
    """Run the verb with its options, parsed or as words; the exit code."""
    options = arguments if isinstance(arguments, argparse.Namespace) else _parse(arguments)
    console = Console()
    if options.list:
        for case in dem.verify.CASES.values():
            console.print(f"{case.name:32}{case.section:24}{case.source}", highlight=False)
        return 0

    def tell(outcome: Outcome) -> None:
        verdict = "ok" if outcome.passed else "FAILED"
        console.print(f"{verdict:8}{outcome.seconds:6.1f} s  {outcome.case.name}", highlight=False)

    report = dem.verify.run_suite(options.case, options.full, options.precision, options.device, tell)
    paths = report.write(options.output)
    console.print(report.table())
    console.print(report.summary(), *(str(path) for path in paths), sep="\n", highlight=False)
    return 0 if report.passed else 1


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drawbar verify")
    add_options(parser)
    return parser.parse_args(words)
