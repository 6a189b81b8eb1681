"""Scenes to measure speed on: `bed`, `chute`, `wheel`, `batch`, `mixture`.

All but the chute are of grains D = 1 cm of 2500 kg/m3 and 1e7 Pa, Hertz-Mindlin with history, friction and restitution
0.5, no rolling resistance, on a floor of the same material, periodic to the sides, with the neighbour list reaching
0.1 D beyond contact.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dem.bench.chute import CHUTE, chute_model, chute_tile
from dem.bench.tiles import CACHE, Tile, loose_lattice, mixed_lattice, settled_tile
from dem.builder import ModelBuilder
from dem.contact.contact_laws import ContactLaws
from dem.errors import ConfigError
from dem.model import Material, Model, Motion
from dem.shapes import GrouserWheel
from dem.simulation import Simulation
from dem.time_step import choose_time_step

DIAMETER = 0.01  # [m]
GRAVITY = 9.81  # [m/s2]
SLOPE = math.radians(26.0)
SKIN = 0.1  # of the (mean) diameter
SAND = Material(2500.0, 1e7, 0.3, restitution=0.5, sliding_friction=0.5)
LARGE_TILE = 10_000  # grains on 20 D x 20 D, about 22 D deep
SMALL_TILE = 1_000  # grains on 10 D x 10 D, about 9 D deep: for scenes smaller than a large tile
WHEEL_SINKS = 1_000  # steps, until the wheel has found its depth
SETTLE_PER_LAYER = 0.06  # [s]: the lattice falls in a tenth of this; the rest is for waves to die down


@dataclass(frozen=True)
class Scene:
    """A scene to measure speed on.

    Attributes:
        name: of the scene; note: what one should know who compares its figures.
        models: one, or as many as the batch has worlds.
        time_step: [s]; skin: [m].
        warm_up: steps until it is worth measuring.
    """

    name: str
    models: Sequence[Model]
    time_step: float
    skin: float
    note: str = ""
    warm_up: int = 200
    max_overlap: float = 0.5

    @property
    def particle_count(self) -> int:
        """Grains of all worlds."""
        return sum(model.particle_count for model in self.models)

    def simulate(self, worlds: slice = slice(None)) -> Simulation:
        """A simulation of it, or of some of its worlds, in the running session."""
        chosen = list(self.models[worlds])
        model = chosen[0] if len(chosen) == 1 else chosen
        return Simulation(model, time_step=self.time_step, skin=self.skin, max_overlap=self.max_overlap)


def bed_model(tile: Tile, slope: float = 0.0, wheel: GrouserWheel | None = None) -> Model:
    """Grains on a floor, under gravity tilted by `slope` [rad] towards +x, perhaps with a driven wheel on top."""
    gravity = (GRAVITY * math.sin(slope), 0.0, -GRAVITY * math.cos(slope))
    builder = ModelBuilder(gravity=gravity, contact=ContactLaws(rolling=None))
    sand = builder.add_material(SAND)
    builder.add_particles(tile.position, tile.radius, sand)
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), sand)
    top = float((tile.position[:, 2] + tile.radius).max())
    if wheel is not None:
        _press_wheel(builder, wheel, sand, _resting_place(tile, wheel))
    height = 4 * top + 4 * (wheel.radius if wheel else 0.0)
    builder.set_domain((0.0, 0.0, -DIAMETER), (*tile.size, height), periodic=(True, True, False))
    return builder.finalize()


def _press_wheel(builder: ModelBuilder, wheel: GrouserWheel, material: int, centre: tuple[float, float, float]) -> None:
    """A wheel at 20 % slip, held in y and upright, pressed down by twice its weight."""
    mass, spin = 2.0, 1.0  # [kg], [rad/s]: a rim of 0.12 m/s, the scaled pace of rover wheels
    inertia = (mass * wheel.radius**2 / 4, mass * wheel.radius**2 / 2, mass * wheel.radius**2 / 4)
    speed = 0.8 * spin * wheel.radius
    driven: dict[str, Any] = {"x": speed, "y": 0.0, "rx": 0.0, "ry": spin, "rz": 0.0}
    motion = Motion(prescribed=driven, applied={"z": -mass * GRAVITY})
    body = builder.add_body("wheel", mass, inertia, centre, velocity=(speed, 0.0, 0.0), motion=motion)
    builder.add_shape(wheel, material, body)


def _resting_place(tile: Tile, wheel: GrouserWheel) -> tuple[float, float, float]:
    """Where a wheel's tips touch the first grain from above: one that falls on its bed is no steady load."""
    x, y = 0.25 * tile.size[0], 0.5 * tile.size[1]
    ahead, aside = tile.position[:, 0] - x, np.abs(tile.position[:, 1] - y)
    reach = math.hypot(wheel.radius, wheel.grouser_thickness / 2) + tile.radius
    below = (np.abs(ahead) < reach) & (aside < wheel.width / 2 + tile.radius)
    heights = tile.position[below, 2] + np.sqrt(reach[below] ** 2 - ahead[below] ** 2)
    return float(x), float(y), float(heights.max())


