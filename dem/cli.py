"""The `drawbar` command and its verbs, from run to doctor.

What the user did wrong is one sentence on stderr and exit code 2. The engine and the viewer are imported only by the
verbs that need them, and never before the config has been found right.
"""

import argparse
import importlib
import importlib.metadata
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dem.errors import DemError
from dem.run_files import RESULTS_FILE

INTERRUPTED = 130
REJECTED = 2

COLOR_HELP = "speed (default), displacement, height, contact_force, pressure, ...; a wrong name lists them"
CLOCK_HELP = "what side by side is in step: the time, or the share of each run, for one story at several paces"
FILE_HELP = "run.vtkhdf, or the run folder that holds it"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        words = importlib.import_module("dem.own_conf").take_flag(words)
        if words[:1] == ["run"] and not {"-h", "--help"} & set(words):
            return importlib.import_module("dem.launch.run").run_command(words[1:])  # Hydra reads its own flags
        options, rest = _make_parser(words).parse_known_args(words)
        return options.verb(options, rest) or 0
    except DemError as error:
        sys.stderr.write(f"drawbar: {error}\n")
        return REJECTED
    except KeyboardInterrupt:
        sys.stderr.write("drawbar: interrupted\n")
        return INTERRUPTED


def _make_parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drawbar",
        description="Discrete-element simulation of wheels and rovers on sand, under any gravity.",
        epilog="Start with: drawbar run --help",
    )
    parser.add_argument("--version", action="version", version=f"drawbar {_version()}")
    verbs = parser.add_subparsers(required=True, metavar="VERB", parser_class=_Verb)
    _add_run(verbs, words)
    _add_sweep(verbs, words)
    _add_viewers(verbs)
    _add_verify(verbs, words)
    _add_bench(verbs, words)
    _add_commands(verbs, words)
    doctor = verbs.add_parser("doctor", help="say what this machine has and lacks")
    doctor.set_defaults(verb=_doctor)
    return parser


