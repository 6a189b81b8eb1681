"""`drawbar export`: a run as CSV, as a ParaView collection, or as a crate to publish."""

import argparse
import importlib
from pathlib import Path

from dem.io import open_results
from dem.io.export import export_crate, export_curves, export_series

EPILOG = """examples:
  drawbar export outputs/demo                          series.csv, and curves.csv of a soil test
  drawbar export outputs/demo --pvd --folder /tmp/pv   grains and wheel for ParaView before 5.13
  drawbar export outputs/demo --crate                  one zip with data, configuration, results, provenance"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what the verb takes."""
    parser.epilog = EPILOG
    parser.add_argument("file", type=Path, help="run.vtkhdf, or the run folder that holds it")
    parser.add_argument("--csv", action="store_true", help="time series, and curves of soil tests (the default)")
    parser.add_argument("--pvd", action="store_true", help="all frames as VTP files and a PVD file")
    parser.add_argument("--crate", action="store_true", help="a zip to publish (RO-Crate)")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to (beside the run)")


def run(options: argparse.Namespace) -> int:
    """Export, and say where to."""
    reader = open_results(options.file)
    folder = options.folder or reader.path.parent
    if options.csv or not (options.pvd or options.crate):
        _say(export_series(reader, folder / "series.csv"))
        if curves := export_curves(reader.path.parent, folder / "curves.csv"):
            _say(curves)
    if options.pvd:
        _say(importlib.import_module("dem.viz.export").export_pvd(reader, folder))
    if options.crate:
        _say(export_crate(reader, folder / f"{reader.path.parent.resolve().name}.zip"))
    return 0


def _say(path: Path) -> None:
    from rich.console import Console

    Console(soft_wrap=True).print(str(path), highlight=False, markup=False)