def bed_tile(grains: int, folder: Path = CACHE) -> Tile:
    """A settled level bed of as many grains as tiles make up, nearest to `grains`."""
    count, side = (LARGE_TILE, 20 * DIAMETER) if grains >= LARGE_TILE else (SMALL_TILE, 10 * DIAMETER)
    layers = count * DIAMETER**2 / side**2
    radius = np.full(count, DIAMETER / 2)
    tile = settled_tile(
        f"bed_{count}", lambda: loose_lattice(count, side, radius), bed_model, SETTLE_PER_LAYER * layers, folder
    )
    return tile.lay(grains)


def make_bed(grains: int, worlds: int = 1, folder: Path = CACHE) -> Scene:
    """A settled bed of equal grains, tilted to 26 degrees."""
    tile = bed_tile(grains, folder)
    return _scene("bed", [bed_model(tile, SLOPE)], f"{_about(tile)} deep")


def make_batch(grains: int, worlds: int = 64, folder: Path = CACHE) -> Scene:
    """As many beds of `grains` each, tilted from 20 to 30 degrees."""
    tile = bed_tile(grains, folder)
    slopes = np.radians(np.linspace(20.0, 30.0, worlds))
    return _scene("batch", [bed_model(tile, float(slope)) for slope in slopes], f"{worlds} worlds of {tile.count}")


def make_wheel(grains: int, worlds: int = 1, folder: Path = CACHE) -> Scene:
    """A grouser wheel, 24 D across, driven at 20 % slip through a level bed."""
    tile = bed_tile(grains, folder)
    wheel = GrouserWheel(
        radius=12 * DIAMETER, width=min(10 * DIAMETER, 0.6 * tile.size[1]), grouser_height=1.5 * DIAMETER,
        grouser_thickness=0.4 * DIAMETER, grouser_count=12,
    )  # fmt: skip
    scene = _scene("wheel", [bed_model(tile, 0.0, wheel)], f"{_about(tile)} deep, wheel of 24 D")
    return replace(scene, warm_up=WHEEL_SINKS)


def make_mixture(grains: int, worlds: int = 1, folder: Path = CACHE, ratio: float = 2.0) -> Scene:
    """A settled bed of two sizes, `ratio` apart, that fill the same volume; tilted to 26 degrees."""
    large = max(round(grains / (1 + ratio**3)), 1)
    volume = math.pi / 6 * DIAMETER**3 * (large * ratio**3 + grains - large) / 0.6
    side = max(volume ** (1 / 3), 5 * ratio * DIAMETER)
    radii = (ratio * DIAMETER / 2, DIAMETER / 2)
    tile = settled_tile(
        f"mixture_{grains}_{ratio:g}",
        lambda: mixed_lattice(large, grains - large, radii, side),
        bed_model,
        2 * SETTLE_PER_LAYER * volume / side**2 / DIAMETER,
        folder,
    )
    return _scene("mixture", [bed_model(tile, SLOPE)], f"sizes 1 : {ratio:g}, equal volumes; {_about(tile)} deep")


def make_chute(grains: int = 32_000, worlds: int = 1, folder: Path = CACHE) -> Scene:
    """LAMMPS' public bench/in.chute on a packing of our own; see dem/bench/chute.py."""
    tile = chute_tile(grains, folder)
    return Scene("chute", [chute_model(tile)], CHUTE.time_step, CHUTE.skin, f"{tile.count} grains, own packing")


def _scene(name: str, models: list[Model], note: str) -> Scene:
    time_step = min(choose_time_step(model, "auto", 0.2) for model in models[:: max(len(models) - 1, 1)])
    skin = SKIN * 2 * float(models[0].particles["radius"].mean())
    return Scene(name, models, time_step, skin, note)


def _about(tile: Tile) -> str:
    deep = float((tile.position[:, 2] + tile.radius).max())
    return f"{tile.size[0] / DIAMETER:.0f} x {tile.size[1] / DIAMETER:.0f} D, {deep / DIAMETER:.0f} D"


@dataclass(frozen=True)
class SceneKind:
    """A scene by name: how it is made, how large unless asked otherwise, how many worlds."""

    make: Callable[..., Scene]
    grains: tuple[int, ...]
    worlds: int = 1


SCENES = {
    "bed": SceneKind(make_bed, (40_000,)),
    "chute": SceneKind(make_chute, (32_000,)),
    "wheel": SceneKind(make_wheel, (50_000, 1_000_000)),
    "batch": SceneKind(make_batch, (30_000,), 64),
    "mixture": SceneKind(make_mixture, (10_000,)),
}


def make_scene(name: str, grains: int = 0, worlds: int = 0, folder: Path = CACHE, ratio: float = 0.0) -> Scene:
    """The scene of that name; its own size and number of worlds where 0 is given."""
    if name not in SCENES:
        raise ConfigError(f"bench got the scene {name!r}, must be one of {', '.join(SCENES)}; correct the name")
    kind = SCENES[name]
    more = {"ratio": ratio} if name == "mixture" and ratio else {}
    return kind.make(grains or kind.grains[0], worlds or kind.worlds, folder, **more)
