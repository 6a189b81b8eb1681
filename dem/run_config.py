"""All that determines a run, as typed and validated specs; `dem/config.py` composes it from YAML and overrides."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from dem.gravity import GravitySpec
from dem.rover.ground_test import GroundTestSpec
from dem.rover.rover_spec import RoverSpec
from dem.rover.spec import WheelSpec
from dem.soil.spec import BedSpec, SoilSpec
from dem.spec import DeviceSpec, LauncherSpec, OutputSpec, SolverSpec
from dem.study.spec import StudySpec

# Files of a run folder.
RESULTS_FILE = "run.vtkhdf"
RESULT_FILE = "result.json"
CHECKPOINT_FILE = "checkpoint.h5"
GROUPS = ("scenario", "gravity", "soil", "wheel", "rover", "bed", "test", "solver", "device", "output")


@dataclass
class ScenarioSpec:
    """What every scenario may be told; a scenario adds its own keys.

    Attributes:
        name: of the scenario.
    """

    name: str

    reads: ClassVar[tuple[str, ...]] = ("gravity", "soil", "wheel", "bed", "test", "solver", "device", "output")

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


SPECS = {
    "gravity": GravitySpec,
    "soil": SoilSpec,
    "wheel": WheelSpec,
    "rover": RoverSpec,
    "bed": BedSpec,
    "test": GroundTestSpec,
    "solver": SolverSpec,
    "device": DeviceSpec,
    "output": OutputSpec,
}
OF_A_SWEEP = ("repeats", "study", "launcher")  # keys that lay out and run a sweep; no case computes otherwise for them
