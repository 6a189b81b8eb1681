"""What laws say of themselves, and what they reject."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import dem

ALL = [
    dem.ContactLaws(),
    dem.ContactLaws(
        dem.LinearSpring(), dem.LinearTangential(None), dem.ConstantRollingTorque(), dem.MarshallTwisting()
    ),
    dem.ContactLaws(dem.WaltonBraun(), dem.ViscousTangential(), None, None, dem.SJKR()),
    dem.ContactLaws(cohesion=dem.JKR(friction_weight=2.0)),
    dem.ContactLaws(cohesion=dem.RegolithCohesion(1e-3, 2600.0)),
    dem.ContactLaws(twisting=dem.TwistingSpring()),
]


@pytest.mark.parametrize("laws", ALL)
def test_describe_is_flat_and_complete(laws):
    said = laws.describe()
    assert all(isinstance(value, str | float | bool) for value in said.values())
    for role in ("normal", "tangential", "rolling", "twisting", "cohesion"):
        part = getattr(laws, role)
        assert said[role] == ("none" if part is None else type(part).__name__)
    assert "mixing_surface_numbers" in said


@pytest.mark.parametrize("laws", ALL)
def test_a_missing_number_is_named_when_the_model_is_made(laws):
    builder = dem.ModelBuilder(contact=laws)
    builder.add_particles(np.zeros((1, 3)), 1e-3, builder.add_material(dem.Material(2600.0, 1e8, 0.3)))
    for name in sorted(laws.pair_numbers):
        with pytest.raises(
            dem.ConfigError, match=rf"{name} is missing for materials 0 and 0; .*set_pair\(0, 0, {name}="
        ):
            builder.finalize()
        builder.set_pair(0, 0, **{name: 0.5})
    laws.pair(builder.finalize(), 0, 0)


@pytest.mark.parametrize("laws", ALL)
def test_pairs_are_told_with_the_rule_of_each_number(laws):
    own = dict.fromkeys(sorted(laws.pair_numbers), 0.5)
    builder = dem.ModelBuilder(contact=laws)
    grain = builder.add_material(dem.Material(2600.0, 1e8, 0.3, **own))
    wall = builder.add_material(dem.Material.rigid(**dict.fromkeys(own, 0.125)))
    builder.add_material(dem.Material(1.0, 1e9, 0.2))  # touches nothing, so it needs no numbers
    builder.set_pair(grain, wall, restitution=0.9)
    builder.add_particles(np.zeros((1, 3)), 1e-3, grain)
    builder.add_plane((0, 0, -1), (0, 0, 1), wall)
    model = builder.finalize()
    said = dem.describe_contacts(model)
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["laws"] == laws.describe()
    assert [entry["young_modulus"] for entry in said["materials"]] == [1e8, "rigid", 1e9]
    inner, outer = said["pairs"]
    assert (inner["materials"], outer["materials"]) == ([0, 0], [0, 1])
    assert outer["young_modulus_eff"] == pytest.approx(1e8 / (1 - 0.3**2))
    for name in own:
        given = name == "restitution"
        assert outer["numbers"][name] == pytest.approx(0.9 if given else 0.25)
        assert outer["rule"][name].startswith("given" if given else "geometric")
    for role, part in laws.parts.items():
        for name, value in part.derive(laws.pair(model, grain, wall)).items():
            assert outer["derived"][f"{role}.{name}"] == value


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: dem.Hertz(damping="none"), "damping"),
        (lambda: dem.LinearSpring(-1.0), "normal_stiffness"),
        (lambda: dem.LinearTangential(0.0), "stiffness_ratio"),
        (lambda: dem.LinearTangential(None, damping_from="normal"), "stiffness_ratio"),
        (lambda: dem.LinearTangential(sliding="never"), "sliding"),
        (lambda: dem.Mindlin(unloading="forgotten"), "unloading"),
        (lambda: dem.Mindlin(history="none"), "history"),
        (lambda: dem.Mindlin(load="gross"), "load"),
        (lambda: dem.Mindlin(damping="viscous"), "damping"),
        (lambda: dem.Mindlin(damping_from="both"), "damping_from"),
        (lambda: dem.Mindlin(damping_share=-1.0), "damping_share"),
        (lambda: dem.Mindlin(stiffness_share=0.0), "stiffness_share"),
        (lambda: dem.SJKR("square"), "area"),
        (lambda: dem.JKR(friction_weight=3.0), "friction_weight"),
        (lambda: dem.ContactLaws(dem.LinearSpring(1e4), cohesion=dem.JKR()), "Hertz"),
        (lambda: dem.ContactLaws(tangential=None), "tangential"),
        (lambda: dem.ContactLaws(normal=dem.Mindlin()), "normal"),
        (lambda: dem.ContactLaws(lever_arm="long"), "lever_arm"),
        (lambda: dem.Material(2600.0, 1e8, 0.3, surface_energy=-1.0), "surface_energy"),
        (lambda: dem.Material(2600.0, 1e8, 0.3, twisting_stiffness=0.0), "twisting_stiffness"),
        (lambda: dem.Material(2600.0, 1e8, 0.3, twisting_friction=-0.1), "twisting_friction"),
        (lambda: dem.cohesion_to_pull_off(-1.0, 1e-3), "cohesion"),
    ],
)
def test_nonsense_is_rejected(build, word):
    with pytest.raises(dem.ConfigError, match=word):
        build()


def test_energy_needs_an_energy_balance():
    with pytest.raises(dem.StateError, match="track_energy"):
        dem.Simulation.energy(SimpleNamespace(_balances=[]))


def test_what_kernels_have_built_in_tells_conventions_apart():
    laws = [
        dem.ContactLaws(tangential=law)
        for law in (dem.Mindlin(), dem.Mindlin(unloading="kept"), dem.Mindlin(load="elastic"), dem.LinearTangential())
    ]
    assert len({each.built_in for each in laws}) == len(laws)
    softer = dem.ContactLaws(tangential=dem.Mindlin(stiffness_share=0.5, damping_from="normal"))
    assert softer.built_in == dem.ContactLaws().built_in  # numbers of the pair table
