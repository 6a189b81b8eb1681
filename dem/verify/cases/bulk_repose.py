"""The angle of repose: what stays of a bed of sand when its gate is lifted at the edge of a ledge."""

import math
from dataclasses import dataclass, replace

import numpy as np

import dem
from dem.measure.heaps import angle_of_repose, surface_profile
from dem.verify.sand import RIGHT, UP, Sand, add_gate, rows_of_grains

SECTION = "bulk"
ZHOU = "Zhou, Xu, Yu & Zulli, Powder Technol. 125 (2002) 45"
MOON, EARTH = 1.62, 9.81
SAND = Sand(gravity=MOON, rolling=0.1)
MODULUS = 1e5 * SAND.density * MOON * SAND.diameter  # Young's [Pa]
LENGTH, WIDTH, HEIGHT, PIT = (count * SAND.diameter for count in (18.0, 4.2, 14.0, 12.0))  # [m]
FLANK = (3 * SAND.diameter, LENGTH - 2 * SAND.diameter)  # the part of the ledge whose slope is read
SETTLING, DRAINING, LIFT = 12.0, 32.0, 6.0  # [sqrt(d/g)], [sqrt(d/g)], [sqrt(g d)]
COARSE = 1.5  # times the diameter


@dataclass(frozen=True)
class Ledge:
    """Sand on a rough ledge, held by a gate over its edge; in front a pit for what falls."""

    sand: Sand = SAND
    modulus: float = MODULUS
    seed: int = 1

    def build(self) -> dem.Model:
        """The loose sand behind its gate."""
        sand = self.sand
        builder = sand.start(laws=dem.ContactLaws(), modulus=self.modulus)
        position, radius = sand.fill((LENGTH, WIDTH, HEIGHT), self.seed)
        position[:, 2] += 0.5 * sand.diameter
        builder.add_particles(position, radius, 0, velocity=sand.stir(len(radius), self.seed + 100))
        rough = rows_of_grains((LENGTH, WIDTH), sand.diameter)
        builder.add_particles(rough, sand.diameter / 2, 0, fixed=True)
        builder.add_plane((0.0, 0.0, 0.0), RIGHT, 2)
        builder.add_plane((0.0, 0.0, -PIT), UP, 1)
        add_gate(builder, sand, LENGTH)
        builder.set_domain((-np.inf, 0.0, -np.inf), (np.inf, WIDTH, np.inf), (False, True, False))
        return builder.finalize()


def varied(**numbers: float) -> Ledge:
    """The usual ledge with other numbers of its sand."""
    return Ledge(replace(SAND, **numbers))


LEDGES = {
    "usual": Ledge(),
    "again": Ledge(seed=2),
    "mu_s 0.2": varied(friction=0.2),
    "mu_s 0.9": varied(friction=0.9),
    "mu_r 0": varied(rolling=0.0),
    "mu_r 0.3": varied(rolling=0.3),
    "4 rho": varied(density=4 * SAND.density),
    "E / 4": Ledge(modulus=MODULUS / 4),
    "e 0.8": varied(restitution=0.8),
    "Earth": varied(gravity=EARTH),
    "1.5 d": varied(diameter=COARSE * SAND.diameter, rolling=SAND.rolling / COARSE),
}


def slope(simulation: dem.Simulation, world: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Surface of a world's sand on the ledge, x and height [m], and its angle [deg]."""
    found, free = simulation.snapshot(world), ~simulation.worlds.models[world].particles["fixed"]
    x = np.arange(0.25, LENGTH / SAND.diameter, 0.5) * SAND.diameter
    height = surface_profile(found["position"][free], found["radius"][free], x, WIDTH)
    return x, height, math.degrees(angle_of_repose(x, height, *FLANK))
