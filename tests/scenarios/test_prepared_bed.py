"""A prepared bed packs as sand does, is flat, and comes back from the cache as it was."""

import numpy as np
import pytest

import dem
from dem.soil.packing import fill_box
from dem.soil.spec import BedSpec, SoilSpec
from dem.soil.stiffness import modulus_for_pressure
from dem.spec import SolverSpec
from scenarios import prepared_bed

MODULUS = 5e6  # soft, for a long time step: grains may overlap more while they fall than a run would bear
SOLVER = SolverSpec(time_step_fraction=0.4, max_overlap=0.3)


def make_bed(**changes) -> BedSpec:
    numbers = {"length": 0.24, "width": 0.16, "depth": 0.14, "grain_diameter": 0.02, "cache": False}
    return BedSpec("test", 27, 2.6, 2.5, 0.6, **{**numbers, **changes})


def make_soil(friction: float = 0.5) -> SoilSpec:
    return SoilSpec("test", 2600.0, 0.3, 1e9, 0.5, friction, 0.15, 0.8, 0.15, 0.5)


@pytest.fixture(scope="module", autouse=True)
def backend():
    with dem.start(device="cpu"):
        yield


def test_filling_keeps_grains_apart_and_inside():
    bed = make_bed()
    position, radius = fill_box(bed)
    apart = np.linalg.norm(position[:, None] - position[None], axis=-1) - radius[:, None] - radius[None]
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0
    assert (position[:, :2] - radius[:, None] >= 0).all()
    assert (position[:, :2] + radius[:, None] <= [bed.length, bed.width]).all()


def test_solid_fraction_is_that_of_sand_and_falls_with_friction():
    fractions = [
        prepared_bed.prepare_bed(make_bed(preparation_friction=mu), make_soil(mu), SOLVER, MODULUS).solid_fraction
        for mu in (0.05, 0.3)
    ]
    assert fractions == sorted(fractions, reverse=True)
    assert all(0.55 < fraction < 0.64 for fraction in fractions), fractions


def test_the_cache_gives_back_the_same_bed_and_tells_others_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(prepared_bed, "CACHE", tmp_path)
    bed, soil, solver = make_bed(cache=True), make_soil(), SOLVER
    made = prepared_bed.prepare_bed(bed, soil, solver, MODULUS)
    monkeypatch.setattr(prepared_bed, "_make", lambda *_: pytest.fail("the bed was made twice"))
    again = prepared_bed.prepare_bed(bed, soil, solver, MODULUS)
    assert (again.position == made.position).all()
    assert again.report() == made.report()
    keys = {prepared_bed._key(other, soil, solver, MODULUS) for other in (bed, make_bed(seed=2), make_bed(depth=0.12))}
    assert len(keys) == 3
    assert made.position[:, 2].max() + 0.0115 > bed.depth > made.surface_height > bed.depth - 0.02


def test_softening_presses_grains_by_the_target():
    target, pressure = 0.005, 7000.0
    young = modulus_for_pressure(pressure, target, 0.3)
    radius = 0.01
    force = pressure * (2 * radius) ** 2
    effective = young / (2 * (1 - 0.3**2))
    overlap = (3 * force / (4 * effective * np.sqrt(radius / 2))) ** (2 / 3)
    assert overlap / radius == pytest.approx(target, rel=1e-12)
