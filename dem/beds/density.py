"""A bed of the density asked for: samples tell which preparation friction gives it, the bed itself is the proof.

1. Small samples of the bed, one for each of a row of frictions, are prepared at once just as the bed will be. Their
   densities, smoothed to fall with friction, are the curve. Relative densities count between the ends of the curve
   without compaction: settled at a friction of 1, and of 0.01 (random close packing).
2. The bed is made at the friction that the curve gives. If its density is off, the curve is moved by as much, for a
   bed has other walls and another depth than a sample, and the bed is made again.
"""

import logging
from dataclasses import replace
from typing import Any

import numpy as np

import dem
from dem.beds.cache import from_cache, hash_bed, make_beds
from dem.beds.preparation import BedMaker
from dem.beds.quality import PreparedBed, judge_bed
from dem.soil.compaction import CompactionSpec
from dem.soil.density import FRICTIONS, DensityCurve, fit_falling, fraction_at_relative_density, relative_density
from dem.soil.spec import BedSpec
from dem.soil.surface import SurfaceSpec

log = logging.getLogger(__name__)

TOLERANCE = 0.02  # of the density asked for: the most a bed may be off
AIM = 0.005  # likewise: near enough not to try again
ATTEMPTS = 4  # at the bed
SAMPLE = (10, 6, 10)  # largest grains along x, y and, at most, z of a sample


def make_to_density(maker: BedMaker, key: str) -> PreparedBed:
    """A bed of the density that its spec asks for, with the search in its report.

    Raises:
        ConfigError: the preparation cannot reach the density; the message has the range it reaches.
        StateError: the bed stayed further off than TOLERANCE.
    """
    limits = density_curve(maker, compacted=False)
    goal = _goal(maker, limits)
    curve = density_curve(maker, compacted=True)
    _require_reachable(maker, curve, goal)
    tried: list[PreparedBed] = []
    moved = curve
    for _ in range(ATTEMPTS):
        friction = moved.friction_for(goal)
        if tried and friction == tried[-1].preparation_friction:
            break  # at an end of the curve: it would come out the same
        tried.append(judge_bed(maker, make_beds(maker, [friction])[0], friction, key))
        found = tried[-1].solid_fraction
        log.info("friction %.3g gives %.1f kg/m3", friction, tried[-1].bulk_density)
        if abs(found / goal - 1) < AIM:
            break
        moved = moved.shifted(found - moved.at(friction))
    best = min(tried, key=lambda bed: abs(bed.solid_fraction - goal))
    if abs(best.solid_fraction / goal - 1) > TOLERANCE:
        raise dem.StateError(_missed(maker, best, goal))
    best.density_search = _tell(maker, limits, curve, goal, tried, best)
    return best


def density_curve(maker: BedMaker, compacted: bool) -> DensityCurve:
    """Solid fraction against preparation friction of small samples of a bed, from the cache or made.

    Args:
        maker: of the bed.
        compacted: press or shake them as the bed will be.
    """
    sample = replace(maker, bed=_sample(maker.bed, compacted))
    key = hash_bed(sample, frictions=FRICTIONS)

    def make() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        beds = [judge_bed(sample, settled, 0.0, key) for settled in make_beds(sample, FRICTIONS)]
        return {"solid_fraction": np.array([bed.solid_fraction for bed in beds])}, {}

    arrays, _ = from_cache(key, make, maker.bed.cache)
    return fit_falling(np.array(FRICTIONS), arrays["solid_fraction"])


def _sample(bed: BedSpec, compacted: bool) -> BedSpec:
    largest = bed.grain_diameter * bed.grading.largest(bed.grain_spread)
    along, across, up = (count * largest for count in SAMPLE)
    return replace(
        bed, length=min(along, bed.length), width=min(across, bed.width), depth=min(up, bed.depth),
        surface=SurfaceSpec(), growth=0.0, tile_length=None, target_density=None, relative_density=None,
        compaction=bed.compaction if compacted else CompactionSpec(),
    )  # fmt: skip


def _goal(maker: BedMaker, limits: DensityCurve) -> float:
    """The solid fraction asked for."""
    if maker.bed.target_density is None:
        return fraction_at_relative_density(float(maker.bed.relative_density or 0.0), limits.loosest, limits.densest)
    return maker.bed.target_density / maker.soil.particle_density


def _require_reachable(maker: BedMaker, curve: DensityCurve, goal: float) -> None:
    low, high = curve.loosest * (1 - TOLERANCE / 2), curve.densest * (1 + TOLERANCE / 2)
    if low <= goal <= high:
        return
    density, bed = maker.soil.particle_density, maker.bed
    requested = "target_density" if bed.target_density is not None else "relative_density"
    remedy = "lower soil.rolling_friction or bed.compaction" if goal < low else "try bed.compaction.method=shake"
    raise dem.ConfigError(
        f"bed.{requested} is {getattr(bed, requested):g}, which is {goal * density:.0f} kg/m3; with compaction "
        f"{bed.compaction.method} these grains reach {curve.loosest * density:.0f} to {curve.densest * density:.0f}; "
        f"ask for one between, or {remedy}"
    )


def _missed(maker: BedMaker, best: PreparedBed, goal: float) -> str:
    requested = goal * maker.soil.particle_density
    return (
        f"bed {maker.bed.name!r} came out at {best.bulk_density:.0f} kg/m3, {requested:.0f} were asked for, and no "
        f"preparation friction brings it within {TOLERANCE:.0%}; enlarge the bed, or ask for a density nearer to that"
    )


def _tell(
    maker: BedMaker, limits: DensityCurve, curve: DensityCurve, goal: float, tried: list[PreparedBed], best: PreparedBed
) -> dict[str, Any]:
    density = maker.soil.particle_density
    return {
        "target_density": goal * density,
        "density_error": best.solid_fraction / goal - 1,
        "relative_density": relative_density(best.solid_fraction, limits.loosest, limits.densest),
        "loosest_density": limits.loosest * density,
        "densest_density": limits.densest * density,
        "sample_friction": curve.friction.tolist(),
        "sample_density": (curve.solid_fraction * density).tolist(),
        "attempts": [[bed.preparation_friction, bed.bulk_density] for bed in tried],
    }
