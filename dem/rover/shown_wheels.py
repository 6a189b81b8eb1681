"""Says where the wheels that a model file shows differ from those that the soil meets: in size, or in place.

The file's shapes are not used, so a wheel of the `wheel` group that does not fit the rover would pass in silence.
"""

from collections import defaultdict

import numpy as np

from dem.rover.rotations import rotate
from dem.rover.vehicle import Vehicle

SIZE_MISFIT = 0.1  # of the radius: files show tyres without their tread, and treads without their tyre
PLACE_MISFIT = 0.25  # of the width


def describe_misfits(vehicle: Vehicle, radius: float, width: float) -> list[str]:
    """Sentences on how the wheels that a model shows, if any, differ from those of some radius and width [m]."""
    found = defaultdict(list)
    for wheel in vehicle.wheels if vehicle.rover.suspension == "model" else ():
        shown = _measure(vehicle, wheel.body, vehicle.model.jnt_axis[wheel.drive])
        if shown is None:
            continue
        if abs(shown[0] - radius) > SIZE_MISFIT * radius:
            size = f"with a radius of {shown[0]:.3g} m, wheel.radius is {radius:.3g} m; choose a wheel that fits"
            found[size].append(wheel.name)
        if abs(shown[1]) > PLACE_MISFIT * width:
            place = f"{abs(shown[1]):.3g} m beside its body's origin, where the soil meets it; move that origin there"
            found[place].append(wheel.name)
    file = vehicle.rover.model
    return [f"rover.model {file} shows each wheel of {', '.join(names)} {said}" for said, names in found.items()]


def _measure(vehicle: Vehicle, body: int, axis: np.ndarray) -> tuple[float, float] | None:
    """Radius of a body's largest round shape about its axle, and where that is along it [m]."""
    model, kinds = vehicle.model, vehicle.mujoco.mjtGeom
    round_kinds = [int(kind) for kind in (kinds.mjGEOM_SPHERE, kinds.mjGEOM_CYLINDER, kinds.mjGEOM_CAPSULE)]
    shapes = []
    for geom in model.body_geomadr[body] + np.arange(model.body_geomnum[body]):
        place, turn, kind = model.geom_pos[geom], model.geom_quat[geom], int(model.geom_type[geom])
        if kind == int(kinds.mjGEOM_MESH):
            mesh = model.geom_dataid[geom]
            first = model.mesh_vertadr[mesh]
            points = place + rotate(turn, model.mesh_vert[first : first + model.mesh_vertnum[mesh]])
            along = points @ axis
            reach = np.linalg.norm(points - along[:, None] * axis, axis=1).max()
            shapes.append((float(reach), float(along.max() + along.min()) / 2))
        elif kind in round_kinds:
            shapes.append((float(model.geom_size[geom][0]), float(place @ axis)))
    return max(shapes, default=None)
