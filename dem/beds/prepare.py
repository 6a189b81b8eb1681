"""A bed of grains ready for use: made as its spec says, whole or from a tile, to a given density, judged, and kept.

What determines the bed is hashed into its file's name, so that a sweep makes each bed once, and never takes a wrong
one.
"""

from dataclasses import replace
from typing import Any

import numpy as np

import dem
from dem.beds.cache import from_cache, hash_bed, make_beds
from dem.beds.density import make_to_density
from dem.beds.preparation import BedMaker
from dem.beds.quality import PreparedBed, judge_bed
from dem.beds.tiles import lay_bed, tile_spec
from dem.soil.contact_spec import ContactSpec
from dem.soil.spec import BedSpec, SoilSpec
from dem.soil.stiffness import overlap_under_pressure
from dem.spec import SolverSpec


def prepare_bed(
    bed: BedSpec, soil: SoilSpec, contact: ContactSpec, solver: SolverSpec, young_modulus: float
) -> PreparedBed:
    """Take the bed from the cache, or make it and put it there.

    Raises:
        ConfigError: the density or the pressure asked for cannot be reached with these grains.
        StateError: the bed came out too shallow, or of another density.
    """
    _require_soft_press(bed, soil, solver, young_modulus)
    return _take(BedMaker(bed, soil, contact, solver, young_modulus))


def _take(maker: BedMaker) -> PreparedBed:
    key = hash_bed(maker)

    def make() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        made = _make(maker, key)
        return {"position": made.position, "radius": made.radius}, made.report()

    arrays, meta = from_cache(key, make, maker.bed.cache)
    return PreparedBed(arrays["position"], arrays["radius"], **meta)


def _make(maker: BedMaker, key: str) -> PreparedBed:
    if maker.bed.tile_side:
        return lay_bed(maker, _take(replace(maker, bed=tile_spec(maker.bed))), key)
    if maker.bed.seeks_density:
        return make_to_density(maker, key)
    friction = float(maker.bed.preparation_friction)
    return judge_bed(maker, make_beds(maker, [friction])[0], friction, key)


def _require_soft_press(bed: BedSpec, soil: SoilSpec, solver: SolverSpec, young_modulus: float) -> None:
    if bed.compaction.method != "press":
        return
    overlap = overlap_under_pressure(bed.compaction.pressure, young_modulus, soil.poisson_ratio)
    if overlap > solver.max_overlap / 2:  # a few contacts bear more than twice the mean
        raise dem.ConfigError(
            f"bed.compaction.pressure is {bed.compaction.pressure} Pa, must not press grains of {young_modulus:.3g} Pa "
            f"into each other by more than half of solver.max_overlap ({overlap:.2g} of the radius); lower it, or give "
            "a larger solver.young_modulus"
        )
