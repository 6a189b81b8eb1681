"""What is measured of a scene, in one process: speed, phases, traffic, memory, start-up."""

import logging
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dem.backend import ti
from dem.bench import machine
from dem.bench.phases import PhaseClock
from dem.bench.scenes import Scene
from dem.bench.traffic import Census, bytes_per_particle_step, field_bytes
from dem.memory import read
from dem.simulation import Simulation

log = logging.getLogger(__name__)

SHORTEST_REPEAT = 100  # steps: several neighbour searches
LONGEST_REPEAT = 5_000
REPEAT_SECONDS = 2.0  # wall time a repeat should take, if no number of steps is given


@dataclass(frozen=True)
class Plan:
    """How long to measure.

    Attributes:
        repeats: timed runs, whose median counts.
        steps: of each; 0 for as many as take about REPEAT_SECONDS.
        warm_up: steps before, in which kernels are compiled and the bed begins to move; 0 for the scene's own number.
        seconds: wall time a repeat should take, if no number of steps is given.
        shortest: steps a repeat has at least, then.
        copies_little: measure the bandwidth with fields of a CPU's size on a GPU, too.
    """

    repeats: int = 5
    steps: int = 0
    warm_up: int = 0
    seconds: float = REPEAT_SECONDS
    shortest: int = SHORTEST_REPEAT
    copies_little: bool = False


@dataclass
class Prepared:
    """A scene whose kernels are compiled and whose bed has begun to move; what that took [s]."""

    scene: Scene
    simulation: Simulation
    plan: Plan
    warm_up: int
    scene_seconds: float
    build_seconds: float
    warm_seconds: float


def measure(make: Callable[[], Scene], plan: Plan | None = None, startup_seconds: float = 0.0) -> dict[str, Any]:
    """Measure the scene that `make` gives in the running session; what docs/speed.md lists, ready for JSON.

    `startup_seconds` were spent before, on imports and the backend.
    """
    return measure_prepared(prepare(make, plan or Plan()), startup_seconds)


def prepare(make: Callable[[], Scene], plan: Plan) -> Prepared:
    """Make the scene, compile its kernels and warm up."""
    scene, scene_seconds = _timed(make)
    simulation, build_seconds = _timed(scene.simulate)
    warm_up = plan.warm_up or scene.warm_up
    return Prepared(scene, simulation, plan, warm_up, scene_seconds, build_seconds, run_steps(simulation, warm_up))


def measure_prepared(prepared: Prepared, startup_seconds: float = 0.0) -> dict[str, Any]:
    """What `measure` gives, of a scene that is warm."""
    scene, simulation, plan = prepared.scene, prepared.simulation, prepared.plan
    steps = plan.steps or _choose_steps(simulation, plan)
    seconds = [run_steps(simulation, steps) for _ in range(max(plan.repeats, 1))]
    spent = statistics.median(seconds) / steps
    found = _describe(scene) | {
        "steps": steps,
        "repeats": len(seconds),
        "warm_up": prepared.warm_up,
        "particle_steps_per_second": scene.particle_count / spent,
        "range": [scene.particle_count * steps / most for most in (max(seconds), min(seconds))],
        "startup_seconds": startup_seconds,
        "scene_seconds": prepared.scene_seconds,
        "compile_seconds": prepared.build_seconds + max(prepared.warm_seconds - prepared.warm_up * spent, 0.0),
    }
    return found | _look_inside(simulation, spent, steps, plan.copies_little) | machine.describe()


def _describe(scene: Scene) -> dict[str, Any]:
    return {
        "scene": scene.name,
        "note": scene.note,
        "particle_count": scene.particle_count,
        "worlds": len(scene.models),
        "time_step": scene.time_step,
        "skin": scene.skin,
    }


def measure_alone(scene: Scene, plan: Plan, worlds: int = 3) -> float:
    """Particle-steps a second of the worlds of a batch one after the other, from a few of them.

    The median of the first few: each is loaded into the same simulation, so nothing is compiled in between.
    """
    return measure_in_turn(prepare_alone(scene, plan), scene, worlds)


def prepare_alone(scene: Scene, plan: Plan) -> Prepared:
    """The first world of a batch, warm; see `measure_alone`."""
    return prepare(lambda: replace(scene, models=scene.models[:1]), plan)


def measure_in_turn(prepared: Prepared, scene: Scene, worlds: int = 3) -> float:
    """What `measure_alone` gives, of a world that is warm."""
    simulation, plan, warm_up = prepared.simulation, prepared.plan, prepared.warm_up
    steps, rates = plan.steps or _choose_steps(simulation, plan), []
    for model in scene.models[:worlds]:
        simulation.load(model, time_step=scene.time_step, skin=scene.skin, max_overlap=scene.max_overlap)
        run_steps(simulation, warm_up)
        rates.append(model.particle_count * steps / min(run_steps(simulation, steps) for _ in range(plan.repeats)))
    return statistics.median(rates)


def kinetic_energy(simulation: Simulation) -> float:
    """Kinetic energy of all worlds' translation [J], in 64 bit."""
    particles = simulation.state.particles
    speed = read(particles.velocity).astype(float)
    return float(0.5 * (read(particles.mass).astype(float) * (speed**2).sum(axis=1)).sum())


def census_of(simulation: Simulation, searches: float) -> Census:
    """Pairs listed and touching, per grain."""
    contacts, count = simulation.state.contacts, simulation.model.particle_count
    listed = int(read(contacts.count))
    touching = int(np.count_nonzero(read(contacts.overlap, slice(listed)) > 0))
    return Census(listed / count, touching / count, searches)


def _look_inside(simulation: Simulation, spent: float, steps: int, copies_little: bool) -> dict[str, Any]:
    """Phases, contacts, traffic and memory, where a step takes `spent` seconds."""
    with PhaseClock() as clock:
        simulation.run(steps * simulation.time_step)
    count = simulation.model.particle_count
    memory = machine.resident_bytes()
    census = census_of(simulation, clock.calls.get("search", 0) / steps)
    moved = bytes_per_particle_step(simulation.state, census)
    bandwidth = machine.copy_bandwidth(copies_little)
    fields = field_bytes(simulation)
    return {
        "pairs_listed": round(census.listed * count),
        "contacts_touching": round(census.touching * count),
        "contacts_per_second": census.touching * count / spent,
        "searches_per_step": census.searches,
        "phase_shares": clock.shares(),
        "phase_seconds_per_step": {name: clock.seconds[name] / steps for name in clock.seconds if clock.calls[name]},
        "bytes_per_particle_step_estimate": moved,
        "copy_bandwidth": bandwidth,
        "bandwidth_fraction_estimate": moved["total"] * count / spent / bandwidth,
        "field_bytes": fields,
        "field_bytes_per_particle": fields / count,
        "resident_bytes": memory["now"],
        "resident_bytes_peak": memory["peak"],
        "kinetic_energy": kinetic_energy(simulation),
    }


def _choose_steps(simulation: Simulation, plan: Plan) -> int:
    trial = run_steps(simulation, plan.shortest) / plan.shortest
    return int(min(max(plan.seconds / trial, plan.shortest), LONGEST_REPEAT))


def run_steps(simulation: Simulation, steps: int) -> float:
    """Take steps; the wall seconds they and the device took."""
    return _timed(lambda: simulation.run(steps * simulation.time_step))[1]


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    """What an action gives, and the wall seconds it and the device took."""
    begin = time.perf_counter()
    answer = action()
    ti.sync()
    return answer, time.perf_counter() - begin
