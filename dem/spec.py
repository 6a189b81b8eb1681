"""Range checks that every spec shares, where a number comes from, and the specs of solver, device, output, launcher.

A spec is a plain dataclass of numbers a user may set. It checks itself in `__post_init__` and raises `ConfigError` with
one sentence: the dotted key, the value got, the rule, the remedy. Nobody checks it again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dem.errors import ConfigError

CONFIDENCES = ("high", "medium", "low")
DEVICES = ("auto", "cpu", "cuda", "vulkan", "metal")
PRECISIONS = ("mixed", "double", "single")
LAUNCHERS = ("process", "batch", "slurm")
COUNTS = "counts"  # key of a field's metadata: whether it changes what a run computes
GRAIN_ARRAYS = ("contact_force", "stress")


def require_number(key: str, value: Any, remedy: str) -> float:
    """Return `value` as a float, or say that `key` needs a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{key} is {value!r}, must be a number; {remedy}")
    if not math.isfinite(value):
        raise ConfigError(f"{key} is {value}, must be finite; {remedy}")
    return float(value)


def require_range(key: str, value: Any, low: float, high: float, remedy: str) -> None:
    """Reject a value outside [low, high]; an infinite bound is no bound.

    Args:
        key: full dotted key, such as `scenario.slip`.
        value: what the user gave.
        low: least value allowed.
        high: greatest value allowed.
        remedy: what to do instead, starting with a verb: "give a slip ratio such as 0.2".
    """
    number = require_number(key, value, remedy)
    if low <= number <= high:
        return
    if math.isinf(high):
        rule = f"must be at least {low:g}"
    elif math.isinf(low):
        rule = f"must be at most {high:g}"
    else:
        rule = f"must lie in [{low:g}, {high:g}]"
    raise ConfigError(f"{key} is {value}, {rule}; {remedy}")


def require_positive(key: str, value: Any, remedy: str) -> None:
    """Reject anything but a finite number above zero."""
    if require_number(key, value, remedy) <= 0.0:
        raise ConfigError(f"{key} is {value}, must be greater than 0; {remedy}")


UNIT_SLIPS = {  # of a unit: factors from units that people give instead, likeliest first
    "m": ((1e-3, "millimetres"), (1e-2, "centimetres"), (0.0254, "inches")),
    "Pa": ((1e3, "kilopascals"), (1e6, "megapascals"), (1e9, "gigapascals")),
    "kg/m3": ((1e3, "g/cm3"),),
    "deg": ((180 / math.pi, "radians"),),
    "kg": ((1e-3, "grams"),),
}


def require_plausible(key: str, value: Any, low: float, high: float, unit: str, remedy: str = "") -> None:
    """Reject a value outside [low, high], with what is meant if it is in another unit.

    Args:
        key: full dotted key.
        value: what the user gave.
        low, high: between which such values lie.
        unit: that the key is in, of `UNIT_SLIPS`.
        remedy: what to do instead, where no other unit explains it; or first of all, if it ends with "first".
    """
    number = require_number(key, value, remedy or f"give a number in {unit}")
    if low <= number <= high:
        return
    for factor, name in UNIT_SLIPS[unit]:
        if low <= number * factor <= high:
            meant = f"{key}={number * factor:.6g}"
            raise ConfigError(
                f"{key} is {value} {unit}, must lie in [{low:g}, {high:g}]; if it is in {name}, "
                f"{remedy or f'give {meant}'}"
            )
    require_range(key, value, low, high, remedy or f"give {unit}")


def require_choice(key: str, value: Any, choices: Sequence[str], remedy: str = "") -> None:
    """Reject a word that is not one of `choices`."""
    if value not in choices:
        raise ConfigError(f"{key} is {value!r}, must be one of {', '.join(choices)}; {remedy or f'give {choices[0]}'}")


def uncounted(**options: Any) -> Any:
    """A dataclass field that does not change what a run computes, see `dem/identity.py`; options as of `field`."""
    return field(metadata={COUNTS: False}, **options)


