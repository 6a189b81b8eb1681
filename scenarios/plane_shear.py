"""A layer of grains pressed, given the soil's friction, and sheared: the procedure of direct and annular shear.

Every filling under every normal stress is a world of one simulation. Grains are filled loosely and stirred, the platen
comes down at a constant speed until it carries its load, and then rides on them; both happens with the preparation's
friction, which so decides the density. Then the soil's friction acts, the sample comes to rest under its load, and the
upper half moves.
"""

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.model import Motion
from dem.progress import Progress
from scenarios.lab_film import LabFilm
from scenarios.plane_shear_sample import PLATEN, Sample, SampleMaker

log = logging.getLogger(__name__)

PRESS_NUMBER = 0.02  # inertial number of pressing, the same at any stress, so that all samples pack alike
STIR_NUMBER = 0.1  # speed of stirring, in sqrt(stress / density): the lattice is forgotten before it jams
BAND = 8.0  # grain diameters that shear, about, in a band of sand; gives the speed its shear rate
REST_TIMES = 10.0  # of d sqrt(density / stress), for the sample to come to rest under its load
LOOKS = 20  # at the platen's load in as long as it rests: it must not overshoot
SAMPLES = 240  # of the forces while it is sheared
FRAMES = 12  # in the results file, of the first world
HELD = {"y": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0}


