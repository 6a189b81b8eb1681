"""What tests that shear a layer between two platens have in common: its size, the stresses, how far and how slowly."""

from dataclasses import dataclass, field

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_positive, require_range
from scenarios.shared.spec import SoilExperimentSpec, require_different, require_stresses

LEVEL = 1e-6  # of gravity: what may point along the shear plane


@dataclass
class PlaneShearSpec(SoilExperimentSpec):
    """A layer of grains under constant normal stress, sheared along x; periodic across y.

    Attributes:
        normal_stresses: on the platen [Pa], at least two that differ.
        relative_length: of the specimen along x, in grain diameters [-].
        relative_width: along y, likewise [-].
        relative_height: along z, likewise [-].
        relative_displacement: how far it is sheared, likewise [-].
        inertial_number: shear rate d sqrt(density / stress) at the lowest stress [-]; below 0.01 rate hardly matters.
        steady_fraction: last part of the displacement over which the steady state is taken [-].
    """

    name: str = "plane_shear"
    normal_stresses: list[float] = field(default_factory=lambda: [5e3, 1e4, 2e4])
    relative_length: float = 18.0
    relative_width: float = 8.0
    relative_height: float = 11.0
    relative_displacement: float = 4.0
    inertial_number: float = 0.005
    steady_fraction: float = 0.25

    def __post_init__(self) -> None:
        super().__post_init__()
        require_stresses("normal_stresses", self.normal_stresses, self.trust_units)
        require_different("normal_stresses", self.normal_stresses)
        for key, least in (("relative_length", 6), ("relative_width", 4), ("relative_height", 6)):
            require_range(
                f"scenario.{key}", getattr(self, key), least, 1e3, f"give grain diameters such as {2 * least}"
            )
        require_positive("scenario.relative_displacement", self.relative_displacement, "give grain diameters such as 4")
        require_range("scenario.inertial_number", self.inertial_number, 1e-6, 0.1, "give a number such as 0.005")
        require_range("scenario.steady_fraction", self.steady_fraction, 0.05, 1.0, "give a fraction such as 0.25")

    def fit(self, config: RunConfig) -> None:
        """Take from the rest of the config what was left to it; a specimen is never tilted."""
        super().fit(config)
        along, across, _ = config.gravity.vector_value()
        if max(abs(along), abs(across)) > LEVEL * config.gravity.strength():
            raise ConfigError(
                f"gravity points along the specimen, ({along:.3g}, {across:.3g}) m/s2 in its plane, must be normal to "
                f"it in scenario={self.name}; drop gravity.slope_deg, or use gravity=earth"
            )
