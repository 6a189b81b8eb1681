"""A bed by itself: made, written as a frame, brought under the run's gravity, written again, and judged.

The bed that a wheel would get under the same config is the one in the cache: this scenario shows it.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import RunDescription, RunWriter, collect_provenance
from dem.measure.bed import residual_speeds, surface_error
from dem.progress import Progress
from dem.soil.contacts import grain_numbers
from dem.soil.stiffness import modulus_for_pressure
from scenarios.bed_density import TOLERANCE
from scenarios.bed_preparation import BedMaker
from scenarios.bed_quality import PreparedBed, measure_surface, surface_grid
from scenarios.frames import kept_bits, take_frame
from scenarios.prepared_bed import prepare_bed
from scenarios.virtual_test import verdict

RAMP_PARTS = 50  # of the time in which gravity changes
RESIDUAL_LIMIT = 0.05  # of sqrt(g d), 99 of 100 grains: below it nothing flows; the slowest rattlers take longer
MOST_SETTLEMENT = 0.5  # grain diameters that the surface may move when gravity changes


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run one case.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads, config.bed.expected_count()) as session:
        modulus = bed_modulus(config)
        bed = prepare_bed(config.bed, config.soil, config.solver, modulus)
        maker = BedMaker(config.bed, config.soil, config.solver, modulus)
        simulation = maker.build([(bed.position, bed.radius)], [grain_numbers(config.soil, config.bed.grain_diameter)])
        static = {"radius": bed.radius, "material": simulation.model.particles["material"]}
        about = _describe(config, session, bed, simulation)
        with RunWriter(folder / "run.vtkhdf", soil=static, about=about, kept_bits=kept_bits(config.output)) as writer:
            _write_frame(writer, simulation, config)
            bring_under_gravity(simulation, config)
            _write_frame(writer, simulation, config)
        return collect_result(config, bed, simulation, modulus)


def bed_modulus(config: Any) -> float:
    """Young's modulus of the grains [Pa]: soft enough to be quick, hard enough to bear the bed and its plate."""
    solver, soil, bed = config.solver, config.soil, config.bed
    if solver.young_modulus != "auto":
        return float(solver.young_modulus)
    gravity = max(bed.preparation_gravity, -config.gravity.vector_value()[2])
    pressure = soil.particle_density * gravity * (bed.depth + bed.relief_extremes()[1])
    if bed.compaction.method == "press":
        pressure += bed.compaction.pressure
    return min(modulus_for_pressure(pressure, solver.overlap_target, soil.poisson_ratio), soil.young_modulus)


def bring_under_gravity(simulation: dem.Simulation, config: Any) -> None:
    """Gravity goes from the preparation's to the run's in small parts, then the bed rests."""
    prepared, wanted = np.array([0.0, 0.0, -config.bed.preparation_gravity]), np.array(config.gravity.vector_value())
    duration = config.scenario.rest_times * math.sqrt(config.bed.grain_diameter / np.linalg.norm(wanted))
    with Progress(simulation, "rest", duration):
        for part in range(RAMP_PARTS):
            simulation.set_gravity(tuple(prepared + (part + 1) / RAMP_PARTS * (wanted - prepared)))
            simulation.run(duration / 2 / RAMP_PARTS)
        simulation.run(duration / 2)


def collect_result(config: Any, bed: PreparedBed, simulation: dem.Simulation, modulus: float) -> dict[str, Any]:
    """The bed's report, what the run's gravity did to it, checks and the figure."""
    spec, snapshot = config.bed, simulation.snapshot()
    x, y = surface_grid(spec)
    heights = measure_surface(spec, snapshot["position"], bed.radius)
    offset, roughness = surface_error(heights, spec.surface_at(x[:, None], y[None, :]))
    gravity = float(np.linalg.norm(config.gravity.vector_value()))
    largest, most = residual_speeds(snapshot["velocity"], spec.grain_diameter, gravity)
    under = {
        "gravity": gravity, "settlement": bed.surface_offset - offset, "surface_roughness": roughness,
        "residual_speed": largest, "residual_speed_99": most,
    }  # fmt: skip
    report = bed.report() | {"grain_count": len(bed.radius), "preparation_gravity": spec.preparation_gravity}
    return {
        "scenario": "prepare_bed",
        "title": _title(config),
        "bed": report,
        "under_gravity": under,
        "numerics": {"young_modulus": modulus, "time_step": simulation.time_step, "seed": spec.seed},
        "contact": dem.describe_contacts(simulation.model),
        "checks": check(bed, under, snapshot["position"], spec.grain_diameter),
        "figure": draw(config, bed, heights),
    }


