"""Triaxial compression: cubic specimens compressed alike from all sides, then from the top at constant confinement.

Every specimen under every confining stress is a world of one simulation, without gravity. The moving walls come in
until each carries its load, with the preparation's friction; then, with the soil's, the load rises by a tenth, which
tells the bulk modulus; then the top wall comes down at a constant speed while the others hold their stress.
"""

from typing import Any

import numpy as np

import dem
from dem.errors import StateError
from dem.experiment import Arrays, Phase, Stage
from dem.io import Series
from dem.model import Motion
from dem.run_config import RunConfig
from scenarios.shared.strength import PRESS_NUMBER, REST_TIMES, StrengthExperiment
from scenarios.triaxial.cell import UNLOADING_RATIO, WALLS, WEIGHTLESS, CellMaker, Specimen, wall_places
from scenarios.triaxial.result import TriaxialResult, solid_fraction

CHECKS = 2  # of the walls' loads in d sqrt(density / stress), while they come in
SERVOS = 20  # corrections of the walls' loads to their areas, in a rest
MOST_COMPRESSION = 5.0  # times d sqrt(density / stress) over the inertial number: the walls come in by a fraction
HELD = {"x": 0.0, "y": 0.0, "z": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0}
AXES = tuple(WALLS)


class Triaxial(StrengthExperiment):
    """Specimens of grains between walls.

    Attributes:
        strain_rate: of the top wall, over the dense specimen's height [1/s].
    """

    world_series = {
        **{f"size_{axis}": Series("m", f"size along {axis}") for axis in AXES},
        **{f"stress_{axis}": Series("Pa", f"stress on the wall across {axis}") for axis in AXES},
    }
    gravity = np.array(WEIGHTLESS)

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.stresses = self.spec.confining_stresses
        self.maker = CellMaker(config)
        self.young_modulus = self.maker.young_modulus
        self.strain_rate = self.spec.inertial_number / self.slowest

    def stages(self) -> list[Stage]:
        """Make the specimens with the preparation's friction, compress them with the soil's."""
        return [Stage(self._fill, self._compression), Stage(self._bond, self._loading, is_recorded=True)]

    def _fill(self, before: list[Arrays]) -> list[dem.Model]:
        models = []
        for seed, stress in self.cases:
            specimen = self.maker.fill(seed)
            random_velocities = self.random_velocities(seed, stress, len(specimen.radius))
            models.append(self.maker.build(specimen, self.spec.preparation_friction, random_velocities))
        return models

    def _bond(self, before: list[Arrays]) -> list[dem.Model]:
        return [self.maker.build(Specimen.read(own)) for own in before]

    def _compression(self) -> list[Phase]:
        """Every moving wall comes in until it carries its load, then rides."""
        longest = MOST_COMPRESSION * self.slowest / PRESS_NUMBER
        return [
            Phase("close in", longest, self._come_in, self._all_carry, self._check_loads, self.slowest / CHECKS),
            self._rest("rest", UNLOADING_RATIO),
        ]

    def _loading(self) -> list[Phase]:
        duration = self.spec.axial_strain / self.strain_rate
        count = max(round(duration / self.measured_interval(duration)), 1)
        interval = self.whole(duration / count)
        return [
            self._rest("settle", UNLOADING_RATIO),
            self._rest("probe", 1.0),
            Phase("press", count * interval, self._begin_press, sample=self._sample, interval=interval),
        ]

    def _come_in(self, start: float) -> None:
        self.kept["carries"] = np.zeros((len(self.cases), len(WALLS)), bool)
        for world, (_, stress) in enumerate(self.cases):
            rate = PRESS_NUMBER / (self.maker.diameter / self.sound(stress))
            for axis, wall in WALLS.items():
                self.set_motion(world, wall, Motion({**HELD, axis: -rate * self.maker.edge}))

    def _check_loads(self) -> None:
        carries = self._take_stresses() >= UNLOADING_RATIO * self.stress[:, None]
        for world, axis in np.argwhere(carries & ~self.kept["carries"]):
            self._load(world, AXES[axis], UNLOADING_RATIO)
        self.kept["carries"] = self.kept["carries"] | carries

    def _all_carry(self) -> bool:
        return bool(self.kept["carries"].all())

    def _rest(self, name: str, share: float) -> Phase:
        """A phase with a share of the confining stress on every moving wall."""

        def correct(number: int) -> None:
            if name == "rest" and not self._all_carry():
                raise StateError("a wall never carried its load; lower scenario.confining_stresses")
            if name == "probe" and number == 0:
                self.kept["size_before"] = self._read_sizes()
            for world in range(self.world_count):
                for axis in WALLS:
                    self._load(world, axis, share)

        return self.in_parts(name, SERVOS, REST_TIMES * self.slowest / SERVOS, correct)

    def _load(self, world: int, axis: str, share: float) -> None:
        """A wall is free along its axis and pushes with the stress on its present area."""
        size = self._read_size(world)
        area = size.prod() / size[AXES.index(axis)]
        held: dict[str, Any] = {name: 0.0 for name in HELD if name != axis}
        self.set_motion(world, WALLS[axis], Motion(held, {axis: -share * self.cases[world][1] * area}))

    def _begin_press(self, start: float) -> None:
        sizes = self._read_sizes()
        specimens = [Specimen.read(self.carried(world)) for world in range(self.world_count)]
        self.kept |= {"size_after": sizes, "start_size": sizes}
        self.kept["solid_fraction"] = np.array(
            [solid_fraction(self.maker.diameter, specimen) for specimen in specimens]
        )
        for world, size in enumerate(sizes):
            self.set_motion(world, WALLS["z"], Motion({**HELD, "z": -self.strain_rate * size[2]}))

    def _sample(self) -> None:
        stresses, sizes = self._take_stresses(), self._read_sizes()
        row = {f"stress_{axis}": stresses[:, place] for place, axis in enumerate(AXES)}
        self.recorder.add(row | {f"size_{axis}": sizes[:, place] for place, axis in enumerate(AXES)})
        for world in range(self.world_count):
            for axis in "xy":
                self._load(world, axis, 1.0)

    def _take_stresses(self) -> np.ndarray:
        """Mean stress (W, 3) [Pa] on the moving walls since last taken."""
        impulses, elapsed = self.take_impulses()
        sizes = self._read_sizes()
        force = np.array([impulses[:, wall, axis] for axis, wall in enumerate(WALLS.values())]).T / elapsed
        return np.array([own * size / size.prod() for own, size in zip(force, sizes, strict=True)])

    def _read_size(self, world: int) -> np.ndarray:
        """How far the moving walls of a world stand from the corner (3,) [m]."""
        return wall_places(self.snapshot(world, "body_position"))

    def _read_sizes(self) -> np.ndarray:
        """Sizes of the specimens of all worlds (W, 3) [m]."""
        return np.array([self._read_size(world) for world in range(self.world_count)])

    def reduce(self) -> dict[str, Any]:
        """Strength, stiffness, dilation and density."""
        self.result = TriaxialResult(self)
        return self.result.reduce() | {"numerics": {"strain_rate": self.strain_rate}}

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the test was run as it says."""
        return self.result.checks()
