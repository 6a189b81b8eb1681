"""Beds laid from tiles: a tile, periodic in x and y, is settled once; copies of it make beds of any length and width.

Copies fit each other exactly. What does not is cut: grains that stick out of walls or stand above the wanted surface,
and one of two that meet at the seam of a periodic bed whose width is no whole number of tiles.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

import dem
from dem.beds.preparation import BedMaker, BedPreparation, Grains
from dem.beds.quality import PreparedBed, judge_bed, judge_laid
from dem.experiment import Arrays, Stage, run_experiment
from dem.soil.packing import cut_surface
from dem.soil.spec import BedSpec
from dem.soil.surface import SurfaceSpec

CHECK_TIMES = 0.5  # of sqrt(d / g): between two looks at the speeds of a laid bed, which is nearly at rest
MOST_OVERLAP = 0.02  # of the smaller radius, of two grains or of one and a wall: those that overlap more are taken out
SEAM_PARTS = 64  # of the bed's length, in which overlaps across the seam are sought


def tile_spec(bed: BedSpec) -> BedSpec:
    """The tile of a bed: level, and as high as the bed's highest point."""
    side, (lowest, highest) = bed.tile_side, bed.relief_extremes()
    return replace(
        bed, length=side, width=side, depth=bed.depth + highest, fine_depth=bed.fine_depth + highest - lowest,
        surface=SurfaceSpec(), tile_length=None, periodic_x=True, periodic_y=True,
    )  # fmt: skip


def lay_bed(maker: BedMaker, tile: PreparedBed, key: str, folder: Path | None = None) -> PreparedBed:
    """Lay a bed from its tile, and judge it.

    A level bed is at rest but for the few grains at its walls, which come to rest as a run begins; any other surface
    settles first.

    Args:
        maker: of the bed.
        tile: made as `tile_spec` says.
        key: hash of all that determines the bed.
        folder: of checkpoints; None keeps none.
    """
    if maker.bed.surface.is_level:
        found = judge_laid(maker, *lay(maker.bed, tile.position, tile.radius), tile, key)
    else:
        settled = run_experiment(BedLaying(maker, tile, key), folder)[0]
        found = judge_bed(maker, settled, tile.preparation_friction, key)
        found.density_search = tile.density_search
    found.tile = {"length": maker.bed.tile_side, "solid_fraction": tile.solid_fraction, "key": tile.key}
    return found


def lay(bed: BedSpec, position: np.ndarray, radius: np.ndarray) -> Grains:
    """Copies of a tile side by side over a bed, cut at its walls, its seam and its surface.

    Args:
        bed: to lay; `tile_side` is the side of the tile [m].
        position: (n, 3) [m] in the tile, whose corner is the origin; radius: (n,) [m].

    Returns:
        position (m, 3) [m] and radius (m,) [m].
    """
    side = bed.tile_side
    counts = [int(np.ceil(size / side)) for size in (bed.length, bed.width)]
    steps = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 2) * side
    wrapped = position.copy()
    wrapped[:, :2] %= side
    laid = np.repeat(wrapped[None], len(steps), axis=0)
    laid[:, :, :2] += steps[:, None, :]
    laid, radii = laid.reshape(-1, 3), np.tile(radius, len(steps))
    stays = _between(laid[:, 0], radii, bed.length, bed.periodic_x)
    stays &= _between(laid[:, 1], radii, bed.width, bed.periodic_y) & cut_surface(bed, laid, radii)
    laid, radii = laid[stays], radii[stays]
    for axis, (size, is_periodic) in enumerate(((bed.length, bed.periodic_x), (bed.width, bed.periodic_y))):
        if is_periodic and not np.isclose(size / side, round(size / side)):
            keeps = ~meets_across(laid, radii, axis, size)
            laid, radii = laid[keeps], radii[keeps]
    return laid, radii


def meets_across(position: np.ndarray, radius: np.ndarray, axis: int, period: float) -> np.ndarray:
    """Which grains (n,) at the far end of a periodic axis overlap one at the near end too far."""
    reach = 2 * float(radius.max())
    near, far = (np.flatnonzero(chosen) for chosen in (position[:, axis] < reach, position[:, axis] > period - reach))
    along = 1 - axis
    near = near[np.argsort(position[near, along], kind="stable")]
    shift = np.zeros(3)
    shift[axis] = period
    found = np.zeros(len(position), bool)
    for part in np.array_split(far[np.argsort(position[far, along], kind="stable")], SEAM_PARTS):
        if not len(part):
            continue
        ends = position[part[0], along] - reach, position[part[-1], along] + reach
        others = near[slice(*np.searchsorted(position[near, along], ends))]
        apart = np.linalg.norm(position[part][:, None] - position[others][None] - shift, axis=-1)
        one, other = radius[part][:, None], radius[others][None]
        found[part] = (one + other - apart > MOST_OVERLAP * np.minimum(one, other)).any(axis=1)
    return found


class BedLaying(BedPreparation):
    """A bed that is laid from a tile and comes to rest under the soil's friction."""

    def __init__(self, maker: BedMaker, tile: PreparedBed, key: str) -> None:
        super().__init__(maker, [tile.preparation_friction], key)
        self.tile = tile

    def stages(self) -> list[Stage]:
        """Come to rest."""
        return [Stage(self._lay, lambda: [self.settling_phase("settle", CHECK_TIMES)], self.settling_overlap)]

    def _lay(self, before: list[Arrays]) -> list[dem.Model]:
        laid = lay(self.bed, self.tile.position, self.tile.radius)
        return self.maker.models([laid], self.final)


def _between(place: np.ndarray, radius: np.ndarray, size: float, is_periodic: bool) -> np.ndarray:
    """Which grains lie between walls, or within the period."""
    if is_periodic:
        return place < size
    keep = (1 - MOST_OVERLAP) * radius
    return (place >= keep) & (place <= size - keep)