class PlaneShear:
    """One test: its worlds, its phases, and what was measured.

    Attributes:
        cases: (seed, normal stress [Pa]) of each world.
        rows: displacement [m] (S,), and per world (S, W): shear_force of the upper half and reaction of the lower [N],
            normal_force on the upper half and platen_force on its platen alone [N], height of the platen [m].
        samples: as they are when shearing starts; sheared: when it ends.
    """

    def __init__(self, config: Any, is_walled: bool) -> None:
        self.config, self.spec, self.soil = config, config.scenario, config.soil
        self.maker = SampleMaker(config, is_walled)
        self.cases = [(seed, stress) for seed in self.spec.seeds for stress in self.spec.normal_stresses]
        self.rows: dict[str, list[Any]] = {
            name: [] for name in ("displacement", "shear_force", "reaction", "normal_force", "platen_force", "height")
        }
        self.largest_overlap = 0.0

    @property
    def speed(self) -> float:
        """At which the upper half moves [m/s]."""
        return self.spec.inertial_number * BAND * self._sound(min(self.spec.normal_stresses))

    def run(self, folder: Path, session: Any) -> None:
        """All phases."""
        self._prepare()
        self._change_friction()
        with LabFilm(self.simulation, folder, self.config, session, self.title, self.maker.gravity) as film:
            self._shear(film)

    def _sound(self, stress: float) -> float:
        """sqrt(stress / density) [m/s], the speed that inertial numbers compare with."""
        return math.sqrt(stress / self.soil.particle_density)

    def _rest(self) -> float:
        """[s]."""
        return REST_TIMES * self.maker.diameter / self._sound(min(self.spec.normal_stresses))

    def _prepare(self) -> None:
        models = []
        for seed, stress in self.cases:
            sample = self.maker.fill(seed)
            random = np.random.default_rng([seed, 1])
            stirring = STIR_NUMBER * self._sound(stress) * random.normal(size=sample.position.shape)
            models.append(self.maker.build(sample, self.maker.loose, stirring))
        solver = self.config.solver
        self.simulation = dem.Simulation(
            models, solver.time_step, solver.time_step_fraction, solver.max_overlap, solver.skin * self.maker.diameter
        )
        log.info("%d samples of %d grains", len(models), models[0].particle_count)
        self._press()

    def _press(self) -> None:
        """Each platen comes down until it carries its load, then rides."""
        simulation, worlds = self.simulation, range(len(self.cases))
        for world in worlds:
            speed = PRESS_NUMBER * self.spec.relative_height * self._sound(self.cases[world][1])
            simulation.set_motion(PLATEN, Motion({**HELD, "x": 0.0, "z": -speed}), world)
        look = self._rest() / LOOKS
        coming = set(worlds)
        with Progress(simulation, "press", self._rest() / (REST_TIMES * PRESS_NUMBER)):
            while coming:
                simulation.run(look)
                for world in list(coming):
                    if simulation.take_impulses(world)[PLATEN, 2] / look >= self._load(world):
                        simulation.set_motion(PLATEN, self._ride(world, 0.0), world)
                        coming.remove(world)
        with Progress(simulation, "rest", self._rest()):
            simulation.run(self._rest())

    def _load(self, world: int) -> float:
        """What the platen of a world shall carry [N]."""
        return self.cases[world][1] * self.maker.area

    def _ride(self, world: int, speed: float) -> Motion:
        """The platen is free along z and pushes with its load; its own weight is taken off."""
        weight = self.maker.platen_mass * self.maker.gravity[2]
        return Motion({**HELD, "x": speed}, {"z": -self._load(world) - weight})

    def _change_friction(self) -> None:
        """The soil's friction from now on; the grains start at rest where they are."""
        models = [self.maker.build(sample, self.maker.bonded) for sample in self._read_samples()]
        self.simulation.load(models, **self._stepping())
        for world in range(len(self.cases)):
            self.simulation.set_motion(PLATEN, self._ride(world, 0.0), world)
        with Progress(self.simulation, "settle", self._rest()):
            self.simulation.run(self._rest())
        self.samples = self._read_samples()

    def _stepping(self) -> dict[str, float]:
        simulation = self.simulation
        return {
            "time_step": simulation.time_step, "max_overlap": simulation.max_overlap, "skin": simulation.skin
        }  # fmt: skip

    def _read_samples(self) -> list[Sample]:
        """The samples as they are now."""
        names = ("position", "radius", "body_position")
        found = [self.simulation.snapshot(world, names) for world in range(len(self.cases))]
        return [Sample(one["position"], one["radius"], float(one["body_position"][PLATEN, 2])) for one in found]

    def _shear(self, film: LabFilm) -> None:
        simulation = self.simulation
        duration = self.maker.displacement / self.speed
        for world in range(len(self.cases)):
            simulation.set_motion(PLATEN, self._ride(world, self.speed), world)
            for wall in self.maker.upper[1:]:
                simulation.set_motion(wall, Motion({**HELD, "z": 0.0, "x": self.speed}), world)
        self._start = self._sampled = simulation.time
        triggers = [simulation.every(duration / SAMPLES, self._sample), simulation.every(duration / FRAMES, film.frame)]
        with Progress(simulation, "shear", duration):
            simulation.run(duration)
        for trigger in triggers:
            simulation.cancel(trigger)
        self.sheared = self._read_samples()

    def _sample(self, simulation: dem.Simulation) -> None:
        """Mean forces since the last sample."""
        worlds = range(len(self.cases))
        wrench = np.array([simulation.take_impulses(world) for world in worlds])
        elapsed, self._sampled = simulation.time - self._sampled, simulation.time
        self.largest_overlap = max(self.largest_overlap, simulation.largest_overlap)
        if elapsed <= 0:
            return
        upper, lower = (wrench[:, bodies].sum(axis=1) / elapsed for bodies in (self.maker.upper, self.maker.lower))
        heights = [simulation.snapshot(world, ["body_position"])["body_position"][PLATEN, 2] for world in worlds]
        row = {
            "displacement": self.speed * (simulation.time - 0.5 * elapsed - self._start),
            "shear_force": -upper[:, 0], "reaction": lower[:, 0], "normal_force": upper[:, 2],
            "platen_force": wrench[:, PLATEN, 2] / elapsed, "height": heights,
        }  # fmt: skip
        for name, value in row.items():
            self.rows[name].append(value)

    @property
    def title(self) -> str:
        """What was tested."""
        return f"{self.spec.name} of {self.soil.name}"
