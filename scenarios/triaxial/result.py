"""What a triaxial test says in the end: strength, stiffness, dilation, density, whether it was run well, its figure."""

import math
from typing import Any

import numpy as np

from dem.experiment import estimate, verdict
from dem.measure.packing import box_solid_fraction
from dem.measure.strength import (
    MohrCoulomb,
    fit_principal_stresses,
    running_mean,
    secant_modulus,
    triaxial_dilation_angle,
)
from scenarios.shared.soil_experiment import panel
from scenarios.shared.strength import EDGE, POINT_STEP, Points, StrengthResult
from scenarios.triaxial.cell import UNLOADING_RATIO, WALLS, Specimen

SMOOTHING = 0.01  # axial strain over which stresses are averaged to find the peak
SLOPE_WINDOW = 0.03  # axial strain over which the growth of the volume is taken
STRESS_TOLERANCE = 0.03  # of the confining stress


class TriaxialResult(StrengthResult):
    """Reduces what a finished `Triaxial` measured."""

    fit_line = staticmethod(fit_principal_stresses)

    def __init__(self, experiment: Any) -> None:
        super().__init__(experiment)
        sizes, stresses = (self._axes(name) for name in ("size", "stress"))
        start = experiment.kept["start_size"]
        self.strain = 1 - sizes[:, :, 2] / start[:, 2]
        self.growth = sizes.prod(axis=2) / start.prod(axis=1) - 1
        worlds = range(len(experiment.cases))
        smooth = [
            [running_mean(self.strain[:, world], stresses[:, world, axis], SMOOTHING) for axis in range(3)]
            for world in worlds
        ]
        self.stress = np.array(smooth).transpose(2, 0, 1)
        self.lateral = self.stress[:, :, :2].mean(axis=2)
        self.peaks = (self.stress[:, :, 2] / self.lateral).argmax(axis=0)
        self.is_steady = self.strain[:, 0] >= (1 - self.spec.steady_fraction) * self.strain[-1, 0]

    def _axes(self, name: str) -> np.ndarray:
        """Rows (S, W, 3) of what each axis has one of."""
        return np.stack([self.recorder.array(f"{name}_{axis}") for axis in WALLS], axis=2)

    def reduce(self) -> dict[str, Any]:
        """The numbers, for `result.json`."""
        worlds = range(len(self.experiment.cases))
        angles = [triaxial_dilation_angle(self.strain[:, w], self.growth[:, w], SLOPE_WINDOW) for w in worlds]
        dilation = {"dilation_angle": estimate(self.per_seed(angles), "rad")}
        fit = {**self.strengths(), **dilation, **self._stiffnesses(), **self.packing()}
        strain = self.strain[self.peaks, np.arange(len(self.peaks))]
        samples = self.samples("confining_stress", ("lateral_stress", "axial_stress"), peak_strain=strain)
        return {"title": self.title(fit), "fit": fit, "samples": samples, "figure": self._figure(fit)}

    def checks(self) -> dict[str, Any]:
        """Whether the test was run as it says."""
        held = self.stress[:, :, :2].mean(axis=0) / self.experiment.stress[:, None]
        error = verdict(float(np.abs(held - 1).max()), STRESS_TOLERANCE)
        return {"confining_stress_error": error, **super().checks()}

    def _figure(self, fit: dict[str, Any]) -> dict[str, Any]:
        """Stress ratio and volume over axial strain, and the line of strength."""
        label, ratio = "axial strain [-]", self.stress[:, :, 2] / self.lateral
        panels = [
            panel(label, "axial / lateral stress [-]", "Strength", self.curves(self.strain, ratio)),
            panel(label, "growth of the volume [-]", "Dilation", self.curves(self.strain, self.growth)),
            self.mohr_coulomb("lateral stress [kPa]", "axial stress [kPa]"),
        ]
        return {"name": self.spec.name, "title": self.title(fit), "panels": panels}

    def _stiffnesses(self) -> dict[str, Any]:
        """Bulk modulus from the rise of the load, and E50, of the grains as soft as they are here."""
        before, after = (self.experiment.kept[name].prod(axis=1) for name in ("size_before", "size_after"))
        bulk = (1 - UNLOADING_RATIO) * self.experiment.stress * before / np.maximum(before - after, 1e-12 * before)
        deviator = self.stress[:, :, 2] - self.lateral
        young = [secant_modulus(self.strain[:, w], deviator[:, w]) for w in range(len(self.experiment.cases))]
        return {
            "bulk_modulus": estimate(self.per_seed(bulk), "Pa"),
            "young_modulus_bulk": estimate(self.per_seed(young), "Pa"),
        }

    def strength(self, line: MohrCoulomb, at: np.ndarray) -> np.ndarray:
        """Axial strength [Pa] under lateral stresses [Pa]."""
        slope = (1 + math.sin(line.friction_angle)) / (1 - math.sin(line.friction_angle))
        return slope * at + 2 * line.cohesion * math.sqrt(slope)

    def peak_points(self) -> Points:
        """Lateral and axial stress [Pa] (W,) where their ratio is largest."""
        worlds = np.arange(len(self.peaks))
        return self.lateral[self.peaks, worlds], self.stress[self.peaks, worlds, 2]

    def steady_points(self) -> Points:
        """Lateral and axial stress [Pa] (W,), means over the steady part."""
        return self.lateral[self.is_steady].mean(axis=0), self.stress[self.is_steady, :, 2].mean(axis=0)

    def secants(self) -> np.ndarray:
        """Angle of each world's peak (W,) [rad], as of a soil without cohesion: sin phi = deviator / sum."""
        least, greatest = self.peak_points()
        return np.arcsin((greatest - least) / (greatest + least))


def solid_fraction(diameter: float, specimen: Specimen) -> float:
    """Solid fraction of a specimen's core, away from the walls."""
    edge = np.full(3, EDGE * diameter)
    return box_solid_fraction(specimen.position, specimen.radius, edge, specimen.size - edge, POINT_STEP * diameter)
