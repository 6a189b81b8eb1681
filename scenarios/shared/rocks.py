"""Rocks in a bed: spheroids of grains that nothing moves, half buried, in place of the sand that was there.

Contacts are of grains with grains and shapes, so a rock that wheels are to feel is made of grains,
as rough and as hard as they.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dem.beds.quality import PreparedBed
from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_number, require_positive

KEYS = ("x", "y", "height", "width")
SMALLEST = 2.0  # grain diameters across and above the sand


def check_rocks(rocks: Any) -> None:
    """Reject rocks that are no rows of `KEYS`.

    Raises:
        ConfigError: a row with other keys, or numbers that make no rock.
    """
    for number, rock in enumerate(rocks):
        key = f"scenario.rocks[{number}]"
        if not isinstance(rock, Mapping) or set(rock) != set(KEYS):
            raise ConfigError(f"{key} is {rock}, must have {', '.join(KEYS)}; give metres for each")
        for name in ("x", "y"):
            require_number(f"{key}.{name}", rock[name], "give metres from where the wheel or rover starts")
        for name in ("height", "width"):
            require_positive(f"{key}.{name}", rock[name], "give metres such as 0.1")


def lay_rocks(
    config: RunConfig, bed: PreparedBed, start: np.ndarray, hubs: Mapping[str, Sequence[float]]
) -> tuple[PreparedBed, np.ndarray]:
    """The bed with its rocks, and which of its grains are fixed (n,).

    Args:
        config: of a drive, whose scenario has `rocks`.
        bed: of sand alone.
        start: where the wheel, or the rover's middle, starts (2,) [m].
        hubs: wheel to (x, y) of its middle from there [m].

    Raises:
        ConfigError: a rock is too small for the grains, out of the bed, or where a wheel starts.
    """
    position, radius = bed.position, bed.radius
    fixed = np.zeros(len(radius), bool)
    for number, rock in enumerate(config.scenario.rocks):
        place = start + [rock["x"], rock["y"]]
        _require_room(config, f"scenario.rocks[{number}]", rock, place)
        _require_clear(config, f"scenario.rocks[{number}]", rock, place - start, hubs)
        middle = np.array([*place, float(config.bed.surface_at(*map(np.asarray, place))) + bed.surface_offset])
        axes = np.array([rock["width"] / 2, rock["width"] / 2, rock["height"]])
        grains = _fill_spheroid(middle, axes, config.bed.grain_diameter)
        stays = (((position - middle) / (axes + radius[:, None])) ** 2).sum(axis=1) > 1
        position = np.concatenate([position[stays], grains])
        radius = np.concatenate([radius[stays], np.full(len(grains), config.bed.grain_diameter / 2)])
        fixed = np.concatenate([fixed[stays], np.ones(len(grains), bool)])
    return replace(bed, position=position, radius=radius), fixed


def _fill_spheroid(middle: np.ndarray, axes: np.ndarray, diameter: float) -> np.ndarray:
    """Centres (n, 3) of touching grains in a spheroid, above the floor, the highest one at its top."""
    top = axes - diameter / 2
    counts = np.ceil(top / diameter).astype(int)
    lines = [diameter * np.arange(-count, count + 1) for count in counts[:2]]
    upright = top[2] - diameter * np.arange(2 * counts[2] + 1)
    offsets = np.stack(np.meshgrid(*lines, upright, indexing="ij"), axis=-1).reshape(-1, 3)
    centres = middle + offsets[((offsets / top) ** 2).sum(axis=1) <= 1 + 1e-9]
    return centres[centres[:, 2] > diameter / 2]


def _require_room(config: RunConfig, key: str, rock: Mapping[str, float], place: np.ndarray) -> None:
    bed, reach = config.bed, rock["width"] / 2
    smallest = SMALLEST * bed.grain_diameter
    for name in ("height", "width"):
        if rock[name] < smallest:
            raise ConfigError(
                f"{key}.{name} is {rock[name]}, must be at least {smallest:.3g} m, two grain diameters; give a larger "
                "one, or finer grains"
            )
    if not all(reach <= at <= size - reach for at, size in zip(place, (bed.length, bed.width), strict=True)):
        raise ConfigError(f"{key} lies at {place.tolist()} m, must lie in the bed; move it, or give a larger bed")


def _require_clear(
    config: RunConfig, key: str, rock: Mapping[str, float], ahead: np.ndarray, hubs: Mapping[str, Sequence[float]]
) -> None:
    wheel, reach = config.wheel, rock["width"] / 2
    for name, hub in hubs.items():
        if math.hypot(ahead[0] - hub[0], ahead[1] - hub[1]) < reach + math.hypot(wheel.radius, wheel.width / 2):
            raise ConfigError(f"{key} lies where wheel {name!r} starts, must be clear of it; move it ahead")
