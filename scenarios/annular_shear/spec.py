"""What a user may set about the annular shear test."""

from dataclasses import dataclass

from scenarios.shared.plane_shear.spec import PlaneShearSpec


@dataclass
class AnnularShearSpec(PlaneShearSpec):
    """A ring so large that a piece of it is straight: plane shear without ends, as far as one likes."""

    name: str = "annular_shear"
    relative_length: float = 12.0
    relative_height: float = 10.0
    relative_displacement: float = 10.0
    inertial_number: float = 0.006
    steady_fraction: float = 0.5
