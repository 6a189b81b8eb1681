"""What all soil tests share: specimens as worlds of one simulation, materials, rest, and estimates over specimens."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import dem
from dem.experiment import Experiment, Phase
from dem.io import Series
from dem.model import Motion
from dem.run_config import RunConfig
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.stiffness import grain_modulus

STILL = 0.02  # of sqrt(g d): the speed of all but one grain in a hundred in a specimen at rest
CHECK_TIMES = 2.0  # sqrt(d / g) between two checks of the speed
PACKED = 0.6  # solid fraction of a specimen at rest, for pressures and counts


class SoilExperiment(Experiment):
    """Specimens of sand under a test; worlds are specimen by specimen.

    Attributes:
        young_modulus: of the grains in the test [Pa].
        fall_time: sqrt(d / g) [s]; fall_speed: sqrt(g d) [m/s].
    """

    world_series = {"speed": Series("-", "speed of 99 of 100 grains over sqrt(g d)")}
    label = "soil test"  # in titles

    @property
    def soil(self) -> Any:
        """Spec of the soil."""
        return self.config.soil

    @property
    def world_names(self) -> list[str]:
        """The seed of each specimen."""
        return [f"seed_{seed}" for seed in self.spec.seeds]

    @property
    def fall_time(self) -> float:
        """Time in which a grain falls by about its own size [s]."""
        return math.sqrt(self.spec.grain_diameter / self.strength)

    @property
    def fall_speed(self) -> float:
        """Speed of a grain that has fallen by about its own size [m/s]."""
        return math.sqrt(self.strength * self.spec.grain_diameter)

    @property
    def strength(self) -> float:
        """Strength of gravity [m/s2]."""
        return float(self.config.gravity.strength())

    def title(self) -> str:
        """The test, the soil and gravity."""
        return f"{self.label}, {self.soil.name}, {self.config.gravity.name}"

    def own_pressure(self, height: float) -> float:
        """Pressure [Pa] at the foot of a specimen of some height [m]."""
        return PACKED * self.soil.particle_density * self.strength * height

    def modulus_under(self, pressure: float) -> float:
        """Young's modulus of the grains [Pa] under a pressure [Pa]."""
        return grain_modulus(self.solver, self.soil, pressure)

    def start_sand(self, modulus: float, friction: float | None = None) -> dem.ModelBuilder:
        """A builder under the run's gravity with the sand as material 0, see `start_sand`."""
        return start_sand(self.config, (0.0, 0.0, -self.strength), modulus, friction)

    def free(self, index: int, name: str) -> np.ndarray:
        """An array of a world's grains that are not held."""
        fixed = self.simulation.worlds.models[self.worlds[index]].particles["fixed"]
        return self.snapshot(index, name)[name][~fixed]

    def speeds(self) -> np.ndarray:
        """Speed of all but one free grain in a hundred of each world (W,) [sqrt(g d)]."""
        found = [np.linalg.norm(self.free(index, "velocity"), axis=1) for index in range(self.world_count)]
        return np.array([np.percentile(speed, 99) for speed in found]) / self.fall_speed

    def record_speeds(self) -> None:
        """Add a row of the time series."""
        self.recorder.add({"speed": self.speeds()})

    def rest(self, name: str, longest: float, begin: Callable[[float], None], is_recorded: bool = True) -> Phase:
        """A phase until all specimens are still, of at most `longest` [sqrt(d/g)]."""
        sample = self.record_speeds if is_recorded else None
        interval = CHECK_TIMES * self.fall_time
        return Phase(name, longest * self.fall_time, begin, lambda: self.speeds().max() < STILL, sample, interval)

    def move_all(self, bodies: list[int], motion: Motion) -> None:
        """Move bodies of all worlds alike from now on."""
        for index in range(self.world_count):
            for body in bodies:
                self.set_motion(index, body, motion)

    def per_seed(self, values: Any) -> list[float]:
        """Means over the worlds of each specimen, from a number a world."""
        return np.reshape(values, (self.spec.repeats, -1)).mean(axis=1).tolist()


def start_sand(
    config: RunConfig, gravity: tuple[float, float, float], modulus: float, friction: float | None = None
) -> dem.ModelBuilder:
    """A builder with the sand as material 0.

    Args:
        config: of the run.
        gravity: [m/s2].
        modulus: Young's, of the grains [Pa].
        friction: sliding, in place of the soil's [-]; then without cohesion too, to make a specimen.
    """
    soil = config.soil
    of_grains = soil, config.contact, config.scenario.grain_diameter
    builder = dem.ModelBuilder(gravity, soil_laws(*of_grains))
    numbers = grain_numbers(*of_grains)
    if friction is not None:
        numbers = dry_numbers(*of_grains, sliding_friction=friction)
    builder.add_material(dem.Material(soil.particle_density, modulus, soil.poisson_ratio))
    builder.set_pair(0, 0, **numbers)
    return builder


def add_wall(builder: dem.ModelBuilder, config: RunConfig, friction: float) -> int:
    """A rigid material that the sand slides on with `friction`, and rolls on as on itself where that is not 0."""
    soil = config.soil
    wall = builder.add_material(dem.Material.rigid())
    rolling = soil.wheel_rolling_friction if friction > 0 else 0.0
    on_wall = dry_numbers(
        soil, config.contact, config.scenario.grain_diameter,
        restitution=soil.wheel_restitution, sliding_friction=friction, rolling_friction=rolling,
    )  # fmt: skip
    builder.set_pair(0, wall, **on_wall)
    return wall


def moving_down(speed: float) -> Motion:
    """A body that moves down at a constant speed [m/s], up if negative, and does not turn."""
    return Motion({"x": 0.0, "y": 0.0, "z": -speed, "rx": 0.0, "ry": 0.0, "rz": 0.0})


def moving_along(speed: float) -> Motion:
    """A body that moves along x at a constant speed [m/s], and does not turn."""
    return Motion({"x": speed, "y": 0.0, "z": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0})


def panel(x: str, y: str, title: str, curves: list[dict[str, Any]]) -> dict[str, Any]:
    """A panel of a figure: axis labels, a title and curves, as `dem.viz.panels` draws them."""
    return {"x": x, "y": y, "title": title, "curves": curves}
