"""All that determines a run, as typed and validated specs; `dem/config.py` composes it from YAML and overrides."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from dem.gravity import GravitySpec
from dem.rover.ground_test import GroundTestSpec
from dem.rover.rover_spec import RoverSpec
from dem.rover.spec import WheelSpec
from dem.soil.contact_spec import ContactSpec
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import DeviceSpec, LauncherSpec, OutputSpec, SolverSpec
from dem.study.spec import StudySpec

# Files of a run folder.
RESULTS_FILE = "run.vtkhdf"
RESULT_FILE = "result.json"
CHECKPOINT_FILE = "checkpoint.h5"
GROUPS = ("scenario", "gravity", "soil", "contact", "wheel", "rover", "bed", "test", "solver", "device", "output")


@dataclass
class ScenarioSpec:
    """What every scenario may be told; a scenario adds its own keys.

    Attributes:
        name: of the scenario.
    """

    name: str

    reads: ClassVar[tuple[str, ...]] = (
        "gravity",
        "soil",
        "contact",
        "wheel",
        "bed",
        "test",
        "solver",
        "device",
        "output",
    )

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
        test: how the wheel is tested for where it will drive.
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
    test: GroundTestSpec = field(default_factory=GroundTestSpec)
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
        tested: what the result says of the test that the run is.
    """

    text: str = ""
    overrides: list[str] = field(default_factory=list)
    tested: dict[str, Any] = field(default_factory=dict)


def fit_output(config: RunConfig) -> None:
    """Intervals of output that are null become the scenario's own."""
    config.output.fit(config.scenario)


def apply_test(config: RunConfig) -> None:
    """The drive that is stated becomes the test of it: gravity, wheel, bed, commands and intervals are scaled."""
    config.tested = config.test.apply(config)


def size_bed(config: RunConfig) -> None:
    """Length and width of the bed that are null become what the scenario's path needs."""
    config.scenario.size_bed(config)


def fit_bed(config: RunConfig) -> None:
    """Sizes of the bed that are null follow from the wheel, and its preparation friction from the soil."""
    config.bed.fit(config.wheel.radius, config.wheel.width, config.soil.preparation_friction)


def fit_scenario(config: RunConfig) -> None:
    """Keys of the scenario that are null, such as durations, follow from gravity, wheel and soil."""
    config.scenario.fit(config)


RESOLUTION = (fit_output, apply_test, size_bed, fit_bed, fit_scenario)


def resolve(config: RunConfig) -> RunConfig:
    """Give every key that was left open its value, in place, by the steps of `RESOLUTION`; return the config.

    The order matters. Output comes first, since a test scales the intervals as it does all durations. The test comes
    before bed and scenario, since what they take from wheel and gravity is that of the test. The scenario sizes the
    bed before the wheel does, since metres go before ratios. The scenario comes last, when all that it may read is
    known.

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
    "test": GroundTestSpec,
    "solver": SolverSpec,
    "device": DeviceSpec,
    "output": OutputSpec,
}
OF_A_SWEEP = ("repeats", "study", "launcher")  # keys that lay out and run a sweep; no case computes otherwise for them
