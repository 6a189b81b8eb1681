"""A run as a ParaView collection reads back as the run, at its times."""

import numpy as np
import pytest
import pyvista
from synthetic import SMALL

from dem.errors import ResultsError
from dem.io import RunReader, RunWriter
from dem.viz.export import export_pvd


def test_frames_read_back_with_their_times_and_bodies(small_run, tmp_path):
    reader = RunReader(small_run)
    collection = pyvista.get_reader(export_pvd(reader, tmp_path))
    assert collection.number_time_points == SMALL.frame_count
    np.testing.assert_allclose(collection.time_values, reader.times, rtol=1e-8)
    for index in (0, SMALL.frame_count - 1):
        collection.set_active_time_point(index)
        soil, wheel = collection.read()
        frame = reader.frame(index)
        np.testing.assert_array_equal(soil.points, frame.soil["position"])
        np.testing.assert_array_equal(soil["radius"], frame.soil["radius"])
        np.testing.assert_allclose(wheel.points, frame.bodies[reader.body_names[0]], atol=1e-6)


def test_a_run_without_frames_is_rejected(tmp_path):
    with RunWriter(tmp_path / "run.vtkhdf", soil={"radius": np.full(3, 0.1)}):
        pass
    with pytest.raises(ResultsError, match="no frames"):
        export_pvd(RunReader(tmp_path / "run.vtkhdf"), tmp_path)
