"""What the tests that lift, tilt and push have in common: materials, softness, rest, frames, and what is reported."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.io import RunDescription, RunWriter, ThreadedWriter, collect_provenance
from dem.io.batch_writer import body_meshes
from dem.model import Motion
from dem.progress import Progress
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.stiffness import modulus_for_pressure
from scenarios.frames import kept_bits, take_frame
from scenarios.virtual_test import verdict

RESULTS_FILE = "run.vtkhdf"
STILL = 0.02  # of sqrt(g d): the speed of all but one grain in a hundred in a sample at rest
LOOK = 2.0  # sqrt(d / g) between two looks at speeds
MOST_FRAMES = 40  # of a run: output.frame_interval counts in seconds, but a day on Bennu is long
PACKED = 0.6  # solid fraction of a filling at rest, for pressures and counts
FLAGGED_OVERLAP = 0.03  # of the radius, of the worst contact: several times the mean, which is to stay below 0.01


def down(config: Any) -> float:
    """Strength of gravity [m/s2], which is straight down in these tests."""
    return float(config.gravity.strength())


def grain_modulus(config: Any, pressure: float) -> float:
    """Young's modulus of the grains [Pa] under a pressure [Pa]."""
    solver, soil = config.solver, config.soil
    if solver.young_modulus != "auto":
        return float(solver.young_modulus)
    return min(modulus_for_pressure(pressure, solver.overlap_target, soil.poisson_ratio), soil.young_modulus)


def own_pressure(config: Any, height: float) -> float:
    """Pressure [Pa] at the foot of a filling of some height [m]."""
    return PACKED * config.soil.particle_density * down(config) * height


def start_sand(config: Any, modulus: float, friction: float | None = None) -> dem.ModelBuilder:
    """A builder with the sand as material 0.

    Args:
        config: a `RunConfig`.
        modulus: Young's, of the grains [Pa].
        friction: sliding, in place of the soil's [-]; then without cohesion too, to make a sample.
    """
    soil = config.soil
    builder = dem.ModelBuilder((0.0, 0.0, -down(config)), soil_laws(soil))
    numbers = grain_numbers(soil, config.scenario.grain_diameter)
    if friction is not None:
        numbers = dry_numbers(soil, sliding_friction=friction)
    builder.add_material(dem.Material(soil.particle_density, modulus, soil.poisson_ratio))
    builder.set_pair(0, 0, **numbers)
    return builder


def add_wall(builder: dem.ModelBuilder, config: Any, friction: float) -> int:
    """A rigid material that the sand slides on with `friction`, and rolls on as on itself where that is not 0."""
    soil = config.soil
    wall = builder.add_material(dem.Material.rigid())
    rolling = soil.wheel_rolling_friction if friction > 0 else 0.0
    on_wall = dry_numbers(soil, restitution=soil.wheel_restitution, sliding_friction=friction, rolling_friction=rolling)
    builder.set_pair(0, wall, **on_wall)
    return wall


def moving_down(speed: float) -> Motion:
    """A body that moves down at a constant speed [m/s], up if negative, and does not turn."""
    return Motion({"x": 0.0, "y": 0.0, "z": -speed, "rx": 0.0, "ry": 0.0, "rz": 0.0})


