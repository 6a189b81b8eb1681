"""Triaxial compression: cubes of grains compressed alike from all sides, then from the top under constant confinement.

Every filling under every confining stress is a world of one simulation, without gravity. The moving walls come in
until each carries its load, with the preparation's friction; then, with the soil's, the load rises by a tenth, which
tells the bulk modulus; then the top wall comes down at a constant speed while the others hold their stress.
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
from scenarios.triaxial_cell import WALLS, WEIGHTLESS, CellMaker, Cube
from scenarios.triaxial_result import TriaxialResult

log = logging.getLogger(__name__)

PRESS_NUMBER = 0.02  # inertial number of isotropic compression, the same at any stress
STIR_NUMBER = 0.1  # speed of stirring, in sqrt(stress / density): the lattice is forgotten before it jams
REST_TIMES = 10.0  # of d sqrt(density / stress), for the sample to come to rest under its load
PROBE = 0.9  # of the confining stress, from which it rises to tell the bulk modulus
LOOKS = 2  # at the walls' loads in d sqrt(density / stress), while they come in
SERVOS = 20  # corrections of the walls' loads to their areas, in a rest
SAMPLES = 240  # of the stresses, each with such a correction, while the sample is pressed
FRAMES = 12  # in the results file, of the first world
HELD = {"x": 0.0, "y": 0.0, "z": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0}


def run(config: Any, folder: Path) -> dict[str, Any]:
    """Run the test.

    Args:
        config: a `RunConfig`.
        folder: where `run.vtkhdf` goes.

    Returns:
        The result, for `result.json`.
    """
    device = config.device
    with dem.start(device.name, device.precision, device.threads) as session:
        test = Triaxial(config)
        test.run(folder, session)
        return TriaxialResult(test, session).collect()


class Triaxial:
    """One test: its worlds, its phases, and what was measured.

    Attributes:
        cases: (seed, confining stress [Pa]) of each world.
        cubes: as they are when pressing from the top starts; probed: sizes (W, 3) [m] before and after the load rose.
        probe: the share of the confining stress from which it rose.
        sizes, stresses: of the samples [m] and on the moving walls [Pa], S arrays (W, 3).
    """

    def __init__(self, config: Any) -> None:
        self.config, self.spec, self.soil = config, config.scenario, config.soil
        self.maker = CellMaker(config)
        self.cases = [(seed, stress) for seed in self.spec.seeds for stress in self.spec.confining_stresses]
        self.sizes: list[np.ndarray] = []
        self.stresses: list[np.ndarray] = []
        self.largest_overlap = 0.0

    probe = PROBE

    @property
    def title(self) -> str:
        """What was tested."""
        return f"{self.spec.name} of {self.soil.name}"

    @property
    def strain_rate(self) -> float:
        """Of the top wall, over the dense sample's height [1/s]."""
        return self.spec.inertial_number / self._slowest()

    def run(self, folder: Path, session: Any) -> None:
        """All phases."""
        self._compress()
        self._probe()
        with LabFilm(self.simulation, folder, self.config, session, self.title, WEIGHTLESS) as film:
            self._press(film)

    def _unit_time(self, stress: float) -> float:
        """d sqrt(density / stress) [s]."""
        return self.maker.diameter * math.sqrt(self.soil.particle_density / stress)

    def _slowest(self) -> float:
        """That at the lowest stress [s]."""
        return self._unit_time(min(self.spec.confining_stresses))

    def _compress(self) -> None:
        models = []
        for seed, stress in self.cases:
            cube = self.maker.fill(seed)
            random = np.random.default_rng([seed, 1])
            speed = STIR_NUMBER * math.sqrt(stress / self.soil.particle_density)
            stirring = speed * random.normal(size=cube.position.shape)
            models.append(self.maker.build(cube, self.maker.loose, stirring))
        solver = self.config.solver
        self.simulation = dem.Simulation(
            models, solver.time_step, solver.time_step_fraction, solver.max_overlap, solver.skin * self.maker.diameter
        )
        log.info("%d cubes of %d grains", len(models), models[0].particle_count)
        self._close_in()
        self._rest("rest", PROBE)

    def _close_in(self) -> None:
        """Every moving wall comes in until it carries its load, then rides."""
        simulation = self.simulation
        coming = {(world, axis) for world in range(len(self.cases)) for axis in WALLS}
        for world, axis in coming:
            rate = PRESS_NUMBER / self._unit_time(self.cases[world][1])
            simulation.set_motion(WALLS[axis], Motion({**HELD, axis: -rate * self.maker.edge}), world)
        slice_time = self._slowest() / LOOKS
        with Progress(simulation, "close in", 0.25 * self._slowest() / PRESS_NUMBER):
            while coming:
                simulation.run(slice_time)
                stresses = self._read_stresses(slice_time)
                for world, axis in list(coming):
                    if stresses[world, "xyz".index(axis)] >= PROBE * self.cases[world][1]:
                        coming.remove((world, axis))
                        self._load(world, axis, PROBE)

    def _probe(self) -> None:
        """The soil's friction from now on; at rest, then under the whole load."""
        models = [self.maker.build(cube, self.maker.bonded) for cube in self._read_cubes()]
        simulation = self.simulation
        simulation.load(
            models, simulation.time_step, max_overlap=simulation.max_overlap, skin=simulation.skin
        )  # fmt: skip
        self._rest("settle", PROBE)
        before = self._read_sizes()
        self._rest("probe", 1.0)
        self.cubes, self.probed = self._read_cubes(), (before, self._read_sizes())

    def _rest(self, name: str, share: float) -> None:
        """A share of the confining stress on every moving wall."""
        duration = REST_TIMES * self._slowest()
        with Progress(self.simulation, name, duration):
            for _ in range(SERVOS):
                for world in range(len(self.cases)):
                    for axis in WALLS:
                        self._load(world, axis, share)
                self.simulation.run(duration / SERVOS)

    def _load(self, world: int, axis: str, share: float) -> None:
        """A wall is free along its axis and pushes with the stress on its present area."""
        size = self._read_size(world)
        area = size.prod() / size["xyz".index(axis)]
        motion = Motion(prescribed=dict.fromkeys(HELD, 0.0), applied={axis: -share * self.cases[world][1] * area})
        motion.prescribed.pop(axis)
        self.simulation.set_motion(WALLS[axis], motion, world)

    def _press(self, film: LabFilm) -> None:
        simulation, duration = self.simulation, self.spec.axial_strain / self.strain_rate
        for world, size in enumerate(self._read_sizes()):
            speed = self.strain_rate * size[2]
            simulation.set_motion(WALLS["z"], Motion({**HELD, "z": -speed}), world)
        self._read_stresses(1.0)  # what was summed up before
        every = duration / SAMPLES
        films = simulation.every(duration / FRAMES, film.frame)
        with Progress(simulation, "press", duration):
            for _ in range(SAMPLES):
                start = simulation.time
                simulation.run(every)
                self._sample(simulation.time - start)
        simulation.cancel(films)

    def _sample(self, elapsed: float) -> None:
        self.stresses.append(self._read_stresses(elapsed))
        self.sizes.append(self._read_sizes())
        self.largest_overlap = max(self.largest_overlap, self.simulation.largest_overlap)
        for world in range(len(self.cases)):
            for axis in "xy":
                self._load(world, axis, 1.0)

    def _read_stresses(self, elapsed: float) -> np.ndarray:
        """Mean stress (W, 3) [Pa] on the moving walls since last read."""
        found = []
        for world, size in enumerate(self._read_sizes()):
            impulse = self.simulation.take_impulses(world)
            force = np.array([impulse[body, axis] for axis, body in enumerate(WALLS.values())]) / elapsed
            found.append(force * size / size.prod())
        return np.array(found)

    def _read_size(self, world: int) -> np.ndarray:
        """How far the moving walls of a world stand from the corner (3,) [m]."""
        places = self.simulation.snapshot(world, ["body_position"])["body_position"]
        return np.array([places[body, axis] for axis, body in enumerate(WALLS.values())])

    def _read_sizes(self) -> np.ndarray:
        """Of all worlds (W, 3) [m]."""
        return np.array([self._read_size(world) for world in range(len(self.cases))])

    def _read_cubes(self) -> list[Cube]:
        """The samples as they are now."""
        grains = [self.simulation.snapshot(world, ("position", "radius")) for world in range(len(self.cases))]
        sizes = self._read_sizes()
        return [Cube(found["position"], found["radius"], size) for found, size in zip(grains, sizes, strict=True)]