class _Verb(argparse.ArgumentParser):
    """A subparser whose help keeps its line breaks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)


def _version() -> str:
    try:
        return importlib.metadata.version("drawbar")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _add_run(verbs: Any, words: Sequence[str]) -> None:
    requested = words[:1] == ["run"]  # composing the help reads conf/, so only when it is asked for
    epilog = importlib.import_module("dem.launch.help").describe_run() if requested else ""
    parser = verbs.add_parser(
        "run", help="run one case", epilog=epilog, description="Run one case, from overrides to a folder of results."
    )
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE", help="group=choice or group.key=value")
    parser.add_argument("--resume", metavar="DIR", help="go on with a run that was stopped, bit for bit")
    parser.add_argument("--folder", metavar="DIR", help="of the run (outputs/<scenario>/<date>_<time>)")
    parser.add_argument("--config-dir", metavar="DIR", help="with your own soil/, wheel/, ...; of every verb")
    parser.add_argument("--again", action="store_true", help="compute over the result that the folder holds")
    parser.add_argument(
        "--until-credible", metavar="MINUTES", help="follow the remedies of the verdict until it is credible"
    )
    parser.set_defaults(verb=lambda options, rest: 0)


def _add_sweep(verbs: Any, words: Sequence[str]) -> None:
    text = (
        "Run the product of all lists among the overrides, each case in a fresh process. A case that has its "
        "result.json under the same config is skipped, so the same command goes on where it stopped."
    )
    parser = verbs.add_parser("sweep", help="run many cases", description=text)
    _add_options_of(parser, "sweep", "dem.launch.sweep_command", words)


def _add_viewers(verbs: Any) -> None:
    info = verbs.add_parser("info", help="print what is in a results file")
    info.set_defaults(verb=_info)
    view = verbs.add_parser("view", help="play results in a window or, with --web, in a browser")
    _add_view_options(view)
    view.set_defaults(verb=_view)
    render = verbs.add_parser("render", help="make pictures, a film and the time-series figure, without a window")
    _add_render_options(render)
    render.set_defaults(verb=_render)
    info.add_argument("file", type=Path, help=FILE_HELP)
    for parser in (view, render):
        parser.add_argument("file", type=Path, nargs="+", help=f"{FILE_HELP}; several are shown side by side")


def _add_view_options(view: argparse.ArgumentParser) -> None:
    view.epilog = """examples:
  drawbar view outputs/demo
  drawbar view --web outputs/moon outputs/earth
  drawbar view --web --live outputs/running"""
    view.add_argument("--web", action="store_true", help="serve a page for a browser instead of opening a window")
    view.add_argument("--live", action="store_true", help="follow runs that are still going, at their newest frame")
    view.add_argument("--color-by", default="speed", metavar="NAME", help=COLOR_HELP)
    view.add_argument("--clock", choices=("time", "course"), default="time", help=CLOCK_HELP)
    _add_force_options(view)
    view.add_argument(
        "--series", metavar="NAME", help="time series shown first, such as drawbar_pull; a wrong name lists them"
    )
    view.add_argument("--host", default="127.0.0.1", help="of the page (127.0.0.1); a wider one asks for a token")
    view.add_argument("--port", type=int, default=8230, help="of the page (8230); 0 takes a free one")


def _add_render_options(render: argparse.ArgumentParser) -> None:
    render.epilog = """examples:
  drawbar render outputs/demo
  drawbar render outputs/demo --png --frame 10 --cut
  drawbar render outputs/moon outputs/earth --folder outputs/both --gif"""
    for flag, kind, text in (
        ("png", "picture", "a picture"),
        ("mp4", "film", "a film"),
        ("gif", "gif", "the film as a GIF"),
        ("figure", "figure", "curves"),
    ):
        render.add_argument(
            f"--{flag}", dest="kinds", action="append_const", const=kind, help=f"{text}; all if none is named"
        )
    render.add_argument("--folder", type=Path, metavar="DIR", help="where to (beside the run)")
    render.add_argument("--color-by", default="speed", metavar="NAME", help=COLOR_HELP)
    render.add_argument(
        "--frame", type=int, default=-1, help="of the picture; negative numbers count from the end (-1)"
    )
    render.add_argument("--cut", action="store_true", help="hide what is in front of the wheel's middle plane")
    _add_force_options(render)
    render.add_argument("--size", type=int, nargs=2, default=(1280, 720), metavar=("WIDTH", "HEIGHT"), help="in pixels")
    render.add_argument("--clock", choices=("time", "course"), default="time", help=CLOCK_HELP)
    render.add_argument("--speed", type=float, help="pace of the film over real time (1 where that is smooth)")


def _add_force_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--chains", action="store_true", help="draw force chains among faint grains; needs output.contacts=true"
    )
    parser.add_argument(
        "--field", metavar="NAME", help="draw pressure, vertical_stress or shear_stress on the wheel's middle plane; "
        "needs output.grain_arrays=[stress]"
    )  # fmt: skip


def _add_verify(verbs: Any, words: Sequence[str]) -> None:
    text = "run cases that other people's numbers confirm, and write a report"
    parser = verbs.add_parser("verify", help=text, description=f"{text.capitalize()}.")
    if words[:1] == ["verify"]:  # its options need the engine
        importlib.import_module("dem.verify.command").add_options(parser)
        parser.set_defaults(verb=_verify)


def _add_bench(verbs: Any, words: Sequence[str]) -> None:
    text = "measure speed: particle-steps a second, where the time goes, memory"
    epilog = "examples:\n  drawbar bench\n  drawbar bench bed chute --threads 1 2 --output speed.json"
    parser = verbs.add_parser("bench", help=text, description=f"{text.capitalize()}.", epilog=epilog)
    if words[:1] == ["bench"]:  # its options need the engine
        importlib.import_module("dem.bench.command").add_options(parser)
        parser.set_defaults(verb=_bench)


def _add_commands(verbs: Any, words: Sequence[str]) -> None:
    for name, place, text in (
        ("converge", "dem.launch.converge", "run a case on a ladder of grain sizes, and extrapolate its readings"),
        ("report", "dem.study.command", "write a study's page: curves with bands, tables, credibility, pictures"),
        ("soils", "dem.launch.soils", "list the soils, show one with its sources, export its parameter sets"),
        ("wheels", "dem.launch.wheels", "list the wheels, show one with its sources, export its surface as a mesh"),
        ("rovers", "dem.launch.rovers", "list the rovers, show one with the sources of its numbers"),
        ("export", "dem.launch.export", "write a run as CSV, for older ParaView, or as a crate to publish"),
        ("plan-earth-test", "dem.launch.plan", "plan the Earth test that is equivalent to a drive elsewhere"),
        ("calibrate", "dem.launch.calibrate_command", "find the grains' numbers with which a soil meets its targets"),
    ):
        parser = verbs.add_parser(name, help=text, description=f"{text.capitalize()}.")
        _add_options_of(parser, name, place, words)


def _add_options_of(parser: argparse.ArgumentParser, name: str, place: str, words: Sequence[str]) -> None:
    """Let a module add the options of its verb, if that is the one called: they come with what they do."""
    if words[:1] == [name]:
        importlib.import_module(place).add_options(parser)
        parser.set_defaults(verb=_run_command, place=place)


def _run_command(options: argparse.Namespace, rest: Sequence[str]) -> int:
    if "overrides" in options:  # argparse takes none that come after an option
        options.overrides += [word for word in rest if not word.startswith("-")]
        rest = [word for word in rest if word.startswith("-")]
    _reject_rest(rest)
    importlib.import_module("dem.launch.run").end_on_signals()
    return importlib.import_module(options.place).run(options)


def _reject_rest(rest: Sequence[str]) -> None:
    if rest:
        raise DemError(f"{rest[0]} is not an option of this verb; drawbar VERB --help lists them")


def _results_file(path: Path) -> Path:
    return path / RESULTS_FILE if path.is_dir() else path


def _info(options: argparse.Namespace, rest: Sequence[str]) -> None:
    _reject_rest(rest)
    importlib.import_module("dem.io.info").print_info(_results_file(options.file))


def _view(options: argparse.Namespace, rest: Sequence[str]) -> None:
    _reject_rest(rest)
    files = [_results_file(path) for path in options.file]
    how = {"color_by": options.color_by, "chains": options.chains, "field": options.field}
    how |= {"clock": options.clock, "is_live": options.live, "series": options.series}
    if not options.web:
        return importlib.import_module("dem.viz.view").view(files, **how)
    serve = importlib.import_module("dem.viz.web.server").view_in_browser
    return serve(
        files, announce=lambda address: print(address, flush=True), host=options.host, port=options.port, **how
    )


def _render(options: argparse.Namespace, rest: Sequence[str]) -> None:
    _reject_rest(rest)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    render = importlib.import_module("dem.viz.render")
    how = render.RenderOptions(
        color_by=options.color_by,
        frame=options.frame,
        is_cut=options.cut,
        has_chains=options.chains,
        field=options.field,
        size=tuple(options.size),
        speed=options.speed,
    )
    files = [_results_file(path) for path in options.file]
    if len(files) > 1:
        drawn = render.render_all(files, folder=options.folder, kinds=options.kinds, options=how, clock=options.clock)
    else:
        drawn = render.render(files[0], folder=options.folder, kinds=options.kinds or render.KINDS, options=how)
    for path in drawn.values():
        print(path)


def _verify(options: argparse.Namespace, rest: Sequence[str]) -> int:
    _reject_rest(rest)
    return importlib.import_module("dem.verify.command").run(options)


def _bench(options: argparse.Namespace, rest: Sequence[str]) -> int:
    _reject_rest(rest)
    return importlib.import_module("dem.bench.command").run(options)


def _doctor(options: argparse.Namespace, rest: Sequence[str]) -> int:
    _reject_rest(rest)
    lacks = False
    for finding in importlib.import_module("dem.launch.doctor").examine():
        mark = "ok" if finding.good else "MISSING" if finding.needed else "-"
        print(f"{mark:8}{finding.name:26}{finding.detail}", flush=True)
        lacks |= finding.needed and not finding.good
    return int(lacks)


if __name__ == "__main__":
    sys.exit(main())
