"""The chute of LAMMPS' public benchmarks, bench/in.chute: 32 000 grains with history flow over a frozen base at 26 deg.

Its laws are k_n = 2e5, k_t = 2/7 k_n, gamma_n = 50, gamma_t = 0, mu = 0.5, time step 1e-4, skin 0.1, gravity 1, for
grains of diameter and density 1. Its packing comes from a data file of LAMMPS; ours is an equivalent, settled from a
tile: the same box of 40 x 20, the same number of grains, the same depth, the lowest layer frozen, no floor below.

LAMMPS damps by m* gamma_n v: as 2 beta sqrt(m* k_n) v it needs beta = gamma_n sqrt(m*) / (2 sqrt(k_n)), so that a grain
has another restitution on a frozen grain, whose m* LAMMPS takes for the moving grain's mass, than on a free one.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dem.bench.tiles import CACHE, Tile, loose_lattice, settled_tile
from dem.builder import ModelBuilder
from dem.contact.contact_laws import ContactLaws
from dem.contact.laws.linear_spring import LinearSpring
from dem.contact.laws.linear_tangential import LinearTangential
from dem.model import Material, Model

HEAVY = 1e6  # density of frozen grains over that of free ones: m* is then the free grain's mass to 1e-6
TILE_GRAINS, TILE_SIDE = 4_000, 10.0  # eight tiles, two by four, make LAMMPS' 32 000 grains on 40 x 20
SETTLE = 8.0  # of the time unit: the lattice is 4 to 5 high above its settled depth, and falls in 3
SETTLE_RESTITUTION = 0.1


@dataclass(frozen=True)
class ChuteNumbers:
    """The numbers of in.chute, in its own units."""

    normal_stiffness: float = 2e5
    normal_damping: float = 50.0  # gamma_n, times m*
    friction: float = 0.5
    slope: float = math.radians(26.0)
    time_step: float = 1e-4
    skin: float = 0.1
    density: float = 1.0

    @property
    def mass(self) -> float:
        """Mass of a grain."""
        return self.density * math.pi / 6

    def restitution(self, mass_eff: float) -> float:
        """What gamma_n gives a contact of this effective mass."""
        beta = self.normal_damping * math.sqrt(mass_eff) / (2 * math.sqrt(self.normal_stiffness))
        return math.exp(-math.pi * beta / math.sqrt(1 - beta**2))


CHUTE = ChuteNumbers()


def chute_tile(grains: int = 32_000, folder: Path = CACHE) -> Tile:
    """The packing, of the number of grains nearest to `grains` that tiles make up."""
    radius = np.full(TILE_GRAINS, 0.5)
    tile = settled_tile(
        f"chute_{TILE_GRAINS}", lambda: loose_lattice(TILE_GRAINS, TILE_SIDE, radius), _settling_model, SETTLE, folder
    )
    return tile.lay(grains)


def frozen(tile: Tile) -> np.ndarray:
    """The grains of the lowest layer, mask (n,)."""
    return tile.position[:, 2] < 1.0


def chute_model(tile: Tile) -> Model:
    """The flow: tilted gravity, the lowest layer frozen. Its grains come first."""
    gravity = (math.sin(CHUTE.slope), 0.0, -math.cos(CHUTE.slope))
    builder = _start(gravity)
    still = builder.add_material(Material(HEAVY * CHUTE.density, 1e7, 0.3))
    free = builder.add_material(Material(CHUTE.density, 1e7, 0.3))
    for first, mass_eff in ((still, CHUTE.mass), (free, CHUTE.mass / 2)):
        builder.set_pair(first, free, restitution=CHUTE.restitution(mass_eff), sliding_friction=CHUTE.friction)
    builder.set_pair(still, still, restitution=1.0, sliding_friction=0.0)
    base = frozen(tile)
    builder.add_particles(tile.position[base], tile.radius[base], still, fixed=True)
    builder.add_particles(tile.position[~base], tile.radius[~base], free)
    return _bound(builder, tile)


def _settling_model(tile: Tile) -> Model:
    """The lattice over a floor, under gravity straight down."""
    builder = _start((0.0, 0.0, -1.0))
    numbers = {"restitution": SETTLE_RESTITUTION, "sliding_friction": CHUTE.friction}
    material = builder.add_material(Material(CHUTE.density, 1e7, 0.3, **numbers))
    builder.add_particles(tile.position, tile.radius, material)
    builder.add_plane((0.0, 0.0, 0.0), (0.0, 0.0, 1.0), material)
    return _bound(builder, tile)


def _start(gravity: tuple[float, float, float]) -> ModelBuilder:
    laws = ContactLaws(
        normal=LinearSpring(normal_stiffness=CHUTE.normal_stiffness),
        tangential=LinearTangential(sliding="dashpot_off", damping_share=0.0, load="magnitude"),
        rolling=None,
    )
    return ModelBuilder(gravity=gravity, contact=laws)


def _bound(builder: ModelBuilder, tile: Tile) -> Model:
    height = 2.0 * float(tile.position[:, 2].max())
    builder.set_domain((0.0, 0.0, -1.0), (*tile.size, height), periodic=(True, True, False))
    return builder.finalize()
