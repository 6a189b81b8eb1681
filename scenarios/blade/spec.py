"""What a user may set about the blade test: thicknesses, how deep, pushed or dragged, and the bed around it."""

from dataclasses import dataclass, field
from typing import ClassVar

from dem.errors import ConfigError
from dem.run_config import RunConfig
from dem.spec import require_choice, require_positive, require_range
from scenarios.shared.spec import PressedBedSpec, require_room

MODES = ("push", "drag")
THICKNESSES = (0.5, 1.0, 2.0, 4.0)  # grain diameters
LEAST_BLADES = 2  # thicknesses that a line goes through


@dataclass
class BladeSpec(PressedBedSpec):
    """Vertical blades of several thicknesses, such as grousers, in a level bed.

    Attributes:
        mode: push (down, from the surface to `depth`) or drag (along x, buried to `depth`).
        thicknesses: of the blades along x [m]; empty takes 0.5, 1, 2 and 4 grain diameters.
        depth: of the blades' tips below the surface, at the end of the push or all along the drag [m]; null takes 6
            grain diameters.
        travel: of the drag [m]; null takes 10 grain diameters.
        read_from: share of the depth, or of the travel, from which forces count [-].
        push_speed: of push and drag [m/s]; null takes 0.2 sqrt(g d).
        blade_friction: sliding, of grains on the blade [-]; null takes the soil's wheel_friction.
        bed_length: along x [m]; null takes 56 grain diameters.
        bed_width: across, periodic, the blade runs through it [m]; null takes 6 grain diameters.
        bed_depth: of the levelled bed [m]; null takes 18 grain diameters.
        preparation_gravity: while the bed is made [m/s2]; null takes the run's.
    """

    name: str = "blade"
    mode: str = "push"
    thicknesses: list[float] = field(default_factory=list)
    depth: float | None = None
    travel: float | None = None
    read_from: float = 0.5
    blade_friction: float | None = None
    bed_length: float | None = None
    bed_width: float | None = None

    sizes: ClassVar[dict[str, float]] = {
        "depth": 6.0, "travel": 10.0, "bed_length": 56.0, "bed_width": 6.0, "bed_depth": 18.0,
    }  # fmt: skip
    pace: ClassVar[float] = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        require_choice("scenario.mode", self.mode, MODES, "give push to press the blades in")
        for thickness in self.thicknesses:
            require_positive("scenario.thicknesses", thickness, "give metres such as [0.003,0.006]")
        if self.thicknesses and len(set(self.thicknesses)) < LEAST_BLADES:
            raise ConfigError(
                f"scenario.thicknesses is {list(self.thicknesses)}, must hold two different ones or more, for a line "
                "of force over thickness; give metres such as [0.003,0.006]"
            )
        require_range("scenario.read_from", self.read_from, 0.0, 0.9, "give a share such as 0.5")
        if self.blade_friction is not None:
            require_range("scenario.blade_friction", self.blade_friction, 0.0, 5.0, "give a coefficient such as 0.8")

    def fit(self, config: RunConfig) -> None:
        """Take what was left to grains, soil and gravity.

        Raises:
            ConfigError: the bed is too small for the blades.
        """
        super().fit(config)
        self.thicknesses = list(self.thicknesses) or [count * self.grain_diameter for count in THICKNESSES]
        if self.blade_friction is None:
            self.blade_friction = config.soil.wheel_friction
        depth, travel = float(self.depth or 0.0), float(self.travel or 0.0) if self.mode == "drag" else 0.0
        require_room("bed_length", self.bed_length, max(self.thicknesses) + travel + 4 * depth)
        require_room("bed_depth", self.bed_depth, depth + 6 * self.grain_diameter)
