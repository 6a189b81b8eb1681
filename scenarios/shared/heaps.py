"""What the tests of the angle of repose share: poured grains, rough floors, and how specimens come to rest."""

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import dem
from dem.experiment import Arrays, Phase, Stage, estimate
from dem.experiment.phases import do_nothing
from dem.soil.packing import LATTICE_GAP
from scenarios.shared.soil_experiment import PACKED, SoilExperiment

SETTLE_TIMES, RELAX_TIMES, REST_TIMES = 60.0, 5.0, 80.0  # sqrt(d / g): at most, always, at most
ROUGH_SPACING = 1.0  # grain diameters between the grains of a rough floor
DEGREES = 180 / math.pi

Grains = tuple[np.ndarray, np.ndarray]


class HeapExperiment(SoilExperiment):
    """Poured specimens that come to rest under the preparation's friction, and are then tested under the soil's."""

    @abstractmethod
    def fill(self, seed: int) -> Grains:
        """Position (n, 3) [m] and radius (n,) [m] of loose grains."""

    @abstractmethod
    def build(self, position: np.ndarray, radius: np.ndarray, friction: float | None) -> dem.Model:
        """The model of one specimen with a sliding friction, or the soil's own."""

    @abstractmethod
    def measured_phases(self) -> list[Phase]:
        """What follows once specimens rest."""

    def stages(self) -> list[Stage]:
        """Settle, then what is measured."""
        return [
            Stage(self._pour, lambda: [self.rest("settle", SETTLE_TIMES, do_nothing, is_recorded=False)]),
            Stage(self._give_friction, self._relax, is_recorded=True),
        ]

    def _pour(self, before: list[Arrays]) -> list[dem.Model]:
        return [self.build(*self.fill(seed), self.spec.preparation_friction) for seed in self.spec.seeds]

    def _give_friction(self, before: list[Arrays]) -> list[dem.Model]:
        counts = [len(self.fill(seed)[1]) for seed in self.spec.seeds]  # the free grains come first
        pairs = [(own["position"][:count], own["radius"][:count]) for own, count in zip(before, counts, strict=True)]
        return [self.build(*grains, None) for grains in pairs]

    def _relax(self) -> list[Phase]:
        longest = RELAX_TIMES * self.fall_time
        return [Phase("relax", longest, sample=self.record_speeds, interval=longest), *self.measured_phases()]


def pour(
    spec: Any, seed: int, size: Sequence[float], volume: float, inside: Callable[[np.ndarray], np.ndarray] = np.isfinite
) -> tuple[np.ndarray, np.ndarray]:
    """Grains apart from each other in a column, as many as it holds once they are packed.

    Args:
        spec: of the test: grain_diameter and grain_spread.
        seed: of radii and jitter.
        size: lengths along x and y, from the origin [m].
        volume: of the sand once settled [m3].
        inside: which centres (n, 3) [m] lie in the container, a mask (n,); all, unless told.

    Returns:
        position (n, 3) [m] from z = 0 on, and radius (n,) [m].
    """
    random = np.random.default_rng(seed)
    spacing = LATTICE_GAP * spec.grain_diameter * (1 + spec.grain_spread)
    counts = [max(int(length / spacing), 1) for length in size]
    steps = np.array([size[0] / counts[0], size[1] / counts[1], spacing])
    grain_volume = math.pi / 6 * spec.grain_diameter**3 * (1 + spec.grain_spread**2)
    layer = np.stack(np.meshgrid(*map(np.arange, counts), [0], indexing="ij"), axis=-1).reshape(-1, 3)
    layer = layer[inside((layer + 0.5) * steps).reshape(len(layer), -1).all(axis=1)]
    layers = math.ceil(PACKED * volume / grain_volume / len(layer))
    cells = np.concatenate([layer + [0, 0, height] for height in range(layers)])
    radius = spec.grain_diameter / 2 * random.uniform(1 - spec.grain_spread, 1 + spec.grain_spread, len(cells))
    room = np.maximum(steps / 2 - radius[:, None], 0.0)
    return (cells + 0.5) * steps + random.uniform(-1, 1, (len(cells), 3)) * room, radius


def rough_floor(spec: Any, lower: Sequence[float], upper: Sequence[float]) -> np.ndarray:
    """Centres (n, 3) [m] of the grains that make a floor rough, at z = 0 on a square lattice over a rectangle."""
    counts = [
        max(round((high - low) / (ROUGH_SPACING * spec.grain_diameter)), 1)
        for low, high in zip(lower, upper, strict=True)
    ]
    x, y = (
        low + (np.arange(count) + 0.5) * (high - low) / count
        for low, high, count in zip(lower, upper, counts, strict=True)
    )
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.column_stack([grid, np.zeros(len(grid))])


def angle_estimate(angles: Sequence[float]) -> dict[str, Any]:
    """An angle over the specimens [rad], and the mean in degrees for those who read it."""
    found = estimate(angles, "rad")
    return {**found, "degrees": found["mean"] * DEGREES}