def check(bed: PreparedBed, under: dict[str, float], position: np.ndarray, diameter: float) -> dict[str, dict]:
    """Whether the bed is what was asked for, and rests; each with value, limit and `passed`."""
    lost = ~np.isfinite(position).all(axis=1) | (position[:, 2] < 0)
    found = {
        "residual_motion": verdict(bed.residual_speed_99, RESIDUAL_LIMIT),
        "residual_motion_under_gravity": verdict(under["residual_speed_99"], RESIDUAL_LIMIT),
        "settlement_under_gravity": verdict(abs(under["settlement"]) / diameter, MOST_SETTLEMENT),
        "grains_lost": verdict(int(lost.sum()), 0),
    }
    if bed.density_search:
        found["density_error"] = verdict(abs(bed.density_search["density_error"]), TOLERANCE)
    return found


def draw(config: Any, bed: PreparedBed, heights: np.ndarray) -> dict[str, Any]:
    """The figure: density over depth, the surface along the bed, and what the search for a density went by."""
    spec, profile, search = config.bed, bed.density_profile, bed.density_search
    density = config.soil.particle_density * np.array(profile["solid_fraction"])
    ends = [min(profile["height"]), max(profile["height"])]
    mean = {"x": [bed.bulk_density] * 2, "y": ends, "label": "inside", "style": "fit"}
    over_depth = [{"x": density.tolist(), "y": profile["height"], "label": "slabs", "style": "points"}, mean]
    x, y = surface_grid(spec)
    wanted = spec.surface_at(x[:, None], y[None, :])
    middle = len(y) // 2
    across = [
        {"x": x.tolist(), "y": heights[:, middle].tolist(), "label": "surface in the middle"},
        {"x": x.tolist(), "y": wanted[:, middle].tolist(), "label": "cut to", "style": "fit"},
    ]
    panels = [
        {"title": "Density", "x": "bulk density (kg/m3)", "y": "height (m)", "curves": over_depth},
        {"title": "Surface", "x": "along the bed (m)", "y": "height (m)", "curves": across},
    ]
    if search:
        panels.append(_search_panel(search))
    return {"name": "bed", "title": _title(config), "panels": panels}


def _search_panel(search: dict[str, Any]) -> dict[str, Any]:
    friction, density = zip(*search["attempts"], strict=True)
    curves = [
        {"x": search["sample_friction"], "y": search["sample_density"], "label": "small samples"},
        {"x": list(friction), "y": list(density), "label": "this bed", "style": "points"},
        {"x": [0.0, 1.0], "y": [search["target_density"]] * 2, "label": "asked for", "style": "fit"},
    ]
    return {"title": "Search", "x": "preparation friction (-)", "y": "bulk density (kg/m3)", "curves": curves}


def _title(config: Any) -> str:
    bed = config.bed
    return f"bed of {config.soil.name}, {bed.surface.shape}, made at {bed.preparation_gravity:g} m/s2"


def _write_frame(writer: RunWriter, simulation: dem.Simulation, config: Any) -> None:
    taken = take_frame(simulation, config.output)
    writer.write_frame(simulation.time, taken.soil, contacts=taken.contacts)


def _describe(config: Any, session: Any, bed: PreparedBed, simulation: dem.Simulation) -> RunDescription:
    spec = config.bed
    backend = {"device": session.device, "precision": session.precision, "threads": session.threads}
    return RunDescription(
        config=config.text, overrides=config.overrides,
        provenance=collect_provenance(seed=spec.seed, backend=backend),
        attributes={
            "scenario": "prepare_bed", "title": _title(config), "gravity_name": config.gravity.name,
            "gravity": config.gravity.vector_value(), "surface_height": bed.surface_height,
            "domain_lower": [0.0, 0.0, 0.0], "domain_upper": [spec.length, spec.width, spec.depth],
            "domain_periodic": [False, spec.periodic_y, False],
        },
        contact=dem.describe_contacts(simulation.model),
    )  # fmt: skip
