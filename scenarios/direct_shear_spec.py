"""What a user may set about the direct shear test."""

from dataclasses import dataclass

from scenarios.plane_shear_spec import PlaneShearSpec


@dataclass
class DirectShearSpec(PlaneShearSpec):
    """A shear box: the lower half stands, the upper moves along x under a platen that carries the normal stress."""

    name: str = "direct_shear"
