"""Does a device compute what the CPU computes? One small scene on both, in the same precision, compared.

    python -m dem.self_check DEVICE PRECISION

prints one line of JSON and ends with 0 if they agree. The scene has what a run has: grains of several sizes that
collide, a floor, periodic faces, and a wheel with grousers that is driven and carries a load; it is stepped through
several searches for neighbours.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from dem import backend
from dem.builder import ModelBuilder
from dem.device_errors import said_by_taichi
from dem.errors import DemError, DeviceError
from dem.model import Material, Model, Motion
from dem.shapes import GrouserWheel
from dem.simulation import Simulation
from dem.taichi_internals import variable

GRID = (14, 14, 12)  # grains along each axis: enough for kernels to be shared out among threads
RADIUS = 0.005  # [m], mean
STEPS = 40
SKIN = 0.1  # of the mean diameter: neighbours are searched several times
# The root mean square of the difference from the CPU, over that of the change in the run. Rounding makes about 1e-6 of
# it in mixed and up to 5e-3 in single precision; a grain that is hit wrongly makes 3e-2, kernels that do nothing 1.
LIMITS = {"mixed": 1e-4, "double": 1e-8, "single": 2e-2}
COMPARED = ("position", "velocity", "angular_velocity", "force", "torque", "body_velocity", "body_force", "body_torque")
START = ("position",)  # what is not zero at the start: what counts is how far it has come

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """How a device compares with the CPU.

    Attributes:
        device, precision, name: what was checked.
        differences: of each array, over its change on the CPU; limit: of each.
        problem: what is wrong; empty if they agree. seconds: it took.
    """

    device: str
    precision: str
    name: str
    differences: dict[str, float]
    limit: float
    problem: str
    seconds: float


def check(device: str, precision: str) -> Verdict:
    """Run the scene on a device and on the CPU, and compare.

    Raises:
        DemError: the device did not start, or failed.
    """
    begun = time.perf_counter()
    with backend.start(device, precision) as session, backend.device_errors():
        name, found = session.hardware.name, _run()
    os.environ[variable("ADVANCED_OPTIMIZATION")] = "0"  # half the time to compile what runs for a moment
    with backend.start("cpu", precision):
        expected = _run()
    differences = compare(found, expected)
    limit = LIMITS[precision]
    return Verdict(
        device, precision, name, differences, limit, explain(differences, limit), time.perf_counter() - begun
    )


def compare(found: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The mean difference in each array, over the mean change expected; infinite where one is not finite."""
    differences = {}
    for name in COMPARED:
        if np.isfinite(found[name]).all():
            change = expected[name] - expected[f"first_{name}"] if name in START else expected[name]
            differences[name] = _size(found[name] - expected[name]) / _size(change)
        else:
            differences[name] = float("inf")
    return differences


def _size(values: np.ndarray) -> float:
    return float(np.sqrt(np.square(values, dtype=float).mean()))


def explain(differences: Mapping[str, float], limit: float) -> str:
    """What is wrong, in words; empty if nothing is."""
    wrong = [name for name in COMPARED if not differences[name] <= limit]
    if not wrong:
        return ""
    worst = max(wrong, key=lambda name: differences[name])
    said = worst.removeprefix("body_").replace("_", " ")
    of = "the wheel" if worst.startswith("body_") else "grains"
    if differences[worst] == float("inf"):
        return f"the {said} of {of} is not finite"
    return f"the {said} of {of} differs from the CPU's by {differences[worst]:.2g} of its change (limit {limit:g})"


def scene() -> Model:
    """Grains on a loose lattice that fall together, between periodic faces, under a driven wheel."""
    random = np.random.default_rng(7)
    builder = ModelBuilder(gravity=(0.5, 0.0, -9.81))
    sand = builder.add_material(Material(2500.0, 5e5, 0.3, restitution=0.5, sliding_friction=0.5, rolling_friction=0.1))
    steel = builder.add_material(Material.rigid(restitution=0.5, sliding_friction=0.6, rolling_friction=0.1))
    spacing, count = 2.0 * RADIUS, int(np.prod(GRID))
    index = np.stack(np.meshgrid(*map(np.arange, GRID), indexing="ij"), axis=-1).reshape(-1, 3)
    position = (index + 0.5) * spacing + random.uniform(-0.05, 0.05, (count, 3)) * RADIUS
    velocity = random.uniform(-0.3, 0.3, (count, 3))
    radius = RADIUS * random.uniform(0.9, 1.0, count)
    builder.add_particles(position, radius, sand, velocity=velocity)
    length, width, height = np.array(GRID) * spacing
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), steel)
    wheel = GrouserWheel(radius=0.04, width=0.6 * width, grouser_height=0.01, grouser_thickness=0.004, grouser_count=9)
    motion = Motion({"x": 0.2, "y": 0.0, "rx": 0.0, "ry": 6.0, "rz": 0.0}, {"z": -20.0})
    centre = (length / 2, width / 2, height + 0.05 - RADIUS)
    body = builder.add_body("wheel", 1.0, (1e-3, 2e-3, 1e-3), centre, velocity=(0.2, 0.0, -0.3), motion=motion)
    builder.add_shape(wheel, steel, body)
    builder.set_domain((0.0, 0.0, -RADIUS), (length, width, 4 * height), (True, True, False))
    return builder.finalize()


def _run() -> dict[str, np.ndarray]:
    """Arrays at the end of the scene, and at its start."""
    simulation = Simulation(scene(), max_overlap=0.5, skin=2 * SKIN * RADIUS)
    first = {f"first_{name}": simulation.state.snapshot()[name] for name in START}
    simulation.run(STEPS * simulation.time_step)
    return simulation.state.snapshot() | first


def main(words: list[str]) -> int:
    """Check, and say it; the exit code."""
    os.environ["DRAWBAR_SELF_CHECK"] = "0"
    if len(words) != 2:
        sys.stderr.write("usage: python -m dem.self_check DEVICE PRECISION\n")
        return 2
    try:
        verdict = asdict(check(*words))
    except DemError as error:
        said = (
            f"it failed ({said_by_taichi(error.__cause__ or error)})" if isinstance(error, DeviceError) else str(error)
        )
        verdict = {"device": words[0], "precision": words[1], "problem": said}
    sys.stdout.write(json.dumps(verdict) + "\n")
    return 1 if verdict["problem"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
