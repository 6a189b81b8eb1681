"""`drawbar converge`: one case on a ladder of grain sizes, and with one number of the numerics changed at a time.

Two sweeps into one study: the ladder, whose finding extrapolates each reading to grains of no size, and, at the case's
own grain size, a deeper and a wider bed, stiffer grains and a shorter time step.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from dem.config import load_config
from dem.errors import ConfigError
from dem.launch.sweep_command import sweep
from dem.run_config import RunConfig
from dem.spec import require_positive, require_range
from dem.study.findings.sensitivity import BASE
from dem.study.spec import StudySpec

LADDER = (1.5, 1.0, 1 / 1.5)  # times the case's own grain size
READINGS = ("static_sinkage", "sinkage", "drawbar_pull_ratio", "gross_traction_ratio", "slip_ratio")
LARGER = 1.5  # of a bed
SMALLER = 0.5  # of overlap and time step
X = "bed.grain_diameter"
QUESTION = "How fine must the grains be?"
DESCRIPTION = (
    "Run a case on a ladder of grain sizes, several beds each, and with a deeper and a wider bed, stiffer grains and a "
    "shorter time step; report each reading against grain size, its extrapolation, and from which size on it stands."
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.description = DESCRIPTION
    parser.epilog = """examples:
  drawbar converge wheel=mgru3 gravity=earth bed=blade --study outputs/mgru3_converges
  drawbar converge scenario.slip=0.5 --diameters 0.0185,0.0124,0.009 --seeds 3 --without deeper,wider"""
    parser.add_argument("overrides", nargs="*", metavar="OVERRIDE", help="of the case, as in run")
    parser.add_argument("--diameters", help="of the grains at the surface [m], as 0.018,0.012,0.008; the ladder")
    parser.add_argument("--seeds", type=int, default=3, help="beds at each point (3)")
    parser.add_argument("--without", default="", help="of deeper,wider,stiffer,shorter_step: not to be run, as a,b")
    parser.add_argument("--study", type=Path, default=Path("outputs/convergence"), help="folder (outputs/convergence)")
    parser.add_argument("--jobs", type=int, help="cases at once; they share the cores")


def run(options: argparse.Namespace) -> int:
    """Run the ladder, then the single changes; returns 0 if every case has a result."""
    config = load_config(list(options.overrides))
    require_range("--seeds", options.seeds, 1, 100, "give a count such as 3")
    ladder = read_ladder(options.diameters, config)
    arms = changes(config)
    for name in filter(None, options.without.split(",")):
        if name not in arms:
            raise ConfigError(f"--without names {name!r}, must be one of {', '.join(arms)}; correct the name")
        del arms[name]
    code = 0
    for arguments, names in plan(options.overrides, ladder, arms, config, options.seeds):
        code = max(code, sweep(arguments, options.study, options.jobs, arms=names, question=requested(arms)))
    return code


def read_ladder(text: str | None, config: RunConfig) -> list[float]:
    """Diameters at the surface [m], falling: as given, or about the case's own."""
    if text is None:
        return [round(float(ratio * config.bed.grain_diameter), 6) for ratio in LADDER]
    try:
        sizes = sorted({float(word) for word in text.split(",")}, reverse=True)
    except ValueError:
        raise ConfigError(f"--diameters is {text!r}, must be metres such as 0.018,0.012,0.008; correct it") from None
    for size in sizes:
        require_positive("--diameters", size, "give metres such as 0.012")
    if len(sizes) < len(LADDER) - 1:
        raise ConfigError(f"--diameters is {text!r}, must hold two sizes or more, for a trend; add one")
    return sizes


def changes(config: RunConfig) -> dict[str, list[str]]:
    """Overrides that change one number of the numerics each, by name."""
    bed, solver = config.bed, config.solver
    stiffness = f"solver.overlap_target={SMALLER * solver.overlap_target:g}"
    if solver.young_modulus != "auto":
        stiffness = f"solver.young_modulus={float(solver.young_modulus) / SMALLER:g}"
    step = f"solver.time_step_fraction={SMALLER * solver.time_step_fraction:g}"
    if solver.time_step != "auto":
        step = f"solver.time_step={SMALLER * float(solver.time_step):g}"
    return {
        "deeper": [f"bed.depth={LARGER * bed.depth:g}"],
        "wider": [f"bed.width={LARGER * bed.width:g}"],
        "stiffer": [stiffness],
        "shorter_step": [step],
    }


def plan(
    overrides: Sequence[str], ladder: Sequence[float], arms: dict[str, list[str]], config: RunConfig, seeds: int
) -> list[tuple[list[str], list[str]]]:
    """Arguments and arms of the sweeps: of the ladder, and of single changes at the case's own grain size."""
    common = [*overrides, "bed.top_diameter=null", f"repeats={seeds}"]
    sweeps = [([*common, f"{X}={','.join(f'{size:g}' for size in ladder)}"], [BASE])]
    if arms:
        sweeps.append(([*common, f"{X}={round(float(config.bed.grain_diameter), 6):g}"], list(arms)))
    return sweeps


def requested(arms: dict[str, list[str]]) -> StudySpec:
    """The study that the sweeps are of."""
    return StudySpec(QUESTION, X, list(READINGS), {BASE: [], **arms}, finding="convergence")
