"""drawbar's part of a comparison, in a process of its own: speed after a warm-up, kinetic energy in time, mean overlap.

    python -m benchmarks.peers.own '{"scene": "bed", "grains": 40000, ...}'

Prints one line of JSON.
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.backend import ti
from dem.bench.measure import kinetic_energy
from dem.bench.scenes import make_scene

# Which part of the load friction sees, what the spring holds while sliding and as the contact unloads: see the laws.
CONVENTIONS = {
    "lammps_hertz": dem.Mindlin(unloading="kept", sliding="dashpot_kept", load="magnitude"),
    "lammps_granular": dem.Mindlin(unloading="kept", sliding="dashpot_kept", load="magnitude", damping_from="normal"),
    "liggghts": dem.Mindlin(unloading="kept", sliding="spring_capped", load="magnitude"),
}


@dataclass(frozen=True)
class Task:
    """What to run: `every` > 0 asks for the energy every so many steps instead of the speed.

    `conventions` are those of a peer in what a tangential spring remembers; ours if empty.
    """

    scene: str
    grains: int
    threads: int
    precision: str
    warm_up: int
    steps: int
    folder: str
    every: int = 0
    conventions: str = ""


def run(task: Task) -> dict[str, Any]:
    """Speed, or energies, of the task's scene."""
    scene = make_scene(task.scene, task.grains, folder=Path(task.folder))
    if task.conventions:
        (model,) = scene.models
        contact = replace(model.contact, tangential=CONVENTIONS[task.conventions])
        scene = replace(scene, models=[replace(model, contact=contact)])
    with dem.start("cpu", task.precision, task.threads):
        simulation = scene.simulate()
        if task.every:
            energies = []
            for _ in range(task.steps // task.every):
                simulation.run(task.every * scene.time_step)
                energies.append(kinetic_energy(simulation))
            overlap = simulation.contacts()["overlap"]
            return {"energies": energies, "mean_overlap": float(np.mean(overlap))}
        simulation.run(task.warm_up * scene.time_step)
        ti.sync()
        begin = time.perf_counter()
        simulation.run(task.steps * scene.time_step)
        ti.sync()
        return {"seconds": time.perf_counter() - begin}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(Task(**json.loads(sys.argv[1])))) + "\n")
