"""What a user may set about the direct shear test."""

from dataclasses import dataclass

from dem.spec import require_range
from scenarios.shared.plane_shear.spec import PlaneShearSpec


@dataclass
class DirectShearSpec(PlaneShearSpec):
    """A shear box: the lower half stands, the upper moves along x under a platen that carries the normal stress."""

    name: str = "direct_shear"

    def __post_init__(self) -> None:
        super().__post_init__()
        remedy = "give grain diameters such as 4, or a longer box"
        longest = self.relative_length / 2
        require_range("scenario.relative_displacement", self.relative_displacement, 0.0, longest, remedy)
