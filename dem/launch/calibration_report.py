"""What a calibration leaves: a table on the screen, `trials.csv`, `calibration.json`, a figure, and the soil's file."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from dem.config import load_config
from dem.io.provenance import collect_provenance
from dem.launch.calibrate import Found, to_parameters
from dem.launch.calibration_plan import CalibrationPlan, Target
from dem.launch.soil_file import write_soil
from dem.launch.trials import Trial, now
from dem.soil.provenance import CalibratedTarget, Calibration, Spread

EDGE = 0.02  # of an end of the search: a range that comes so close is cut off by it


def write_trials(plan: CalibrationPlan, trials: list[Trial]) -> Path:
    """Write `trials.csv`: a row a trial."""
    path = plan.folder / "trials.csv"
    rows = []
    for trial in trials:
        row: dict[str, Any] = {"trial": trial.folder.name, "status": trial.status, "seconds": trial.seconds}
        row |= trial.parameters | {"misfit": trial.misfit}
        for key, (mean, error) in trial.measured.items():
            row |= {key: mean, f"{key}.standard_error": error}
        rows.append(row | {"message": trial.message})
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def ranges_of(plan: CalibrationPlan, found: Found) -> dict[str, tuple[float, float]]:
    """Range of each parameter within one sigma of the best."""
    low, high = (to_parameters(plan, end) for end in found.posterior.ranges().T)
    return {key: (low[key], high[key]) for key in plan.search}


def make_record(plan: CalibrationPlan, found: Found, confirmed: Trial) -> Calibration:
    """The calibration record of the soil's file: what specimens gave that the search had not seen."""
    config = load_config([*plan.overrides(found.best.parameters)])
    first = config.scenario.seed + config.scenario.repeats
    provenance = collect_provenance()
    return Calibration(
        scenario=config.scenario.name,
        targets={target.key: _measured(target, confirmed) for target in plan.targets},
        grain_diameter=config.scenario.grain_diameter,
        seeds=list(range(first, first + config.scenario.repeats)),
        trials=len(found.trials),
        date=now(),
        version=provenance["versions"].get("drawbar", "unknown"),
        commit=provenance["git_commit"] + ("+" if provenance["git_dirty"] else ""),
        settings=[text for text in plan.settings if not text.startswith("soil=")],
        spreads={key: Spread(*span) for key, span in ranges_of(plan, found).items()},
    )


def _measured(target: Target, trial: Trial) -> CalibratedTarget:
    mean, error = (float(f"{number:.4g}") for number in trial.measured[target.key])
    return CalibratedTarget(target.value, mean, error if math.isfinite(error) else None, target.tolerance, target.unit)


def write_study(plan: CalibrationPlan, found: Found, record: Calibration) -> list[Path]:
    """Write the soil's file and `calibration.json`."""
    soil = load_config(plan.overrides(found.best.parameters)).soil
    path = write_soil(plan.folder / f"soil_{soil.name}.yaml", soil, record, list(plan.search))
    summary = {
        "soil": soil.name,
        "parameters": found.best.parameters,
        "best_trial": found.best.folder.name,
        "ranges": ranges_of(plan, found),
        "correlation": {"of": list(plan.search), "matrix": found.posterior.correlation().round(3).tolist()},
        "calibration": yaml.safe_load(path.read_text())["calibration"],
    }
    report = plan.folder / "calibration.json"
    report.write_text(json.dumps(summary, indent=1) + "\n")
    return [path, report]


def print_found(plan: CalibrationPlan, found: Found, record: Calibration) -> None:
    """Print how well the targets are met, and how unique the answer is."""
    console = Console(soft_wrap=True)
    console.print(_target_table(record))
    console.print(_parameter_table(plan, found))
    matrix, names = found.posterior.correlation(), list(plan.search)
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            said = f"{names[first]} and {names[second]}: correlation {matrix[first, second]:+.2f}"
            console.print(
                f"  {said}{', a valley: one makes up for the other' if abs(matrix[first, second]) > 0.7 else ''}"
            )


def _target_table(record: Calibration) -> Table:
    table = Table(title=f"measured with seeds {record.seeds}, which no trial had", title_justify="left")
    for column in ("target", "wanted", "measured", "miss", "in standard errors", "tolerance", ""):
        table.add_column(column)
    for key, target in record.targets.items():
        error = target.standard_error
        spread = "" if error is None else f" +- {error:.3g}"
        in_errors = f"{target.miss / error:+.1f}" if error else "n/a"
        verdict = "[green]met[/]" if target.is_met else "[red]MISSED[/]"
        table.add_row(
            key, f"{target.target:g} {target.unit}", f"{target.measured:.4g}{spread}", f"{target.miss:+.3g}",
            in_errors, f"{target.tolerance:.3g}", verdict,
        )  # fmt: skip
    return table


def _parameter_table(plan: CalibrationPlan, found: Found) -> Table:
    table = Table(title=f"parameters of {found.best.folder.name}", title_justify="left")
    for column in ("parameter", "value", "within one sigma", "searched", ""):
        table.add_column(column)
    for key, (low, high) in ranges_of(plan, found).items():
        least, most = plan.search[key]
        ends = low <= least * (1.0 + EDGE) or high >= most * (1.0 - EDGE)
        value, span, searched = f"{found.best.parameters[key]:g}", f"{low:.3g} to {high:.3g}", f"{least:g} to {most:g}"
        table.add_row(key, value, span, searched, "ends with the search" if ends else "")
    return table


def figure_data(plan: CalibrationPlan, found: Found) -> dict[str, Any]:
    """Arrays of the figure: trials and likely points, in every plane of two parameters."""
    done = [trial for trial in found.trials if trial.is_done]
    posterior = found.posterior
    likely = posterior.points[posterior.chi_squared <= posterior.chi_squared.min() + 1.0][:2000]
    names = list(plan.search)
    shades = [to_parameters(plan, point) for point in likely]
    return {
        "title": f"Calibration of {plan.soil}: {len(done)} trials",
        "names": names,
        "trials": {key: [trial.parameters[key] for trial in done] for key in names},
        "misfit": [trial.misfit for trial in done],
        "likely": {key: [shade[key] for shade in shades] for key in names},
        "best": found.best.parameters,
    }
