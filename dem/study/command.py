"""`drawbar report`: write a study's page and say where it is."""

import argparse
import webbrowser
from pathlib import Path

from rich.console import Console

from dem.study.report import make_report


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the verb's options."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="of a study, or of runs that belong together")
    parser.add_argument("--against", type=Path, metavar="OTHER", help="another study, on the same axes")
    parser.add_argument("--x", metavar="KEY", help="of the curves: a swept key or a steady reading (the study's own)")
    parser.add_argument(
        "--reading", nargs="+", default=[], metavar="NAME", help="steady readings to draw (the study's)"
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")


def run(options: argparse.Namespace) -> int:
    """Run the verb; the exit code."""
    written = make_report(options.folder, options.against, x=options.x, readings=options.reading)
    Console(soft_wrap=True).print(*written.files, sep="\n", highlight=False, markup=False)
    if options.open:
        webbrowser.open(written.page.resolve().as_uri())
    return 0
