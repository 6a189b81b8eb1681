"""The shape that the soil meets, of a wheel's spec: exact where plates are straight on a flat rim, a mesh elsewhere."""

from collections.abc import Iterable, Sequence

import numpy as np

from dem.errors import ConfigError
from dem.rover.spec import WheelSpec
from dem.shapes import GrouserWheel, TriangleMesh

IN_PLANE = 1e-6  # [m]; a hub nearer to the rover's middle plane is neither left nor right of it
OUT_OF_ROUND = 0.25  # by which it may reach farther ahead than up: no wheel of three grousers or more does
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
    """Reject a mesh of another size, on its side, or off its axle."""
    corners = mesh.points[mesh.triangles].reshape(-1, 3)
    length, height = (float(np.abs(corners[:, axis]).max()) for axis in (0, 2))
    if abs(length - height) > OUT_OF_ROUND * max(length, height):
        raise ConfigError(
            f"wheel.mesh {wheel.mesh!r} reaches {length:.4g} m ahead and {height:.4g} m up, so it is not round about "
            "the y axis; export the file with its axle along y and its middle at the origin"
        )
    radius = float(np.hypot(corners[:, 0], corners[:, 2]).max())
    for key, found in (("radius", radius), ("width", 2 * float(np.abs(corners[:, 1]).max()))):
        said = getattr(wheel, key)
        if abs(found - said) > MISFIT * said:
            raise ConfigError(
                f"wheel.{key} is {said} m, but wheel.mesh {wheel.mesh!r} reaches as far as one of {found:.4g} m about "
                f"the y axis; set wheel.{key}={found:.4g}, or wheel.mesh_scale, or export the file with its axle along "
                "y and its middle at the origin"
            )
