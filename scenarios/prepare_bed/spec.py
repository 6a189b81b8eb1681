"""What a user may set about the making of a bed: how long it rests under the run's gravity."""

from dataclasses import dataclass
from typing import ClassVar

from dem.run_config import ScenarioSpec
from dem.spec import require_range


@dataclass
class PrepareBedSpec(ScenarioSpec):
    """A bed made, brought under the run's gravity, and judged.

    Attributes:
        name: of the scenario.
        rest_times: time under the run's gravity, the first half of it coming from the preparation's [sqrt(d/g)].
    """

    name: str = "prepare_bed"
    rest_times: float = 40.0

    reads: ClassVar[tuple[str, ...]] = (
        "gravity",
        "soil",
        "contact",
        "wheel",
        "bed",
        "solver",
        "device",
        "output",
    )  # the config groups that count

    def __post_init__(self) -> None:
        remedy = "give multiples of sqrt(grain diameter / gravity) such as 40"
        require_range("scenario.rest_times", self.rest_times, 1.0, 10000.0, remedy)
