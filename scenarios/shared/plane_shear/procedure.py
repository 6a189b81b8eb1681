"""A layer of grains pressed, given the soil's friction, and sheared: the procedure of direct and annular shear.

Every specimen under every normal stress is a world of one simulation. Grains are filled loosely with random velocities,
the platen comes down at a constant speed until it carries its load, and then rides on them; both happens with the
preparation's friction, which so decides the density. Then the soil's friction acts, the specimen comes to rest under
its load, and the upper half moves.
"""

from typing import Any

import numpy as np

import dem
from dem.errors import StateError
from dem.experiment import Arrays, Phase, Stage
from dem.io import Series
from dem.model import Motion
from dem.run_config import RunConfig
from scenarios.shared.plane_shear.result import PlaneShearResult, solid_fraction, weight_above
from scenarios.shared.plane_shear.specimen import PLATEN, Specimen, SpecimenMaker
from scenarios.shared.strength import PRESS_NUMBER, REST_TIMES, StrengthExperiment

BAND = 8.0  # grain diameters that shear, about, in a band of sand; gives the speed its shear rate
CHECKS = 20  # of the platen's load in as long as it rests: it must not overshoot
MOST_PRESSING = 20.0  # times the duration that is expected
HELD = {"y": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0}


class PlaneShear(StrengthExperiment):
    """Specimens between two platens, in a split box or periodic along the shear.

    Attributes:
        speed: at which the upper half moves [m/s].
    """

    is_walled: bool
    series = {"displacement": Series("m", "shear displacement")}
    world_series = {
        "shear_force": Series("N", "horizontal force on the upper half"),
        "reaction": Series("N", "horizontal force on the lower half"),
        "normal_force": Series("N", "normal force on the upper half"),
        "platen_force": Series("N", "normal force on the platen"),
        "height": Series("m", "height of the platen above the shear plane"),
    }

    def __init__(self, config: RunConfig) -> None:
        super().__init__(config)
        self.stresses = self.spec.normal_stresses
        self.maker = SpecimenMaker(config, self.is_walled)
        self.young_modulus = self.maker.young_modulus
        self.speed = self.spec.inertial_number * BAND * self.sound(min(self.stresses))

    def stages(self) -> list[Stage]:
        """Make the specimens with the preparation's friction, shear them with the soil's."""
        return [Stage(self._fill, self._pressing), Stage(self._bond, self._shearing, is_recorded=True)]

    def _fill(self, before: list[Arrays]) -> list[dem.Model]:
        models = []
        for seed, stress in self.cases:
            specimen = self.maker.fill(seed)
            random_velocities = self.random_velocities(seed, stress, len(specimen.radius))
            models.append(self.maker.build(specimen, self.spec.preparation_friction, random_velocities))
        return models

    def _bond(self, before: list[Arrays]) -> list[dem.Model]:
        return [self.maker.build(Specimen.read(own)) for own in before]

    def _pressing(self) -> list[Phase]:
        """Each platen comes down until it carries its load, then rides."""
        rest, expected = REST_TIMES * self.slowest, self.slowest / PRESS_NUMBER
        return [
            Phase("press", MOST_PRESSING * expected, self._come_down, self._all_ride, self._check_load, rest / CHECKS),
            Phase("rest", rest, self._require_load),
        ]

    def _shearing(self) -> list[Phase]:
        duration = self.maker.displacement / self.speed
        interval = self.measured_interval(duration)
        return [
            Phase("settle", REST_TIMES * self.slowest, lambda start: self._ride_all(0.0)),
            Phase("shear", duration, self._begin_shear, None, self._sample, interval, samples_at_end=False),
        ]

    def _come_down(self, start: float) -> None:
        self.kept["rides"] = np.zeros(len(self.cases), bool)
        for world, (_, stress) in enumerate(self.cases):
            speed = PRESS_NUMBER * self.spec.relative_height * self.sound(stress)
            self.set_motion(world, PLATEN, Motion({**HELD, "x": 0.0, "z": -speed}))

    def _check_load(self) -> None:
        impulses, elapsed = self.take_impulses()
        carries = impulses[:, PLATEN, 2] / elapsed >= self.stress * self.maker.area
        for world in np.flatnonzero(carries & ~self.kept["rides"]).tolist():
            self.set_motion(world, PLATEN, self._ride(world, 0.0))
        self.kept["rides"] = self.kept["rides"] | carries

    def _all_ride(self) -> bool:
        return bool(self.kept["rides"].all())

    def _require_load(self, start: float) -> None:
        if not self._all_ride():
            names = ", ".join(np.array(self.world_names)[~self.kept["rides"]])
            raise StateError(f"the platen of {names} never carried its load; lower scenario.normal_stresses")

    def _ride_all(self, speed: float) -> None:
        for world in range(len(self.cases)):
            self.set_motion(world, PLATEN, self._ride(world, speed))

    def _ride(self, world: int, speed: float) -> Motion:
        """The platen is free along z and pushes with its load; its own weight is taken off."""
        weight = self.maker.platen_mass * self.maker.gravity[2]
        load = self.cases[world][1] * self.maker.area
        return Motion({**HELD, "x": speed}, {"z": -load - weight})

    def read_specimens(self) -> list[Specimen]:
        """The specimens as they are now."""
        return [Specimen.read(self.carried(world)) for world in range(self.world_count)]

    def _begin_shear(self, start: float) -> None:
        specimens = self.read_specimens()
        self.kept["solid_fraction"] = np.array([solid_fraction(self.maker, specimen) for specimen in specimens])
        self.kept["weight_above"] = np.array([weight_above(self.maker, specimen) for specimen in specimens])
        self._ride_all(self.speed)
        for world in range(self.world_count):
            for wall in self.maker.upper[1:]:
                self.set_motion(world, wall, Motion({**HELD, "z": 0.0, "x": self.speed}))

    def _sample(self) -> None:
        """Mean forces since the last sample."""
        impulses, elapsed = self.take_impulses()
        upper, lower = (impulses[:, bodies].sum(axis=1) / elapsed for bodies in (self.maker.upper, self.maker.lower))
        places = [self.snapshot(world, "body_position")["body_position"] for world in range(self.world_count)]
        self.recorder.add({
            "displacement": self.speed * (self.simulation.time - 0.5 * elapsed - self.phase_start),
            "shear_force": -upper[:, 0], "reaction": lower[:, 0], "normal_force": upper[:, 2],
            "platen_force": impulses[:, PLATEN, 2] / elapsed, "height": [own[PLATEN, 2] for own in places],
        })  # fmt: skip

    def reduce(self) -> dict[str, Any]:
        """Strength, dilation and density."""
        self.result = PlaneShearResult(self)
        return self.result.reduce() | {"numerics": {"shear_speed": self.speed}}

    def check(self, reduced: dict[str, Any]) -> dict[str, Any]:
        """Whether the test was run as it says."""
        return self.result.checks()