@dataclass
class Source:
    """Where a number comes from and how far to trust it.

    Attributes:
        source: paper, report or reasoning.
        confidence: high (published and seen), medium (indirect), low (from memory, chosen, or not calibrated).
    """

    source: str
    confidence: str

    def __post_init__(self) -> None:
        require_choice("sources.confidence", self.confidence, CONFIDENCES)


@dataclass
class SolverSpec:
    """How the equations are stepped.

    Attributes:
        time_step: "auto", or [s]; one too large for the stiffest contact is rejected by the engine.
        time_step_fraction: fraction of the Rayleigh time step that "auto" takes [-].
        young_modulus: "auto" scales the stiffness down to `overlap_target`, never beyond the soil's own; or [Pa].
        overlap_target: mean overlap over radius under load that "auto" scales to [-].
        max_overlap: overlap over radius that stops the run [-].
        skin: reach of the neighbour list beyond contact, as a fraction of the mean grain diameter [-].
        track_energy: track what contacts store and dissipate, for the time series and the checks.
        max_energy_gain: energy that nobody put in, over all turned over, that stops the run [-], by the energy balance.
    """

    time_step: Any = "auto"
    time_step_fraction: float = 0.2
    young_modulus: Any = "auto"
    overlap_target: float = 0.004
    max_overlap: float = uncounted(default=0.10)
    skin: float = 0.2
    track_energy: bool = True
    max_energy_gain: float = uncounted(default=0.05)

    def __post_init__(self) -> None:
        _require_auto_or_positive("solver.time_step", self.time_step, "seconds such as 2e-5")
        _require_auto_or_positive("solver.young_modulus", self.young_modulus, "pascals such as 1e7")
        require_positive("solver.time_step_fraction", self.time_step_fraction, "give a fraction such as 0.2")
        require_range("solver.time_step_fraction", self.time_step_fraction, 0.0, 1.0, "give a fraction such as 0.2")
        require_range(
            "solver.overlap_target", self.overlap_target, 1e-6, 0.05, "give a ratio to the radius such as 0.004"
        )
        require_range("solver.max_overlap", self.max_overlap, 1e-4, 0.5, "give a ratio to the radius such as 0.1")
        require_range("solver.skin", self.skin, 0.01, 1.0, "give a fraction of the grain diameter such as 0.1")
        require_range("solver.max_energy_gain", self.max_energy_gain, 1e-3, 1e6, "give a share such as 0.05")
        if self.overlap_target >= self.max_overlap:
            raise ConfigError(
                f"solver.overlap_target is {self.overlap_target}, "
                f"must be below solver.max_overlap ({self.max_overlap}); lower it"
            )


def _require_auto_or_positive(key: str, value: Any, example: str) -> None:
    if value == "auto":
        return
    if isinstance(value, str):
        raise ConfigError(f"{key} is {value!r}, must be auto or a number; give auto, or {example}")
    require_positive(key, value, f"give auto, or {example}")


@dataclass
class DeviceSpec:
    """Where the kernels run.

    Attributes:
        name: auto takes a real GPU that can compute in this precision, else the CPU; few grains go to the CPU.
        precision: mixed keeps positions in 64 bit and the rest in 32.
        threads: CPU threads; null takes all.
    """

    name: str = uncounted(default="auto")
    precision: str = "mixed"
    threads: int | None = uncounted(default=None)

    def __post_init__(self) -> None:
        require_choice("device.name", self.name, DEVICES, "give auto to let drawbar choose")
        require_choice("device.precision", self.precision, PRECISIONS, "give mixed unless you verify or lack 64 bit")
        if self.threads is not None:
            require_range("device.threads", self.threads, 1, math.inf, "give a count such as 2, or null for all cores")


@dataclass
class KeptBitsSpec:
    """Mantissa bits that are kept of each array of a frame: b bits leave an error of 2^-(b + 1) of the value.

    Attributes:
        velocity: of grains.
        angular_velocity: of grains.
        contact_force: of grains.
        stress: of grains.
        normal_force: of contacts.
    """

    velocity: int = 9
    angular_velocity: int = 9
    contact_force: int = 9
    stress: int = 9
    normal_force: int = 9

    def __post_init__(self) -> None:
        for name, bits in vars(self).items():
            require_range(f"output.kept_bits.{name}", bits, 1, 22, "give bits such as 9, for an error of 0.1 %")


