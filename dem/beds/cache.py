"""What is made once and kept on disk under a hash of all that determines it."""

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import dem
from dem.beds.preparation import BedMaker, SettledBed
from dem.identity import counted, digest
from dem.io import load_checkpoint, save_checkpoint
from dem.io.locks import take_lock
from dem.soil.contacts import grain_numbers, soil_laws

log = logging.getLogger(__name__)

CACHE = Path("outputs/cache/beds")
RECIPE = 4  # raise it when the procedure or what is measured changes, so that older beds are made anew

Kept = tuple[dict[str, np.ndarray], dict[str, Any]]


def hash_bed(maker: BedMaker, **more: Any) -> str:
    """A hash of all that determines a bed, and of `more`; of a file of heights its content counts, not its path."""
    bed, soil, solver = maker.bed, maker.soil, maker.solver
    of_grains = soil, maker.contact, bed.grain_diameter
    inputs: dict[str, Any] = counted(bed) | {"surface": bed.surface.content(), "laws": repr(soil_laws(*of_grains))}
    inputs |= {name: getattr(soil, name) for name in ("particle_density", "poisson_ratio")}
    inputs |= grain_numbers(*of_grains)
    inputs |= {"young_modulus": maker.young_modulus, "time_step": [solver.time_step, solver.time_step_fraction]}
    inputs |= {"recipe": RECIPE, "precision": dem.backend.current().precision, **more}
    return digest(inputs)


def make_beds(maker: BedMaker, frictions: Sequence[float]) -> list[SettledBed]:
    """Make a bed for each preparation friction, with checkpoints beside the cache from which it goes on if stopped."""
    key = hash_bed(maker, frictions=list(frictions))
    if not maker.bed.cache:
        return maker.make(frictions, None, key)
    folder = CACHE / "making" / key
    folder.mkdir(parents=True, exist_ok=True)
    made = maker.make(frictions, folder, key)
    shutil.rmtree(folder, ignore_errors=True)
    return made


def from_cache(key: str, make: Callable[[], Kept], is_kept: bool = True) -> Kept:
    """Arrays and numbers under a key: from their file, or made and put there; a torn file is made anew."""
    if not is_kept:
        return make()
    path = CACHE / f"{key}.h5"
    with _only_one(path):
        if path.exists():
            try:
                found = load_checkpoint(path)
                log.info("bed %s: from the cache", key)
                return found
            except dem.ResultsError as error:
                log.warning("%s", error)
        arrays, meta = make()
        save_checkpoint(path, arrays, meta)
    return arrays, meta


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Cases of a sweep that want the same bed wait for the one that makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        take_lock(lock)
        yield
