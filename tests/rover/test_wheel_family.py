"""The family of wheels: meshes of the right size, felt like the exact wheel, written to files and read back."""

import math

import numpy as np
import pytest

import dem
from dem.backend import ti
from dem.cli import main
from dem.config import load_config
from dem.errors import ConfigError
from dem.launch.wheels import load_wheel
from dem.mesh_tables import MeshTables
from dem.model import ShapeEntry
from dem.rover.similitude import Ratios
from dem.rover.wheel_shape import wheel_shape
from dem.shapes.triangle import measure_triangle
from dem.shapes.wheel import measure_wheel
from dem.shapes.wheel_form import WheelForm

SIZES = {"radius": 0.12, "width": 0.08, "grouser_height": 0.02, "grouser_thickness": 0.006, "grouser_count": 10}
FORMS = {
    "straight": {},
    "inclined": {"form": "inclined", "grouser_angle": 0.4},
    "chevron": {"form": "chevron", "grouser_angle": -0.4},
    "crowned": {"crown_radius": 0.1},
    "plates": {"side_plates": "tip", "sheet_thickness": 0.004},
    "drum": {"side_plates": "none", "sheet_thickness": 0.004},
    "all at once": {"form": "chevron", "grouser_angle": 0.3, "crown_radius": 0.15, "side_plates": "tip",
                    "sheet_thickness": 0.004},
}  # fmt: skip


