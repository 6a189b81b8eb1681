"""Contacts and loads of frames: what goes in comes out, at the precision asked for, also where a run goes on."""

import numpy as np
import pytest
from synthetic import SMALL, frame_at, packing

from dem.errors import ResultsError, StateError
from dem.io import RunReader, RunWriter
from dem.io.contact_lists import CHUNK

REST = packing(SMALL)
COUNTS = (5, CHUNK + 3, 0, 40)


def contacts_of(index: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(index)
    ids = rng.integers(-1, len(REST), (2, COUNTS[index])).astype(np.int32)
    return {"first": ids[0], "second": ids[1], "normal_force": rng.lognormal(size=COUNTS[index])}


def soil_of(index: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(index)
    loads = {"contact_force": rng.lognormal(size=len(REST)), "stress": rng.normal(size=(len(REST), 6))}
    return frame_at(SMALL, REST, 0.1 * index)[0] | loads


def write(path, indices, **options) -> None:
    static = {"radius": np.full(len(REST), SMALL.particle_radius)}
    bits = {"stress": 5, "normal_force": 12}
    with RunWriter(path, soil=static, kept_bits=bits, **options) as writer:
        for index in indices:
            writer.write_frame(0.1 * index, soil_of(index), contacts=contacts_of(index))
        write.written = writer.sync()


def check(path) -> None:
    reader = RunReader(path)
    for index in range(len(COUNTS)):
        found, expected = reader.contacts(index), contacts_of(index)
        np.testing.assert_array_equal(found["first"], expected["first"])
        np.testing.assert_array_equal(found["second"], expected["second"])
        np.testing.assert_allclose(found["normal_force"], expected["normal_force"], rtol=2.0**-13)
        soil, given = reader.frame(index).soil, soil_of(index)
        np.testing.assert_allclose(soil["contact_force"], given["contact_force"], rtol=2.0**-10)
        np.testing.assert_allclose(soil["stress"], given["stress"], rtol=2.0**-6)
        assert np.abs(soil["stress"] / given["stress"] - 1).max() > 2.0**-8  # no finer than asked for


def test_frames_come_back_with_contacts_and_loads(tmp_path):
    write(tmp_path / "run.vtkhdf", range(4))
    check(tmp_path / "run.vtkhdf")
    assert RunReader(tmp_path / "run.vtkhdf").has_contacts


def test_a_run_goes_on_with_its_contacts(tmp_path):
    path = tmp_path / "run.vtkhdf"
    write(path, range(2))
    write(path, range(2, 4), written=write.written)
    check(path)


def test_vtk_reads_the_loads(tmp_path):
    pyvista = pytest.importorskip("pyvista")
    from vtkmodules.vtkIOHDF import vtkHDFReader

    write(tmp_path / "run.vtkhdf", range(4))
    reader = vtkHDFReader()
    reader.SetFileName(str(tmp_path / "run.vtkhdf"))
    reader.UpdateInformation()
    for index in (3, 1):
        reader.SetStep(index)
        reader.Update()
        soil = pyvista.wrap(reader.GetOutputDataObject(0))["soil"]
        assert soil["stress"].shape == (len(REST), 6)
        np.testing.assert_allclose(soil["contact_force"], soil_of(index)["contact_force"], rtol=2.0**-10)


def test_without_contacts_the_key_to_set_is_named(small_run, tmp_path):
    assert not RunReader(small_run).has_contacts
    with pytest.raises(ResultsError, match=r"has no contacts; record them with output\.contacts=true"):
        RunReader(small_run).contacts(0)
    with RunWriter(tmp_path / "run.vtkhdf", soil={"radius": np.ones(len(REST))}) as writer:
        writer.write_frame(0.0, soil_of(0), contacts=contacts_of(0))
        with pytest.raises(StateError, match="other array names"):
            writer.write_frame(0.1, soil_of(1))


def test_a_frame_costs_at_most_8_bytes_a_grain_and_component(tmp_path):
    """Of noise at full precision, the worst case; contacts as many as sand has, 2.5 a grain."""
    path, count = tmp_path / "run.vtkhdf", 40_000
    rng = np.random.default_rng(0)
    pairs = np.sort(rng.integers(0, count, (2, 5 * count // 2)), axis=0)
    pairs = pairs[:, np.lexsort(pairs[::-1])].astype(np.int32)
    contacts = {"first": pairs[0], "second": pairs[1], "normal_force": rng.lognormal(size=pairs.shape[1])}
    soil = {"position": rng.random((count, 3)), "contact_force": rng.lognormal(size=count)}
    soil["stress"] = rng.normal(size=(count, 6))
    with RunWriter(path, soil={"radius": np.full(count, 0.01)}) as writer:
        writer.write_frame(0.0, soil, contacts=contacts)
    sizes = RunReader(path).sizes()
    assert sizes["contact_lists"] < 8 * count * len(contacts)
    assert sizes["VTKHDF/soil"] < 8 * count * (3 + 1 + 6) + 8 * count  # and its topology, once
