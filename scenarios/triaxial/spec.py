"""What a user may set about the triaxial test: the cell, the stresses, how far and how slowly it is pressed."""

from dataclasses import dataclass, field
from typing import ClassVar

from dem.spec import require_range
from scenarios.shared.spec import SoilExperimentSpec, require_different, require_stresses


@dataclass
class TriaxialSpec(SoilExperimentSpec):
    """A specimen of grains between six smooth rigid walls, without gravity.

    Attributes:
        confining_stresses: on the lateral walls [Pa], at least two that differ.
        relative_size: edge of the sample, in grain diameters [-].
        axial_strain: to which it is pressed [-].
        inertial_number: strain rate d sqrt(density / stress) at the lowest stress [-].
        steady_fraction: last part of the strain over which the steady state is taken [-].
    """

    name: str = "triaxial"
    confining_stresses: list[float] = field(default_factory=lambda: [5e3, 1e4, 2e4])
    relative_size: float = 11.0
    axial_strain: float = 0.25
    inertial_number: float = 0.003
    steady_fraction: float = 0.2

    reads: ClassVar[tuple[str, ...]] = ("soil", "contact", "solver", "device", "output")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_stresses("confining_stresses", self.confining_stresses, self.trust_units)
        require_different("confining_stresses", self.confining_stresses)
        require_range("scenario.relative_size", self.relative_size, 5.0, 1e3, "give grain diameters such as 11")
        require_range("scenario.axial_strain", self.axial_strain, 0.01, 0.5, "give a fraction such as 0.25")
        require_range("scenario.inertial_number", self.inertial_number, 1e-6, 0.1, "give a number such as 0.003")
        require_range("scenario.steady_fraction", self.steady_fraction, 0.05, 1.0, "give a fraction such as 0.2")
