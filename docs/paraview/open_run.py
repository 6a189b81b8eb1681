"""Open a run of drawbar in ParaView 5.13 or later: grains as true spheres, bodies, time steps, colours.

In ParaView: View > Python Shell > Run Script, after setting FILE below. Or from a shell:

    pvpython docs/paraview/open_run.py outputs/demo/run.vtkhdf --color contact_force --picture picture.png
    paraview --script=docs/paraview/open_run.py
"""

import argparse
from typing import Any

FILE = "outputs/demo/run.vtkhdf"
SOIL = "soil"
VECTORS = ("velocity", "angular_velocity")  # shown by their magnitude
ALWAYS = ("radius", "material", *VECTORS, "contact_count")
IF_RECORDED = ("contact_force", "stress")  # with output.grain_arrays=[contact_force,stress]
STEEL = [0.76, 0.79, 0.82]


def block_names(data: Any) -> list[str]:
    """Names of the blocks of a vtkMultiBlockDataSet: the soil and every body."""
    return [data.GetMetaData(index).Get(data.NAME()) for index in range(data.GetNumberOfBlocks())]


def open_run(path: str, color: str = "velocity") -> Any:
    """Show a run at its last frame.

    Args:
        path: Of a `run.vtkhdf`.
        color: Name of an array of the grains.

    Returns:
        The render view; time steps are those of its animation scene.
    """
    from paraview import servermanager, simple

    reader = simple.VTKHDFReader(registrationName="run", FileName=[path])
    reader.UpdatePipeline()
    view = simple.GetActiveViewOrCreate("RenderView")
    scene = simple.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    show_soil(simple, reader, view, color)
    for name in block_names(servermanager.Fetch(reader)):
        if name != SOIL:
            body = simple.ExtractBlock(registrationName=name, Input=reader)
            body.Selectors = [f"/Root/{name}"]
            shown = simple.Show(body, view)
            shown.DiffuseColor = STEEL
    scene.GoToLast()
    view.ResetActiveCameraToNegativeY()
    simple.ResetCamera(view)
    simple.Render(view)
    return view


def show_soil(simple: Any, reader: Any, view: Any, color: str) -> None:
    """Draw grains as spheres of their own radius, coloured by an array."""
    soil = simple.ExtractBlock(registrationName=SOIL, Input=reader)
    soil.Selectors = [f"/Root/{SOIL}"]
    grains = simple.Show(soil, view)
    grains.SetRepresentationType("Point Gaussian")
    grains.ShaderPreset = "Sphere"
    grains.GaussianRadius = 1.0
    grains.ScaleByArray = 1
    grains.SetScaleArray = ["POINTS", "radius"]
    grains.UseScaleFunction = 0
    simple.ColorBy(grains, ("POINTS", color, "Magnitude") if color in VECTORS else ("POINTS", color))
    grains.RescaleTransferFunctionToDataRange(True, False)
    grains.SetScalarBarVisibility(view, True)


def main(arguments: list[str] | None = None) -> None:
    """Open the file named on the command line, or FILE."""
    parser = argparse.ArgumentParser(description="Open a run of drawbar in ParaView.")
    parser.add_argument("file", nargs="?", default=FILE)
    parser.add_argument("--color", default="velocity", help=f"one of {', '.join((*ALWAYS, *IF_RECORDED))}")
    parser.add_argument("--picture", help="PNG to write")
    options, _ = parser.parse_known_args(arguments)
    view = open_run(options.file, options.color)
    if options.picture:
        from paraview import simple

        simple.SaveScreenshot(options.picture, view, ImageResolution=[1280, 720])


if __name__ in ("__main__", "__vtkconsole__"):
    main()
