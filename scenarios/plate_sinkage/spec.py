"""What a user may set about the plate test: the plates, how fast and how deep they go, and the bed around them."""

from dataclasses import dataclass, field
from typing import ClassVar

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_positive, require_range
from scenarios.shared.spec import PressedBedSpec, require_room

WIDTHS = (6.0, 11.0)  # grain diameters
LEAST_PLATES = 2
ROOM = 1.5  # plate widths on each side, at the least


@dataclass
class PlateSinkageSpec(PressedBedSpec):
    """Strip plates of several widths are pushed into a level bed at a constant speed.

    Attributes:
        plate_widths: smaller side of each plate [m]; empty takes 6 and 11 grain diameters.
        depth: sinkage of the plates at the end [m]; null takes 5 grain diameters.
        fit_from: sinkage from which the fit counts, as a share of `depth` [-].
        push_speed: [m/s]; null takes 0.6 sqrt(g d).
        plate_friction: sliding, of grains on the plate [-]; null takes the soil's wheel_friction.
        bed_length: along the plate's smaller side [m]; null takes 56 grain diameters.
        bed_width: across, periodic, the plate runs through it [m]; null takes 4 grain diameters.
        bed_depth: of the levelled bed [m]; null takes 18 grain diameters.
        preparation_gravity: while the bed is made [m/s2]; null takes the run's.
    """

    name: str = "plate_sinkage"
    plate_widths: list[float] = field(default_factory=list)
    depth: float | None = None
    fit_from: float = 0.15
    plate_friction: float | None = None
    bed_length: float | None = None
    bed_width: float | None = None

    sizes: ClassVar[dict[str, float]] = {"bed_length": 56.0, "bed_width": 4.0, "bed_depth": 18.0, "depth": 5.0}
    pace: ClassVar[float] = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        for width in self.plate_widths:
            require_positive("scenario.plate_widths", width, "give metres such as [0.03,0.06]")
        if self.plate_widths and len(set(self.plate_widths)) < LEAST_PLATES:
            raise ConfigError(
                f"scenario.plate_widths is {list(self.plate_widths)}, must hold two different widths or more; "
                "give metres such as [0.03,0.06]"
            )
        require_range("scenario.fit_from", self.fit_from, 0.0, 0.8, "give a share such as 0.15")
        if self.plate_friction is not None:
            require_range("scenario.plate_friction", self.plate_friction, 0.0, 5.0, "give a coefficient such as 0.8")

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains, soil and gravity.

        Raises:
            ConfigError: the bed is too small for its plates.
        """
        super().fit(config)
        size = self.grain_diameter
        self.plate_widths = list(self.plate_widths) or [count * size for count in WIDTHS]
        if self.plate_friction is None:
            self.plate_friction = config.soil.wheel_friction
        require_room("bed_length", self.bed_length, (1 + 2 * ROOM) * max(self.plate_widths))
        require_room("bed_depth", self.bed_depth, float(self.depth or 0.0) + max(self.plate_widths) / 2)
