"""How good a bed is: density, packing, surface and rest, each where floor, surface and walls do not disturb it."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dem.beds.preparation import BedMaker, SettledBed
from dem.measure.bed import block_solid_fraction, density_profile, footprint_height, residual_speeds, surface_error
from dem.measure.packing import backbone_coordination, coordination_number, surface_heights
from dem.soil.spec import BedSpec

WALL_LAYERS = 2.0  # grain diameters at a wall, where grains pack differently, that measures leave out
BEARING_CONTACTS = 3  # that hold a grain with friction


@dataclass
class PreparedBed:
    """A settled bed, and how good it is.

    Attributes:
        position: (n, 3) [m]; radius: (n,) [m].
        surface_height: mean height of the surface [m].
        surface_offset: mean height above the wanted surface, below 0 as grains that stood out were taken off [m].
        surface_roughness: standard deviation about the wanted surface, so offset [m].
        solid_fraction, bulk_density [kg/m3]: away from floor, surface and walls.
        coordination_number: of all grains with two contacts or more.
        backbone_coordination: of those that bear, rattlers taken out, inside.
        rattler_share: of the grains inside.
        residual_speed, residual_speed_99: largest, and 99th percentile, over sqrt(g d).
        preparation_friction: that it was settled with.
        key: hash of all that determines it.
        density_profile: height [m] and solid_fraction of slabs, up to the surface where it is lowest.
        layers: bottom, top [m], grain_diameter [m] and solid_fraction of each layer of like grains, from the floor up.
        density_search: what was sought and how, empty where nothing was.
        tile: length [m], solid_fraction and key of the tile it was laid from, empty where it was settled as a whole.
    """

    position: np.ndarray
    radius: np.ndarray
    surface_height: float
    surface_offset: float
    surface_roughness: float
    solid_fraction: float
    bulk_density: float
    coordination_number: float
    backbone_coordination: float
    rattler_share: float
    residual_speed: float
    residual_speed_99: float
    preparation_friction: float
    key: str
    density_profile: dict[str, list[float]]
    layers: list[dict[str, float]] = field(default_factory=list)
    density_search: dict[str, Any] = field(default_factory=dict)
    tile: dict[str, Any] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """The numbers, for results."""
        return {name: value for name, value in vars(self).items() if name not in ("position", "radius")}

    def height_under(self, bed: BedSpec, x: float, length: float, width: float) -> float:
        """Surface height [m] under a footprint around (x, middle of the bed); of a level bed, that of all of it."""
        if bed.surface.is_level:
            return self.surface_height
        middle, step = bed.width / 2, bed.grain_diameter / 2
        along, across = (x - length / 2, x + length / 2), (middle - width / 2, middle + width / 2)
        return footprint_height(self.position, self.radius, along, across, step)

    def clear_height(self, bed: BedSpec, x: float, wheel_radius: float) -> float:
        """Height of a wheel's lowest point over x at which it just clears all grains [m].

        Of a level bed, the height of the highest grain anywhere.
        """
        if bed.surface.is_level:
            return float((self.position[:, 2] + self.radius).max())
        reach, along = wheel_radius + self.radius, self.position[:, 0] - x
        near = np.abs(along) < reach
        return float((self.position[near, 2] + np.sqrt(reach[near] ** 2 - along[near] ** 2)).max()) - wheel_radius


def inner_block(bed: BedSpec, surface_offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Corners (3,) [m] of the part of a bed that floor, surface and walls do not disturb, or of most of a small bed."""
    size, lowest = bed.grain_diameter, bed.depth + bed.relief_extremes()[0] + surface_offset
    edge = min(WALL_LAYERS * bed.bottom_diameter, bed.length / 4)
    side = 0.0 if bed.periodic_y else min(WALL_LAYERS * bed.bottom_diameter, bed.width / 4)
    lower = np.array([edge, side, min(bed.bottom_diameter, lowest / 4)])
    return lower, np.array([bed.length - edge, bed.width - side, max(lowest - size, lowest * 3 / 4)])


def surface_grid(bed: BedSpec) -> tuple[np.ndarray, np.ndarray]:
    """Points along x (m,) and across y (n,) [m] at which a bed's surface is measured."""
    size = bed.grain_diameter
    return np.arange(size, bed.length - size, size / 2), np.arange(size / 2, bed.width, size / 2)


def measure_surface(bed: BedSpec, position: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Heights of the surface on its grid [m], (m, n)."""
    return surface_heights(position, radius, *surface_grid(bed), bed.width if bed.periodic_y else np.inf)


def judge_bed(maker: BedMaker, settled: SettledBed, friction: float, key: str) -> PreparedBed:
    """Measure a bed settled with a preparation friction."""
    bed, position = maker.bed, settled.position
    geometry = judge_geometry(maker, position, settled.radius)
    lower, upper = inner_block(bed, geometry["surface_offset"])
    inside = np.all((position >= lower) & (position <= upper), axis=1)
    backbone, rattlers = backbone_coordination(settled.first, settled.second, inside, BEARING_CONTACTS)
    speed, speed_99 = residual_speeds(settled.velocity, bed.grain_diameter, bed.preparation_gravity)
    return PreparedBed(
        position, settled.radius, coordination_number=coordination_number(settled.contact_count),
        backbone_coordination=backbone, rattler_share=rattlers, residual_speed=speed, residual_speed_99=speed_99,
        preparation_friction=friction, key=key, **geometry,
    )  # fmt: skip


def judge_laid(maker: BedMaker, position: np.ndarray, radius: np.ndarray, tile: PreparedBed, key: str) -> PreparedBed:
    """Measure a bed as it is laid from a tile, whose contacts and rest are its own."""
    return replace(tile, position=position, radius=radius, key=key, **judge_geometry(maker, position, radius))


def judge_geometry(maker: BedMaker, position: np.ndarray, radius: np.ndarray) -> dict[str, Any]:
    """What positions alone tell of a bed: surface and density."""
    bed, (x, y) = maker.bed, surface_grid(maker.bed)
    heights = measure_surface(bed, position, radius)
    offset, roughness = surface_error(heights, bed.surface_at(x[:, None], y[None, :]))
    lower, upper = inner_block(bed, offset)
    period = bed.width if bed.periodic_y else np.inf
    fraction = block_solid_fraction(position, radius, lower, upper, period)
    whole = np.array([*lower[:2], 0.0]), np.array([*upper[:2], bed.depth + bed.relief_extremes()[0] + offset])
    slabs = max(round(whole[1][2] / bed.grain_diameter), 4)
    return {
        "surface_height": float(np.nanmean(heights)), "surface_offset": offset, "surface_roughness": roughness,
        "solid_fraction": fraction, "bulk_density": fraction * maker.soil.particle_density,
        "density_profile": density_profile(position, radius, *whole, slabs, period),
        "layers": layer_fractions(bed, position, radius, lower, upper),
    }  # fmt: skip


def layer_fractions(
    bed: BedSpec, position: np.ndarray, radius: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> list[dict[str, float]]:
    """Solid fraction of each layer of like grains, from the floor up, within the inner block of a bed."""
    found, period = [], bed.width if bed.periodic_y else np.inf
    for layer in bed.layers():
        low, high = max(layer.bottom, float(lower[2])), min(layer.top, float(upper[2]))
        if high - low > layer.diameter:
            block = np.array([*lower[:2], low]), np.array([*upper[:2], high])
            fraction = block_solid_fraction(position, radius, *block, period)
            found.append({
                "bottom": low, "top": high, "grain_diameter": layer.diameter, "solid_fraction": fraction,
            })  # fmt: skip
    return found
