"""What colour a grain gets: one number per grain, its range over the run, its colours. NumPy alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dem.errors import ResultsError
from dem.io import Frame, RunReader
from dem.measure.coarse import pressure

SAND_TO_EMBER = ("#dcc9a3", "#e0b267", "#dd8a3c", "#c4562f", "#8e2a3a", "#4b1438")
"""Rest looks like sand, motion glows; lightness falls all the way, so that it also reads in grey."""

SURFACE_TO_DEEP = ("#e6d6b0", "#d2b27c", "#b08a58", "#86633f", "#5b412d", "#33241b")

BELOW_TO_ABOVE = ("#2f3e66", "#5f79a3", "#a9b7c2", "#e2d3ae", "#d9a05b", "#b5602d", "#7a2e1c")

FEW_TO_MANY = ("#f2e5c4", "#b9cf95", "#68b08c", "#2f8790", "#2b5a83", "#2d2f66")

SAMPLED_FRAMES = 6
"""Frames looked at for a range over the run; the extremes of slow runs lie at the end, which is among them."""

LIGHT_TO_HEAVY = ("#efe6cf", "#e9c46a", "#e28743", "#c8452f", "#8c1f3f", "#3d1038")
"""Loads and stresses: what bears nothing recedes."""

KILO = 1e3
"""Pictures give stresses in kPa."""

ALIASES = {"coordination": "contacts"}
"""Other names of colourings."""

REMEDIES = {
    name: f"record it with output.grain_arrays=[{name}], or choose another colouring"
    for name in ("contact_force", "stress")
}
"""What to do about an array that a run lacks."""

PERCENTILE = 99.5
"""A range must not be stretched by the few grains that fly."""

FAINTEST = 1e-9
"""Smallest range, in the array's unit: below it a run is at rest, and its scale goes to 1."""


@dataclass(frozen=True)
class Coloring:
    """One way of colouring: its name, the title of its scale with unit, and its colours from low to high."""

    name: str
    title: str
    colors: tuple[str, ...]
    measure: Callable[["ColorSource", Frame], np.ndarray]
    limits: Callable[["ColorSource"], tuple[float, float]]


class ColorSource:
    """The numbers of one run behind the colours."""

    def __init__(self, reader: RunReader):
        """Read the first frame, from which displacements count."""
        self.reader = reader
        self.first = reader.frame(0)
        self._attributes = reader.attributes

    @property
    def surface_height(self) -> float:
        """Height of the original surface [m]; without the attribute, that of the highest grain at the start."""
        top = self.first.soil["position"][:, 2] + self.first.soil["radius"]
        return float(self._attributes.get("surface_height", top.max()))

    @property
    def floor_height(self) -> float:
        """Height of the deepest point of the bed [m]."""
        return float((self.first.soil["position"][:, 2] - self.first.soil["radius"]).min())

    @cached_property
    def sampled_frames(self) -> list[Frame]:
        """A few frames spread over the run, the last among them."""
        count = self.reader.frame_count
        return [self.reader.frame(int(index)) for index in np.unique(np.linspace(0, count - 1, SAMPLED_FRAMES).round())]

    def forget(self) -> None:
        """Look anew at the frames of a run that grew, when next asked."""
        vars(self).pop("sampled_frames", None)

    def displacement(self, frame: Frame) -> np.ndarray:
        """Distance of every grain from where it was in the first frame [m], (particles,), jumps over periodic
        faces undone, for paths of less than half the box."""
        moved = frame.soil["position"].astype(np.float64) - self.first.soil["position"]
        return np.linalg.norm(self.nearest_image(moved), axis=1)

    @cached_property
    def period(self) -> np.ndarray:
        """Length of the box along each periodic axis [m], infinite along the others, (3,)."""
        lower, upper = (self._attributes.get(name, np.zeros(3)) for name in ("domain_lower", "domain_upper"))
        box = np.asarray(upper, dtype=np.float64) - np.asarray(lower)
        wraps = np.asarray(self._attributes.get("domain_periodic", (False,) * 3), dtype=bool) & (box > 0)
        return np.where(wraps, box, np.inf)

    def nearest_image(self, apart: np.ndarray) -> np.ndarray:
        """Vectors (n, 3) [m] without whole boxes along periodic axes."""
        return apart - np.rint(apart / self.period) * np.where(np.isfinite(self.period), self.period, 0.0)

    def upper_limit(self, measure: Callable[["ColorSource", Frame], np.ndarray]) -> float:
        """A round number near the top of `measure` over the run; 1 where it measures nothing."""
        values = [measure(self, frame) for frame in self.sampled_frames]
        return _round_up(max((float(np.percentile(value, PERCENTILE)) for value in values if len(value)), default=0.0))

    def deepest_reach(self) -> float:
        """How far bodies come below the original surface [m], at least two grain radii, at most half the bed."""
        lowest = [points[:, 2].min() for frame in self.sampled_frames for points in frame.bodies.values()]
        reach = self.surface_height - min(lowest, default=self.surface_height)
        half_bed = (self.surface_height - self.floor_height) / 2
        return float(min(max(reach, 2 * self.first.soil["radius"].max()), max(half_bed, FAINTEST)))