@dataclass
class OutputSpec:
    """What is written, and how often.

    Attributes:
        frame_interval: simulated time between frames of all particles [s]; null takes the scenario's own.
        sample_interval: simulated time between rows of the time series [s]; null takes the scenario's own.
        render: make the pictures and the figure when the run ends.
        checkpoint_interval: wall-clock time between restart checkpoints [s].
        grain_arrays: more in each frame: contact_force and stress of every grain, see docs/playback.md.
        contacts: whether each frame has the list of contacts, for force chains.
        kept_bits: precision of each array of a frame.
    """

    frame_interval: float | None = uncounted(default=None)
    sample_interval: float | None = None
    render: bool = uncounted(default=False)
    checkpoint_interval: float = uncounted(default=60.0)
    grain_arrays: list[str] = uncounted(default_factory=list)
    contacts: bool = uncounted(default=False)
    kept_bits: KeptBitsSpec = uncounted(default_factory=KeptBitsSpec)

    def __post_init__(self) -> None:
        for key in ("frame_interval", "sample_interval"):
            if getattr(self, key) is not None:
                require_positive(f"output.{key}", getattr(self, key), "give seconds such as 0.02, or null")
        require_positive("output.checkpoint_interval", self.checkpoint_interval, "give seconds of wall time such as 60")
        for name in self.grain_arrays:
            require_choice("output.grain_arrays", name, GRAIN_ARRAYS, "give a list such as [contact_force,stress]")

    def scale(self, ratios: Any) -> None:
        """Look as often in the course of a test with these `Ratios`."""
        for key in ("frame_interval", "sample_interval"):
            if getattr(self, key) is not None:
                setattr(self, key, ratios.time * getattr(self, key))

    def fit(self, scenario: Any) -> None:
        """Take the intervals that were left to the scenario, where its spec names some."""
        for key in ("frame_interval", "sample_interval"):
            if getattr(self, key) is None:
                setattr(self, key, getattr(scenario, key, None))


@dataclass
class LauncherSpec:
    """How the cases of a sweep are run; none of it changes what they compute.

    Attributes:
        kind: process (one a case, on this machine), batch (worlds of one simulation) or slurm (jobs of a cluster).
        jobs: cases at once.
        timeout: wall-clock time that a case may take [s]; null for no limit.
        threads: CPU threads of a case; null shares the cores out, or takes `cpus` under Slurm.
        partition: of Slurm; null takes the cluster's own.
        cpus: that Slurm gives a case.
        gpus: that Slurm gives a case.
        memory: that Slurm gives a case, such as 8G; null takes the cluster's own.
        options: more of sbatch's, such as account=mine.
    """

    kind: str = "process"
    jobs: int = 1
    timeout: float | None = None
    threads: int | None = None
    partition: str | None = None
    cpus: int = 1
    gpus: int = 0
    memory: str | None = None
    options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        require_choice("launcher.kind", self.kind, LAUNCHERS)
        require_range("launcher.jobs", self.jobs, 1, math.inf, "give the number of cases to run at once")
        require_range("launcher.cpus", self.cpus, 1, math.inf, "give the cores of a case, such as 4")
        require_range("launcher.gpus", self.gpus, 0, math.inf, "give the GPUs of a case, such as 1")
        if self.timeout is not None:
            require_positive("launcher.timeout", self.timeout, "give the seconds that a case may take, or null")
        elif self.kind == "slurm":
            raise ConfigError("launcher.timeout is null, must be seconds for Slurm, whose jobs all end; give 86400")
        if self.threads is not None:
            require_range("launcher.threads", self.threads, 1, math.inf, "give a count such as 2, or null to share")
        for option in self.options:
            if not all(option.partition("=")):
                raise ConfigError(f"launcher.options has {option!r}, must be name=value; write account=mine")