def volume(points: np.ndarray, triangles: np.ndarray) -> float:
    """Inside a closed surface [m3], positive where its normals point outwards."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_closed_and_as_large_as_it_says(name):
    form = WheelForm(**SIZES, **FORMS[name])
    mesh = form.mesh()
    assert mesh.is_closed
    assert all(volume(*part) > 0 for part in form.parts())
    reach, across = np.hypot(mesh.points[:, 0], mesh.points[:, 2]), mesh.points[:, 1]
    half_thickness = form.grouser_thickness / 2 / math.cos(form.grouser_angle)
    assert reach.max() == pytest.approx(math.hypot(form.radius, half_thickness), rel=1e-9)
    assert (across.min(), across.max()) == pytest.approx((-0.04, 0.04), abs=1e-12)


def test_volumes_are_those_of_the_solids():
    rim, plate = WheelForm(**SIZES).parts()[:2]
    assert volume(*rim) == pytest.approx(math.pi * 0.1**2 * 0.08, rel=1e-9)
    assert volume(*plate) == pytest.approx(0.04 * 0.08 * 0.006, rel=1e-9)
    twisted = WheelForm(**SIZES, **FORMS["inclined"]).parts()[1]
    assert volume(*twisted) == pytest.approx(0.04 * 0.08 * 0.006 / math.cos(0.4), rel=1e-3)
    wall = WheelForm(**SIZES, **FORMS["drum"]).parts()[0]
    assert volume(*wall) == pytest.approx(math.pi * (0.1**2 - 0.096**2) * 0.08, rel=1e-9)
    sides = WheelForm(**SIZES, **FORMS["plates"]).parts()[0]
    assert volume(*sides) == pytest.approx(math.pi * (0.1**2 * 0.072 + 0.12**2 * 0.008), rel=1e-9)
    crowned = WheelForm(**SIZES, **FORMS["crowned"])
    y = np.linspace(-0.04, 0.04, 2001)
    exact = float(np.trapezoid(math.pi * (0.1 - crowned.sag(y)) ** 2, y))
    assert volume(*crowned.parts()[0]) == pytest.approx(exact, rel=2e-3)


def test_the_point_of_a_chevron_meets_the_soil_first():
    """The wheel turns about +y: at its foot it moves towards -x, so what leads is on that side of its ends."""
    form = WheelForm(**SIZES, form="chevron", grouser_angle=0.4)
    points = form.parts()[1][0]
    angle = np.arctan2(points[:, 2], points[:, 0])  # a wheel that drives ahead turns this down
    middle, ends = np.abs(points[:, 1]) < 1e-9, np.abs(points[:, 1]) > 0.0399
    assert angle[ends].mean() - angle[middle].mean() == pytest.approx(0.04 * math.tan(0.4) / 0.1, rel=1e-6)


def test_the_straight_mesh_is_as_far_away_as_the_exact_wheel(double, evaluate):
    exact = dem.GrouserWheel(**SIZES)
    mesh = WheelForm(**SIZES).mesh()
    entries = [ShapeEntry(mesh, 0, 0)]
    tables = MeshTables(entries)
    tables.fill(entries)
    count, elements = mesh.element_count, exact.element_count

    @ti.func
    def measure_both(parameters, point):
        nearest, _, _ = measure_triangle(tables, 0, point)
        for triangle in range(1, count):
            distance, _, _ = measure_triangle(tables, triangle, point)
            nearest = ti.min(nearest, distance)
        whole, _ = measure_wheel(parameters, 0, point)
        for element in range(1, elements):
            distance, _ = measure_wheel(parameters, element, point)
            whole = ti.min(whole, distance)
        return whole, nearest

    points = np.random.default_rng(5).uniform(-0.18, 0.18, (400, 3))
    parameters = np.tile(np.array([*exact.parameters(), *[0.0] * 8])[:8], (400, 1))
    distance, found = evaluate(measure_both, parameters, points, returns=(1, 1))
    outside = distance > 0
    assert outside.sum() > 200
    np.testing.assert_allclose(found[outside], distance[outside], atol=1e-4 * exact.radius)


@pytest.mark.parametrize("suffix", ["stl", "obj"])
def test_what_is_exported_is_read_back(suffix, tmp_path, capsys):
    path = tmp_path / f"wheel.{suffix}"
    overrides = ["wheel.form=chevron", "wheel.grouser_angle_deg=20", "wheel.crown_radius=0.4"]
    assert main(["wheels", "viper", *overrides, "--export", str(path)]) == 0
    assert "triangles" in capsys.readouterr().out
    given = wheel_shape(load_wheel("viper", overrides))
    found = wheel_shape(load_wheel("viper", [f"wheel.mesh={path}"]))
    assert found.element_count == given.element_count
    assert found.is_closed
    centres = [np.sort(mesh.points[mesh.triangles].mean(axis=1), axis=0) for mesh in (found, given)]
    np.testing.assert_allclose(*centres, atol=1e-7)


def test_the_exact_wheel_stays_where_it_can():
    assert isinstance(wheel_shape(load_wheel("viper")), dem.GrouserWheel)
    assert isinstance(wheel_shape(load_wheel("viper", ["wheel.crown_radius=0.4"])), dem.TriangleMesh)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["wheel.form=spiral"], r"wheel\.form is 'spiral'"),
        (["wheel.form=chevron"], r"wheel\.grouser_angle_deg is 0"),
        (["wheel.grouser_angle_deg=10"], r"wheel\.grouser_angle_deg is 10.*wheel\.form"),
        (["wheel.crown_radius=0.05"], r"wheel\.crown_radius is 0\.05"),
        (["wheel.side_plates=none"], r"wheel\.sheet_thickness is None"),
        (["wheel.sheet_thickness=0.01"], r"wheel\.sheet_thickness is 0\.01"),
        (["wheel.mesh=gone.stl"], r"wheel\.mesh is 'gone\.stl'"),
    ],
)
def test_what_is_no_wheel_is_said(overrides, expected):
    with pytest.raises(ConfigError, match=expected):
        load_config(overrides)


def test_a_mesh_must_be_the_wheel_that_the_config_says(tmp_path):
    path = tmp_path / "wheel.stl"
    WheelForm(**SIZES).mesh().to_file(path)
    with pytest.raises(ConfigError, match=r"wheel\.radius is 0\.25 m, the file.s 0\.12 m"):
        wheel_shape(load_wheel("viper", [f"wheel.mesh={path}"]))
    with pytest.raises(ConfigError, match=r"wheel\.width is 0\.2 m, the file.s 0\.16"):
        wheel_shape(load_wheel("viper", [f"wheel.mesh={path}", "wheel.mesh_scale=2.08"]))
    upright = WheelForm(**SIZES).mesh()
    dem.TriangleMesh(upright.points[:, [0, 2, 1]], upright.triangles[:, ::-1]).to_file(path)
    with pytest.raises(ConfigError, match=r"its axle lies along z: turn it so that it lies along y"):
        wheel_shape(load_wheel("viper", [f"wheel.mesh={path}"]))
    for scale, said in ((1000.0, "it is in millimetres: give wheel.mesh_scale=0.001"), (100.0, "in centimetres")):
        dem.TriangleMesh(scale * upright.points, upright.triangles).to_file(path)
        own = [f"wheel.mesh={path}", f"wheel.radius={SIZES['radius']}", f"wheel.width={SIZES['width']}"]
        with pytest.raises(ConfigError, match=said):
            wheel_shape(load_wheel("viper", own))
    dem.TriangleMesh(upright.points + [0.3, 0.0, 0.0], upright.triangles).to_file(path)
    with pytest.raises(ConfigError, match=r"its middle lies at \(0\.3, 0, 0\) of the file: move it to the origin"):
        wheel_shape(load_wheel("viper", own))
    with pytest.raises(ConfigError, match="must end in"):
        upright.to_file(tmp_path / "wheel.step")


def test_a_scaled_test_keeps_the_form():
    wheel = load_wheel("viper", ["wheel.form=inclined", "wheel.grouser_angle_deg=15", "wheel.crown_radius=0.4"])
    with pytest.raises(ConfigError, match=r"similitude\.mass makes wheel\.width"):
        wheel.scale(Ratios(1.0, 0.5, 0.5))
    wheel.scale(Ratios(1.0, 0.5, 0.125))
    assert (wheel.radius, wheel.crown_radius) == pytest.approx((0.125, 0.2))
