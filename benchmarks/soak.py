"""Does it leak, does its energy balance stay closed: a wheel rolls to and fro over a bed for as long as one likes.

    python -m benchmarks.soak [--minutes 60] [--every 5] [--across 16] [--device cpu] [--output FILE]

Every few seconds a checkpoint is written, as a run does, and noted are the memory of process and device, where that
can be asked, and the energy balance. In the end one sentence each: is memory flat, does the balance close.
"""

import argparse
import json
import logging
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.diagnostics.energy_watch import energy_gain

RESULTS = Path(__file__).resolve().parent / "results"
DIAMETER = 0.01  # [m]
WHEEL = dem.GrouserWheel(radius=0.05, width=0.06, grouser_height=0.006, grouser_thickness=0.003, grouser_count=12)
MASS, SPIN, SLIP, LEG = 0.1, 1.0, 0.2, 0.5  # [kg], [rad/s], [-], and seconds until the wheel turns back
LAYERS = 6
SLICE = 0.02  # [s] simulated between two looks at the clock
FLAT = 0.01  # of the memory at half time: what it may grow from there to the end
CLOSED = 0.01  # of all energy turned over: what the balance may leave unexplained

log = logging.getLogger(__name__)

Rows = list[dict[str, float]]
Keep = Callable[[Rows], None]


def ignore(rows: Rows) -> None:
    """Ignore frames and samples, which nobody keeps."""


def build(across: int) -> tuple[dem.Model, int]:
    """Loose grains in a box, `across` by half as many by six layers, and a wheel over them; its number."""
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, -9.81))
    sand = builder.add_material(dem.Material(2600.0, 2e7, 0.3, 0.4, 0.5, 0.1))
    counts = across, max(across // 2, 9), LAYERS
    lattice = np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 3) + 0.55
    spread = np.random.default_rng(1).uniform(-0.02, 0.02, lattice.shape)
    builder.add_particles(1.06 * DIAMETER * (lattice + spread), DIAMETER / 2, sand)
    length, width, height = (1.06 * DIAMETER * (count + 0.1) for count in counts)
    builder.add_box_walls((0.0, 0.0, 0.0), (length, width, 10.0), sand)
    inertia = (MASS * WHEEL.radius**2 / 4, MASS * WHEEL.radius**2 / 2, MASS * WHEEL.radius**2 / 4)
    wheel = builder.add_body("wheel", MASS, inertia, (length / 2, width / 2, height + WHEEL.radius), motion=roll(0))
    builder.add_shape(WHEEL, sand, wheel)
    return builder.finalize(), wheel


def roll(leg: int) -> dem.Motion:
    """Ahead, or back, at a slip; heavy by its own weight."""
    spin = SPIN if leg % 2 == 0 else -SPIN
    speed = (1 - SLIP) * spin * WHEEL.radius
    return dem.Motion({"x": speed, "y": 0.0, "rx": 0.0, "ry": spin, "rz": 0.0}, {"z": -MASS * 9.81})


def soak(seconds: float, every: float, across: int, keep: Keep = ignore) -> Rows:
    """Step for so long, in a running session; what was noted, every `every` seconds, each time given to `keep`."""
    model, wheel = build(across)
    # Rolling to and fro for an hour digs the wheel down to the floor, where it squeezes grains.
    simulation = dem.Simulation(model, track_energy=True, max_overlap=0.5)
    simulation.run(SLICE)  # kernels are built
    rows, begun, due, leg = [], time.monotonic(), 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        while (elapsed := time.monotonic() - begun) < seconds or not rows:
            if simulation.time >= (leg + 1) * LEG:
                leg += 1
                simulation.set_motion(wheel, roll(leg))
            simulation.run(SLICE)
            if elapsed >= due:
                simulation.save(Path(folder) / "checkpoint.h5")
                rows.append({"elapsed": elapsed, **note(simulation)})
                keep(rows)
                due += every
    return rows


def note(simulation: dem.Simulation) -> dict[str, float]:
    """Time, steps, memory [bytes] and energies [J] as they are now."""
    found = {"time": simulation.time, "steps": simulation.step_count, "resident_bytes": resident_bytes()}
    device = device_bytes() if dem.backend.current().device == "cuda" else None
    return found | ({"device_bytes": device} if device is not None else {}) | simulation.energy()


def resident_bytes() -> int:
    """Memory of this process now, from Linux."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * 4096


def device_bytes() -> int | None:
    """Memory in use on the first NVIDIA device; None where it cannot be asked."""
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.splitlines()[0]) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def judge(rows: Rows) -> dict[str, Any]:
    """Numbers and sentences: memory from half time on, and the energy balance at the end."""
    verdict: dict[str, Any] = {}
    for name in ("resident_bytes", "device_bytes"):
        if name in rows[0]:
            verdict |= judge_memory(name, rows)
    last = rows[-1]
    gain, turned = energy_gain({**last, "balance_error": abs(last["balance_error"])})
    share = float(turned)
    closes = "closes" if share < CLOSED else "does NOT close"
    said = f"the energy balance {closes}: {gain:.3g} J unexplained, {share:.2g} of all turned over"
    return verdict | {"unexplained_share": share, "balance_closes": bool(share < CLOSED), "energy_balance": said}


def judge_memory(name: str, rows: Rows) -> dict[str, Any]:
    """The slope of the second half, by least squares, and what it comes to."""
    half = rows[len(rows) // 2 :]
    hours, sizes = np.array([row["elapsed"] / 3600 for row in half]), np.array([row[name] for row in half])
    slope = float(np.polyfit(hours, sizes, 1)[0]) if len(half) > 2 else 0.0
    growth = slope * float(hours[-1] - hours[0]) / sizes[0]
    word = "flat" if growth < FLAT else "NOT flat"
    what = name.replace("_bytes", " memory")
    said = f"{what} is {word}: {sizes[-1] / 1e6:.1f} MB, {slope / 1e6:+.2f} MB an hour over the second half"
    return {f"{name}_per_hour": slope, f"{name}_flat": bool(growth < FLAT), name: said}


def main() -> int:
    """Soak, judge, write; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two notes")
    parser.add_argument("--across", type=int, default=16, help="grains along the bed, half as many across")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with dem.start(options.device, "mixed", options.threads) as session:
        about = {"device": session.device, "precision": session.precision, "threads": session.threads}
        about |= {"grains": grains_of(options.across)}
        output = options.output or RESULTS / f"soak_{session.device}.json"

        def keep(rows: Rows) -> None:
            """Write what was seen so far, whatever ends the soak."""
            output.write_text(json.dumps({**about, "verdict": judge(rows), "rows": rows}) + "\n")

        verdict = judge(soak(60 * options.minutes, options.every, options.across, keep))
    for said in (value for value in verdict.values() if isinstance(value, str)):
        log.info("%s", said)
    return 0 if all(value for value in verdict.values() if isinstance(value, bool)) else 1


def grains_of(across: int) -> int:
    """How many grains the bed has."""
    return across * max(across // 2, 9) * LAYERS


if __name__ == "__main__":
    raise SystemExit(main())
