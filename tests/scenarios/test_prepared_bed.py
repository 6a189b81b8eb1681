"""A prepared bed packs as sand does, is flat, and comes back from the cache as it was."""

import json

import numpy as np
import pytest

import dem
from dem.beds import cache, prepare
from dem.beds.preparation import BedMaker
from dem.cli import main
from dem.io import RunReader
from dem.soil.compaction import CompactionSpec
from dem.soil.contact_spec import ContactSpec
from dem.soil.packing import fill_box
from dem.soil.spec import BedSpec, SoilSpec
from dem.soil.stiffness import modulus_for_pressure, overlap_under_pressure
from dem.soil.surface import SurfaceSpec
from dem.spec import SolverSpec

MODULUS = 5e6  # soft, for a long time step: grains may overlap more while they fall than a run would bear
LAWS = ContactSpec()
SOLVER = SolverSpec(time_step_fraction=0.4, max_overlap=0.3)


def make_bed(**changes) -> BedSpec:
    numbers = {"length": 0.24, "width": 0.16, "depth": 0.14, "grain_diameter": 0.02, "preparation_friction": 0.05}
    numbers["cache"] = False
    return BedSpec("test", 27, 2.6, 2.5, 0.6, **{**numbers, **changes})


def make_soil(friction: float = 0.5) -> SoilSpec:
    return SoilSpec("test", 2600.0, 0.3, 1e9, 0.5, friction, 0.15, 0.8, 0.15, 0.5)


@pytest.fixture
def backend():
    """A session of the test's own: a fresh one finds the kernels of a bed as large as an earlier one's."""
    with dem.start(device="cpu"):
        yield


def solid_fraction(friction: float) -> float:
    """Of a bed made in a session of its own."""
    with dem.start(device="cpu"):
        bed, soil = make_bed(preparation_friction=friction), make_soil(friction)
        return prepare.prepare_bed(bed, soil, LAWS, SOLVER, MODULUS).solid_fraction


def test_filling_keeps_grains_apart_and_inside():
    bed = make_bed()
    position, radius = fill_box(bed)
    apart = np.linalg.norm(position[:, None] - position[None], axis=-1) - radius[:, None] - radius[None]
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0
    assert (position[:, :2] - radius[:, None] >= 0).all()
    assert (position[:, :2] + radius[:, None] <= [bed.length, bed.width]).all()


def test_solid_fraction_is_that_of_sand_and_falls_with_friction():
    fractions = [solid_fraction(friction) for friction in (0.05, 0.3)]
    assert fractions == sorted(fractions, reverse=True)
    assert all(0.55 < fraction < 0.66 for fraction in fractions), fractions


def test_the_cache_gives_back_the_same_bed_and_tells_others_apart(backend, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CACHE", tmp_path)
    bed, soil, solver = make_bed(cache=True), make_soil(), SOLVER
    made = prepare.prepare_bed(bed, soil, LAWS, solver, MODULUS)
    monkeypatch.setattr(prepare, "_make", lambda *_: pytest.fail("the bed was made twice"))
    again = prepare.prepare_bed(bed, soil, LAWS, solver, MODULUS)
    assert (again.position == made.position).all()
    assert again.report() == made.report()
    others = bed, make_bed(seed=2), make_bed(depth=0.12), make_bed(surface=SurfaceSpec(slope_deg=5.0))
    assert len({cache.hash_bed(BedMaker(other, soil, LAWS, solver, MODULUS)) for other in others}) == 4
    assert made.position[:, 2].max() + 0.0115 > bed.depth > made.surface_height > bed.depth - 0.02


def test_a_torn_file_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CACHE", tmp_path)

    def make():
        return {"radius": np.ones(1000)}, {"key": "k"}

    cache.from_cache("k", make)
    path = tmp_path / "k.h5"
    path.write_bytes(path.read_bytes()[:-500])
    arrays, meta = cache.from_cache("k", make)
    assert (arrays["radius"] == 1).all()
    assert meta == {"key": "k"}
    assert (cache.from_cache("k", lambda: pytest.fail("made twice"))[0]["radius"] == 1).all()


def test_a_plate_that_would_crush_the_grains_is_rejected():
    bed = make_bed(compaction=CompactionSpec("press", pressure=1e6), preparation_friction=0.1)
    with pytest.raises(dem.ConfigError, match="bed.compaction.pressure is 1000000"):
        prepare.prepare_bed(bed, make_soil(), LAWS, SOLVER, MODULUS)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["none", "shake", "press"])
