"""The ParaView script names blocks, arrays and steps that a file of drawbar has, by VTK's own reader."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import numpy as np
import pytest
from synthetic import SMALL, frame_at, open_writer, packing

pyvista = pytest.importorskip("pyvista")
SCRIPT = Path(__file__).parents[2] / "docs" / "paraview" / "open_run.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("open_run", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A file with all arrays that the script knows."""
    path, rest = tmp_path_factory.mktemp("paraview") / "run.vtkhdf", packing(SMALL)
    with open_writer(path, SMALL, rest) as writer:
        for index in range(3):
            soil, bodies = frame_at(SMALL, rest, 0.5 * index)
            soil |= {"contact_force": np.full(len(rest), float(index)), "stress": np.zeros((len(rest), 6))}
            writer.write_frame(0.5 * index, soil, bodies)
    return path


def read(path, step: int):
    from vtkmodules.vtkIOHDF import vtkHDFReader

    reader = vtkHDFReader()
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    assert reader.GetNumberOfSteps() == 3
    reader.SetStep(step)
    reader.Update()
    return reader.GetOutputDataObject(0)


def test_blocks_arrays_and_steps_are_there(script, run):
    for step in range(3):
        data = read(run, step)
        assert script.block_names(data) == ["soil", "wheel"]
        soil = pyvista.wrap(data)[script.SOIL]
        assert {*script.ALWAYS, *script.IF_RECORDED} == {*soil.point_data}
        for name in script.VECTORS:
            assert soil[name].shape == (soil.n_points, 3)
        assert soil["contact_force"][0] == step


def test_script_asks_paraview_for_what_there_is(script, run, monkeypatch):
    """With stand-ins for ParaView's modules: the reader gets the file, each block is extracted and shown once."""
    simple = MagicMock()
    blocks = []
    simple.ExtractBlock.side_effect = lambda **options: blocks.append(SimpleNamespace(**options)) or blocks[-1]
    paraview = SimpleNamespace(simple=simple, servermanager=SimpleNamespace(Fetch=lambda reader: read(run, 2)))
    monkeypatch.setitem(sys.modules, "paraview", paraview)
    script.main([str(run), "--color", "contact_force", "--picture", "picture.png"])
    assert simple.VTKHDFReader.call_args.kwargs["FileName"] == [str(run)]
    assert [block.Selectors for block in blocks] == [["/Root/soil"], ["/Root/wheel"]]
    assert simple.Show.call_count == 2
    assert simple.ColorBy.call_args.args[1] == ("POINTS", "contact_force")
    assert simple.SaveScreenshot.call_args.args[0] == "picture.png"
    simple.GetAnimationScene().UpdateAnimationUsingDataTimeSteps.assert_called_once()
