"""What is done to a settled bed to pack it: pressed by a plate, or shaken."""

from dataclasses import dataclass

from dem.spec import require_choice, require_positive, require_range

METHODS = ("none", "press", "shake")


@dataclass
class CompactionSpec:
    """Compaction of a settled bed, at the preparation's friction and gravity; its surface is cut afterwards.

    Attributes:
        method: none, press (a plate lies on the bed under a pressure) or shake (the box moves to and fro along x).
        pressure: of the plate [Pa].
        amplitude: of shaking [grain diameters].
        frequency: of shaking [cycles per sqrt(d/g)]; peak acceleration over g is amplitude (2 pi frequency)^2.
        duration: of pressing or shaking [sqrt(d/g)].
    """

    method: str = "none"
    pressure: float = 2000.0
    amplitude: float = 0.1
    frequency: float = 0.4
    duration: float = 40.0

    def __post_init__(self) -> None:
        require_choice("bed.compaction.method", self.method, METHODS, "give none to let the bed only settle")
        require_positive("bed.compaction.pressure", self.pressure, "give pascals such as 2000")
        require_range("bed.compaction.amplitude", self.amplitude, 0.0, 1.0, "give grain diameters such as 0.1")
        remedy = "give cycles per sqrt(grain diameter / gravity) such as 0.4"
        require_range("bed.compaction.frequency", self.frequency, 0.01, 5.0, remedy)
        remedy = "give multiples of sqrt(grain diameter / gravity) such as 40"
        require_range("bed.compaction.duration", self.duration, 1.0, 10000.0, remedy)
