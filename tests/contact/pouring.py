"""Grains that fall into a box, for the energy balances."""

import numpy as np

import dem

RADIUS = 2e-3


def builder_of_grains(contact: dem.ContactLaws, layers: int, across: int, gravity=(0, 0, -9.81)) -> dem.ModelBuilder:
    """Loose layers of sand over a floor with four walls."""
    builder = dem.ModelBuilder(gravity=gravity, contact=contact)
    sand = builder.add_material(dem.Material(2600.0, 1e7, 0.3, 0.5, 0.4, 0.1, surface_energy=0.01))
    axes = np.arange(across), np.arange(across), np.arange(layers)
    lattice = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    spread = np.random.default_rng(3).uniform(-0.05, 0.05, lattice.shape)
    side = across * 2.4 * RADIUS
    builder.add_particles((2.4 * (lattice + spread) + 1.5) * RADIUS, RADIUS, sand)
    builder.add_box_walls((0, 0, 0), (side + RADIUS, side + RADIUS, 1.0), sand)
    return builder


def turnover(energy: dict[str, float]) -> float:
    """All that was dissipated [J]."""
    return sum(value for name, value in energy.items() if name.startswith("dissipated"))
