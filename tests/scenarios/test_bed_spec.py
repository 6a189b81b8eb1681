"""What a bed may be told: surfaces, sizes, densities; filled and cut as told; mistakes answered in one sentence."""

import itertools
import math

import numpy as np
import pytest

from dem.beds.tiles import lay, meets_across, tile_spec
from dem.config import load_config
from dem.errors import ConfigError
from dem.soil.grading import GradingSpec
from dem.soil.packing import cut_surface, fill_box
from dem.soil.spec import BedSpec
from dem.soil.surface import SurfaceSpec

MESSAGES = {
    "bed.surface=crater": "bed.surface is crater, but has parts; write bed.surface.shape=",
    "bed.surface.shap=crater": "bed.surface.shap is not a config key; did you mean shape?",
    "bed.surface.shape.x=1": "bed.surface.shape has no parts",
    "bed.surface.slope_deg=": "bed.surface.slope_deg has no value, must be a number; write bed.surface.slope_deg=0.0",
    "bed.surface.slope_deg=steep": "bed.surface.slope_deg is steep, must be a number",
    "bed.surface.slope_deg=60": "bed.surface.slope_deg is 60.0, must lie in [-45, 45]",
    "bed.surface.shape=hill": "bed.surface.shape is 'hill', must be one of level, ridge, crater, heightfield",
    "bed.surface.shape=crater": "bed.surface.height is missing, bed.surface.shape=crater needs it",
    "bed.surface.height=0.1": "bed.surface.shape=level has no use for it",
    "bed.surface.shape=crater bed.surface.height=0.14 bed.surface.width=0.3": "must stay 2 grain diameters above it",
    "bed.surface.shape=heightfield bed.surface.file=none.npy": "'none.npy', which does not exist here",
    "bed.surface.shape=heightfield bed.surface.file=hill.png": "must end in .npy or .csv",
    "bed.grading.curve=[[1,1]]": "must be given with bed.grading.method=curve, and only with it",
    "bed.grading.method=curve bed.grading.curve=[[1,0.5]]": "add up to 0.5, must be 1",
    "bed.grading.method=curve bed.grading.curve=[[1,0.5],[20,0.5]]": "must be at most 10",
    "bed.grading.method=curve bed.grading.curve=[1,2]": "must be a list of [diameter ratio, share of the mass]",
    "bed.compaction.method=roll": "must be one of none, press, shake",
    "bed.target_density=1600 bed.relative_density=0.5": "bed.target_density is given too; drop one",
    "bed.target_density=1600 bed.preparation_friction=0.1": "is reached by seeking it; drop it",
    "bed.growth=0.5": "bed.growth is 0.5, must lie in [0, 0.25]",
    "bed.tile_length=0.02": "must be at least 6 of the largest grains",
    "bed.top_diameter=0.01 bed.grain_diameter=0.02": "which means the same, is 0.02; drop one",
    "bed.relative_density=60": "bed.relative_density is 60.0, must lie in [0, 1]",
}


def make_bed(**changes) -> BedSpec:
    numbers = {"length": 0.4, "width": 0.2, "depth": 0.14, "grain_diameter": 0.02, "preparation_friction": 0.1}
    return BedSpec("test", 27, 2.6, 2.5, 0.6, **{**numbers, **changes})


@pytest.mark.parametrize("overrides", MESSAGES)
def test_mistake_is_answered_by_one_sentence(overrides):
    with pytest.raises(ConfigError) as caught:
        load_config(overrides.split())
    assert MESSAGES[overrides] in str(caught.value)
    assert ";" in str(caught.value), "no remedy"


def test_parts_are_composed_and_recorded():
    config = load_config(["scenario=prepare_bed", "bed.surface.shape=ridge", "bed.surface.height=0.03",
                          "bed.surface.width=0.2", "bed.target_density=1600"])  # fmt: skip
    assert config.bed.surface.height == 0.03
    assert config.bed.preparation_friction is None
    assert "shape: ridge" in config.text


def test_crater_has_its_depth_its_rim_and_the_plain_far_off():
    surface = SurfaceSpec("crater", height=0.05, width=0.4, rim_height=0.01)
    x = np.array([0.5, 0.7, 5.0])
    assert surface.relief(x, 0.5, 1.0, 1.0, False) == pytest.approx([-0.05, 0.01, 0.01 * (0.2 / 4.5) ** 3])


