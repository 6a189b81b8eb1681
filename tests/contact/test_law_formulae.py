"""Every law at a table of overlaps against its formula."""

import math

import numpy as np
import pytest

import dem

RADIUS, MASS = 1e-3, 2.0  # R* [m], m* [kg]
SIZE = (RADIUS, MASS)
E_EFF = 1e8 / (2 * (1 - 0.3**2))
G_EFF = 1e8 / (2 * 1.3) / (2 * (2 - 0.3))
OVERLAP = np.array([1e-7, 1e-6, 3e-5])
SMOOTH = {"restitution": 0.6, "sliding_friction": 0.4, "rolling_friction": 0.0}
BETA = -math.log(0.6) / math.sqrt(math.log(0.6) ** 2 + math.pi**2)
LINEAR = dem.LinearSpring(normal_stiffness=1e4)


def test_hertz(probe):
    found = probe(dem.ContactLaws(), SMOOTH, OVERLAP, velocity=-0.2, size=SIZE)
    elastic = 4 / 3 * E_EFF * np.sqrt(RADIUS * OVERLAP**3)
    stiffness = 2 * E_EFF * np.sqrt(RADIUS * OVERLAP)
    damping = 2 * math.sqrt(5 / 6) * BETA * np.sqrt(stiffness * MASS)
    np.testing.assert_allclose(found["elastic"], elastic, rtol=1e-12)
    np.testing.assert_allclose(found["normal_force"], elastic + 0.2 * damping, rtol=1e-12)
    np.testing.assert_allclose(found["energy"], 8 / 15 * E_EFF * math.sqrt(RADIUS) * OVERLAP**2.5, rtol=1e-12)


def test_clamped_tension_never_pulls(probe):
    free = probe(dem.ContactLaws(), SMOOTH, OVERLAP, velocity=5.0, size=SIZE)
    clamped = probe(dem.ContactLaws(normal=dem.Hertz(clamp_tension=True)), SMOOTH, OVERLAP, velocity=5.0, size=SIZE)
    assert (free["normal_force"] < 0).all()
    assert (clamped["normal_force"] == 0).all()


def test_linear_spring(probe):
    found = probe(dem.ContactLaws(normal=LINEAR), SMOOTH, OVERLAP, velocity=-0.2, size=SIZE)
    np.testing.assert_allclose(found["normal_force"], 1e4 * OVERLAP + 0.4 * BETA * math.sqrt(1e4 * MASS), rtol=1e-12)
    np.testing.assert_allclose(found["energy"], 0.5e4 * OVERLAP**2, rtol=1e-12)


@pytest.mark.parametrize(
    ("law", "stiffness"),
    [
        (dem.Mindlin(), 8 * G_EFF * np.sqrt(RADIUS * OVERLAP)),
        (dem.LinearTangential(stiffness_ratio=0.5), E_EFF * np.sqrt(RADIUS * OVERLAP)),
        (dem.LinearTangential(stiffness_ratio=None), np.full(3, 700.0)),
    ],
)
def test_tangential_spring_dashpot_and_cap(probe, law, stiffness):
    numbers = SMOOTH | ({"tangential_stiffness": 700.0} if law == dem.LinearTangential(None) else {})
    factor = 2 * BETA * (math.sqrt(5 / 6) if isinstance(law, dem.Mindlin) else 1.0)
    shift, sliding = 1e-12, 1e-13  # small enough to hold
    found = probe(dem.ContactLaws(tangential=law), numbers, OVERLAP, shift=shift, sliding=sliding, size=SIZE)
    expected = -stiffness * shift - factor * np.sqrt(stiffness * MASS) * sliding
    np.testing.assert_allclose(found["tangential"], expected, rtol=1e-9)
    slipping = probe(dem.ContactLaws(tangential=law), numbers, OVERLAP, shift=1e-3, size=SIZE)
    np.testing.assert_allclose(slipping["tangential"], -0.4 * slipping["normal_force"], rtol=1e-12)


def test_viscous_tangential(probe):
    contact = dem.ContactLaws(tangential=dem.ViscousTangential())
    found = probe(
        contact, SMOOTH | {"tangential_damping": 3.0}, OVERLAP, sliding=[1e-6, 1e-6, 1e-2], shift=1.0, size=SIZE
    )
    np.testing.assert_allclose(
        found["tangential"], -np.minimum(3.0 * np.array([1e-6, 1e-6, 1e-2]), 0.4 * found["normal_force"])
    )


@pytest.mark.parametrize("law", [dem.Mindlin(), dem.LinearTangential()])
def test_no_friction_is_exactly_none(probe, law):
    numbers = SMOOTH | {"sliding_friction": 0.0}
    found = probe(dem.ContactLaws(tangential=law), numbers, OVERLAP, shift=1e-5, sliding=0.3, size=SIZE)
    assert (found["tangential"] == 0).all()


@pytest.mark.parametrize(
    ("law", "numbers", "pull"),
    [
        (dem.ConstantPullOff(), {"pull_off_force": 3.0}, np.full(3, 3.0)),
        (dem.DMT(), {"surface_energy": 0.05}, np.full(3, 4 * math.pi * 0.05 * RADIUS)),
        (dem.SJKR(), {"cohesion_energy_density": 1e5}, 2 * math.pi * 1e5 * RADIUS * OVERLAP),
        (dem.SJKR("contact_disc"), {"cohesion_energy_density": 1e5}, math.pi * 1e5 * RADIUS * OVERLAP),
        (
            dem.RegolithCohesion(grain_diameter=4e-3, grain_density=2000.0),
            {"bond_number": 2.5},
            np.full(3, 2.5 * 2000.0 * math.pi / 6 * 4e-3**3 * 9.81),
        ),
    ],
)
def test_cohesion(probe, law, numbers, pull):
    found = probe(dem.ContactLaws(cohesion=law), SMOOTH | numbers, OVERLAP, shift=1e-3, size=SIZE)
    np.testing.assert_allclose(found["pull"], pull, rtol=1e-12)
    np.testing.assert_allclose(
        found["tangential"], -0.4 * found["normal_force"], rtol=1e-12
    )  # load = push - pull + pull