def _speed(source: ColorSource, frame: Frame) -> np.ndarray:
    return np.linalg.norm(array_of(source, frame, "velocity"), axis=1)


def _spin(source: ColorSource, frame: Frame) -> np.ndarray:
    return np.linalg.norm(array_of(source, frame, "angular_velocity"), axis=1)


def _contacts(source: ColorSource, frame: Frame) -> np.ndarray:
    return array_of(source, frame, "contact_count").astype(np.float64)


def _contact_force(source: ColorSource, frame: Frame) -> np.ndarray:
    return array_of(source, frame, "contact_force").astype(np.float64)


def _pressure(source: ColorSource, frame: Frame) -> np.ndarray:
    return pressure(array_of(source, frame, "stress").astype(np.float64)) / KILO


def _height(source: ColorSource, frame: Frame) -> np.ndarray:
    return frame.soil["position"][:, 2] - source.surface_height


def _depth(source: ColorSource, frame: Frame) -> np.ndarray:
    return source.surface_height - frame.soil["position"][:, 2]


def _displacement(source: ColorSource, frame: Frame) -> np.ndarray:
    return source.displacement(frame)


def _height_limits(source: ColorSource) -> tuple[float, float]:
    reach = _round_up(source.deepest_reach())
    return -reach, reach


COLORINGS = {
    coloring.name: coloring
    for coloring in (
        Coloring("speed", "grain speed [m/s]", SAND_TO_EMBER, _speed, lambda source: (0.0, source.upper_limit(_speed))),
        Coloring(
            "displacement",
            "displacement [m]",
            SAND_TO_EMBER,
            _displacement,
            lambda source: (0.0, source.upper_limit(_displacement)),
        ),
        Coloring("height", "height above original surface [m]", BELOW_TO_ABOVE, _height, _height_limits),
        Coloring(
            "depth",
            "depth below original surface [m]",
            SURFACE_TO_DEEP,
            _depth,
            lambda source: (0.0, source.surface_height - source.floor_height),
        ),
        Coloring("spin", "grain spin [rad/s]", SAND_TO_EMBER, _spin, lambda source: (0.0, source.upper_limit(_spin))),
        Coloring("contacts", "contacts per grain", FEW_TO_MANY, _contacts, lambda source: (0.0, 10.0)),
        Coloring(
            "contact_force",
            "normal forces at a grain [N]",
            LIGHT_TO_HEAVY,
            _contact_force,
            lambda source: (0.0, source.upper_limit(_contact_force)),
        ),
        Coloring(
            "pressure",
            "pressure in the grain [kPa]",
            LIGHT_TO_HEAVY,
            _pressure,
            lambda source: (0.0, source.upper_limit(_pressure)),
        ),
    )
}
"""Every way of colouring, by name."""


def find_coloring(name: str) -> Coloring:
    """Look up a colouring.

    Raises:
        ResultsError: There is none of that name.
    """
    name = ALIASES.get(name, name)
    if name not in COLORINGS:
        raise ResultsError(f"no colouring '{name}'; choose one of {', '.join(COLORINGS)}.")
    return COLORINGS[name]


def color_table(colors: tuple[str, ...], size: int = 256) -> np.ndarray:
    """Interpolate hex colours evenly.

    Returns:
        Red, green, blue from 0 to 1, (size, 3).
    """
    stops = np.array([[int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)] for color in colors])
    where = np.linspace(0, len(stops) - 1, size)
    return np.stack([np.interp(where, np.arange(len(stops)), channel) for channel in stops.T], axis=1)


def colors_of(values: np.ndarray, limits: tuple[float, float], table: np.ndarray) -> np.ndarray:
    """Colour of every value; those outside `limits` get the end colours.

    Args:
        values: (particles,).
        limits: Values of the first and the last colour.
        table: From `color_table`, (size, 3).

    Returns:
        (particles, 3), 0 to 1.
    """
    low, high = limits
    share = np.clip((values - low) / max(high - low, FAINTEST), 0.0, 1.0)
    return table[np.rint(share * (len(table) - 1)).astype(np.int64)]


def array_of(source: ColorSource, frame: Frame, name: str) -> np.ndarray:
    if name not in frame.soil:
        raise ResultsError(f"{source.reader.path}: has no '{name}'; {REMEDIES.get(name, 'choose another colouring')}.")
    return frame.soil[name]


def _round_up(value: float) -> float:
    """Next of 1, 1.5, 2, 3, 5, 7 times a power of ten; 1 for what is at rest."""
    if not value > FAINTEST:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step for step in (1, 1.5, 2, 3, 5, 7, 10) if step * power >= value * (1 - 1e-9)) * power)
