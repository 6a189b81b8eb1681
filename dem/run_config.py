"""All that determines a run, as typed and validated specs; `dem/config.py` composes it from YAML and overrides."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from dem.gravity import GravitySpec
from dem.rover.rover_spec import RoverSpec
from dem.rover.similitude import SimilitudeSpec
from dem.rover.spec import WheelSpec
from dem.soil.contact_spec import ContactSpec
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import DeviceSpec, LauncherSpec, OutputSpec, SolverSpec
from dem.study.spec import StudySpec

GROUPS = (
    "scenario", "gravity", "soil", "contact", "wheel", "rover", "bed", "similitude", "solver", "device", "output",
)  # fmt: skip


@dataclass
class ScenarioSpec:
    """What every scenario may be told; a scenario adds its own keys.

    Attributes:
        name: of the scenario.
    """

    name: str

    reads: ClassVar[tuple[str, ...]] = (
        "gravity", "soil", "contact", "wheel", "bed", "similitude", "solver", "device", "output",
    )  # fmt: skip
    unused: ClassVar[dict[str, str]] = {}  # keys of groups that it reads, but not them, with what acts instead

    def content(self) -> dict[str, Any]:
        """What counts of the files that it names, by key: what is in them, not where they lie."""
        return {}

    def size_bed(self, config: "RunConfig") -> None:
        """Give the bed the metres that the scenario needs, where none were given.

        Raises:
            ConfigError: metres that were given are too few.
        """

    def fit(self, config: "RunConfig") -> None:
        """Take from the rest of the config what was left to it.

        Raises:
            ConfigError: keys do not fit each other.
        """

    def expected_grains(self, config: "RunConfig") -> int | None:
        """How many grains there will be, about, to choose a device by; None where that is not known."""
        return config.bed.expected_count() if "bed" in self.reads else None


@dataclass
class RunSchema:
    """The config groups, as Hydra composes them.

    Attributes:
        scenario: spec of the chosen scenario; its class is the scenario's own.
        gravity: the body's gravity, and the slope.
        soil: material of the grains.
        contact: laws of their contacts.
        wheel: geometry and load.
        rover: masses, hubs, suspension and motors, or a model file.
        bed: box, grain size and preparation.
        similitude: whether the drive is run as stated, scaled by similitude, or with its weight offloaded.
        solver: time step and stiffness.
        device: where the kernels run.
        output: what is written.
        repeats: beds that a sweep gives each point, with seeds from `bed.seed` on.
        study: what a sweep asks.
        launcher: how a sweep runs its cases.
    """

    scenario: Any  # a ScenarioSpec
    gravity: GravitySpec
    soil: SoilSpec
    wheel: WheelSpec
    rover: RoverSpec
    bed: BedSpec
    contact: ContactSpec = field(default_factory=ContactSpec)
    similitude: SimilitudeSpec = field(default_factory=SimilitudeSpec)
    solver: SolverSpec = field(default_factory=SolverSpec)
    device: DeviceSpec = field(default_factory=DeviceSpec)
    output: OutputSpec = field(default_factory=OutputSpec)
    repeats: int = 1
    study: StudySpec = field(default_factory=StudySpec)
    launcher: LauncherSpec = field(default_factory=LauncherSpec)


@dataclass
class RunConfig(RunSchema):
    """All that determines a run, validated, and where it came from.

    Attributes:
        text: the whole config as YAML, for the results file.
        overrides: what the user gave.
        similitude_ratios: what the result says of the similitude between this run and its prototype.
    """

    text: str = ""
    overrides: list[str] = field(default_factory=list)
    similitude_ratios: dict[str, Any] = field(default_factory=dict)

    def label(self, group: str) -> str:
        """Name of the choice of a group, with what the user changed of it: "viper, changed: radius, width"."""
        keys = [text.partition("=")[0].partition(".") for text in self.overrides]
        changed = dict.fromkeys(key for name, _, key in keys if name == group and key and key != "name")
        said = f", changed: {', '.join(key.replace('_', ' ') for key in changed)}" if changed else ""
        return f"{getattr(self, group).name}{said}"


def fit_output(config: RunConfig) -> None:
    """Intervals of output that are null become the scenario's own."""
    config.output.fit(config.scenario)


def apply_similitude(config: RunConfig) -> None:
    """The prototype drive that is stated becomes the one that is run: gravity, wheel, bed, commands and intervals."""
    config.similitude_ratios = config.similitude.apply(config)


def size_bed(config: RunConfig) -> None:
    """Length and width of the bed that are null become what the scenario's path needs."""
    config.scenario.size_bed(config)


def fit_bed(config: RunConfig) -> None:
    """Sizes of the bed that are null follow from the wheel, and its preparation friction from the soil."""
    wheel = config.wheel
    config.bed.fit(wheel.radius, wheel.width, config.soil.preparation_friction, wheel.blade_thickness)


def fit_scenario(config: RunConfig) -> None:
    """Keys of the scenario that are null, such as durations, follow from gravity, wheel and soil."""
    config.scenario.fit(config)


RESOLUTION = (fit_output, apply_similitude, size_bed, fit_bed, fit_scenario)


def resolve(config: RunConfig) -> RunConfig:
    """Give every key that was left open its value, in place, by the steps of `RESOLUTION`; return the config.

    The order matters. Output comes first, since similitude scales the intervals as it does all durations. Similitude
    comes before bed and scenario, since what they take from wheel and gravity is that of the scaled drive. The scenario
    sizes the bed before the wheel does, since metres go before ratios. The scenario comes last, when all that it may
    read is known.

    Raises:
        ConfigError: keys do not fit each other.
    """
    for step in RESOLUTION:
        step(config)
    return config


SPECS = {
    "gravity": GravitySpec,
    "soil": SoilSpec,
    "contact": ContactSpec,
    "wheel": WheelSpec,
    "rover": RoverSpec,
    "bed": BedSpec,
    "similitude": SimilitudeSpec,
    "solver": SolverSpec,
    "device": DeviceSpec,
    "output": OutputSpec,
}
OF_A_SWEEP = ("repeats", "study", "launcher")  # keys that lay out and run a sweep; no case computes otherwise for them
