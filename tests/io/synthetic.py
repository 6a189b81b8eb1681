"""A made-up run, drawn not simulated: a grouser wheel rolls over a box of grains and leaves a rut."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dem.io import BodyMesh, RunDescription, RunWriter, Series

SERIES = {
    "drawbar_pull": Series("N", "drawbar pull"),
    "wheel_load": Series("N", "wheel load"),
    "driving_torque": Series("N m", "driving torque"),
    "sinkage": Series("m", "sinkage"),
    "slip_ratio": Series("-", "slip ratio"),
    "driving_power": Series("W", "driving power"),
}

CONTACT = {
    "laws": {"normal": "Hertz", "tangential": "Mindlin", "tangential.coulomb_cap": "on the whole normal force"},
    "materials": [{"density": 2600.0, "young_modulus": 1e8, "poisson_ratio": 0.3}],
    "pairs": [
        {
            "materials": [0, 0],
            "young_modulus_eff": 5.5e7,
            "shear_modulus_eff": 1.1e7,
            "numbers": {"restitution": 0.5},
            "rule": {"restitution": "given for the pair"},
            "derived": {"normal.damping_factor": 0.39},
        }
    ],
}


@dataclass(frozen=True)
class Scene:
    """Lengths [m], speed [m/s]; `size` is the box."""

    size: tuple[float, float, float] = (1.2, 0.5, 0.15)
    particle_radius: float = 0.009
    wheel_radius: float = 0.25
    wheel_width: float = 0.2
    sinkage: float = 0.05
    speed: float = 0.2
    start: float = 0.3
    frame_count: int = 16
    frame_interval: float = 0.2
    slip_ratio: float = 0.3

    @property
    def axle_height(self) -> float:
        return self.size[2] + self.wheel_radius - self.sinkage


def grouser_wheel(scene: Scene, grouser_count: int = 24, grouser_height: float = 0.02) -> BodyMesh:
    """Rim polygon with rectangular lugs, extruded along y and capped."""
    edges = np.arange(grouser_count)[:, None] * 2 * np.pi / grouser_count + np.array(
        [0.0, 0.04, 0.04, 0.09, 0.13, 0.18]
    )
    low, high = scene.wheel_radius, scene.wheel_radius + grouser_height
    radii = np.tile([low, low, high, high, low, low], (grouser_count, 1))
    angles = edges + np.array([0, 0, 0, -0.025, -0.065, 0])  # the lug spans two equal angles on each flank
    ring = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1).reshape(-1, 2)
    count, half = len(ring), scene.wheel_width / 2
    left = np.insert(ring, 1, -half, axis=1)
    right = np.insert(ring, 1, half, axis=1)
    points = np.vstack([left, right, [[0, -half, 0], [0, half, 0]]])
    here, after = np.arange(count), (np.arange(count) + 1) % count
    hub_left, hub_right = np.full(count, 2 * count), np.full(count, 2 * count + 1)
    faces = [(here, after, here + count), (after, after + count, here + count)]
    faces += [(hub_left, after, here), (hub_right, here + count, after + count)]
    return BodyMesh("wheel", points, np.vstack([np.stack(face, axis=1) for face in faces]))


def packing(scene: Scene, seed: int = 3) -> np.ndarray:
    """Jittered close layers that fill the box, (particles, 3) [m]."""
    rng = np.random.default_rng(seed)
    spacing = np.array([2.0, np.sqrt(3.0), 1.64]) * scene.particle_radius
    counts = [max(1, int(length / step)) for length, step in zip(scene.size, spacing, strict=True)]
    grid = np.stack(np.meshgrid(*[np.arange(count) for count in counts], indexing="ij"), axis=-1).reshape(-1, 3)
    shift = np.stack([(grid[:, 1] % 2 + grid[:, 2] % 2) * 0.5, grid[:, 2] % 2 / 3, np.zeros(len(grid))], axis=1)
    position = (grid + shift + 0.5) * spacing + rng.normal(0.0, 0.15 * scene.particle_radius, grid.shape)
    return np.clip(position, 0.0, scene.size)


def pressed(scene: Scene, position: np.ndarray, time: float) -> np.ndarray:
    """Where the grains are at `time` [s]: under the rim's path, heaped up beside it."""
    wheel = scene.start + scene.speed * time
    ahead = np.clip(position[:, 0] - wheel, 0.0, scene.wheel_radius)
    rim = scene.axle_height - np.sqrt(scene.wheel_radius**2 - ahead**2)
    reach = np.clip((position[:, 0] - scene.start + 0.15) / 0.15, 0.0, 1.0)
    depth = np.maximum(scene.size[2] - rim, 0.0) * reach
    side = np.abs(position[:, 1] - scene.size[1] / 2) - scene.wheel_width / 2
    profile = np.clip(-side / 0.02, 0, 1) - 0.45 * np.exp(-(((side - 0.035) / 0.03) ** 2))
    moved = position.copy()
    moved[:, 2] -= depth * profile * np.clip(position[:, 2] / scene.size[2], 0, 1)
    moved[:, 0] -= 0.5 * depth * np.clip(-side / 0.02, 0, 1) * (position[:, 2] / scene.size[2]) ** 2
    return moved


