"""Soil and bed as a user states them: numbers for the grains' material, and the box they are settled in."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dem.errors import ConfigError
from dem.soil.compaction import CompactionSpec
from dem.soil.grading import GradingSpec
from dem.soil.layers import Layer, layers_of
from dem.soil.provenance import Calibration, ParameterSet
from dem.soil.surface import SurfaceSpec
from dem.spec import Source, require_plausible, require_positive, require_range, uncounted

FRICTIONS = (
    "sliding_friction", "rolling_friction", "wheel_friction", "wheel_rolling_friction", "preparation_friction",
)  # fmt: skip
LARGEST = {"length": 200.0, "width": 50.0, "depth": 10.0, "grain_diameter": 0.5, "top_diameter": 0.5}  # [m]
MOST_GRAINS = 300_000_000  # that the largest devices hold
ANGLES = (3.0, 89.0)  # [deg] of friction and repose
MOST_GROWTH = 0.25  # beyond it a layer is thinner than two of its grains
AUTO = "auto"
LEAST_TILE = 6  # of the largest grains along a side, as few as a tile may have
TILE_GRAINS = 12  # of the largest grains along a side of a tile
LOOSE_SOLID_FRACTION = 0.58  # rough spheres settled without tapping pack between 0.55 and 0.64


@dataclass
class SoilSpec:
    """Material of the grains, and of their meeting with a wheel.

    Attributes:
        name: soil, as shown on plots.
        particle_density: density of a grain [kg/m3].
        poisson_ratio: of a grain [-].
        young_modulus: stiffness of a grain [Pa]; the largest that a run uses.
        restitution: grain on grain [-].
        sliding_friction: grain on grain [-].
        rolling_friction: grain on grain, M = mu_r R* N [-].
        wheel_friction: grain on wheel, sliding [-].
        wheel_rolling_friction: grain on wheel [-].
        wheel_restitution: grain on wheel [-].
        preparation_friction: grain on grain, sliding, while a bed is made; low packs dense [-].
        grain_cohesion: bulk cohesion that the grains are given, by a pull-off force between them [Pa].
        bulk_density: of the real soil, a target of calibration [kg/m3].
        internal_friction_angle_deg: of the real soil, a target of calibration [deg].
        cohesion: of the real soil, a target of calibration [Pa].
        angle_of_repose_deg: of the real soil, a target of calibration [deg].
        parameter_sets: published pressure-sinkage, shear and strength numbers of the real soil, by name.
        calibration: how the grains' numbers were found and what they give; null says that the soil is not calibrated.
        sources: where each number comes from.
    """

    name: str
    particle_density: float
    poisson_ratio: float
    young_modulus: float
    restitution: float
    sliding_friction: float
    rolling_friction: float
    wheel_friction: float
    wheel_rolling_friction: float
    wheel_restitution: float
    preparation_friction: float = 0.05
    grain_cohesion: float = 0.0
    bulk_density: float | None = None
    internal_friction_angle_deg: float | None = None
    cohesion: float | None = None
    angle_of_repose_deg: float | None = None
    parameter_sets: dict[str, ParameterSet] = uncounted(default_factory=dict)
    calibration: Calibration | None = uncounted(default=None)
    sources: dict[str, Source] = uncounted(default_factory=dict)

    def __post_init__(self) -> None:
        require_plausible("soil.particle_density", self.particle_density, 100.0, 30000.0, "kg/m3")
        require_range("soil.poisson_ratio", self.poisson_ratio, 0.0, 0.49, "give a ratio such as 0.3")
        require_plausible("soil.young_modulus", self.young_modulus, 1e4, 1e12, "Pa")
        for key in ("restitution", "wheel_restitution"):
            require_range(f"soil.{key}", getattr(self, key), 0.01, 1.0, "give a ratio such as 0.5")
        for key in FRICTIONS:
            require_range(f"soil.{key}", getattr(self, key), 0.0, 5.0, "give a coefficient such as 0.5")
        remedy = "give pascals such as 250, or 0 for none"
        require_range("soil.grain_cohesion", self.grain_cohesion, 0.0, 1e6, remedy)
        self._check_reference_values()

    def _check_reference_values(self) -> None:
        if self.bulk_density is not None:
            require_plausible("soil.bulk_density", self.bulk_density, 50.0, 10000.0, "kg/m3")
        for key in ("internal_friction_angle_deg", "angle_of_repose_deg"):
            if getattr(self, key) is not None:
                require_plausible(f"soil.{key}", getattr(self, key), *ANGLES, "deg")
        if self.cohesion is not None:
            require_range("soil.cohesion", self.cohesion, 0.0, math.inf, "give pascals such as 250, or null")

    @property
    def internal_friction_angle(self) -> float | None:
        """Internal friction angle of the real soil [rad]."""
        return None if self.internal_friction_angle_deg is None else math.radians(self.internal_friction_angle_deg)


@dataclass
class BedSpec:
    """The box of grains and how it is prepared: sized by the wheel, unless metres are given.

    Attributes:
        name: resolution, as shown in results.
        grains_per_wheel_diameter: wheel diameter over mean grain diameter [-].
        grains_per_blade: thickness of a grouser over mean grain diameter at the surface [-]; null, and a wheel without
            grousers, go by the wheel's diameter.
        relative_length: of the bed along x, in wheel diameters [-].
        relative_width: along y, in wheel widths [-].
        relative_depth: of the levelled bed, in wheel radii [-].
        grain_diameter: mean at the surface, or what `grading` says [m]; null follows from the wheel, as do the next
            three.
        top_diameter: another name of `grain_diameter`, for beds whose grains grow with depth.
        length: along x [m].
        width: along y [m].
        depth: of the levelled bed [m].
        grain_spread: diameters are uniform in mean (1 +- spread) [-].
        grading: other distributions of sizes.
        growth: of the grains' diameter with depth, in layers: top diameter + growth * depth [-].
        fine_depth: down to which grains keep the diameter of the surface, before they grow [m].
        tile_length: side of a square tile, periodic in x and y, that is settled once and laid side by side [m]; auto
            takes 12 of the largest grains, null settles the bed as a whole.
        target_density: bulk density to reach [kg/m3]; null takes what the preparation gives.
        relative_density: likewise, from 0, the loosest, to 1, the densest these grains settle to [-].
        preparation_friction: sliding friction while settling [-]; null takes the soil's, or is sought for a density.
        preparation_gravity: gravity while settling [m/s2].
        compaction: pressing or shaking of the settled bed.
        surface: shape it is cut to.
        seed: of the random packing.
        periodic_x: wrap the bed along x instead of walls.
        periodic_y: wrap the bed across y instead of walls.
        cache: keep the settled bed on disk and use it again.
    """

    name: str = uncounted()
    grains_per_wheel_diameter: float = uncounted()  # the metres that follow from it and from the next three count
    relative_length: float = uncounted()
    relative_width: float = uncounted()
    relative_depth: float = uncounted()
    grains_per_blade: float | None = uncounted(default=None)
    grain_diameter: Any = None
    top_diameter: Any = uncounted(default=None)
    length: Any = None
    width: Any = None
    depth: Any = None
    grain_spread: float = 0.15
    grading: GradingSpec = field(default_factory=GradingSpec)
    growth: float = 0.0
    fine_depth: float = 0.0
    tile_length: Any = None
    target_density: float | None = None
    relative_density: float | None = None
    preparation_friction: Any = None
    preparation_gravity: float = 9.81
    compaction: CompactionSpec = field(default_factory=CompactionSpec)
    surface: SurfaceSpec = field(default_factory=SurfaceSpec)
    seed: int = 1
    periodic_x: bool = False
    periodic_y: bool = True
    cache: bool = uncounted(default=True)

    def __post_init__(self) -> None:
        require_range(
            "bed.grains_per_wheel_diameter", self.grains_per_wheel_diameter, 4.0, 1e4, "give a count such as 27"
        )
        for key in ("relative_length", "relative_width", "relative_depth"):
            require_positive(f"bed.{key}", getattr(self, key), "give a ratio such as 2.5")
        if self.grains_per_blade is not None:
            require_range("bed.grains_per_blade", self.grains_per_blade, 0.05, 20.0, "give a count such as 1, or null")
        for key in ("length", "width", "depth", "grain_diameter", "top_diameter"):
            if getattr(self, key) is not None:
                require_positive(f"bed.{key}", getattr(self, key), "give metres, or null to follow the wheel")
                require_plausible(f"bed.{key}", getattr(self, key), 0.0, LARGEST[key], "m")
        require_range("bed.grain_spread", self.grain_spread, 0.0, 0.5, "give a fraction such as 0.15")
        if self.preparation_friction is not None:
            remedy = "give a coefficient such as 0.05, or null for the soil's"
            require_range("bed.preparation_friction", self.preparation_friction, 0.0, 5.0, remedy)
        require_range("bed.growth", self.growth, 0.0, MOST_GROWTH, "give a ratio such as 0.1, or 0 for like grains")
        require_range("bed.fine_depth", self.fine_depth, 0.0, math.inf, "give metres such as 0.03, or 0")
        if self.tile_length not in (None, AUTO):
            require_positive("bed.tile_length", self.tile_length, "give metres such as 0.3, auto or null")
        require_range("bed.seed", self.seed, 0, 2**31 - 1, "give a whole number such as 1")
        require_positive("bed.preparation_gravity", self.preparation_gravity, "give m/s2 such as 9.81")
        self._check_density()
        self._take_top_diameter()

    def _take_top_diameter(self) -> None:
        if self.top_diameter is None:
            return
        if self.grain_diameter not in (None, self.top_diameter):
            raise ConfigError(
                f"bed.top_diameter is {self.top_diameter}, but bed.grain_diameter, which means the same, is "
                f"{self.grain_diameter}; drop one"
            )
        self.grain_diameter = self.top_diameter

    def _check_density(self) -> None:
        if self.target_density is not None:
            require_positive("bed.target_density", self.target_density, "give kg/m3 such as 1600, or null")
        if self.relative_density is not None:
            require_range("bed.relative_density", self.relative_density, 0.0, 1.0, "give a share such as 0.6, or null")
        if not self.seeks_density:
            return
        if None not in (self.target_density, self.relative_density):
            raise ConfigError(
                f"bed.relative_density is {self.relative_density}, but bed.target_density is given too; drop one"
            )
        if self.preparation_friction is not None:
            raise ConfigError(
                f"bed.preparation_friction is {self.preparation_friction}, but a density asked for is reached by "
                "seeking it; drop it, or bed.target_density and bed.relative_density"
            )

    @property
    def seeks_density(self) -> bool:
        """Whether the preparation friction is sought for a density."""
        return self.target_density is not None or self.relative_density is not None

    def fit(
        self, wheel_radius: float, wheel_width: float, preparation_friction: float, blade_thickness: float = 0.0
    ) -> None:
        """Turn what is given in the wheel's terms into metres, where no metres are given.

        Args:
            wheel_radius: to the grouser tips [m].
            wheel_width: [m].
            preparation_friction: the soil's [-].
            blade_thickness: of the wheel's grousers [m]; 0 of a wheel without.

        Raises:
            ConfigError: the bed holds too few grains across to be one.
        """
        if self.preparation_friction is None and not self.seeks_density:
            self.preparation_friction = preparation_friction
        by_blade = blade_thickness / self.grains_per_blade if self.grains_per_blade else 0.0
        self.grain_diameter = self.grain_diameter or by_blade or 2 * wheel_radius / self.grains_per_wheel_diameter
        self.length = self.length or self.relative_length * 2 * wheel_radius
        self.width = self.width or self.relative_width * wheel_width
        self.depth = self.depth or self.relative_depth * wheel_radius
        for key, least in (("length", 8), ("width", 4), ("depth", 2)):
            if getattr(self, key) < least * self.grain_diameter:
                raise ConfigError(
                    f"bed.{key} is {getattr(self, key):g}, must be at least {least} grain diameters "
                    f"({least * self.grain_diameter:g} m); enlarge it or lower bed.grain_diameter"
                )
        self._check_count()
        self._check_room()
        self._check_tile()

    def _check_count(self) -> None:
        count = self.expected_count()
        if count > MOST_GRAINS:
            fits = self.grain_diameter * (count / 1e5) ** (1 / 3)
            raise ConfigError(
                f"bed.grain_diameter is {self.grain_diameter:g} m, which makes {count:.2g} grains, must give at most "
                f"{MOST_GRAINS:.0e}; if it is the sand's own d50, leave it out: simulated grains are coarser, such as "
                f"{fits:.1g} m for 1e5 grains"
            )

    def _check_tile(self) -> None:
        least = LEAST_TILE * self.bottom_diameter * self.grading.largest(self.grain_spread)
        if self.tile_side and self.tile_side < least:
            raise ConfigError(
                f"bed.tile_length is {self.tile_length:g}, must be at least {LEAST_TILE} of the largest grains "
                f"({least:.3g} m); enlarge it, or give auto"
            )

    def _check_room(self) -> None:
        largest = self.grading.largest(self.grain_spread) * self.bottom_diameter
        if 3 * largest > self.width:
            raise ConfigError(
                f"bed.width is {self.width:g}, must be at least 3 of the largest grains ({3 * largest:.3g} m); enlarge "
                "it, or lower bed.growth or the grading's largest size"
            )
        lowest = self.depth + self.relief_extremes()[0]
        if lowest < 2 * self.grain_diameter:
            raise ConfigError(
                f"bed.surface comes down to {lowest:.3g} m above the floor, must stay 2 grain diameters above it "
                f"({2 * self.grain_diameter:.3g} m); set bed.depth={self.depth + 3 * self.grain_diameter - lowest:.2g}"
            )

    def scale(self, ratios: Any) -> None:
        """Take what is given in metres to a test with these `Ratios`; the sand's own grains stay as they are."""
        for key, ratio in (("length", ratios.size), ("width", ratios.width), ("depth", ratios.size)):
            if getattr(self, key) is not None:
                setattr(self, key, ratio * getattr(self, key))
        self.fine_depth *= ratios.size

    def relief_extremes(self) -> tuple[float, float]:
        """Lowest and highest point of the wanted surface above the plane at `depth` [m]."""
        return self.surface.extremes(self.length, self.width, self.periodic_y)

    def surface_at(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Height of the wanted surface over the floor [m], shaped as x and y [m] broadcast."""
        return self.depth + self.surface.relief(x, y, self.length, self.width, self.periodic_y)

    def layers(self) -> list[Layer]:
        """Layers of like grains from the floor to the lowest point of the surface and, the last, to its highest."""
        lowest, highest = self.relief_extremes()
        height = self.depth + highest
        return layers_of(height, self.grain_diameter, self.growth, self.fine_depth + highest - lowest)

    @property
    def tile_side(self) -> float:
        """Side of the tile that the bed is laid from [m]; 0 where it is settled as a whole."""
        if self.tile_length == AUTO:
            return TILE_GRAINS * self.bottom_diameter * self.grading.largest(self.grain_spread)
        return float(self.tile_length or 0.0)

    @property
    def bottom_diameter(self) -> float:
        """Mean diameter of the grains at the floor [m]."""
        return self.layers()[0].diameter

    def expected_count(self) -> int:
        """Estimate the number of grains, from a loose packing of the box."""
        cube, layers = self.grading.mean_cube(self.grain_spread), self.layers()
        excess = self.relief_extremes()[1]  # of the highest point over the levelled surface
        per_area = sum(layer.thickness / (math.pi / 6.0 * layer.diameter**3 * cube) for layer in layers)
        per_area -= excess / (math.pi / 6.0 * self.grain_diameter**3 * cube)
        return round(LOOSE_SOLID_FRACTION * self.length * self.width * per_area)
