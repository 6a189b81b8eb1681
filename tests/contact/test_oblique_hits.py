"""No law gains energy: a spinning ball that hits a plane obliquely leaves with no more kinetic energy than it had."""

import itertools

import numpy as np
import pytest

import dem
from dem.contact.catalog import CATALOG
from dem.soil.contact_spec import NONE, SURFACE, ContactSpec

RADIUS, DENSITY = 0.01, 2600.0
ANGLES = np.radians(range(5, 88, 6))  # from the normal
SPINS = (-100.0, 0.0, 60.0)  # about y [rad/s], and half of it about z: the contact point moves at up to 1 m/s
FRICTIONS, RESTITUTIONS = (0.3, 0.8, 1.5), (0.1, 0.6, 0.9, 0.98)
NUMBERS = {
    "normal_stiffness": 1e6, "tangential_stiffness": 3e5, "tangential_damping": 1.0, "twisting_stiffness": 1.0,
    "twisting_damping": 1e-4, "twisting_friction": 0.1, "rolling_friction": 0.2, "surface_energy": 5.0,
    "pull_off_force": 0.3, "cohesion_energy_density": 1e5, "bond_number": 5.0,
}  # fmt: skip
SLACK = 2e-3  # of the energy, what the steps of a contact add or take
TIME_STEP, TIME = 1e-6, 2e-3  # the springs' contact lasts 0.3 ms [s]

REJECTED = ("walton_braun", "mindlin")
PAIRS = [pair for pair in itertools.product(CATALOG["normal"], CATALOG["tangential"]) if pair != REJECTED]
CHOICES = [{"normal": normal, "tangential": tangential} for normal, tangential in PAIRS] + [
    {role: name} for role in ("rolling", "twisting", "cohesion") for name in CATALOG[role]
]


def laws_of(choice) -> dem.ContactLaws:
    """The laws as a config chooses them, without rolling resistance unless it is named."""
    derived = {"grain_diameter": 2 * RADIUS, "grain_density": DENSITY}
    names = {"rolling": NONE, "cohesion": NONE, **choice}
    options, needed = {}, set()
    for role, name in names.items():
        law, more = CATALOG[role].get(name), derived if name == "regolith_cohesion" else {}
        if (name, names.get("normal")) == ("linear_tangential", "hertz"):  # as a config demands
            more = options["tangential"] = {"stiffness_ratio": None}
        needed |= set(law(**more).pair_numbers) if law else set()
    numbers = {name: NUMBERS[name] for name in needed - set(SURFACE)}
    return ContactSpec(**names, options=options, numbers=numbers).laws(derived)


def balls_on_plane(laws: dem.ContactLaws) -> dem.Model:
    """Balls of every friction, restitution, spin and angle, apart from each other, about to hit a plane at 1 m/s."""
    builder = dem.ModelBuilder(gravity=(0, 0, 0), contact=laws)
    solid = {"friction": 0.5, "restitution": 0.5}
    wall = builder.add_material(dem.Material(DENSITY, 1e8, 0.3))
    surfaces = list(itertools.product(FRICTIONS, RESTITUTIONS))
    balls = [builder.add_material(dem.Material(DENSITY, 1e8, 0.3)) for _ in surfaces]
    for one, other in itertools.combinations_with_replacement(range(len(balls) + 1), 2):
        friction, restitution = surfaces[other - 1] if one == wall and other else solid.values()
        numbers = NUMBERS | {"sliding_friction": friction, "restitution": restitution}
        builder.set_pair(one, other, **{name: numbers[name] for name in laws.pair_numbers})
    for row, (ball, spin) in enumerate(itertools.product(balls, SPINS)):
        place = [[4 * RADIUS * k, 4 * RADIUS * row, 1.001 * RADIUS] for k in range(len(ANGLES))]
        velocity = np.stack([np.sin(ANGLES), 0 * ANGLES, -np.cos(ANGLES)], axis=1)
        builder.add_particles(place, RADIUS, ball, velocity=velocity, angular_velocity=[0.0, spin, spin / 2])
    builder.add_plane((0, 0, 0), (0, 0, 1), wall)
    return builder.finalize()


def kinetic(simulation) -> np.ndarray:
    """Twice the kinetic energy of each ball over its mass [m2/s2]."""
    found = simulation.snapshot()
    return (found["velocity"] ** 2).sum(axis=1) + 0.4 * RADIUS**2 * (found["angular_velocity"] ** 2).sum(axis=1)


def gain(laws: dem.ContactLaws) -> float:
    """The largest kinetic energy after a hit, over that before it."""
    simulation = dem.Simulation(balls_on_plane(laws), time_step=TIME_STEP)
    before = kinetic(simulation)
    simulation.run(TIME)
    return float((kinetic(simulation) / before).max())


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: "-".join(choice.values()))
def test_no_law_gains_energy_in_an_oblique_hit(double, choice):
    assert gain(laws_of(choice)) < 1.0 + SLACK


@pytest.mark.parametrize(
    ("normal", "tangential"),
    [
        (dem.LinearSpring(), dem.LinearTangential(sliding="dashpot_off")),
        (dem.Hertz(), dem.LinearTangential()),
        (dem.WaltonBraun(), dem.Mindlin()),
    ],
    ids=["dashpot_off", "ratio_to_hertz", "mindlin_on_walton_braun"],
)
def test_what_a_config_rejects_does_gain(double, normal, tangential):
    assert gain(dem.ContactLaws(normal, tangential, rolling=None)) > 1.1