def frame_at(scene: Scene, rest: np.ndarray, time: float) -> tuple[dict, dict]:
    """Soil arrays and body poses of one instant, as `RunWriter.write_frame` takes them."""
    position = pressed(scene, rest, time)
    velocity = (position - pressed(scene, rest, time - 1e-3)) / 1e-3
    count = np.clip(6 - 4 * (position[:, 2] > scene.size[2] - 0.03), 0, 12).astype(np.int32)
    soil = {"position": position, "velocity": velocity, "angular_velocity": 10 * velocity, "contact_count": count}
    angle = scene.speed * time / (1 - scene.slip_ratio) / scene.wheel_radius
    axle = np.array([scene.start + scene.speed * time, scene.size[1] / 2, scene.axle_height])
    return soil, {"wheel": (axle, np.array([np.cos(angle / 2), 0.0, np.sin(angle / 2), 0.0]))}


def about(scene: Scene) -> RunDescription:
    duration = scene.frame_count * scene.frame_interval
    attributes = {
        "scenario": "single_wheel",
        "title": "Single wheel, slip 0.3",
        "gravity_name": "moon",
        "gravity": (0.0, 0.0, -1.62),
        "surface_height": scene.size[2],
        "wheel_radius": scene.wheel_radius,
        "domain_lower": (0.0, 0.0, 0.0),
        "domain_upper": scene.size,
        "domain_periodic": (True, True, False),
        "steady_window": (0.5 * duration, duration),
        "phases": [
            {"name": "lower", "start": 0.0, "end": 0.2 * duration},
            {"name": "drive", "start": 0.2 * duration, "end": duration},
        ],
    }
    provenance = {"seed": 3, "start_utc": "2026-01-01T00:00:00+00:00"}
    return RunDescription(
        config="soil: {name: grc1}\n", overrides=["gravity=moon"], provenance=provenance, attributes=attributes,
        contact=CONTACT,
    )  # fmt: skip


def open_writer(path: Path, scene: Scene, rest: np.ndarray) -> RunWriter:
    count = len(rest)
    radius = scene.particle_radius * np.random.default_rng(5).uniform(0.8, 1.1, count)
    soil = {"radius": radius, "material": np.zeros(count, np.int32)}
    return RunWriter(path, soil=soil, bodies=[grouser_wheel(scene)], series=SERIES, about=about(scene))


def write_samples(writer: RunWriter, scene: Scene, time: float, samples: int = 20) -> None:
    """`samples` points up to the instant `time` [s]."""
    for moment in time + scene.frame_interval * (np.arange(samples) + 1 - samples) / samples:
        ramp = 1 - np.exp(-max(moment, 0.0) / 0.4)
        noise = np.sin(40 * moment) + 0.5 * np.sin(97 * moment)
        values = [18 * ramp + noise, 100 + 4 * noise, 12 * ramp + 0.2 * noise, 0.05 * ramp, 0.3, 9 * ramp + 0.1 * noise]
        writer.write_sample(moment, dict(zip(SERIES, values, strict=True)))


def write_frame(writer: RunWriter, rest: np.ndarray, index: int, scene: Scene | None = None, is_at_rest=False) -> None:
    """One frame of a run that grows, with its samples; of `SMALL` by default."""
    scene = scene or SMALL
    time = index * scene.frame_interval
    write_samples(writer, scene, time)
    soil, bodies = frame_at(scene, rest, time)
    if is_at_rest:
        soil["velocity"] = 0 * soil["velocity"]
    writer.write_frame(time, soil, bodies, {"drawbar_pull": 1.0, "sinkage": 0.05})


def write_run(path: Path, scene: Scene) -> Path:
    """The whole run."""
    rest = packing(scene)
    with open_writer(path, scene, rest) as writer:
        for index in range(scene.frame_count):
            time = index * scene.frame_interval
            write_samples(writer, scene, time)
            soil, bodies = frame_at(scene, rest, time)
            writer.write_frame(time, soil, bodies, {"drawbar_pull": 18.0 * index, "sinkage": 0.05})
    return path


SMALL = Scene(particle_radius=0.02, frame_count=4, frame_interval=0.5)
"""About 1300 grains."""
