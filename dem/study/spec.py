"""What a study asks, and how its runs are laid out and read."""

from dataclasses import dataclass, field

from dem.renamed import current_key, current_label, current_overrides


@dataclass
class StudySpec:
    """A question that many runs answer.

    Attributes:
        question: what the study asks.
        x: swept key on the horizontal axis, such as gravity.slope_deg, or a result such as slip_ratio.
        readings: results drawn against x, names within `steady`.
        arms: named sets of overrides, each crossed with the sweep's lists; empty means one unnamed arm.
        labels: words for a legend, by arm name or by "key=value" override.
        finding: name of the analysis that puts the study into words.
        scaled_back: draw readings scaled back to the prototype (`predicted` in results) rather than as read.
    """

    question: str = ""
    x: str | None = None
    readings: list[str] = field(default_factory=list)
    arms: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    finding: str | None = None
    scaled_back: bool = False

    def __post_init__(self) -> None:
        self.x = self.x and current_key(self.x)
        self.arms = {name: current_overrides(overrides) for name, overrides in self.arms.items()}
        self.labels = {name if name in self.arms else current_label(name): said for name, said in self.labels.items()}