class Probe:
    """A simulation of several fillings, and what is kept of it: frames of the first, and the largest overlap.

    Args:
        config: a `RunConfig`.
        models: one a world.

    Attributes:
        diameter: of the grains [m]; gravity: [m/s2]; fall_time: sqrt(d / g) [s]; fall_speed: sqrt(g d) [m/s].
        overlap: the largest so far [-].
    """

    def __init__(self, config: Any, models: Sequence[dem.Model]) -> None:
        solver = config.solver
        self.config, self.diameter, self.gravity = config, config.scenario.grain_diameter, down(config)
        self.fall_time, self.fall_speed = fall_units(config)
        self.simulation = dem.Simulation(
            models, solver.time_step, solver.time_step_fraction, solver.max_overlap, solver.skin * self.diameter
        )
        self.overlap = 0.0
        self.phases: list[dict[str, Any]] = []

    def load(self, models: Sequence[dem.Model]) -> None:
        """Go on with the same sand under other numbers; what came before is not counted."""
        solver = self.config.solver
        self.simulation.load(
            models, solver.time_step, solver.time_step_fraction, solver.max_overlap, solver.skin * self.diameter
        )
        self.overlap = 0.0

    def phase(self, name: str, duration: float, interval: float, look: Callable[[], bool] = lambda: False) -> None:
        """Simulate `duration` [s], or until `look`, called every `interval` [s], says that it is over."""
        simulation, start = self.simulation, self.simulation.time
        with Progress(simulation, name, duration):
            while duration - (simulation.time - start) > 0.5 * simulation.time_step:
                simulation.run(min(interval, duration - (simulation.time - start)))
                self.overlap = max(self.overlap, simulation.largest_overlap)
                if look():
                    break
        self.phases.append({"name": name, "start": start, "end": simulation.time})

    def rest(self, name: str, longest: float) -> float:
        """Wait until all fillings are still, at most `longest` [sqrt(d/g)]; the speed then left [sqrt(g d)]."""
        self.phase(name, longest * self.fall_time, LOOK * self.fall_time, lambda: self.speed() < STILL)
        return self.speed()

    def speed(self) -> float:
        """Speed of all but one free grain in a hundred [sqrt(g d)], in the liveliest filling."""
        found = [
            np.percentile(np.linalg.norm(self.free(world, "velocity"), axis=1), 99)
            for world in range(self.simulation.world_count)
        ]
        return float(max(found)) / self.fall_speed

    def free(self, world: int, name: str) -> np.ndarray:
        """An array of a world's grains that are not held."""
        return self.simulation.snapshot(world, (name,))[name][~self.simulation.worlds.models[world].particles["fixed"]]

    def film(self, folder: Path, session: Any, title: str, duration: float, bounds: Sequence) -> "Film":
        """Write frames of the first filling while it runs; `bounds` are lower and upper corners of the sand [m]."""
        config = self.config
        about = RunDescription(
            config=config.text, overrides=config.overrides,
            provenance=collect_provenance(seed=config.scenario.seed, backend=backend_of(session)),
            attributes={
                "scenario": config.scenario.name, "title": title, "gravity_name": config.gravity.name,
                "gravity": config.gravity.vector_value(), "domain_lower": bounds[0], "domain_upper": bounds[1],
            },
            contact=dem.describe_contacts(self.simulation.worlds.models[0]),
        )  # fmt: skip
        interval = max(config.output.frame_interval, duration / MOST_FRAMES)
        return Film(self, folder / RESULTS_FILE, about, interval)

    def numerics(self, session: Any, modulus: float) -> dict[str, Any]:
        """Device, time step, softness and overlap, for results."""
        simulation = self.simulation
        return {
            **backend_of(session), "time_step": simulation.time_step, "step_count": simulation.step_count,
            "world_count": simulation.world_count, "grain_count": simulation.model.particle_count,
            "young_modulus": modulus, "largest_overlap": self.overlap, "overlap_limit": simulation.max_overlap,
            "overlap_flagged": self.overlap > FLAGGED_OVERLAP,
        }  # fmt: skip

    def common_checks(self) -> dict[str, Any]:
        """Overlap, and whether every filling went through."""
        return {
            "largest_overlap": verdict(self.overlap, self.simulation.max_overlap),
            "worlds_failed": verdict(len(self.simulation.failures), 0),
        }


class Film:
    """Frames of a probe's first filling; a context manager."""

    def __init__(self, probe: Probe, path: Path, about: RunDescription, interval: float) -> None:
        self.probe, simulation = probe, probe.simulation
        model = simulation.worlds.models[0]
        self.meshes = body_meshes(model)
        soil = {name: model.particles[name] for name in ("radius", "material")}
        bodies, bits = list(self.meshes.values()), kept_bits(probe.config.output)
        self.writer = ThreadedWriter(RunWriter(path, soil=soil, bodies=bodies, about=about, kept_bits=bits))
        self.trigger = simulation.every(interval, self._write)

    def __enter__(self) -> "Film":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: Any) -> None:
        self.probe.simulation.cancel(self.trigger)
        if kind is None:
            self._write(self.probe.simulation)
            self.writer.annotate(phases=self.probe.phases)
        self.writer.__exit__(kind, error, trace)

    def _write(self, simulation: dem.Simulation) -> None:
        taken = take_frame(simulation, self.probe.config.output)
        poses = {mesh.name: taken.pose(body) for body, mesh in self.meshes.items()}
        self.writer.write_frame(simulation.time, taken.soil, poses, contacts=taken.contacts)


def fall_units(config: Any) -> tuple[float, float]:
    """Time sqrt(d / g) [s] and speed sqrt(g d) [m/s] of a grain that falls by its own size."""
    diameter, gravity = config.scenario.grain_diameter, down(config)
    return math.sqrt(diameter / gravity), math.sqrt(gravity * diameter)


def backend_of(session: Any) -> dict[str, Any]:
    """What the kernels ran on."""
    return {"device": session.device, "precision": session.precision, "threads": session.threads}