def test_jkr_force_against_overlap(probe):
    gamma = 0.05
    length = (9 * math.pi * gamma / E_EFF) ** (2 / 3) * RADIUS ** (1 / 3)
    widest = length * (2 / 3 * (1 / 4) ** (1 / 6) - (1 / 4) ** (2 / 3))
    overlap = np.linspace(-widest, 3 * length, 4001)
    found = probe(dem.ContactLaws(cohesion=dem.JKR()), SMOOTH | {"surface_energy": gamma}, overlap, size=SIZE)
    force = found["normal_force"] - found["pull"]
    assert force[0] == pytest.approx(-3 * math.pi * gamma * RADIUS, rel=1e-9)
    assert force.min() == pytest.approx(-3 * math.pi * gamma * RADIUS, rel=1e-9)
    assert np.interp(0.0, overlap, force) == pytest.approx(-8 / 3 * math.pi * gamma * RADIUS, rel=1e-5)
    radius = np.sqrt(RADIUS * (found["elastic"] / (4 / 3 * E_EFF * math.sqrt(RADIUS))) ** (2 / 3))
    np.testing.assert_allclose(
        radius**2 / RADIUS - 2 * np.sqrt(math.pi * gamma * radius / E_EFF), overlap, atol=1e-11 * length
    )
    work = np.concatenate([[0.0], np.cumsum(0.5 * (force[1:] + force[:-1]) * np.diff(overlap))])
    stored = found["energy"] - found["energy"][0]
    np.testing.assert_allclose(stored, work, atol=2e-6 * np.ptp(work))
    assert np.interp(0.0, overlap, found["energy"]) == pytest.approx(0.0, abs=1e-6 * np.ptp(work))


def test_jkr_without_surface_energy_is_hertz(probe):
    numbers = SMOOTH | {"surface_energy": 0.0}
    bare = probe(dem.ContactLaws(), SMOOTH, OVERLAP, shift=1e-9, size=SIZE)
    found = probe(dem.ContactLaws(cohesion=dem.JKR()), numbers, OVERLAP, shift=1e-9, size=SIZE)
    assert (found["normal_force"] - found["pull"] == bare["normal_force"]).all()
    assert (found["tangential"] == bare["tangential"]).all()


def test_cohesion_of_a_soil_in_pascals():
    force = dem.cohesion_to_pull_off(500.0, 1e-3, 0.6, 5.0, math.radians(35))
    strength = 0.6 * 5.0 * force / (math.pi * 1e-6)  # Rumpf
    assert strength * math.tan(math.radians(35)) == pytest.approx(500.0)
    law = dem.RegolithCohesion(grain_diameter=1e-3, grain_density=2600.0, reference_gravity=1.62)
    assert law.bond_number(force) * law.grain_weight == pytest.approx(force)


@pytest.mark.parametrize("restitution", [0.2, 0.5, 0.8, 0.95])
def test_tsuji_polynomial_follows_the_closed_form(probe, restitution):
    numbers = SMOOTH | {"restitution": restitution}
    damping = {}
    for name in ("closed_form", "tsuji"):
        found = probe(dem.ContactLaws(normal=dem.Hertz(damping=name)), numbers, OVERLAP, velocity=-1.0, size=SIZE)
        damping[name] = found["normal_force"] - found["elastic"]
    np.testing.assert_allclose(damping["tsuji"], damping["closed_form"], rtol=0.03)


@pytest.mark.parametrize("law", [dem.Mindlin, dem.LinearTangential])
def test_tangential_dashpot_as_a_share_of_the_normal_one(probe, law):
    sliding = 1e-13
    tangential = law(damping_from="normal", damping_share=0.5)
    found = probe(dem.ContactLaws(tangential=tangential), SMOOTH, OVERLAP, velocity=-1e-6, sliding=sliding, size=SIZE)
    normal = (found["normal_force"] - found["elastic"]) / 1e-6
    if law is dem.LinearTangential:  # its formula lacks Hertz's sqrt(5/6)
        normal = normal / math.sqrt(5 / 6)
    np.testing.assert_allclose(found["tangential"], -0.5 * normal * sliding, rtol=1e-6)


def test_cap_on_the_spring_alone_lets_the_dashpot_exceed_it(probe):
    laws = dem.ContactLaws(tangential=dem.Mindlin(sliding="spring_capped"))
    found = probe(laws, SMOOTH, OVERLAP, sliding=1e3, size=SIZE)
    assert (found["tangential"] < -0.4 * found["normal_force"]).all()
    slipping = probe(laws, SMOOTH, OVERLAP, sliding=1e3, shift=1e-3, size=SIZE)
    np.testing.assert_allclose(slipping["tangential"], -0.4 * slipping["normal_force"], rtol=1e-12)


@pytest.mark.parametrize(("load", "share"), [("pushing", 0.0), ("magnitude", 1.0)])
def test_friction_in_the_pulling_tail(probe, load, share):
    laws = dem.ContactLaws(tangential=dem.Mindlin(load=load))
    found = probe(laws, SMOOTH, OVERLAP, velocity=5.0, shift=1.0, size=SIZE)
    assert (found["normal_force"] < 0).all()
    np.testing.assert_allclose(found["tangential"], 0.4 * share * found["normal_force"], rtol=1e-12)
