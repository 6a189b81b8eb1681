"""What a wheel from CAD costs: one bed under the exact wheel, and under meshes of it of up to 133 000 triangles.

    python -m benchmarks.mesh_wheel [--rounds 5] [--steps 400] [--output FILE]

The exact wheel drives into a bed of grains; then every wheel goes on from there, in turn, round after round, in one
process. The last mesh has holes, as many from CAD have. Writes benchmarks/results/mesh_wheel_cpu.json.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.shapes.wheel_form import WheelForm

RESULTS = Path(__file__).resolve().parent / "results" / "mesh_wheel_cpu.json"
VIPER = {"radius": 0.25, "width": 0.2, "grouser_height": 0.025, "grouser_thickness": 0.005, "grouser_count": 24}
FACES = (36_000, 100_000, 133_000)
HOLES = 0.02  # of the triangles of the last mesh that are missing
GRAIN = 0.0167  # [m], 30 across the wheel
LENGTH, WIDTH, LAYERS = 0.9, 0.35, 8
SPIN, SLIP, LOAD = 0.8, 0.2, 180.0  # [rad/s], [-], [N]
SINK = 0.15  # [s] that the wheel digs in before anything is timed


def main() -> None:
    """Measure the wheels and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    with dem.start("cpu", "mixed", 1):
        found = measure(options.rounds, options.steps)
    options.output.write_text(json.dumps(found, indent=1) + "\n")


def measure(rounds: int, steps: int) -> dict[str, Any]:
    """Milliseconds a step of all wheels, medians over rounds, and their ratios to the exact one's."""
    start = dug_in()
    runs, setup = {}, {}
    shapes = dict(wheels())
    for name, shape in shapes.items():
        began = time.process_time()
        runs[name] = dem.Simulation(build(shape, start), max_overlap=0.3)
        ready = time.process_time()
        runs[name].run(20 * runs[name].time_step)
        print(f"{name}: {shape.element_count} features, ready in {ready - began:.1f} s of the processor", flush=True)
        setup[name] = ready - began
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, simulation in runs.items():
            times[name].append(time_steps(simulation, steps))
        print({name: round(1e3 * values[-1], 3) for name, values in times.items()}, flush=True)
    exact = statistics.median(times["exact"])
    rows = {
        name: {
            "ms_per_step": [round(1e3 * value, 4) for value in values],
            "median_ms": round(1e3 * statistics.median(values), 4),
            "times_exact": round(statistics.median(values) / exact, 3),
            "setup_s": round(setup[name], 2),
            "features": shapes[name].element_count,
        }
        for name, values in times.items()
    }
    return {"grains": len(start["position"]), "grain_diameter": GRAIN, "steps": steps, "threads": 1, "wheels": rows}


def time_steps(simulation: dem.Simulation, steps: int) -> float:
    """Seconds of the processor a step: other programs on the machine do not count."""
    began = time.process_time()
    simulation.run(steps * simulation.time_step)
    return (time.process_time() - began) / steps


def wheels() -> Iterator[tuple[str, Any]]:
    """The exact wheel, and meshes of it."""
    yield "exact", dem.GrouserWheel(**VIPER)
    mesh = WheelForm(**VIPER).mesh()
    yield "as_generated", mesh
    for count in FACES:
        points, triangles = refined_to(mesh, count)
        if count == FACES[-1]:
            stays = np.random.default_rng(1).random(len(triangles)) > HOLES
            triangles = triangles[stays]
        yield f"{count // 1000}k{'_holes' if count == FACES[-1] else ''}", dem.TriangleMesh(points, triangles)


def refined_to(mesh: dem.TriangleMesh, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A mesh split where edges are long, to about `count` triangles."""
    low, high = 1e-4, mesh.extent
    for _ in range(20):
        longest = (low * high) ** 0.5
        found = refined(mesh.points, mesh.triangles, longest)
        low, high = (longest, high) if len(found[1]) > count else (low, longest)
        if abs(len(found[1]) / count - 1) < 0.03:
            break
    return found


def refined(points: np.ndarray, triangles: np.ndarray, longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Split every edge above `longest` [m] in its middle, until there is none."""
    while True:
        sides = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=-1)
        is_long = np.linalg.norm(points[sides[..., 0]] - points[sides[..., 1]], axis=-1) > longest
        if not is_long.any() or len(triangles) > 4 * FACES[-1]:
            return points, triangles
        edges, edge = np.unique(np.sort(sides[is_long], axis=1), axis=0, return_inverse=True)
        middle = np.full(is_long.shape, -1)
        middle[is_long] = len(points) + edge.reshape(-1)
        points = np.concatenate([points, points[edges].mean(axis=1)])
        triangles = np.concatenate(list(split(triangles, middle)))


