"""What the peers are given: a data file of the scene's own grains, and an input of its laws, time step and skin.

The bed's laws as LAMMPS and LIGGGHTS have them:

    lammps_hertz     gran/hertz/history, its fastest: K_n = 4/3 E*, K_t = 8 G*; see `hertz_dampings`
    lammps_granular  granular, hertz/material and mindlin, damping coeff_restitution: our normal dashpot
    liggghts         gran model hertz tangential history: our normal and tangential dashpots

Friction, history and walls differ in conventions only (dem/contact/laws/slider.py, dem/contact/laws/mindlin.py).
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dem.bench.chute import CHUTE
from dem.bench.scenes import GRAVITY, SAND, SLOPE, Scene

FRICTION, RESTITUTION = float(SAND.sliding_friction or 0.0), float(SAND.restitution or 1.0)
YOUNG_EFF = SAND.young_modulus / (2 * (1 - SAND.poisson_ratio**2))  # E* of two grains, and of a grain and the floor
SHEAR_EFF = SAND.shear_modulus / (2 * (2 - SAND.poisson_ratio))
DAMPING_RATIO = -math.log(RESTITUTION) / math.hypot(math.log(RESTITUTION), math.pi)


ROOM = 5.0  # diameters above the bed: no more, since the box is what they share among processes


def hertz_dampings(scene: Scene, mean_overlap: float) -> tuple[float, float]:
    """gamma_n and gamma_t [1/(m s)] of gran/hertz/history that damp at the mean overlap [m] as our dashpots do.

    Its dashpot is gamma m* sqrt(R* delta), linear in the contact radius a; ours is 2 sqrt(5/6) beta sqrt(S m*) with
    S_n = 2 E* a and S_t = 8 G* a, which goes with the root of it. They can agree at one overlap only.
    """
    radius = float(scene.models[0].particles["radius"][0]) / 2
    mass = float(scene.models[0].particles["mass"][0]) / 2
    contact_radius = math.sqrt(radius * mean_overlap)
    both = [2 * YOUNG_EFF * contact_radius, 8 * SHEAR_EFF * contact_radius]
    strengths = [2 * math.sqrt(5 / 6) * DAMPING_RATIO * math.sqrt(stiffness * mass) for stiffness in both]
    normal, tangential = (strength / (mass * contact_radius) for strength in strengths)
    return normal, tangential


def write_data(path: Path, scene: Scene) -> None:
    """The scene's grains as a data file for `atom_style sphere`; the second type is frozen."""
    (model,) = scene.models
    grains, upper = model.particles, model.domain.upper
    diameter = 2 * float(grains["radius"].max())
    lower, top = -0.05 * diameter, float(grains["position"][:, 2].max()) + ROOM * diameter
    density = np.where(grains["fixed"], _free_density(model), grains["mass"] / (4 / 3 * np.pi * grains["radius"] ** 3))
    position = grains["position"] % np.where(model.domain.periodic, upper, np.inf)
    lines = [f"{scene.name} of {len(density)} grains", "", f"{len(density)} atoms", "2 atom types", ""]
    lines += [f"0 {upper[0]:.17g} xlo xhi", f"0 {upper[1]:.17g} ylo yhi", f"{lower} {top:.17g} zlo zhi"]
    lines += ["", "Atoms", ""]
    kinds, diameters = 1 + grains["fixed"].astype(int), 2 * grains["radius"]
    rows = zip(kinds, diameters, density, position.tolist(), strict=True)
    lines += [
        f"{i} {k} {d:.12g} {rho:.12g} {x:.15g} {y:.15g} {z:.15g}" for i, (k, d, rho, (x, y, z)) in enumerate(rows, 1)
    ]
    path.write_text("\n".join(lines) + "\n")


def _free_density(model) -> float:
    grains = model.particles
    first = int(np.flatnonzero(~grains["fixed"])[0])
    return float(grains["mass"][first] / (4 / 3 * np.pi * grains["radius"][first] ** 3))