def test_density_asked_for_is_reached_or_its_range_told(method, backend, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CACHE", tmp_path)
    compaction = CompactionSpec(method, pressure=500.0)
    bed = make_bed(target_density=1600.0, compaction=compaction, cache=True)
    made = prepare.prepare_bed(bed, make_soil(), LAWS, SOLVER, MODULUS)
    assert made.bulk_density == pytest.approx(1600.0, rel=0.02)
    search = made.density_search
    assert search["loosest_density"] < search["densest_density"]
    assert search["sample_density"] == sorted(search["sample_density"], reverse=True)
    with pytest.raises(dem.ConfigError, match=r"bed.target_density is 1900.*these grains reach"):
        prepare.prepare_bed(
            make_bed(target_density=1900.0, compaction=compaction, cache=True), make_soil(), LAWS, SOLVER, MODULUS
        )


@pytest.mark.slow
def test_a_bed_laid_from_a_tile_packs_as_the_tile_and_another_takes_the_same_tile(backend, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "CACHE", tmp_path)
    changes = {"cache": True, "growth": 0.15, "tile_length": "auto", "depth": 0.12}
    beds = [
        prepare.prepare_bed(make_bed(length=length, **changes), make_soil(), SOLVER, MODULUS) for length in (0.4, 0.6)
    ]
    assert len({bed.tile["key"] for bed in beds}) == 1, "one tile for both"
    assert len({bed.key for bed in beds}) == 2
    for bed in beds:
        assert bed.solid_fraction == pytest.approx(bed.tile["solid_fraction"], rel=0.03)
        assert bed.residual_speed_99 < 0.02
        fractions = [layer["solid_fraction"] for layer in bed.layers]
        assert max(fractions) - min(fractions) < 0.05


@pytest.mark.slow
def test_a_shaped_bed_of_graded_sizes_keeps_its_shape_under_other_gravity(tmp_path):
    code = main([
        "run", "scenario=prepare_bed", "bed=smoke", "gravity=moon", "device=cpu", "device.threads=1",
        "bed.grain_diameter=0.02", "bed.length=0.5", "bed.width=0.2", "bed.depth=0.1", "bed.cache=false",
        "bed.surface.shape=ridge", "bed.surface.height=0.03", "bed.surface.width=0.25", "bed.grading.method=lognormal",
        "bed.grading.deviation=0.2", "bed.growth=0.1", "bed.tile_length=auto", "scenario.rest_times=10",
        f"hydra.run.dir={tmp_path}",
    ])  # fmt: skip
    assert code == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert all(entry["passed"] for entry in result["checks"].values()), result["checks"]
    assert result["bed"]["surface_roughness"] < 0.01
    assert (tmp_path / "bed.png").exists()
    reader = RunReader(tmp_path / "run.vtkhdf")
    assert reader.particle_count == result["bed"]["grain_count"]


def test_softening_presses_grains_by_the_target():
    target, pressure = 0.005, 7000.0
    young = modulus_for_pressure(pressure, target, 0.3)
    radius = 0.01
    force = pressure * (2 * radius) ** 2
    effective = young / (2 * (1 - 0.3**2))
    overlap = (3 * force / (4 * effective * np.sqrt(radius / 2))) ** (2 / 3)
    assert overlap / radius == pytest.approx(target, rel=1e-12)
    assert overlap_under_pressure(pressure, young, 0.3) == pytest.approx(target, rel=1e-12)
