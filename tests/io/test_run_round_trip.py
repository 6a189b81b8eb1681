"""What goes into a run file comes out, through our reader and through VTK's own."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic import SERIES, SMALL, frame_at, grouser_wheel, open_writer, packing, write_run

from dem.errors import ResultsError, StateError
from dem.io import BodyMesh, RunReader, RunWriter
from dem.io.run_writer import rotate
from dem.io.vtkhdf import KEPT_BITS, position_step, round_mantissa, round_to_step

REST = packing(SMALL)
FRAMES = range(SMALL.frame_count)


def expected(index: int) -> tuple[dict, dict]:
    return frame_at(SMALL, REST, index * SMALL.frame_interval)


def world_mesh(index: int) -> np.ndarray:
    axle, orientation = expected(index)[1]["wheel"]
    return rotate(orientation, grouser_wheel(SMALL).points) + axle


@pytest.mark.parametrize("index", FRAMES)
def test_frame_comes_back_within_the_stated_accuracy(small_run, index):
    frame = RunReader(small_run).frame(index)
    soil, bodies = expected(index)
    assert frame.time == index * SMALL.frame_interval
    assert np.abs(frame.soil["position"] - soil["position"]).max() <= 1e-5
    error = np.abs(frame.soil["velocity"] - soil["velocity"])
    assert np.all(error <= np.abs(soil["velocity"]) * 2.0 ** -(KEPT_BITS + 1) * 1.001)
    np.testing.assert_array_equal(frame.soil["contact_count"], soil["contact_count"])
    np.testing.assert_allclose(frame.bodies["wheel"], world_mesh(index), atol=1e-7)
    for stored, given in zip(frame.poses["wheel"], bodies["wheel"], strict=True):
        np.testing.assert_array_equal(stored, given)
    assert frame.field_data == {"drawbar_pull": 18.0 * index, "sinkage": 0.05}


def test_series_and_descriptions_are_exact(small_run):
    reader = RunReader(small_run)
    assert reader.status == "complete"
    assert reader.series_names == list(SERIES)
    assert reader.meanings["drawbar_pull"] == SERIES["drawbar_pull"]
    assert reader.units["time"] == "s"
    assert len(reader.series("time")) == len(reader.series("sinkage")) == 20 * SMALL.frame_count
    assert reader.config_text == "soil: {name: grc1}\n"
    assert reader.config["soil"]["name"] == "grc1"
    assert reader.overrides == ["gravity=moon"]
    assert reader.provenance["seed"] == 3
    assert reader.provenance["wall_time"] > 0
    assert reader.attributes["phases"][1]["name"] == "drive"
    np.testing.assert_array_equal(reader.attributes["gravity"], [0, 0, -1.62])
    mesh = reader.body_mesh("wheel")
    np.testing.assert_array_equal(mesh.points, grouser_wheel(SMALL).points)
    np.testing.assert_array_equal(mesh.triangles, grouser_wheel(SMALL).triangles)


def test_vtk_reads_every_step(small_run):
    """By step: `UpdateTimeStep` compares floating-point times and can land on the neighbour."""
    pyvista = pytest.importorskip("pyvista")
    from vtkmodules.vtkIOHDF import vtkHDFReader

    reader = vtkHDFReader()
    reader.SetFileName(str(small_run))
    reader.UpdateInformation()
    assert reader.GetNumberOfSteps() == SMALL.frame_count
    radius = RunReader(small_run).frame(0).soil["radius"]
    for index in [2, 0, 3, 1]:
        reader.SetStep(index)
        reader.Update()
        blocks = pyvista.wrap(reader.GetOutputDataObject(0))
        soil, wheel = blocks["soil"], blocks["wheel"]
        assert np.abs(soil.points - expected(index)[0]["position"]).max() <= 1e-5
        np.testing.assert_array_equal(soil["radius"], radius)
        np.testing.assert_array_equal(soil["contact_count"], expected(index)[0]["contact_count"])
        np.testing.assert_allclose(wheel.points, world_mesh(index), atol=1e-6)
        assert wheel.n_cells == len(grouser_wheel(SMALL).triangles)
        assert blocks.field_data["drawbar_pull"][0] == 18.0 * index


def test_pyvista_opens_it_by_name(small_run):
    pyvista = pytest.importorskip("pyvista")
    blocks = pyvista.read(small_run)
    assert blocks.keys() == ["soil", "wheel"]
    assert blocks["soil"].n_points == len(REST)


def test_run_without_bodies_or_frames(tmp_path):
    path = tmp_path / "run.vtkhdf"
    with RunWriter(path, soil={"radius": np.full(3, 0.01)}):
        reader = RunReader(path)
        assert reader.frame_count == 0
        assert reader.status == "running"
    with pytest.raises(ResultsError, match="no frame -1"):
        RunReader(path).frame(-1)


def test_two_bodies_move_apart(tmp_path):
    wheel = grouser_wheel(SMALL)
    plate = BodyMesh("plate", np.eye(3), np.array([[0, 1, 2]]))
    path = tmp_path / "run.vtkhdf"
    still = np.array([1.0, 0, 0, 0])
    with RunWriter(path, soil={"radius": np.full(2, 0.01)}, bodies=[wheel, plate]) as writer:
        for step in range(3):
            poses = {"plate": (np.array([0, 0, step]), still), "wheel": (np.array([step, 0, 0]), still)}
            writer.write_frame(step, {"position": np.zeros((2, 3))}, poses)
    frame = RunReader(path).frame(2)
    np.testing.assert_allclose(frame.bodies["plate"], plate.points + [0, 0, 2])
    np.testing.assert_allclose(frame.bodies["wheel"], wheel.points + [2, 0, 0], atol=1e-6)


def test_writer_rejects_what_it_was_not_made_for(tmp_path):
    with pytest.raises(ResultsError, match=r"end in \.vtkhdf"):
        RunWriter(tmp_path / "run.h5", soil={"radius": np.ones(1)})
    writer = open_writer(tmp_path / "run.vtkhdf", SMALL, REST)
    soil, bodies = expected(0)
    with pytest.raises(StateError, match="not declared"):
        writer.write_sample(0.0, {"nonsense": 1.0})
    with pytest.raises(StateError, match="bodies"):
        writer.write_frame(0.0, soil, {})
    with pytest.raises(StateError, match="another length"):
        writer.write_frame(0.0, {"position": soil["position"][:-1]}, bodies)
    writer.write_frame(0.0, soil, bodies)
    with pytest.raises(StateError, match="same names"):
        writer.write_frame(1.0, {"position": soil["position"]}, bodies)
    writer.close()
    with pytest.raises(StateError, match="closed"):
        writer.write_frame(1.0, soil, bodies)


def test_same_run_gives_the_same_numbers(tmp_path, small_run):
    again = RunReader(write_run(tmp_path / "run.vtkhdf", SMALL)).frame(-1)
    first = RunReader(small_run).frame(-1)
    for name, values in first.soil.items():
        np.testing.assert_array_equal(values, again.soil[name])


def test_position_grid_follows_the_finest_grain():
    assert position_step(0.009) == 2.0**-16
    assert position_step(1e-4) <= 2e-7
    values = np.random.default_rng(0).uniform(-2, 2, 1000)
    assert np.abs(round_to_step(values, 2.0**-16) - values).max() <= 2.0**-17 + 1e-7


def test_rounding_keeps_zeros_signs_and_non_finite_values():
    values = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-30, 1e30])
    rounded = round_mantissa(values)
    np.testing.assert_allclose(rounded, values, rtol=2.0 ** -(KEPT_BITS + 1))
    np.testing.assert_array_equal(round_mantissa(np.array([1, 2], np.int32)), [1, 2])


def test_rooms_stay_light():
    """Writing results needs no VTK, no plotting, no Hydra."""
    code = "import sys, dem.io; print([m for m in ('vtk', 'pyvista', 'matplotlib', 'hydra') if m in sys.modules])"
    root = Path(__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.strip() == "[]"
