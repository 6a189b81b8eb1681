"""Provenance of a soil: the parameter sets that others published for it, and the record of its calibration."""

import math
from dataclasses import dataclass, field, fields

from dem.errors import ConfigError
from dem.spec import CONFIDENCES, require_choice, require_number, require_positive, require_range


@dataclass
class ParameterSet:
    """One published set of bulk parameters: pressure-sinkage, shear and strength. What it does not give is null.

    Attributes:
        source: paper, report or script.
        confidence: high, medium or low, as of any source.
        sinkage_exponent: n of Bekker, p = (k_c / b + k_phi) z^n [-].
        cohesive_modulus: k_c of Bekker [N/m^(n+1)]; a fit may make it negative.
        frictional_modulus: k_phi of Bekker [N/m^(n+2)].
        cohesion: c of Mohr and Coulomb [Pa].
        internal_friction_angle_deg: phi of Mohr and Coulomb [deg].
        shear_deformation_modulus: K of Janosi and Hanamoto [m].
        bulk_density: of the soil it was measured on [kg/m3].
        remark: what to know before using it.
    """

    source: str
    confidence: str
    sinkage_exponent: float | None = None
    cohesive_modulus: float | None = None
    frictional_modulus: float | None = None
    cohesion: float | None = None
    internal_friction_angle_deg: float | None = None
    shear_deformation_modulus: float | None = None
    bulk_density: float | None = None
    remark: str = ""

    def __post_init__(self) -> None:
        require_choice("soil.parameter_sets.confidence", self.confidence, CONFIDENCES)
        if not self.source:
            raise ConfigError("soil.parameter_sets.source is empty, must name where the set comes from; give a paper")
        if not self.numbers():
            raise ConfigError("a set of soil.parameter_sets holds no number; give one, or drop the set")
        for key in ("sinkage_exponent", "frictional_modulus", "shear_deformation_modulus", "bulk_density"):
            if (value := getattr(self, key)) is not None:
                require_positive(f"soil.parameter_sets.{key}", value, "give a number in SI, or null")
        for key, most in (("cohesion", math.inf), ("internal_friction_angle_deg", 89.0)):
            if (value := getattr(self, key)) is not None:
                require_range(f"soil.parameter_sets.{key}", value, 0.0, most, "give a number, or null")
        if self.cohesive_modulus is not None:
            require_number("soil.parameter_sets.cohesive_modulus", self.cohesive_modulus, "give N/m^(n+1), or null")

    def numbers(self) -> dict[str, float]:
        """The numbers that the set gives, by key."""
        known = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {key: value for key, value in known.items() if isinstance(value, int | float)}


@dataclass
class CalibratedTarget:
    """What a virtual test gave beside what was wanted.

    Attributes:
        target: wanted, in `unit`.
        measured: mean over the specimens, in `unit`.
        standard_error: of the mean over the specimens, in `unit`; null of a single one.
        tolerance: a miss within it counts as met, in `unit`.
        unit: of all four.
    """

    target: float
    measured: float
    standard_error: float | None
    tolerance: float
    unit: str

    def __post_init__(self) -> None:
        require_positive("soil.calibration.targets.tolerance", self.tolerance, "give it in the target's unit")
        for key in ("target", "measured"):
            require_number(f"soil.calibration.targets.{key}", getattr(self, key), "take it from drawbar calibrate")
        if self.standard_error is not None:
            key = "soil.calibration.targets.standard_error"
            require_range(key, self.standard_error, 0.0, math.inf, "take it from drawbar calibrate, or null")

    @property
    def miss(self) -> float:
        """Measured minus wanted, in `unit`."""
        return self.measured - self.target

    @property
    def is_met(self) -> bool:
        """Whether the miss keeps to the tolerance."""
        return abs(self.miss) <= self.tolerance


@dataclass
class Spread:
    """How far a parameter may move before the targets are missed by more than they are known: its uniqueness.

    Attributes:
        low: of the range within one sigma of the best.
        high: likewise.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        require_range("soil.calibration.spreads.low", self.low, -math.inf, self.high, "keep it below `high`")


@dataclass
class Calibration:
    """How the grains' numbers were found: `drawbar calibrate` writes it. It holds for these numbers and grains alone.

    Attributes:
        scenario: the virtual test.
        targets: by the name of the test's fit; angles under a name that ends in `_deg`.
        spreads: ranges of the parameters found, by key.
        grain_diameter: mean, of the test's grains [m].
        seeds: of the specimens that `measured` is the mean of; no trial of the search had them.
        trials: runs that the search took.
        settings: what else the test was told, as overrides.
        date: of the calibration, ISO.
        version: of drawbar.
        commit: of its source.
    """

    scenario: str
    targets: dict[str, CalibratedTarget]
    grain_diameter: float
    seeds: list[int]
    trials: int
    date: str
    version: str
    commit: str
    settings: list[str] = field(default_factory=list)
    spreads: dict[str, Spread] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_positive("soil.calibration.grain_diameter", self.grain_diameter, "give metres such as 0.005")
        require_range("soil.calibration.trials", self.trials, 1, math.inf, "give the number of runs")
        if not self.targets:
            raise ConfigError("soil.calibration.targets is empty, must hold what was calibrated for; or give null")

    @property
    def is_met(self) -> bool:
        """Whether every target is."""
        return all(target.is_met for target in self.targets.values())