def split(triangles: np.ndarray, middle: np.ndarray) -> Iterator[np.ndarray]:
    """Triangles in place of those whose edges ab, bc, ca have middles (-1 for none)."""
    count = (middle >= 0).sum(axis=1)
    yield triangles[count == 0]
    for requested in (1, 2, 3):
        chosen, corners = middle[count == requested], triangles[count == requested]
        # Turned so that the first edge is split, and with two of them the last one is not.
        first = (chosen >= 0).argmax(axis=1) if requested == 1 else ((chosen < 0).argmax(axis=1) + 1) % 3
        turn = (first[:, None] + np.arange(3)) % 3 if requested < 3 else np.tile(np.arange(3), (len(chosen), 1))
        a, b, c = np.take_along_axis(corners, turn, axis=1).T
        ab, bc, ca = np.take_along_axis(chosen, turn, axis=1).T
        made = {
            1: [(a, ab, c), (ab, b, c)],
            2: [(ab, b, bc), (a, ab, bc), (a, bc, c)],
            3: [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)],
        }[requested]
        yield from (np.stack(faces, axis=1) for faces in made)


def build(shape: Any, start: dict[str, Any]) -> dem.Model:
    """A driven wheel on grains that are where `start` says."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(density=2600.0, young_modulus=1e7, poisson_ratio=0.3))
    metal = builder.add_material(dem.Material.rigid())
    for partner in (sand, metal):
        builder.set_pair(sand, partner, restitution=0.4, sliding_friction=0.6, rolling_friction=0.2)
    moving = {name: start[name] for name in ("velocity", "angular_velocity")}
    builder.add_particles(start["position"], start["radius"], sand, **moving)
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), sand)
    builder.set_domain((0, 0, -GRAIN), (LENGTH, WIDTH, 2.0), periodic=(True, True, False))
    speed = (1 - SLIP) * SPIN * VIPER["radius"]
    driven: dict[str, Any] = {"x": speed, "y": 0.0, "rx": 0.0, "ry": SPIN, "rz": 0.0}
    motion = dem.Motion(prescribed=driven, applied={"z": 9.81 * 18 - LOAD})
    pose = {"orientation": start["body_orientation"][-1], "velocity": (speed, 0.0, 0.0)}
    body = builder.add_body("wheel", 18.0, (0.3, 0.6, 0.3), start["body_position"][-1], motion=motion, **pose)
    builder.add_shape(shape, metal, body)
    return builder.finalize()


def dug_in() -> dict[str, Any]:
    """Grains and wheel after the exact wheel has dug itself in."""
    rng, spacing = np.random.default_rng(2), 0.95 * GRAIN
    counts = (round(LENGTH / GRAIN), round(WIDTH / GRAIN), LAYERS)
    place = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 3) + 0.5
    position = place * [LENGTH / counts[0], WIDTH / counts[1], spacing] + rng.uniform(-2e-4, 2e-4, (len(place), 3))
    radius = GRAIN / 2 * rng.uniform(0.85, 1.0, len(position))
    top = (LAYERS + 0.2) * spacing
    still = np.zeros_like(position)
    start = {
        "position": position, "radius": radius, "velocity": still, "angular_velocity": still,
        "body_position": [(0.35, WIDTH / 2, top + VIPER["radius"])], "body_orientation": [(1.0, 0.0, 0.0, 0.0)],
    }  # fmt: skip
    simulation = dem.Simulation(build(dem.GrouserWheel(**VIPER), start), max_overlap=0.3)
    simulation.run(SINK)
    snapshot = simulation.snapshot()
    names = ("position", "velocity", "angular_velocity", "body_position", "body_orientation")
    return {"radius": radius, **{name: snapshot[name] for name in names}}


if __name__ == "__main__":
    main()