def test_crater_repeats_over_the_periodic_face():
    surface = SurfaceSpec("crater", height=0.05, width=0.4, center_y=0.0)
    assert surface.relief(0.5, 0.95, 1.0, 1.0, True) == pytest.approx(surface.relief(0.5, 0.05, 1.0, 1.0, True))


def test_slope_turns_about_the_middle_and_adds_to_a_ridge():
    slope = SurfaceSpec(slope_deg=10.0)
    assert slope.relief([0.0, 0.5, 1.0], 0.0, 1.0, 1.0, True) == pytest.approx(
        math.tan(math.radians(10)) * np.array([-0.5, 0, 0.5])
    )
    ridge = SurfaceSpec("ridge", slope_deg=10.0, height=0.1, width=0.4)
    assert ridge.relief([0.5, 0.4, 0.2], 0.0, 1.0, 1.0, True) - slope.relief(
        [0.5, 0.4, 0.2], 0.0, 1.0, 1.0, True
    ) == pytest.approx([0.1, 0.05, 0.0])


@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_heights_of_a_file_are_stretched_over_the_bed_and_hashed_by_content(tmp_path, kind):
    heights = np.array([[0.0, 0.1], [0.2, 0.3]])
    paths = [tmp_path / f"{name}.{kind}" for name in ("a", "b")]
    for path in paths:
        np.save(path, heights) if kind == "npy" else np.savetxt(path, heights, delimiter=",")
    one, other = (SurfaceSpec("heightfield", file=str(path)) for path in paths)
    assert one.relief([0.0, 1.0, 2.0], [0.0, 1.5, 3.0], 2.0, 3.0, False) == pytest.approx([0.0, 0.15, 0.3])
    assert one.content() == other.content()
    np.save(paths[1], heights + 0.01) if kind == "npy" else np.savetxt(paths[1], heights + 0.01, delimiter=",")
    assert one.content() != other.content()


def test_file_without_a_grid_is_rejected(tmp_path):
    np.save(tmp_path / "line.npy", np.arange(5.0))
    with pytest.raises(ConfigError, match="at least 2 by 2"):
        SurfaceSpec("heightfield", file=str(tmp_path / "line.npy"))


def test_cut_leaves_what_lies_under_the_surface():
    bed = make_bed(surface=SurfaceSpec("ridge", height=0.04, width=0.2))
    position = np.array([[0.2, 0.1, 0.165], [0.2, 0.1, 0.175], [0.05, 0.1, 0.125], [0.05, 0.1, 0.135]])
    assert cut_surface(bed, position, np.full(4, 0.01)).tolist() == [True, False, True, False]


@pytest.mark.parametrize("bed", [
    make_bed(grading=GradingSpec("lognormal", 0.4)),
    make_bed(grading=GradingSpec("curve", curve=[[0.5, 0.3], [1.0, 0.4], [2.0, 0.3]]), grain_spread=0.1),
    make_bed(growth=0.2),
    make_bed(periodic_y=False, surface=SurfaceSpec(slope_deg=10.0)),
])  # fmt: skip
def test_filling_of_any_sizes_keeps_grains_apart_and_inside(bed):
    position, radius = fill_box(bed)
    apart = np.linalg.norm(position[:, None] - position[None], axis=-1) - radius[:, None] - radius[None]
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0
    assert (position - radius[:, None] >= -1e-12).all()
    assert (position[:, :2] + radius[:, None] <= np.array([bed.length, bed.width]) + 1e-12).all()
    volume = (4 / 3 * np.pi * radius**3).sum()
    height = bed.depth + bed.relief_extremes()[1] + 1.5 * bed.grain_diameter
    assert volume == pytest.approx(0.63 * bed.length * bed.width * height, rel=0.03)


def test_grading_curve_holds_its_shares_of_the_mass():
    grading = GradingSpec("curve", curve=[[0.5, 0.2], [1.0, 0.5], [2.0, 0.3]])
    ratio = grading.draw(np.random.default_rng(1), 20000, 0.0)
    mass = ratio**3 / (ratio**3).sum()
    assert [mass[ratio == size].sum() for size in (0.5, 1.0, 2.0)] == pytest.approx([0.2, 0.5, 0.3], abs=2e-3)
    assert (ratio**3).mean() == pytest.approx(grading.mean_cube(0.0), rel=2e-3)


