"""The shape that the soil meets, of a wheel's spec: exact where plates are straight on a flat rim, a mesh elsewhere."""

from collections.abc import Iterable, Sequence

import numpy as np

from dem.errors import ConfigError
from dem.rover.spec import WheelSpec
from dem.shapes import GrouserWheel, TriangleMesh

IN_PLANE = 1e-6  # [m]; a hub nearer to the rover's middle plane is neither left nor right of it
OUT_OF_ROUND = 0.25  # by which it may reach farther ahead than up: no wheel of three grousers or more does
OFF_MIDDLE = 0.1  # of its largest side: by which the middle of a mesh may lie off the origin
LARGEST = 5.0  # [m]; a wheel of a larger radius is in another unit
UNITS = {1e-3: "millimetres", 1e-2: "centimetres", 0.0254: "inches", 1e3: "kilometres"}
MISFIT = 0.02  # by which a mesh may be larger or smaller than its spec says: slip and sinkage are counted from those


def wheel_shape(wheel: WheelSpec) -> GrouserWheel | TriangleMesh:
    """The shape of a wheel about its body's y axis.

    Raises:
        ConfigError: a mesh that cannot be read, or is not the wheel that the spec says.
    """
    if wheel.mesh is not None:
        mesh = TriangleMesh.from_file(wheel.mesh_path, wheel.mesh_scale)
        _check_fit(wheel, mesh)
        return mesh
    outline = wheel.outline()
    if not outline.is_plain:
        return outline.mesh()
    return GrouserWheel(
        wheel.radius, wheel.width, wheel.grouser_height, wheel.grouser_thickness, wheel.grouser_count
    )  # fmt: skip


def shapes_by_side(
    shape: GrouserWheel | TriangleMesh, hubs: Iterable[Sequence[float]], is_mirrored: bool
) -> list[GrouserWheel | TriangleMesh]:
    """The shape of each wheel of a rover: as it is, or its mirror image right of the rover's middle plane.

    Args:
        shape: of the wheels on the left, and in the middle plane.
        hubs: middles of the wheels (x, y, z) [m], y to the left from the middle plane.
        is_mirrored: whether those on the right are mirror images; the exact wheel is its own.
    """
    image = shape.mirrored() if is_mirrored and isinstance(shape, TriangleMesh) else shape
    return [image if hub[1] < -IN_PLANE else shape for hub in hubs]


def _check_fit(wheel: WheelSpec, mesh: TriangleMesh) -> None:
    """Reject a mesh off its axle, on its side, in another unit or of another size; all of it in one sentence."""
    corners = mesh.points[mesh.triangles].reshape(-1, 3)
    lower, upper = corners.min(axis=0), corners.max(axis=0)
    size, middle = upper - lower, (upper + lower) / 2
    faults, about = [], np.zeros(3)
    if np.abs(middle).max() > OFF_MIDDLE * size.max():
        place = ", ".join(f"{number / wheel.mesh_scale:.4g}" for number in middle)
        about = middle
        faults.append(f"its middle lies at ({place}) of the file: move it to the origin")
    axle = _axle(size)
    if axle is None:
        faults.append(f"it reaches {size[0]:.4g} m ahead and {size[2]:.4g} m up, so it is round about no axis")
    elif axle != 1:
        faults.append(f"its axle lies along {'xyz'[axle]}: turn it so that it lies along y")
    along = 1 if axle is None else axle
    around = np.delete(corners - about, along, axis=1)
    found = {"radius": float(np.hypot(*around.T).max()), "width": float(size[along])}
    faults += _size_faults(wheel, found)
    if faults:
        raise ConfigError(f"wheel.mesh {wheel.mesh!r} is not the wheel that the config states: {'; '.join(faults)}")


def _axle(size: np.ndarray) -> int | None:
    """The axis that a box of some size (3,) is round about: the other two sides are alike; None if there is none."""
    apart = [abs(size[(axis + 1) % 3] - size[(axis + 2) % 3]) / size.max() for axis in range(3)]
    order = [1, 0, 2]  # y if it will do
    return next((axis for axis in order if apart[axis] <= OUT_OF_ROUND), None)


def _size_faults(wheel: WheelSpec, found: dict[str, float]) -> list[str]:
    """What is wrong with the radius and width [m] of a mesh: its unit, or the numbers."""
    for scale, name in UNITS.items():
        if all(abs(scale * size / getattr(wheel, key) - 1) < MISFIT for key, size in found.items()):
            return [f"it is in {name}: give wheel.mesh_scale={wheel.mesh_scale * scale:g}"]
    if found["radius"] > LARGEST:
        scale = wheel.mesh_scale * 1e-3
        sizes = " ".join(f"wheel.{key}={1e-3 * size:.4g}" for key, size in found.items())
        return [f"a radius of {found['radius']:.4g} m is in millimetres: give wheel.mesh_scale={scale:g} {sizes}"]
    return [
        f"wheel.{key} is {getattr(wheel, key)} m, the file's {size:.4g} m: give wheel.{key}={size:.4g} or a mesh_scale"
        for key, size in found.items()
        if abs(size - getattr(wheel, key)) > MISFIT * getattr(wheel, key)
    ]
