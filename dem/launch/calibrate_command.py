"""`drawbar calibrate`: its options, what it prints on the way, and what it leaves."""

import argparse
import logging
import math
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dem.config import load_config
from dem.launch.calibrate import Found, calibrate
from dem.launch.calibration_plan import CalibrationPlan, plan_calibration
from dem.launch.calibration_report import figure_data, make_record, print_found, write_study, write_trials
from dem.launch.trials import Trial, confirm
from dem.viz.trials import draw_trials

EPILOG = """\
examples:
  drawbar calibrate soil=grc1_1670 --jobs 2
  drawbar calibrate soil=grc1_1670 targets.friction_angle_secant_deg=33.4 targets.bulk_density=1670 --trials 20
  drawbar calibrate soil=toyoura search.sliding_friction=[0.2,0.8] soil.rolling_friction=0.2 scenario.repeats=5
  drawbar calibrate soil=mms tolerances.friction_angle_secant_deg=0.5 --study outputs/mms

Without targets, those that the soil's own file states; without scenario, triaxial; without gravity, earth."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.epilog = EPILOG
    text = "as in run, and targets.NAME=VALUE, tolerances.NAME=VALUE, search.KEY=[LOW,HIGH]"
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE", help=text)
    parser.add_argument(
        "--trials", type=int, default=20, help="runs of the search (20); more of them go on from before"
    )
    parser.add_argument("--jobs", type=int, default=1, help="runs at once (1); they share the cores")
    parser.add_argument("--timeout", type=float, default=math.inf, help="wall-clock seconds a run may take (no limit)")
    parser.add_argument("--study", type=Path, help="folder of the study (outputs/calibration/SOIL)")


def run(options: argparse.Namespace) -> int:
    """Calibrate; returns 0 if every target is met, else 1."""
    plan = plan_calibration(options.overrides, options.study, options.trials, options.jobs, options.timeout)
    console = Console(soft_wrap=True)
    requested = ", ".join(
        f"{target.key} {target.value:g} +- {target.tolerance:g} {target.unit}" for target in plan.targets
    )
    console.print(f"{plan.soil}: {requested}; {plan.trial_count} trials in {plan.folder}", highlight=False)
    found = _search(plan, console)
    write_trials(plan, found.trials)
    scenario = load_config(plan.settings).scenario
    confirmed = confirm(plan, found.best, {"seed": scenario.seed, "repeats": scenario.repeats})
    if not confirmed.is_done:
        console.print(f"{found.best.folder.name} fails with other specimens: {confirmed.message}", style="red")
        return 1
    record = make_record(plan, found, confirmed)
    paths = [*write_study(plan, found, record), *_draw(plan, figure_data(plan, found))]
    print_found(plan, found, record)
    for path in [plan.folder / "trials.csv", *paths]:
        console.print(f"  {path}", highlight=False, markup=False)
    return 0 if record.is_met else 1


def _search(plan: CalibrationPlan, console: Console) -> Found:
    """Calibrate under a bar, with a line a trial."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("trials", total=plan.trial_count)

        def report(trial: Trial) -> None:
            progress.advance(task)
            console.print(_line(trial), highlight=False, markup=False)

        return calibrate(plan, report)


def _draw(plan: CalibrationPlan, study: dict) -> list[Path]:
    try:
        return draw_trials(study, plan.folder)
    except Exception:  # a figure is no reason to lose a calibration
        logging.getLogger(__name__).exception("the calibration is complete, but not its figure")
        return []


def _line(trial: Trial) -> str:
    numbers = ", ".join(f"{key} {value:g}" for key, value in trial.parameters.items())
    if not trial.is_done:
        return f"{trial.folder.name} {trial.status} ({numbers}): {trial.message}"
    measured = ", ".join(f"{key} {mean:.4g} +- {error:.2g}" for key, (mean, error) in trial.measured.items())
    return f"{trial.folder.name} misfit {trial.misfit:.2f} ({numbers}): {measured}"