def test_lognormal_has_its_median_by_mass():
    grading = GradingSpec("lognormal", 0.3)
    ratio = np.sort(grading.draw(np.random.default_rng(1), 20000, 0.15))
    mass = np.cumsum(ratio**3) / (ratio**3).sum()
    assert np.interp(0.5, mass, ratio) == pytest.approx(1.0, abs=0.02)
    assert np.interp(0.84, mass, ratio) == pytest.approx(math.exp(0.3), rel=0.05)
    assert (ratio**3).mean() == pytest.approx(grading.mean_cube(0.15), rel=0.01)


def test_grains_grow_with_depth_in_layers_that_do_not_sift():
    bed = make_bed(growth=0.2, fine_depth=0.03)
    layers = bed.layers()
    assert (layers[0].bottom, layers[-1].top) == (0.0, pytest.approx(0.14))
    assert layers[-1].diameter == 0.02
    for below, above in itertools.pairwise(layers):
        assert below.top == above.bottom
        assert below.diameter / above.diameter <= 1.5 + 1e-9
    for layer in layers:  # the law at each layer's top
        depth = bed.depth - layer.top
        assert layer.diameter == pytest.approx(0.02 + 0.2 * max(depth - 0.03, 0.0))


def test_coarser_grains_lie_below_and_save_grains():
    plain, layered = (make_bed(growth=growth, grain_spread=0.0) for growth in (0.0, 0.2))
    position, radius = fill_box(layered)
    tops = [layer.diameter for layer in layered.layers()]
    finest = radius < (tops[-1] + tops[-2]) / 4
    assert position[~finest, 2].max() < position[finest, 2].min()
    assert len(radius) < 0.65 * len(fill_box(plain)[1])
    assert layered.expected_count() < plain.expected_count()
    assert make_bed(growth=0.0).layers()[0].diameter == make_bed().bottom_diameter == 0.02


def test_layers_lie_alike_in_a_bed_with_relief_and_in_its_tile():
    bed = make_bed(growth=0.2, surface=SurfaceSpec("ridge", height=0.04, width=0.2), tile_length=0.35)
    assert bed.layers() == tile_spec(bed).layers()
    assert tile_spec(bed).surface.is_level


def test_top_diameter_is_that_of_the_grains_at_the_surface():
    assert load_config(["bed.top_diameter=0.02"]).bed.grain_diameter == 0.02
    assert load_config(["wheel=viper", "bed=blade"]).bed.grain_diameter == 0.005
    assert load_config(["wheel=lrv", "bed=blade"]).bed.grain_diameter == pytest.approx(2 * 0.409 / 42)


@pytest.mark.parametrize("size", [(0.7, 0.35), (0.8, 0.5)])
def test_tiles_are_laid_side_by_side_and_cut(size):
    bed = make_bed(length=size[0], width=size[1], tile_length=0.35)
    random = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(*[np.arange(0.0175, 0.35, 0.035)] * 2, [0.02, 0.06, 0.13, 0.16]), -1).reshape(-1, 3)
    tile = grid + random.uniform(-0.017, 0.017, grid.shape)
    radius = np.full(len(tile), 0.0175)
    laid, radii = lay(bed, tile, radius)
    assert (laid[:, 2] + radii <= bed.depth).all()
    assert (laid[:, 0] >= 0.98 * radii).all()
    assert (laid[:, 0] <= bed.length - 0.98 * radii).all()
    assert ((laid[:, 1] >= 0) & (laid[:, 1] < bed.width)).all()
    assert not meets_across(laid, radii, 1, bed.width).any() or size[1] == 0.35
    low = tile[(tile[:, 2] + radius <= bed.depth)]
    inside = laid[(laid[:, 0] < 0.33) & (laid[:, 1] < 0.3) & (laid[:, 0] > 0.02)]
    expected = low[(low[:, 0] < 0.33) & (low[:, 1] < 0.3) & (low[:, 0] > 0.02)]
    assert len(inside) == len(expected), "a tile is laid whole"
