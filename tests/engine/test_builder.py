"""What the builder rejects, in words that name the number and the remedy."""

import math

import numpy as np
import pytest

import dem

SAND = {"density": 2500, "young_modulus": 1e7, "poisson_ratio": 0.3}


def builder_with_sand(**surface) -> dem.ModelBuilder:
    """A builder with one material."""
    builder = dem.ModelBuilder()
    builder.add_material(dem.Material(**SAND, **surface))
    return builder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"density": 0.0}, r"Material.density is 0.0, must be above 0"),
        ({"density": math.inf}, r"Material.density is inf"),
        ({"young_modulus": -1.0}, r"Material.young_modulus is -1.0"),
        ({"poisson_ratio": 0.6}, r"Material.poisson_ratio is 0.6, must lie in \(-1, 0.5\]"),
        ({"restitution": 1.2}, r"Material.restitution is 1.2, must lie in \[0, 1\]"),
        ({"sliding_friction": -0.1}, r"Material.sliding_friction is -0.1"),
        ({"rolling_friction": math.nan}, r"Material.rolling_friction is nan"),
    ],
)
def test_material_is_rejected(change, said):
    with pytest.raises(dem.ConfigError, match=said):
        dem.Material(**{**SAND, **change})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"position": [[0, 0]], "radius": 0.1, "material": 0}, r"position has shape \(1, 2\)"),
        ({"position": [[0, 0, math.nan]], "radius": 0.1, "material": 0}, "must be finite"),
        ({"position": [[0, 0, 0]], "radius": 0.0, "material": 0}, "smallest radius is 0.0"),
        ({"position": [[0, 0, 0]], "radius": 0.1, "material": 3}, "material 3 does not exist, there are 1"),
    ],
)
def test_particles_are_rejected(arguments, said):
    with pytest.raises(dem.ConfigError, match=said):
        builder_with_sand().add_particles(**arguments)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda builder: builder.set_pair(0, 0, stickiness=1.0), "set_pair got stickiness=1.0"),
        (lambda builder: builder.set_pair(0, 0, restitution=2.0), r"set_pair\(0, 0\).restitution is 2.0"),
        (lambda builder: builder.set_pair(0, 5, restitution=0.5), "material 5 does not exist"),
        (lambda builder: builder.add_body("top", 0.0, (1, 1, 1), (0, 0, 0)), "body 'top' has mass 0.0"),
        (lambda builder: builder.add_body("top", 1.0, (1, 0, 1), (0, 0, 0)), r"inertia \(1, 0, 1\)"),
        (lambda builder: builder.add_shape(dem.Plane(), 0, body=4), "add_shape got body 4"),
        (lambda builder: builder.add_plane((0, 0, 0), (0, 0, 0), 0), "Plane.normal"),
        (lambda builder: builder.set_domain((0, 0, 0), (1, 0, 1)), "upper must be larger"),
        (
            lambda builder: builder.set_domain((-math.inf, 0, 0), (1, 1, 1), (True, False, False)),
            "without finite bounds",
        ),
        (lambda builder: dem.Motion(prescribed={"w": 1.0}), "Motion names the axis 'w'"),
        (lambda builder: dem.Box((1.0, 0.0, 1.0)), "Box.size"),
        (lambda builder: dem.GrouserWheel(radius=0.1, width=0.0), "GrouserWheel is 0.1 x 0.0 m"),
        (lambda builder: dem.GrouserWheel(0.1, 0.1, 0.2, 0.01, 4), "grouser_height is 0.2"),
        (lambda builder: dem.GrouserWheel(0.1, 0.1, 0.01, 0.3, 4), "grouser_thickness is 0.3"),
    ],
)
def test_scene_is_rejected(action, said):
    with pytest.raises(dem.ConfigError, match=said):
        action(builder_with_sand())


def test_gravity_must_be_finite():
    builder = dem.ModelBuilder(gravity=(0.0, 0.0, math.nan))
    with pytest.raises(dem.ConfigError, match="gravity is"):
        builder.finalize()


def test_grain_outside_the_domain_is_named():
    builder = builder_with_sand()
    builder.set_domain((0, 0, 0), (1, 1, 1))
    builder.add_particles([[0.5, 0.5, 0.5], [0.5, 0.5, 1.5]], 0.1, 0)
    with pytest.raises(dem.ConfigError, match="particle 1 lies at"):
        builder.finalize()


def test_missing_number_is_an_error_never_zero():
    builder = builder_with_sand(restitution=0.5, rolling_friction=0.1)
    builder.add_particles([[0, 0, 0]], 0.1, 0)
    with pytest.raises(dem.ConfigError, match="sliding_friction is missing for materials 0 and 0"):
        builder.finalize()


def test_two_rigid_materials_cannot_touch():
    surface = {"restitution": 0.5, "sliding_friction": 0.5, "rolling_friction": 0.1}
    builder = dem.ModelBuilder()
    builder.add_material(dem.Material(1.0, math.inf, 0.0, **surface))
    builder.add_particles([[0, 0, 0]], 0.1, 0)
    with pytest.raises(dem.ConfigError, match="both rigid"):
        builder.finalize()


def test_ids_count_on_and_arrays_keep_their_order():
    builder = builder_with_sand(restitution=0.5, sliding_friction=0.5, rolling_friction=0.1)
    first = builder.add_particles(np.zeros((3, 3)) + [[0], [1], [2]], 0.1, 0)
    second = builder.add_particles([[9, 9, 9]], [0.2], 0, velocity=(1, 2, 3))
    model = builder.finalize()
    assert first.tolist() == [0, 1, 2]
    assert second.tolist() == [3]
    assert model.particles["radius"].tolist() == [0.1, 0.1, 0.1, 0.2]
    assert model.particles["velocity"][3].tolist() == [1, 2, 3]


def test_empty_scene_has_arrays():
    assert dem.ModelBuilder().finalize().particle_count == 0
