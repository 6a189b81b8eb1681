"""A bed of grains: filled, settled under the preparation's gravity and friction, levelled, settled again; kept on disk.

What determines the bed is hashed into its file's name, so that a sweep makes each bed once, and never takes a wrong
one.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import dem
from dem.io import load_checkpoint, save_checkpoint
from dem.measure.packing import coordination_number, slab_solid_fraction, surface_heights
from dem.progress import Progress
from dem.soil.contacts import dry_numbers, grain_numbers, soil_laws
from dem.soil.packing import fill_box, level
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import SolverSpec

log = logging.getLogger(__name__)

CACHE = Path("outputs/cache/beds")
RECIPE = 1  # raise it when the procedure below changes, so that older beds are made anew
STILL = 0.02  # of sqrt(g d): the speed below which a bed counts as settled
SETTLE_TIMES = 60  # of sqrt(d / g): the longest a bed is given
LOOK_TIMES = 2  # of sqrt(d / g): between two looks at its speed


@dataclass
class PreparedBed:
    """A settled, levelled bed.

    Attributes:
        position: (n, 3) [m]; radius: (n,) [m].
        surface_height: mean height of the surface [m]; surface_roughness: its standard deviation [m].
        solid_fraction, bulk_density [kg/m3], coordination_number: of the bed's inner slab.
        key: hash of all that determines it.
    """

    position: np.ndarray
    radius: np.ndarray
    surface_height: float
    surface_roughness: float
    solid_fraction: float
    bulk_density: float
    coordination_number: float
    key: str

    def report(self) -> dict[str, float | str]:
        """The numbers, for results."""
        return {name: value for name, value in vars(self).items() if name not in ("position", "radius")}


def box_builder(bed: BedSpec, contact: dem.ContactLaws, gravity: tuple[float, float, float]) -> dem.ModelBuilder:
    """A builder with the bed's domain: open above, walls at both ends of x, periodic or walled across y."""
    builder = dem.ModelBuilder(gravity, contact)
    height = 4 * (bed.depth + bed.length)
    margin = bed.grain_diameter  # walls push back before a grain counts as lost
    lower, upper = np.array([-margin, -margin, -margin]), np.array([bed.length + margin, bed.width + margin, height])
    if bed.periodic_y:
        lower[1], upper[1] = 0.0, bed.width
    builder.set_domain(lower, upper, periodic=(False, bed.periodic_y, False))
    return builder


def add_box(builder: dem.ModelBuilder, bed: BedSpec, material: int) -> list[int]:
    """Floor and walls of the bed; returns their shapes, floor first."""
    faces = "-z -x +x" if bed.periodic_y else "-z -x +x -y +y"
    return builder.add_box_walls((0, 0, 0), (bed.length, bed.width, 0), material, faces)


def grain_material(soil: SoilSpec, young_modulus: float) -> dem.Material:
    """The soil's grains at the stiffness of the run."""
    return dem.Material(soil.particle_density, young_modulus, soil.poisson_ratio)


def prepare_bed(bed: BedSpec, soil: SoilSpec, solver: SolverSpec, young_modulus: float) -> PreparedBed:
    """Take the bed from the cache, or make it and put it there."""
    key = _key(bed, soil, solver, young_modulus)
    path = CACHE / f"{key}.h5"
    if not bed.cache:
        return _make(bed, soil, solver, young_modulus, key)
    with _only_one(path):
        if path.exists():
            arrays, meta = load_checkpoint(path)
            log.info("bed %s: %d grains, from the cache", key, len(arrays["radius"]))
            return PreparedBed(arrays["position"], arrays["radius"], **meta)
        made = _make(bed, soil, solver, young_modulus, key)
        save_checkpoint(path, {"position": made.position, "radius": made.radius}, made.report())
    return made


def _key(bed: BedSpec, soil: SoilSpec, solver: SolverSpec, young_modulus: float) -> str:
    inputs = {name: value for name, value in asdict(bed).items() if name not in ("name", "cache")}
    inputs |= {name: getattr(soil, name) for name in ("particle_density", "poisson_ratio")}
    inputs |= grain_numbers(soil, bed.grain_diameter)
    inputs |= {"young_modulus": young_modulus, "time_step": [solver.time_step, solver.time_step_fraction]}
    inputs |= {"recipe": RECIPE, "precision": dem.backend.current().precision}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Cases of a sweep that want the same bed wait for the one that makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(bed: BedSpec, soil: SoilSpec, solver: SolverSpec, young_modulus: float, key: str) -> PreparedBed:
    position, radius = fill_box(bed)
    log.info("bed %s: settling %d grains", key, len(radius))
    material = grain_material(soil, young_modulus)
    slippery = dry_numbers(soil, sliding_friction=bed.preparation_friction)
    position, _ = _settle(bed, soil, solver, material, (position, radius), slippery)
    stays = level(position, radius, bed.depth)
    if not stays.any() or position[:, 2].max() < bed.depth - bed.grain_diameter:
        raise dem.StateError(f"bed {bed.name!r} settled below its depth of {bed.depth} m; lower bed.depth")
    numbers = grain_numbers(soil, bed.grain_diameter)
    position, count = _settle(bed, soil, solver, material, (position[stays], radius[stays]), numbers)
    return _measure(bed, soil, position, radius[stays], count, key)


def _settle(
    bed: BedSpec, soil: SoilSpec, solver: SolverSpec, material: dem.Material, grains: tuple, numbers: dict
) -> tuple[np.ndarray, np.ndarray]:
    """Let grains come to rest; their position (n, 3) [m] and contact_count (n,)."""
    builder = box_builder(bed, soil_laws(soil), (0.0, 0.0, -bed.preparation_gravity))
    sand = builder.add_material(material)
    builder.set_pair(sand, sand, **numbers)
    builder.add_particles(grains[0], grains[1], sand)
    add_box(builder, bed, sand)
    simulation = dem.Simulation(
        builder.finalize(),
        solver.time_step,
        solver.time_step_fraction,
        solver.max_overlap,
        solver.skin * bed.grain_diameter,
    )
    fall = (bed.grain_diameter / bed.preparation_gravity) ** 0.5
    with Progress(simulation, "settle", SETTLE_TIMES * fall):
        for _ in range(SETTLE_TIMES // LOOK_TIMES):
            simulation.run(LOOK_TIMES * fall)
            snapshot = simulation.state.snapshot()
            speed = np.linalg.norm(snapshot["velocity"], axis=1)
            if np.percentile(speed, 99) < STILL * bed.grain_diameter / fall:
                break
        else:
            log.warning("bed still moves at %.3g m/s after %.3g s", np.percentile(speed, 99), simulation.time)
    return snapshot["position"], snapshot["contact_count"]


def _measure(
    bed: BedSpec, soil: SoilSpec, position: np.ndarray, radius: np.ndarray, contact_count: np.ndarray, key: str
) -> PreparedBed:
    size = bed.grain_diameter
    heights = surface_heights(
        position, radius, np.arange(size, bed.length - size, size / 2), np.arange(size / 2, bed.width, size / 2),
        bed.width if bed.periodic_y else np.inf,
    )  # fmt: skip
    surface = float(np.nanmean(heights))
    # The layers at the floor and at the surface pack differently; where the bed is too shallow, take what there is.
    low, high = min(size, surface / 4), max(surface - size, surface * 3 / 4)
    fraction = slab_solid_fraction(position, radius, bed.length * bed.width, low, high)
    return PreparedBed(
        position, radius, surface, float(np.nanstd(heights)), fraction, fraction * soil.particle_density,
        coordination_number(contact_count), key,
    )  # fmt: skip