def lammps_hertz(scene: Scene, mean_overlap: float) -> str:
    """The bed in LAMMPS' gran/hertz/history."""
    normal, tangential = hertz_dampings(scene, mean_overlap)
    numbers = f"{4 / 3 * YOUNG_EFF:.10g} {8 * SHEAR_EFF:.10g} {normal:.10g} {tangential:.10g} {FRICTION} 1"
    laws = [f"pair_style gran/hertz/history {numbers}", "pair_coeff * *"]
    return _lammps(scene, laws, f"fix floor all wall/gran hertz/history {numbers} zplane 0.0 NULL")


def lammps_granular(scene: Scene, mean_overlap: float) -> str:
    """The bed in LAMMPS' granular."""
    model = f"hertz/material {SAND.young_modulus:g} {RESTITUTION} {SAND.poisson_ratio} "
    model += f"tangential mindlin NULL 1.0 {FRICTION} damping coeff_restitution"
    laws = ["pair_style granular", f"pair_coeff * * {model}"]
    return _lammps(scene, laws, f"fix floor all wall/gran granular {model} zplane 0.0 NULL")


def lammps_hooke(scene: Scene, mean_overlap: float) -> str:
    """The chute in LAMMPS' gran/hooke/history, as bench/in.chute has it: no floor, the lowest layer frozen."""
    numbers = f"{CHUTE.normal_stiffness:g} NULL {CHUTE.normal_damping:g} NULL {CHUTE.friction} 0"
    laws = [f"pair_style gran/hooke/history {numbers}", "pair_coeff * *", "group bottom type 2"]
    laws += ["group active subtract all bottom", "neigh_modify exclude group bottom bottom"]
    return _lammps(scene, laws, "fix base bottom freeze", "active", "lj", (1.0, CHUTE.slope))


def _lammps(
    scene: Scene,
    laws: list[str],
    last: str,
    moving: str = "all",
    units: str = "si",
    pull: tuple[float, float] = (GRAVITY, SLOPE),
) -> str:
    lines = [
        f"units {units}",
        "atom_style sphere",
        "boundary p p f",
        "newton off",
        "comm_modify vel yes",
        "processors * * 1",
    ]
    lines += ["read_data grains.data", f"neighbor {scene.skin:.10g} bin", "neigh_modify delay 0", *laws]
    return _finish(lines, scene, last, moving, pull)


def liggghts_hertz(scene: Scene, mean_overlap: float) -> str:
    """The bed in LIGGGHTS' hertz with tangential history."""
    lines = [
        "units si",
        "atom_style granular",
        "boundary p p f",
        "newton off",
        "communicate single vel yes",
        "processors * * 1",
    ]
    lines += ["read_data grains.data", f"neighbor {scene.skin:.10g} bin", "neigh_modify delay 0"]
    numbers = {"youngsModulus peratomtype": SAND.young_modulus, "poissonsRatio peratomtype": SAND.poisson_ratio}
    pairs: dict[str, float] = {"coefficientRestitution": RESTITUTION, "coefficientFriction": FRICTION}
    lines += [f"fix m{k} all property/global {name} {v:g} {v:g}" for k, (name, v) in enumerate(numbers.items())]
    lines += [
        f"fix p{k} all property/global {name} peratomtypepair 2{4 * f' {v}'}"
        for k, (name, v) in enumerate(pairs.items())
    ]
    lines += ["pair_style gran model hertz tangential history", "pair_coeff * *"]
    floor = "fix floor all wall/gran model hertz tangential history primitive type 1 zplane 0.0"
    return _finish(lines, scene, floor, "all", (GRAVITY, SLOPE))


def _finish(lines: list[str], scene: Scene, last: str, moving: str, pull: tuple[float, float]) -> str:
    strength, slope = pull
    direction = f"{math.sin(slope):.15g} 0 {-math.cos(slope):.15g}"
    lines += [f"timestep {scene.time_step:.17g}", f"fix weight all gravity {strength} vector {direction}", last]
    lines += [f"fix motion {moving} nve/sphere", "thermo_style custom step ke", "thermo_modify norm no"]
    return "\n".join(lines) + "\n"


STYLES: dict[str, tuple[str, str, Callable[[Scene, float], str]]] = {
    "lammps_hertz": ("bed", "lammps", lammps_hertz),
    "lammps_granular": ("bed", "lammps", lammps_granular),
    "liggghts": ("bed", "liggghts", liggghts_hertz),
    "lammps_hooke": ("chute", "lammps", lammps_hooke),
}
