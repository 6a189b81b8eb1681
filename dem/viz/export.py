"""A run as a ParaView collection: an XML file a frame and block (VTP), and a PVD file that says when each is.

For programs that do not read the run's own VTKHDF layout, such as ParaView before 5.13. Larger and slower than that.
"""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyvista
from rich.progress import track

from dem.errors import ResultsError
from dem.io import Frame, RunReader

SOIL = "soil"


def export_pvd(reader: RunReader, folder: Path) -> Path:
    """Write every frame.

    Args:
        reader: A run with at least one frame.
        folder: Where to; the frames go into `frames/` in it.

    Returns:
        `run.pvd`.
    """
    if reader.frame_count == 0:
        raise ResultsError(f"{reader.path}: no frames yet; nothing to export before the first is written.")
    frames = folder / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    lines = []
    for index in track(range(reader.frame_count), description="frames", transient=True):
        frame = reader.frame(index)
        blocks = {SOIL: _soil(frame), **{name: _body(reader, frame, name) for name in reader.body_names}}
        for part, (name, mesh) in enumerate(blocks.items()):
            file = f"frames/{name}_{index:05d}.vtp"
            mesh.save(folder / file)
            lines.append(f'<DataSet timestep="{frame.time:.9g}" part="{part}" name={quoteattr(name)} file="{file}"/>')
    body = "\n    ".join(lines)
    text = f'<?xml version="1.0"?>\n<VTKFile type="Collection" version="1.0">\n  <Collection>\n    {body}\n'
    target = folder / "run.pvd"
    target.write_text(f"{text}  </Collection>\n</VTKFile>\n", encoding="utf-8")
    return target


def _soil(frame: Frame) -> pyvista.PolyData:
    grains = pyvista.PolyData(frame.soil["position"])
    for name, values in frame.soil.items():
        if name != "position":
            grains[name] = values
    return grains


def _body(reader: RunReader, frame: Frame, name: str) -> pyvista.PolyData:
    return pyvista.PolyData.from_regular_faces(frame.bodies[name], reader.body_mesh(name).triangles)
